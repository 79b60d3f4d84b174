"""How a model computes: device, precision, memory format, compilation."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch
from torch import nn

from vidbench.errors import UserError

DTYPES = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Computing:
    """The `training` options precision, channels_last and compile, settled for one device."""

    device: torch.device
    dtype: torch.dtype | None = None  # of mixed precision; None: all in float32
    channels_last: bool = False
    compile: bool = False

    @classmethod
    def of(cls, training: dict, device: torch.device) -> "Computing":
        """`auto` means bf16, channels-last and compiled on a GPU, and none of them on a CPU."""
        gpu = device.type == "cuda"
        chosen = {key: training[key] for key in ("precision", "channels_last", "compile")}
        if chosen["precision"] == "auto":
            chosen["precision"] = ("bf16" if torch.cuda.is_bf16_supported() else "fp16") if gpu else "fp32"
        switches = {key: gpu if chosen[key] == "auto" else chosen[key] for key in ("channels_last", "compile")}
        return cls(device, DTYPES[chosen["precision"]], **switches)

    def describe(self) -> dict[str, str | bool]:
        """For options.json."""
        precision = next(name for name, dtype in DTYPES.items() if dtype == self.dtype)
        return {"precision": precision, "channels_last": self.channels_last, "compile": self.compile}

    def place(self, model: nn.Module) -> nn.Module:
        """The model on the device, its weights in the memory format."""
        model.to(self.device)
        if self.channels_last:
            for parameter in model.parameters():
                parameter.data = self.laid_out(parameter.data)
        return model

    def laid_out(self, tensor: torch.Tensor) -> torch.Tensor:
        """A batch (B, C, T, H, W), or a convolution's weights, in the memory format."""
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        wanted = formats.get(tensor.ndim) if self.channels_last else None
        return tensor.contiguous(memory_format=wanted) if wanted else tensor

    def compiled(self, model: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
        """What to call in the model's place.

        One graph for each shape: if it depended on which shapes came before, resuming could change the results.
        """
        if not self.compile:
            return model
        if self.device.type == "cpu" and not any(map(shutil.which, ("g++", "clang++"))):
            raise UserError("training.compile: torch.compile needs a C++ compiler (g++) here; or set compile: false")
        return torch.compile(model, dynamic=False)

    def autocast(self) -> AbstractContextManager:
        """Around every forward pass."""
        return torch.autocast(self.device.type, self.dtype) if self.dtype else nullcontext()

    def scaler(self) -> torch.amp.GradScaler:
        """Scales the loss of fp16, whose small gradients would become zero; elsewhere it does nothing."""
        return torch.amp.GradScaler(self.device.type, enabled=self.dtype == torch.float16)


@contextmanager
def explained_errors() -> Iterator[None]:
    """Turn what torch says when memory or a deterministic kernel is lacking into one line."""
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
