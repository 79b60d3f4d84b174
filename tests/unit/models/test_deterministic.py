"""Which networks have no deterministic kernels on a GPU, by the operations that their trainings consist of.

The list of docs/training.md and of the schema, without a GPU: on the meta device operations have names and no values.
"""

import pytest
import torch
from conftest import PROJECT
from model_entries import FEW, entry, no_memory, small_clip
from torch.utils._python_dispatch import TorchDispatchMode

from vidbench.models.build import build

# Operations that end with an error on CUDA under torch.use_deterministic_algorithms(True), of those that its
# documentation (torch 2.15) lists: layers of networks, not those of losses and sparse tensors.
REFUSED = {
    "avg_pool3d_backward", "_adaptive_avg_pool2d_backward", "_adaptive_avg_pool3d_backward",
    "adaptive_max_pool2d_backward", "fractional_max_pool2d_backward", "fractional_max_pool3d_backward",
    "max_unpool2d", "max_unpool3d", "upsample_linear1d_backward", "upsample_bilinear2d_backward",
    "upsample_bicubic2d_backward", "upsample_trilinear3d_backward", "reflection_pad1d_backward",
    "reflection_pad2d_backward", "reflection_pad3d_backward", "grid_sampler_2d_backward", "grid_sampler_3d_backward",
    "median", "put",
}  # fmt: skip
WITHOUT_KERNELS = {"s3d", "alexnet", "vgg11"}  # one of each family
NAMES = sorted({*FEW, *WITHOUT_KERNELS, "maxvit_t"})


class Operations(TorchDispatchMode):
    """Collects the names of operations."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(function.overloadpacket.__name__)
        return function(*args, **(kwargs or {}))


def refused(name: str, clip: dict) -> set[str]:
    """Operations of a forward and a backward pass that have no deterministic form."""
    options = entry(name, **clip)
    with no_memory():
        model = build(options, 5).to("meta").train()
    clips = torch.empty(2, 3, options.clip.frames, *options.clip.size, device="meta")
    with Operations() as operations:
        model(clips).sum().backward()
    assert {"addmm", "convolution_backward"} & operations.names
    return operations.names & REFUSED


@pytest.mark.parametrize("name", NAMES)
def test_which_networks_are_refused(name: str) -> None:
    assert bool(refused(name, small_clip(name))) == (name in WITHOUT_KERNELS)


@pytest.mark.parametrize(("size", "expected"), [((224, 224), False), ((112, 112), True), ((96, 128), True)])
def test_mvit_v2_resizes_positions_for_some_clips(size: tuple[int, int], expected: bool) -> None:
    """Those whose height and width differ, or are no multiple of 32."""
    assert bool(refused("mvit_v2_s", {"size": size})) == expected


@pytest.mark.parametrize("page", ["docs/training.md", "config/schemas/config.schema.yaml"])
def test_the_pages_name_them(page: str) -> None:
    text = " ".join((PROJECT / page).read_text(encoding="utf-8").split())
    assert "S3D, AlexNet, VGG, mvit_v2_s" in text
