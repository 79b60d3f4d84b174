"""Device, number format, memory format and compilation of a model."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from vidbench.compute import compiler, tf32, torch_errors
from vidbench.errors import UserError
from vidbench.models.options import TrainingOptions

DTYPES = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Precision:
    """The `training` options precision, channels_last and compile, with `auto` resolved for a device."""

    device: torch.device
    dtype: torch.dtype | None = None  # of mixed precision; None: all in float32
    channels_last: bool = False
    compile: bool = False

    @classmethod
    def of(
        cls, training: TrainingOptions, device: torch.device, compile_pays: bool = True, takes_frames: bool = False
    ) -> "Precision":
        """Resolve `auto`: bf16 (fp16 on older GPUs), channels-last and compiled on a GPU, none of them on a CPU.

        A network that `takes_frames` is channels-last on a CPU, too: its convolutions are faster so, those of clips
        are not (docs/performance.md).
        `compile: auto` compiles where it pays, see compilation.py, and where this machine can; `compile: true` is a
        UserError where it cannot.
        """
        on_gpu = device.type == "cuda"
        precision = training.precision
        if precision == "auto":
            # By default torch counts as supported what GPUs without tensor cores for bf16 emulate.
            has_bf16 = on_gpu and torch.cuda.is_bf16_supported(including_emulation=False)
            precision = ("bf16" if has_bf16 else "fp16") if on_gpu else "fp32"
        channels_last = on_gpu or takes_frames if training.channels_last == "auto" else bool(training.channels_last)
        compile = (on_gpu and compile_pays) if training.compile == "auto" else bool(training.compile)
        if compile and (lacking := explain_no_compiling(device)):
            if training.compile != "auto":
                raise UserError(f"training.compile: torch.compile needs {lacking}; install that, or set compile: false")
            print(f"WARNING: not compiled, because torch.compile needs {lacking} (training.compile: auto)", flush=True)
            compile = False
        return cls(device, DTYPES[precision], channels_last, compile)

    def describe(self) -> dict[str, str | bool]:
        """Return the record for options.json."""
        precision = next(name for name, dtype in DTYPES.items() if dtype == self.dtype)
        record = {"precision": precision, "channels_last": self.channels_last, "compile": self.compile}
        return record | tf32.describe(self.device)

    def to_device(self, model: nn.Module) -> nn.Module:
        """Move a model to the device, its weights into the memory format, and return it."""
        model.to(self.device)
        if self.channels_last:
            for parameter in model.parameters():
                parameter.data = self.to_memory_format(parameter.data)
        return model

    def to_memory_format(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a batch (B, C, T, H, W), or a convolution's weights, in the memory format."""
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        memory_format = formats.get(tensor.ndim) if self.channels_last else None
        return tensor.contiguous(memory_format=memory_format) if memory_format else tensor

    def compiled(self, model: nn.Module) -> nn.Module:
        """Return what to call instead of the model: itself, or its compiled form.

        There is one graph per shape: with dynamic shapes it would depend on the shapes that came before, and resuming
        could change the results.
        """
        if not self.compile:
            return model
        return cast(nn.Module, torch.compile(model, dynamic=False))

    def autocast(self) -> AbstractContextManager:
        """Return the context of every forward pass."""
        return torch.autocast(self.device.type, self.dtype) if self.dtype else nullcontext()

    def scaler(self) -> torch.amp.GradScaler:
        """Return what scales the loss of fp16, whose small gradients would become zero; otherwise it does nothing."""
        return torch.amp.GradScaler(self.device.type, enabled=self.dtype == torch.float16)


def in_float64(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor in float64, which Apple's GPUs do not have: theirs comes on the CPU."""
    return tensor.cpu().double() if tensor.device.type == "mps" else tensor.double()


def explain_no_compiling(device: torch.device) -> str | None:
    """Return what torch.compile lacks on this machine for a device; None where it lacks nothing."""
    if device.type == "cuda" and not torch.version.hip:
        capability = torch.cuda.get_device_capability(device)
        if capability < compiler.MIN_CAPABILITY:
            needed = ".".join(map(str, compiler.MIN_CAPABILITY))
            return f"a GPU of compute capability {needed} (this one has {'.'.join(map(str, capability))})"
    return compiler.explain_missing(device.type)


@contextmanager
def explained_errors(batch_size: int | None = None, remedy: str = torch_errors.TRAIN) -> Iterator[None]:
    """Turn torch's errors about memory, compilation and deterministic kernels into a UserError of one line.

    `batch_size`: clips per batch, to be named; `remedy`: what to change where memory is too small.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if line := torch_errors.explain(error, batch_size, remedy):
            raise UserError(line) from error
        raise
