"""A captured network as an ONNX file, and running it with onnxruntime."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.export import ExportedProgram

from vidbench.errors import UserError
from vidbench.export.capture import explained_operation, quiet
from vidbench.export.graphs import Graph
from vidbench.models.weights_metadata import KEY

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
MAX_BYTES = 2_000_000_000  # of weights: what protobuf takes in one file
OPSET = 20


def check_packages() -> None:
    """Raise UserError where what writes and checks ONNX files is not installed."""
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise UserError(
            f"ONNX files need {', '.join(missing)}: install the lock again (make .venv/ready), or"
            f" `uv pip install {' '.join(missing)}`; a *.pt2 needs none of them"
        )


def write_onnx(program: ExportedProgram, graph: Graph, metadata: Mapping[str, Any], path: Path) -> None:
    """Write one file with all weights; UserError that names the operation that ONNX lacks, and for too many weights."""
    size = sum(tensor.nbytes for tensor in program.state_dict.values())
    if size > MAX_BYTES:
        raise UserError(
            f"the weights take {size / 1e9:.1f} GB, an ONNX file at most {MAX_BYTES / 1e9:.0f}; add --fp16, or write"
            " *.pt2"
        )
    with quiet(), _silent(), explained_operation("ONNX", "write *.pt2 instead, which holds torch's own operations"):
        exported = torch.onnx.export(
            program, dynamo=True, opset_version=OPSET, input_names=[graph.input], output_names=list(graph.outputs),
            dynamic_shapes=(dict(graph.dynamic),), verbose=False,
        )  # fmt: skip
    assert exported is not None
    _remove_traces(exported.model)
    exported.model.metadata_props[KEY] = json.dumps(metadata, sort_keys=True, ensure_ascii=False)
    exported.save(path, external_data=False)


def _remove_traces(model: Any) -> None:
    """Remove what the exporter says of each operation's origin: it names the folders of this machine."""
    model.metadata_props.clear()
    model.graph.metadata_props.clear()
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
        for value in node.outputs:
            value.metadata_props.clear()


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the exporter's progress and remarks off the terminal."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        logger.setLevel(level)


class OnnxModel:
    """An ONNX file that onnxruntime runs on the CPU."""

    def __init__(self, path: Path, threads: int) -> None:
        """`threads`: that onnxruntime computes with."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3  # errors
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(self, inputs: torch.Tensor) -> dict[str, np.ndarray]:
        """Return the outputs by name."""
        names = [output.name for output in self._session.get_outputs()]
        (taken,) = self._session.get_inputs()
        outputs = map(np.asarray, self._session.run(names, {taken.name: inputs.numpy()}))
        return dict(zip(names, outputs, strict=True))
