"""Write docs/architectures.md from the models themselves, so that the two never differ.

Example:
    python tests/tools/describe_architectures.py --write
"""

import ast
import sys
from dataclasses import replace
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts"), str(PROJECT / "tests/helpers")]

import torch  # noqa: E402
from model_entries import build_on_meta, clips, entry  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from vidbench import models  # noqa: E402
from vidbench.models import catalogue, official_weights, transformers_config  # noqa: E402
from vidbench.models.options import ModelOptions  # noqa: E402

TARGET = PROJECT / "docs" / "architectures.md"
FRAMES, SIDE, LARGE_SIDE = 16, 112, 224
KINETICS, IMAGENET = 400, 1000  # classes
SHOWN = (  # of the networks that take frames
    "cnn2d", "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet",
    "inception_v3", "maxvit_t", "mnasnet1_0", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "resnet18",
    "resnet50", "resnext50_32x4d", "shufflenet_v2_x1_0", "squeezenet1_1", "swin_t", "swin_v2_t", "vgg16",
    "vit_b_16", "wide_resnet50_2",
)  # fmt: skip
HEADS = {
    "mean": "Average over frames; blind to their order: the control.",
    "max": "Each feature's largest value over the frames; blind to their order.",
    "lstm": "LSTM of `layers` layers, `bidirectional` or not; its last state (of each direction) is classified.",
    "gru": "The same with gated recurrent units (Cho et al. 2014, arXiv:1406.1078).",
    "tcn": "Residual blocks of dilated causal convolutions (Bai et al. 2018, arXiv:1803.01271), kernel 3, dilation "
    "doubled from block to block: at least four, which see 61 frames, and as many as the clip needs (five: 125).",
    "transformer": "Pre-norm encoder of `layers` layers (Vaswani et al. 2017, arXiv:1706.03762), sinusoidal positions, "
    "mean over frames; as many attention heads as divide `hidden` into 32 channels or more.",
    "tsm": "Temporal shift (Lin et al. 2019, arXiv:1811.08383): within the backbone an eighth of the channels comes "
    "from the next frame, an eighth from the frame before; then the average over frames. Only for cnn2d, resnet*, "
    "resnext* and wide_resnet*.",
    "attentive": "V-JEPA 2's probe (Assran et al. 2025, arXiv:2506.09985) on the backbone's `tokens`: `blocks` of "
    "self-attention, then a learned query that reads all tokens, an MLP and a linear classifier, all as wide as a "
    "token. Tokens of single frames are normalised and get the positions of their frames, so their order counts.",
}
# Clips that a family takes beside those of its weights, and the vector of a clip.
OTHER_CLIPS = {
    "vjepa2": ("any, square: its positions are rotary", "attentive pooling, or the mean of all tokens"),
    "videomae": ("none: its positions are fixed; from random weights any", "mean of all tokens, normalised"),
    "vivit": ("any: positions are interpolated, bicubically over space and linearly over time", "class token"),
    "timesformer": ("any, square: positions are the nearest of its own", "class token"),
    "videoprism": ("any: positions are interpolated linearly", "attentive pooling, or the mean of all tokens"),
}
TRANSFORMERS = """
## Video transformers

Families of the library transformers. Each has many networks; a folder or a repository of the Hugging Face Hub sets the
sizes (docs/pretrained.md). Clip and patch are the library's defaults, as frames x height x width. Any clip has to
consist of whole patches. The vector enters the classifier; a frozen backbone gives it as its features. Weights with a
classifier use their own pooling, others the class token or the mean. Stages: the embeddings, each layer, and pooling
with layers.

| name | clip | patch | other clips | vector | source |
| --- | --- | --- | --- | --- | --- |"""
INTRO = f"""# Architectures

Made from the models by `make docs`. A model entry names an `architecture` that takes the whole clip, or a `backbone`
and a `head`. The backbone takes each frame, and the head the frames' features in order; or the backbone takes whole
clips, and the head is `mean` (a linear classifier) or `attentive`. All take any number of classes and frames. Clips
that are too small are refused before anything is computed.

- GFLOPs: of one forward pass of one clip of {FRAMES} frames of {SIDE} x {SIDE} pixels, or of the size beside the number
  (torch.utils.flop_counter). A multiply-add counts as two. Convolutions, matrix products and attention are counted;
  norms, activations and pooling are not.
- Stages: the parts that `trained_stages` and `training.layer_decay` count, without the classifier
  (scripts/vidbench/models/stages.py).
- Smallest input: frames x height x width, or height x width. It can be computed, but may be too small to be useful.
- Pretrained weights: torchvision's, with the side in pixels of the square frames that they were trained on; a config
  asks for them by name (docs/pretrained.md).

## Clip architectures

Parameters with {KINETICS} classes.
"""
TRAPS = """
## torchvision's networks here

With the same weights and clip, the logits are torchvision's. Differences and details:

- s3d: the last pooling shrinks to fit small clips; torchvision's needs 13 frames of 209 x 209 pixels.
- mvit_v1_b, mvit_v2_s: built for the clip's frames and size; torchvision's take only 16 frames of 224 x 224.
  Pretrained positions are interpolated: those of mvit_v1_b bicubically over space and linearly over time, the relative
  ones of mvit_v2_s linearly. In the last block of mvit_v2_s positions affect no logit, as only the class token goes on.
- vit_*: built for the clip's size, a square of whole patches; pretrained positions are interpolated.
- s3d, mnasnet*: batch norm's momentum is PyTorch's 0.1, not 0.001 and 0.0003. With these, a short training would be
  validated with statistics from before it.
- googlenet, inception_v3: without auxiliary classifiers. The published weights switch on `transform_input`, which turns
  ImageNet's normalisation into their own; here it is off, and the input is normalised with mean 0.5 and standard
  deviation 0.5.
- swin3d_*: if a clip has fewer patches than a window, as in the last stage at 112 x 112 pixels, torchvision looks up
  position biases as if the patches were the window's first ones in reading order. This is kept.
- dropout right before the classifier is the model entry's `dropout`, not torchvision's.
- vgg*, alexnet: the features are the 4,096 that enter the last layer; the hidden linear layers and the dropout between
  them stay. squeezenet*: the features are the 512 pooled feature maps, as its classifier is a convolution.
"""


def text() -> str:
    """The whole page."""
    rows = [
        "| name | parameters (M) | GFLOPs | stages | smallest input | pretrained weights | source |",
        "|" + " --- |" * 7,
    ]
    clip_rows = [*rows, *(clip_row(name) for name in models.clip_names())]
    rows = [rows[0].replace("| GFLOPs", "| features | GFLOPs"), "|" + " --- |" * 8]
    frame_rows = [*rows, *(frame_row(name) for name in SHOWN)]
    backbones = f"""
## 2D backbones

All of torchvision's image classification networks, and one of our own. The table shows some of them, with parameters
with {IMAGENET} classes, the number of features per frame, and GFLOPs with the head `mean`:
"""
    transformers = [TRANSFORMERS, *(transformer_row(family) for family in transformers_config.FAMILIES)]
    names = ", ".join(f"`{name}`" for name in models.backbone_names())
    heads = ["\n## Heads\n", "| name | what it does |", "| --- | --- |"]
    heads += [f"| {name} | {HEADS.get(name) or docstring_of_head(name)} |" for name in HEADS | models.HEADS]
    return "\n".join(
        [INTRO, *clip_rows, *transformers, backbones, *frame_rows, f"\nAll names: {names}.", *heads, TRAPS]
    )


def docstring_of_head(name: str) -> str:
    """First line of the docstring of a head's file, of one that has no words of its own here."""
    path = PROJECT / "scripts" / "vidbench" / "models" / "heads" / f"{name}.py"
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def clip_row(name: str) -> str:
    """A clip architecture's line."""
    options = entry(name, frames=FRAMES, size=(SIDE, SIDE), width=24)
    model = build_on_meta(options, KINETICS)
    network = catalogue.describe(name)
    frames, side = network.min_frames, network.min_size
    smallest = f"{frames} x {side} x {side}" if (frames, side) != (1, 1) else "any"
    return row(
        name,
        millions(model),
        gflops(model, options),
        stages(name),
        smallest,
        weights(name),
        catalogue.describe(name).source,
    )


def transformer_row(family: str) -> str:
    """A line of a family of the library transformers."""
    geometry = transformers_config.read_geometry(family, {})
    clip, patch = (f"{first} x {height} x {width}" for first, height, width in (
        (geometry.frames, *geometry.size), geometry.patch))  # fmt: skip
    return row(f"hf/{family}", clip, patch, *OTHER_CLIPS[family], catalogue.describe(f"hf/{family}").source)


def frame_row(name: str) -> str:
    """A backbone's line."""
    side = SIDE if not name.startswith("maxvit") else LARGE_SIDE
    options = entry(name, frames=FRAMES, size=(side, side))
    options = replace(options, network=replace(options.network, width=24))
    model = build_on_meta(options, IMAGENET)
    flops = gflops(model, options) + (f" ({side} x {side})" if side != SIDE else "")
    return row(name, millions(model), f"{model.backbone.num_features:,}", flops, stages(name), smallest(name),
               weights(name), catalogue.describe(name).source)  # fmt: skip


def stages(name: str) -> str:
    """How many stages can be trained or frozen."""
    return str(catalogue.describe(name).num_stages)


def smallest(name: str) -> str:
    """Height and width of the smallest frame that a backbone takes."""
    network = catalogue.describe(name)
    side = network.min_size
    if network.multiple > 1:
        return f"multiples of {side} x {side}" + (", square" if network.is_square else "")
    return f"{side} x {side}" if side > 1 else "any"


def millions(model: torch.nn.Module) -> str:
    """Parameters in millions."""
    return f"{sum(tensor.numel() for tensor in model.parameters()) / 1e6:.2f}"


def gflops(model: torch.nn.Module, options: ModelOptions) -> str:
    """Billions of operations of one clip's forward pass."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(clips(options, 1).to("meta"))
    return f"{counter.get_total_flops() / 1e9:.1f}"


def weights(name: str) -> str:
    """The official weights, each with its size, what DEFAULT stands for first."""
    found = sorted(official_weights.official(name).values(), key=lambda each: not each.is_default)
    return ", ".join(f"`{each.name}` ({each.size[0]})" for each in found) or "none"


def row(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    if "--write" in sys.argv:
        TARGET.write_text(text())
    else:
        print(text())
