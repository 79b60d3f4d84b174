"""An exported model against the trained one in PyTorch, on the same clips, in batches of several sizes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Protocol

import numpy as np
import torch

from vidbench.clips.transforms import prepare
from vidbench.errors import UserError
from vidbench.export.graphs import LOGITS, PROBABILITIES, Graph
from vidbench.inference.classification import average_views
from vidbench.inference.classifier import Classifier

BATCHES = (1, 2, 5)  # clips; the graph was captured with 2
TOLERANCE = 1e-4  # of logits, or of the largest one where that is above 1
HALF_TOLERANCE = 2e-2  # of float16, which has 11 significant bits
# Where torch has no fast way to scale bytes it scales floats, which rounds some pixels otherwise.
OTHER_PIXELS = 1e-2
SCALES_BYTES = ("AVX2", "AVX512")


class Runner(Protocol):
    """An exported file that can be run."""

    def run(self, inputs: torch.Tensor) -> dict[str, np.ndarray]:
        """Return the outputs by name."""
        ...


@dataclass(frozen=True)
class Comparison:
    """How far an exported model is from PyTorch."""

    logits: float  # largest difference, in units of the largest logit where that is above 1
    clips: int
    sizes: int  # of frames

    def describe(self) -> str:
        """Return it in words."""
        batches = ", ".join(map(str, BATCHES[:-1])) + f" and {BATCHES[-1]}"
        sizes = "" if self.sizes == 1 else f" of {self.sizes} sizes"
        return f"within {self.logits:.1e} of PyTorch on {self.clips} clips{sizes}, in batches of {batches}"


def compare(
    model: Classifier, graph: Graph, runner: Runner, clips: Sequence[torch.Tensor], *, half: bool
) -> Comparison:
    """Compare logits, and probabilities where there are some; UserError where they are too far from PyTorch's.

    `clips`: (T, 3, H, W) uint8, of any sizes; `half`: the exported model computes in float16.
    """
    takes_frames = PROBABILITIES in graph.outputs
    allowed = HALF_TOLERANCE if half else TOLERANCE
    if takes_frames and torch.backends.cpu.get_cpu_capability() not in SCALES_BYTES:
        allowed = max(allowed, OTHER_PIXELS)
    worst = 0.0
    for batch in _batches(clips):
        expected = model.compute(batch).numpy()  # (B * crops, K)
        inputs = batch.permute(0, 1, 3, 4, 2).contiguous() if takes_frames else prepare(batch, model.clip).contiguous()
        outputs = runner.run(inputs)
        differences = [_relative(outputs[LOGITS].reshape(expected.shape), expected)]
        if takes_frames:
            per_clip = expected.reshape(len(batch), -1, expected.shape[1])
            probabilities = average_views(per_clip, model.classes, model.temperature)
            differences.append(float(np.abs(outputs[PROBABILITIES] - probabilities).max()))
        worst = max(worst, *differences)
        if not max(differences) <= allowed:  # NaN, too
            raise UserError(
                f"its logits are up to {max(differences):.1e} away from PyTorch's in a batch of {len(batch)}, more than"
                f" {allowed:g}: {'leave --fp16 out' if half else 'write the other of *.onnx and *.pt2'}"
            )
    return Comparison(worst, len(clips), len({clip.shape for clip in clips}))


def _batches(clips: Sequence[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Yield batches (B, T, 3, H, W) of all sizes in BATCHES for each size of frames."""
    for shape in dict.fromkeys(clip.shape for clip in clips):
        endless = cycle([clip for clip in clips if clip.shape == shape])
        for size in BATCHES:
            yield torch.stack(list(islice(endless, size)))


def _relative(values: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(values - expected).max() / max(1.0, np.abs(expected).max()))
