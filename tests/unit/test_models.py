"""Every model builds, learns through all its tensors, and frame averaging is blind to order."""

import pytest
import tiny
import torch

from vidbench import configuration, models

NAMES = list(tiny.CONFIG["models"])


def build(name: str, classes: int = 3) -> torch.nn.Module:
    torch.manual_seed(0)
    return models.build(configuration.model_options(tiny.config(), "motion", name), classes)


@pytest.mark.parametrize("name", NAMES)
def test_logits_and_gradients(name: str) -> None:
    model = build(name, classes=5)
    logits = model(torch.randn(2, 3, 8, 32, 32))
    assert logits.shape == (2, 5)
    logits.square().sum().backward()
    silent = [key for key, tensor in model.named_parameters() if tensor.grad is None or not tensor.grad.any()]
    assert silent == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 16, 16), (3, 40, 24), (20, 33, 47)])
def test_any_number_of_frames_and_any_size(name: str, shape: tuple[int, int, int]) -> None:
    assert build(name).eval()(torch.randn(1, 3, *shape)).isfinite().all()


@pytest.mark.parametrize(
    ("name", "blind"), [("cnn2d_mean", True), ("cnn2d_lstm", False), ("cnn2d_tcn", False), ("cnn3d", False)]
)
def test_only_frame_averaging_is_blind_to_order(name: str, blind: bool) -> None:
    model, clip = build(name).eval(), torch.randn(2, 3, 8, 32, 32)
    same = torch.allclose(model(clip), model(clip.flip(2)), atol=1e-6)
    assert same == blind


def test_the_tcn_looks_back_only_and_sees_all_frames() -> None:
    from vidbench.models.head_tcn import Head

    torch.manual_seed(0)
    head = Head(4, 2, {"hidden": 8, "dropout": 0.0}).eval()
    features = torch.randn(1, 61, 4)
    blocks = head.blocks(features.transpose(1, 2))
    changed = features.clone()
    changed[0, 30] += 1
    differs = (head.blocks(changed.transpose(1, 2)) != blocks).any(dim=1)[0]
    assert not differs[:30].any()
    assert differs[30:].any()
    features.requires_grad_()
    head(features).sum().backward()
    assert features.grad.abs().sum(dim=2)[0].ne(0).all()


def test_r3d_18_is_torchvisions() -> None:
    from torchvision.models.video import r3d_18

    ours = build("r3d_18", classes=7).eval()
    theirs = r3d_18(weights=None, num_classes=7).eval()
    theirs.load_state_dict(ours.state_dict())
    clip = torch.randn(1, 3, 4, 32, 32)
    assert torch.equal(ours(clip), theirs(clip))
