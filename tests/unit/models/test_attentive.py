"""The head attentive against its formula in plain tensors and V-JEPA 2's own; what it can learn and a mean cannot."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional

from vidbench.errors import UserError
from vidbench.models.float32 import use_float32
from vidbench.models.heads import attentive, mean, transformer
from vidbench.models.options import HeadOptions

WIDTH, CLASSES = 12, 3
OPTIONS = HeadOptions(name="attentive", attention_heads=3)


def head(width: int = WIDTH, of_frames: bool = False, frames: int = 5, **options: object) -> attentive.Head:
    torch.manual_seed(0)
    built = attentive.Head(width, CLASSES, replace(OPTIONS, **options), frames, of_frames=of_frames)
    with torch.no_grad():  # initial weights are so small that an error in a branch would hardly show
        for tensor in built.parameters():
            tensor.add_(0.3 * torch.randn_like(tensor))
    return built.eval()


def norm_by_hand(values: torch.Tensor, layer: nn.LayerNorm) -> torch.Tensor:
    centred = values - values.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt() * layer.weight + layer.bias


def attention_by_hand(layer: attentive.Attention, queries: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """(Q, D), (N, D) -> (Q, D): each head's own part of the channels, one query after another."""
    query, key, value = (
        values @ part.weight.T + part.bias
        for part, values in ((layer.query, queries), (layer.key, tokens), (layer.value, tokens))
    )
    size = query.shape[1] // layer.heads
    rows = []
    for row in query:
        parts = []
        for first in range(0, query.shape[1], size):
            own = slice(first, first + size)
            weights = (key[:, own] @ row[own] / math.sqrt(size)).exp()
            parts.append((weights / weights.sum()) @ value[:, own])
        rows.append(torch.cat(parts))
    return torch.stack(rows)


def mlp_by_hand(layers: nn.Sequential, values: torch.Tensor) -> torch.Tensor:
    hidden = values @ layers[0].weight.T + layers[0].bias
    hidden = hidden * (1 + torch.erf(hidden / math.sqrt(2))) / 2
    return hidden @ layers[2].weight.T + layers[2].bias


def head_by_hand(built: attentive.Head, tokens: torch.Tensor) -> torch.Tensor:
    """(N, D) -> (K,)."""
    for block in built.blocks:
        normalised = norm_by_hand(tokens, block.norm)
        attended = attention_by_hand(block.attention, normalised, normalised)
        tokens = tokens + attended @ block.attention.output.weight.T + block.attention.output.bias
        tokens = tokens + mlp_by_hand(block.mlp, norm_by_hand(tokens, block.mlp_norm))
    block = built.cross
    query = built.query[0]
    pooled = query + attention_by_hand(block.attention, query, norm_by_hand(tokens, block.norm))
    pooled = pooled + mlp_by_hand(block.mlp, norm_by_hand(pooled, block.mlp_norm))
    return (pooled @ built.classifier.weight.T + built.classifier.bias)[0]


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize("heads", [1, 3, 12])
def test_the_head_is_the_formula(blocks: int, heads: int) -> None:
    built = head(blocks=blocks, attention_heads=heads)
    tokens = torch.randn(2, 1, 7, WIDTH)
    logits = built(tokens.flatten(2))
    for clip, row in zip(tokens, logits, strict=True):
        assert torch.allclose(head_by_hand(built, clip[0]), row, atol=1e-4, rtol=1e-4)


def test_tokens_of_frames_are_normalised_and_get_their_frames_positions() -> None:
    built = head(of_frames=True, frames=4)
    tokens = torch.randn(2, 6, 4, WIDTH)  # more frames than the head was built for
    table = transformer.positions(6, WIDTH)
    for clip, row in zip(tokens, built(tokens.flatten(2)), strict=True):
        plain = nn.LayerNorm(WIDTH)
        placed = norm_by_hand(clip, plain) + table[:, None]
        assert torch.allclose(head_by_hand(built, placed.flatten(0, 1)), row, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(built(tokens.flatten(2)), built(tokens.flip(1).flatten(2)), atol=1e-3)
    blind = head(of_frames=False)
    assert torch.allclose(blind(tokens.flatten(2)), blind(tokens.flip(1).flatten(2)), atol=1e-4)


def test_it_is_v_jepa_2s_pooler_and_classifier() -> None:
    pytest.importorskip("transformers")
    from transformers.models.vjepa2.configuration_vjepa2 import VJEPA2Config
    from transformers.models.vjepa2.modeling_vjepa2 import VJEPA2AttentivePooler

    config = VJEPA2Config(hidden_size=WIDTH, num_attention_heads=3, num_pooler_layers=2, mlp_ratio=4)
    config._attn_implementation = "eager"
    theirs = VJEPA2AttentivePooler(config).eval()
    built = head(blocks=2)
    theirs.load_state_dict({_their_name(name): tensor for name, tensor in built.state_dict().items()
                            if not name.startswith("classifier")})  # fmt: skip
    tokens = torch.randn(2, 9, WIDTH)
    expected = built.classifier(theirs(tokens))
    assert torch.allclose(built(tokens[:, None].flatten(2)), expected, atol=1e-5)


def _their_name(name: str) -> str:
    attention = "cross_attn" if name.startswith("cross") else "self_attn"
    for ours, other in (
        ("blocks.", "self_attention_layers."), ("cross.", "cross_attention_layer."), ("mlp_norm", "layer_norm2"),
        ("norm.", "layer_norm1."), ("attention.query", f"{attention}.q_proj"), ("attention.key", f"{attention}.k_proj"),
        ("attention.value", f"{attention}.v_proj"), ("attention.output", f"{attention}.out_proj"),
        ("mlp.0", "mlp.fc1"), ("mlp.2", "mlp.fc2"),
    ):  # fmt: skip
        name = name.replace(ours, other)
    return "query_tokens" if name == "query" else name


@pytest.mark.parametrize("of_frames", [True, False])
@pytest.mark.parametrize("blocks", [0, 2])
def test_gradients_reach_every_parameter_and_the_tokens(blocks: int, of_frames: bool) -> None:
    built = head(blocks=blocks, of_frames=of_frames)
    tokens = torch.randn(2, 5, 3 * WIDTH, requires_grad=True)
    built(tokens).square().sum().backward()
    still = [name for name, tensor in built.named_parameters() if tensor.grad is None or tensor.grad.abs().max() == 0]
    assert [name for name in still if not name.endswith("key.bias")] == []  # a bias of all keys changes no softmax
    assert (tokens.grad.unflatten(2, (3, WIDTH)).abs().amax(3) > 0).all()


@pytest.mark.parametrize("of_frames", [True, False])
def test_padding_counts_for_nothing(of_frames: bool) -> None:
    built = head(blocks=1, of_frames=of_frames)
    tokens = torch.randn(3, 5, 2 * WIDTH)
    lengths = torch.tensor([5, 2, 1])
    alone = torch.cat([built(clip[None, :length]) for clip, length in zip(tokens, lengths, strict=True)])
    for row, length in enumerate(lengths):
        tokens[row, length:] = 1e3
    assert torch.allclose(built(tokens, lengths), alone, atol=1e-4)
    assert not torch.allclose(built(tokens), alone, atol=1e-2)


@pytest.mark.parametrize(
    ("width", "heads"), [(1024, 16), (768, 12), (1280, 20), (512, 8), (240, 3), (20, 1), (1, 1), (127, 1), (384, 6)]
)
def test_attention_heads_have_64_channels_or_more(width: int, heads: int) -> None:
    assert attentive.choose_num_heads(width, None) == heads
    assert attentive.Head(width, 2, HeadOptions(), 3, of_frames=True)(torch.randn(1, 3, width)).shape == (1, 2)


def test_attention_heads_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(UserError, match="attention_heads: 5 do not divide the tokens' 12 channels; leave it out"):
        head(attention_heads=5)


def test_it_computes_in_float32_within_mixed_precision() -> None:
    built = use_float32(head(blocks=1))
    tokens = torch.randn(2, 1, 4 * WIDTH)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = built(tokens.half())
    assert mixed.dtype == torch.float32
    assert torch.equal(mixed, built(tokens.half().float()))


def needles(number: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Clips (N, 1, cells * D) of 64 tokens of noise; one, somewhere, is marked and holds the class.

    The mean's signal is 64 times smaller than that token's, and below the noise.
    """
    random = torch.Generator().manual_seed(seed)
    tokens = torch.randn(number, 64, WIDTH, generator=random)
    tokens[..., :4] = 0
    classes = torch.arange(number) % CLASSES
    places = torch.randint(64, (number,), generator=random)
    tokens[torch.arange(number), places, 0] = 4
    tokens[torch.arange(number), places, 4 : 4 + CLASSES] = 3 * functional.one_hot(classes, CLASSES).float() - 1
    return tokens.flatten(1)[:, None], classes


def accuracy_after_training(model: nn.Module, pooled: bool) -> float:
    """Accuracy on other clips after 300 updates."""

    def prepare(clips: torch.Tensor) -> torch.Tensor:
        return clips.unflatten(2, (-1, WIDTH)).flatten(1, 2) if pooled else clips

    clips, targets = needles(384, seed=1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    torch.manual_seed(0)
    for _ in range(300):
        batch = torch.randint(len(clips), (64,))
        optimizer.zero_grad()
        functional.cross_entropy(model.train()(prepare(clips[batch])), targets[batch]).backward()
        optimizer.step()
    clips, targets = needles(300, seed=2)
    with torch.no_grad():
        return (model.eval()(prepare(clips)).argmax(1) == targets).float().mean().item()


def test_it_finds_the_one_token_that_a_mean_drowns() -> None:
    torch.manual_seed(0)
    attention = accuracy_after_training(attentive.Head(WIDTH, CLASSES, OPTIONS, 1), pooled=False)
    averaging = mean.Head(WIDTH, CLASSES, HeadOptions(), 64)
    averaging.standardise()
    assert attention > 0.9
    assert accuracy_after_training(averaging, pooled=True) < 0.6
