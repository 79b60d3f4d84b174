"""Heads against straightforward reference implementations: what each sees of the frames, and of padded clips."""

from dataclasses import replace
from importlib import import_module

import pytest
import torch
from host_copies import HostCopies
from hypothesis import given, settings
from hypothesis import strategies as st
from model_entries import clips, entry
from torch import nn
from torch.nn import functional

from vidbench import models
from vidbench.errors import UserError
from vidbench.models.build import build
from vidbench.models.heads import lstm, tcn, transformer, tsm
from vidbench.models.options import HeadOptions

FEATURES, CLASSES = 6, 3
OPTIONS = HeadOptions(hidden=8)


def head(name: str, frames: int = 7, **options: object) -> nn.Module:
    torch.manual_seed(0)
    kind = import_module(f"vidbench.models.{models.HEADS[name]}").Head
    of_frames = {"of_frames": True} if name in models.TOKEN_HEADS else {}
    return kind(FEATURES, CLASSES, replace(OPTIONS, **options), frames, **of_frames).eval()


PADDED = [
    ("mean", {}), ("max", {}), ("tcn", {}), ("lstm", {}), ("lstm", {"layers": 2}), ("lstm", {"bidirectional": True}),
    ("gru", {}), ("gru", {"layers": 3, "bidirectional": True}), ("transformer", {}), ("transformer", {"layers": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), PADDED)
def test_padding_counts_for_nothing(name: str, options: dict) -> None:
    built, lengths = head(name, **options), torch.tensor([3, 7, 1, 5])
    features = torch.randn(4, 7, FEATURES)
    alone = torch.cat([built(clip[None, :length]) for clip, length in zip(features, lengths, strict=True)])
    for row, length in enumerate(lengths):
        features[row, length:] = 1e3
    together = built(features, lengths)
    assert torch.allclose(together, alone, atol=1e-5)
    assert not torch.allclose(built(features), alone, atol=1e-2)


@pytest.mark.parametrize(("name", "options"), [*PADDED, ("tsm", {})])
def test_gradients_reach_all_of_a_head(name: str, options: dict) -> None:
    built = head(name, **options)
    built(torch.randn(2, 7, FEATURES)).square().sum().backward()
    assert [key for key, tensor in built.named_parameters() if tensor.grad is None or not tensor.grad.any()] == []


@pytest.mark.parametrize(("name", "blind"), [(name, name in ("mean", "max", "tsm")) for name in models.HEADS])
def test_which_heads_are_blind_to_order(name: str, blind: bool) -> None:
    features = torch.randn(2, 7, FEATURES)
    assert torch.allclose(head(name)(features), head(name)(features.flip(1)), atol=1e-5) == blind


def lstm_by_hand(network: nn.LSTM, sequence: torch.Tensor, ending: str) -> torch.Tensor:
    """(T, D) -> (H,), by the equations of the 1997 paper with the forget gate of 2000."""
    weights = dict(network.named_parameters())
    hidden = cell = torch.zeros(network.hidden_size)
    for frame in sequence:
        gates = weights[f"weight_ih_l0{ending}"] @ frame + weights[f"bias_ih_l0{ending}"]
        gates = gates + weights[f"weight_hh_l0{ending}"] @ hidden + weights[f"bias_hh_l0{ending}"]
        enter, forget, new, leave = gates.chunk(4)
        cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
        hidden = leave.sigmoid() * cell.tanh()
    return hidden


def test_the_bidirectional_lstm_classifies_where_each_direction_ends() -> None:
    built = head("lstm", bidirectional=True)
    sequence = torch.randn(7, FEATURES)
    ends = [lstm_by_hand(built.network, sequence, ""), lstm_by_hand(built.network, sequence.flip(0), "_reverse")]
    assert torch.allclose(built(sequence[None])[0], built.classifier(torch.cat(ends)), atol=1e-5)


def test_the_transformers_positions_are_copied_to_the_device_with_the_weights_alone() -> None:
    built = head("transformer")
    assert "positions" not in built.state_dict()
    features = torch.randn(2, 9, FEATURES)  # more frames than the head was built for
    longer = head("transformer", frames=9)
    longer.load_state_dict(built.state_dict())
    assert torch.equal(built(features), longer(features))
    assert torch.equal(built(features[:, :4]), longer(features[:, :4]))
    on_meta = head("transformer").to("meta")
    clips = features[:, :7].to("meta")
    with HostCopies() as counted:
        assert on_meta(clips).shape == (2, CLASSES)
    assert counted.copies == []


def test_recurrent_layers_have_dropout_between_them_only() -> None:
    assert head("lstm", layers=2, dropout=0.3).network.dropout == 0.3
    assert head("lstm", layers=1, dropout=0.3).network.dropout == 0
    assert isinstance(head("gru"), lstm.Head)
    assert isinstance(head("gru").network, nn.GRU)


def block_by_hand(block: tcn.Block, sequence: torch.Tensor, dilation: int) -> torch.Tensor:
    """(D, T) -> (D', T): every output frame summed from the frames that its two convolutions look back to."""

    def convolve(layer: nn.Conv1d, inputs: torch.Tensor) -> torch.Tensor:
        outputs = []
        for time in range(inputs.shape[1]):
            total = layer.bias
            for tap in range(tcn.KERNEL):
                seen = time - (tcn.KERNEL - 1 - tap) * dilation
                total = total + layer.weight[:, :, tap] @ inputs[:, seen] if seen >= 0 else total
            outputs.append(total)
        return torch.stack(outputs, dim=1)

    shortcut = block.shortcut(sequence[None])[0]
    return (convolve(block.second, convolve(block.first, sequence).relu()).relu() + shortcut).relu()


def test_the_tcn_is_the_papers() -> None:
    built, sequence = head("tcn"), torch.randn(1, FEATURES, 20)
    expected = sequence[0]
    for level, block in enumerate(built.blocks):
        expected = block_by_hand(block, expected, 2**level)
    assert torch.allclose(built.blocks(sequence)[0], expected, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300))
def test_the_tcn_has_blocks_enough_to_see_the_first_frame(frames: int) -> None:
    blocks = tcn.num_blocks(frames)
    assert tcn.receptive_field(blocks) >= frames
    assert blocks == tcn.MIN_BLOCKS or tcn.receptive_field(blocks - 1) < frames


@pytest.mark.parametrize("frames", [1, 61, 62, 125])
def test_the_tcn_looks_back_only_and_sees_all_frames(frames: int) -> None:
    built = head("tcn", frames, hidden=32)
    features = torch.randn(1, frames, FEATURES)
    changed = features.clone()
    changed[0, frames // 2] += 1
    outputs = [built.blocks(sequence.transpose(1, 2)) for sequence in (features, changed)]
    differs = (outputs[0] != outputs[1]).any(dim=1)[0]
    assert not differs[: frames // 2].any()
    assert differs[frames // 2 :].any()
    features.requires_grad_()
    built.double()(features.double()).sum().backward()
    assert features.grad.abs().sum(dim=2)[0].ne(0).all()


def test_the_tcns_dropout_takes_whole_channels() -> None:
    block = tcn.Block(4, 16, 1, dropout=0.5).train()
    ones = block.dropout(torch.ones(3, 16, 9))
    assert (ones == ones[:, :, :1]).all()
    assert set(ones.unique().tolist()) == {0.0, 2.0}


def test_the_transformers_layers_begin_with_weights_of_their_own() -> None:
    first, second = head("transformer", layers=2).layers
    assert not torch.equal(first.linear1.weight, second.linear1.weight)


def test_positions_are_those_of_the_paper() -> None:
    table = transformer.positions(5, 7)
    assert table.shape == (5, 7)
    for time in range(5):
        for channel in range(7):
            angle = torch.tensor(time / 10000 ** (2 * (channel // 2) / 7))
            assert table[time, channel] == pytest.approx((angle.cos() if channel % 2 else angle.sin()).item(), abs=1e-5)


@given(st.integers(1, 2048))
def test_attention_heads_divide_the_hidden_state(hidden: int) -> None:
    heads = transformer.num_heads(hidden)
    assert hidden % heads == 0
    assert heads == 1 or hidden // heads >= transformer.MIN_HEAD_SIZE


def shift_by_hand(maps: torch.Tensor, frames: int) -> torch.Tensor:
    shifted, part = torch.zeros_like(maps), max(maps.shape[1] // 8, 1) if maps.shape[1] > 1 else 0
    for place in range(len(maps)):
        time = place % frames
        for channel in range(maps.shape[1]):
            source = time + 1 if channel < part else time - 1 if channel < 2 * part else time
            if 0 <= source < frames:
                shifted[place, channel] = maps[place - time + source, channel]
    return shifted


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3), st.integers(1, 6), st.integers(1, 24))
def test_the_shift_is_the_papers(batch: int, frames: int, channels: int) -> None:
    maps = torch.randn(batch * frames, channels, 2, 2)
    assert torch.equal(tsm.shift(maps, frames), shift_by_hand(maps, frames))


def test_tsm_shifts_the_branch_and_not_the_shortcut() -> None:
    shifted = build(entry("resnet18", "tsm"), CLASSES).eval()
    block, maps = shifted.backbone.layer1[0], torch.randn(8, 64, 8, 8)
    branch = block.bn1(functional.conv2d(shift_by_hand(maps, 4), block.conv1.weight, padding=1)).relu()
    assert torch.allclose(block(maps), (block.bn2(block.conv2(branch)) + maps).relu(), atol=1e-5)


@pytest.mark.parametrize("name", ["cnn2d", "resnet18", "resnext50_32x4d", "wide_resnet50_2"])
def test_tsm_renames_no_weight_and_sees_the_order(name: str) -> None:
    shifted, plain = build(entry(name, "tsm"), CLASSES).eval(), build(entry(name), CLASSES).eval()
    plain.load_state_dict(shifted.state_dict())
    clip = clips(entry(name), 1)
    with torch.inference_mode():
        assert torch.allclose(plain(clip), plain(clip.flip(2)), atol=1e-5)
        assert not torch.allclose(shifted(clip), shifted(clip.flip(2)), atol=1e-4)
        assert not torch.allclose(shifted(clip), plain(clip), atol=1e-4)


def test_every_residual_block_is_shifted() -> None:
    shifted = build(entry("resnet50", "tsm"), CLASSES)
    hooked = [name for name, layer in shifted.backbone.named_modules() if layer._forward_pre_hooks]
    assert len(hooked) == 3 + 4 + 6 + 3
    assert all(name.startswith("layer") and name.endswith("conv1") for name in hooked)


def test_tsm_refuses_clips_of_another_length() -> None:
    with pytest.raises(ValueError, match="built for clips of 4 frames, not 8"):
        build(entry("cnn2d", "tsm"), CLASSES)(torch.randn(1, 3, 8, 32, 32))


@pytest.mark.parametrize("name", ["mobilenet_v2", "densenet121", "squeezenet1_1"])
def test_tsm_names_the_backbones_that_it_works_with(name: str) -> None:
    with pytest.raises(UserError, match=f"backbone {name} has no residual blocks .* use cnn2d, resnet18"):
        build(entry(name, "tsm"), CLASSES)
