"""Activation maps of each kind of network, where captum is installed: as on a CPU."""

import pytest
import torch

from vidbench.models.build import build

pytestmark = pytest.mark.gpu
NETWORKS = ("cnn3d", "r3d_18", "s3d", "mvit_v2_s", "swin3d_t", "resnet18:lstm", "resnet18:gru", "vit_b_16:mean")
TINY = ("cnn3d", "cnn2d:lstm")


@pytest.mark.parametrize("name", dict.fromkeys((*NETWORKS, *TINY)))
def test_a_map_is_that_of_a_cpu(name: str, device: torch.device, small) -> None:
    if small.tiny != (name in TINY):
        pytest.skip("tiny" if small.tiny else "for --tiny")
    pytest.importorskip("captum")
    from vidbench.prediction.grad_cam import activation_map, fit_map, last_map

    clip = {"size": (112, 112)} if name.startswith("vit") else {}
    options = small.options(name, clip=clip)
    torch.manual_seed(0)
    model = build(options, 4).eval().requires_grad_(False)
    shape = (options.clip.frames, *options.clip.size)
    frames = torch.randn(1, 3, *shape)
    maps = []
    for place in (torch.device("cpu"), device):
        model.to(place)
        target = frames.to(place)
        layer = last_map(model, options.network.architecture, target)
        maps.append(fit_map(activation_map(model, layer, target, 1), shape).cpu())
    assert maps[1].shape == shape
    assert maps[1].isfinite().all()
    assert (maps[1] - maps[0]).abs().max() < 0.1  # of the maximum, 1
