"""Device, number format, memory format and compilation of a model."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from vidbench.compute import tf32
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
    def of(cls, training: TrainingOptions, device: torch.device, compile_pays: bool = True) -> "Precision":
        """Resolve `auto`: bf16 (fp16 on older GPUs), channels-last and compiled on a GPU, none of them on a CPU.

        `compile: auto` compiles where it pays, see compilation.py.
        """
        on_gpu = device.type == "cuda"
        precision = training.precision
        if precision == "auto":
            precision = ("bf16" if torch.cuda.is_bf16_supported() else "fp16") if on_gpu else "fp32"
        channels_last = on_gpu if training.channels_last == "auto" else bool(training.channels_last)
        compile = (on_gpu and compile_pays) if training.compile == "auto" else bool(training.compile)
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
        if self.device.type == "cpu" and not any(map(shutil.which, ("g++", "clang++"))):
            raise UserError("training.compile: torch.compile needs a C++ compiler (g++) here; or set compile: false")
        return cast(nn.Module, torch.compile(model, dynamic=False))

    def autocast(self) -> AbstractContextManager:
        """Return the context of every forward pass."""
        return torch.autocast(self.device.type, self.dtype) if self.dtype else nullcontext()

    def scaler(self) -> torch.amp.GradScaler:
        """Return what scales the loss of fp16, whose small gradients would become zero; otherwise it does nothing."""
        return torch.amp.GradScaler(self.device.type, enabled=self.dtype == torch.float16)


@contextmanager
def explained_errors() -> Iterator[None]:
    """Turn torch's errors about memory and deterministic kernels into a UserError of one line."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise UserError(
            "the GPU's memory is too small: lower training.batch_size and raise training.accumulate, or set"
            f" training.activation_checkpointing: true ({_first_sentence(error)})"
        ) from error
    except RuntimeError as error:
        if "deterministic" not in str(error):
            raise
        raise UserError(
            f"training.deterministic: true is not possible with this network on this GPU: {_first_sentence(error)}"
        ) from error


def _first_sentence(error: Exception) -> str:
    return " ".join(str(error).split()).split(". ")[0]
