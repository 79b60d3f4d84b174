"""Capturing a network's operations by torch.export, and naming the one that cannot be exported."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.export import Dim, ExportedProgram

from vidbench.errors import UserError
from vidbench.export.graphs import Graph

OPERATION = (re.compile(r"OpOverload\(op='([^']+)'"), re.compile(r"\b((?:aten|prims|torchvision|timm)(?:::|\.)\w+)"))
LINE = re.compile(r"File \"[^\"]*?([^\"/]+/[^\"/]+)\", line (\d+), in \w+\n\s+(.+)")  # of the network's code


def capture(graph: Graph, example: torch.Tensor) -> ExportedProgram:
    """Return a graph's program, whose free axes may have any length; `example`: an input, with a batch of 2.

    UserError that names the operation, or the line of code, that cannot be captured.
    """
    dynamic = {axis: Dim(name, min=1) for axis, name in graph.dynamic}
    with quiet(), explained_operation("torch.export"):
        program = torch.export.export(graph.module, (example,), dynamic_shapes=(dynamic,))
    # They tell the folders of this machine to everyone that the file is shared with.
    for node in program.graph.nodes:
        for key in ("stack_trace", "nn_module_stack", "source_fn_stack"):
            node.meta.pop(key, None)
    return program


@contextmanager
def quiet() -> Iterator[None]:
    """Turn off torch's fused transformer layer, which exists in PyTorch only, and warnings about its own parts."""
    was_fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_fused)


@contextmanager
def explained_operation(form: str, remedy: str = "classify with scripts/classify_videos.py instead") -> Iterator[None]:
    """Turn an error of an exporter into a UserError of one line, which names the operation and says what to do."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"this network cannot be exported by {form}: {find_operation(error)}; {remedy}") from error


def find_operation(error: BaseException) -> str:
    """Return the operation that an exporter's error is about, or the line of the network's code, or what it says."""
    texts = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(str(cause))
        cause = cause.__cause__ or cause.__context__
    for pattern in OPERATION:
        if matches := [match[1] for text in reversed(texts) for match in pattern.finditer(text)]:
            return f"the operation {matches[0]} has no form there"
    for text in texts:
        if lines := LINE.findall(text):
            file, number, code = lines[-1]
            return f"the operation `{code.strip()}` ({file}, line {number}) depends on the values of its input"
    if any("specialized it to be a constant" in text for text in texts):
        return "one of its parts reads the size of the batch as a number, so that it would take no other one"
    return " ".join(texts[0].split())[:300]
