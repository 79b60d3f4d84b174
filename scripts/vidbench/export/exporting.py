"""Exporting a trained model: capture, write, compare with PyTorch, and only then give the file its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from vidbench.errors import UserError
from vidbench.export.capture import capture
from vidbench.export.comparison import Comparison, Runner, compare
from vidbench.export.description import describe
from vidbench.export.graphs import FRAMES, Graph, make_graph
from vidbench.export.onnx_file import OnnxModel, check_packages, write_onnx
from vidbench.export.torch_file import TorchModel, write_torch
from vidbench.export.trial_clips import generate_clips, read_clips
from vidbench.files import atomic_path
from vidbench.inference.classifier import Classifier

ONNX, TORCH = ".onnx", ".pt2"


@dataclass(frozen=True)
class ExportOptions:
    """How a model is exported."""

    output: Path  # *.onnx or *.pt2
    preprocess: bool = False  # take stored frames, give calibrated probabilities
    half: bool = False  # compute in float16
    videos: Sequence[str] = ()  # to compare on; none: generated clips


def check_output(path: Path) -> None:
    """Raise UserError for a name that says no format, and where the packages of its format are missing."""
    if path.suffix not in (ONNX, TORCH):
        raise UserError(f"{path}: name it *.onnx (for onnxruntime and others) or *.pt2 (for torch alone)")
    if path.is_dir():
        raise UserError(f"{path}: is a folder; name a file")
    if path.suffix == ONNX:
        check_packages()


def export_model(model: Classifier, options: ExportOptions) -> Comparison:
    """Write the file, and return how far it is from PyTorch.

    UserError, and no file, where an operation cannot be exported, or the results are not those of PyTorch.
    """
    check_output(options.output)
    clips = read_clips(model, options.videos) if options.videos else generate_clips(model)
    try:
        graph = make_graph(model, preprocess=options.preprocess, half=options.half)
        program = capture(graph, _make_example(model, graph, clips))
        metadata = describe(model.file, model.clip, preprocess=options.preprocess, half=options.half)
        with atomic_path(options.output) as temporary:
            if options.output.suffix == ONNX:
                write_onnx(program, graph, metadata, temporary)
                runner: Runner = OnnxModel(temporary, torch.get_num_threads())
            else:
                write_torch(program, metadata, temporary)
                runner = TorchModel(temporary, graph)
            return compare(model, graph, runner, clips, half=options.half)
    except UserError as error:
        raise UserError(f"{options.output}: not written: {error}") from error


def _make_example(model: Classifier, graph: Graph, clips: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return an input with a batch of 2; its height and width are no size that the network has by itself."""
    clip = model.clip
    if graph.input != FRAMES:
        return torch.zeros(2, 3, clip.frames, *clip.size)
    return torch.zeros(2, clip.frames, *clips[0].shape[2:], 3, dtype=torch.uint8)
