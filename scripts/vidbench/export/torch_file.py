"""A captured network as a file of torch.export, and running it: with torch, without the code of this project."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.export import ExportedProgram

from vidbench.export.capture import quiet
from vidbench.export.graphs import Graph

METADATA = "vidbench.json"  # of the file's extra files


def write_torch(program: ExportedProgram, metadata: Mapping[str, Any], path: Path) -> None:
    """Write the program with its weights and metadata."""
    text = json.dumps(metadata, sort_keys=True, ensure_ascii=False)
    with quiet(), path.open("wb") as file:
        torch.export.save(program, file, extra_files={METADATA: text})


class TorchModel:
    """A file of torch.export."""

    def __init__(self, path: Path, graph: Graph) -> None:
        self._outputs = graph.outputs
        with quiet(), path.open("rb") as file:
            self._module = torch.export.load(file).module()

    @torch.no_grad()
    def run(self, inputs: torch.Tensor) -> dict[str, np.ndarray]:
        """Return the outputs by name."""
        outputs = self._module(inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        return {name: output.numpy() for name, output in zip(self._outputs, outputs, strict=True)}
