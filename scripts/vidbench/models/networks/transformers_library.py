"""What the library transformers calls the parts of its video networks, and making these parts."""

from dataclasses import dataclass
from typing import Any

from vidbench.errors import UserError

PREFIX = "hf/"


@dataclass(frozen=True)
class Library:
    """What the library calls the parts of a family."""

    config: str  # class of the configuration
    network: str  # class of the network with a classifier
    prefix: str  # of the encoder, within that network
    parts: tuple[str, ...]  # of the encoder, from first to last; each item of `NAME.*` is a stage
    num_class_tokens: int = 0
    unused: tuple[str, ...] = ()  # beginnings of names in a file that no classification uses
    pooling: tuple[str, ...] = ()  # names of the modules between encoder and classifier
    arguments: tuple[str, ...] = ()  # of the encoder that are switched on


LAYERS = ("embeddings", "encoder.layer.*", "layernorm")
LIBRARY = {
    "vjepa2": Library(
        "VJEPA2Config",
        "VJEPA2ForVideoClassification",
        "vjepa2",
        ("encoder.embeddings", "encoder.layer.*", "encoder.layernorm"),
        unused=("vjepa2.predictor.",),
        pooling=("pooler",),
        arguments=("skip_predictor",),
    ),
    "videomae": Library(
        "VideoMAEConfig",
        "VideoMAEForVideoClassification",
        "videomae",
        LAYERS,
        unused=("decoder.", "encoder_to_decoder.", "mask_token"),
        pooling=("fc_norm",),
    ),
    "vivit": Library(
        "VivitConfig",
        "VivitForVideoClassification",
        "vivit",
        ("embeddings", "layers.*", "layernorm"),
        num_class_tokens=1,
        unused=("vivit.pooler.", "pooler."),
    ),
    "timesformer": Library(
        "TimesformerConfig",
        "TimesformerForVideoClassification",
        "timesformer",
        LAYERS,
        num_class_tokens=1,
    ),
    "videoprism": Library(
        "VideoPrismVisionConfig",
        "VideoPrismForVideoClassification",
        "vision_model",
        (
            "spatial_embeddings", "spatial_layers.*", "layernorm1",
            "temporal_embeddings", "temporal_layers.*", "layernorm2",
        ),
        pooling=("head", "head_layernorm"),
    ),
}  # fmt: skip


def make_library_network(family: str, config: dict[str, Any], num_classes: int) -> Any:
    """Make the library's network with a classifier; UserError where the library refuses its configuration."""
    network, configuration = library_classes(family, config, num_classes)
    try:
        return network(configuration)
    except Exception as error:  # of many kinds, depending on what contradicts itself
        raise UserError(_explain(family, error)) from error


def library_classes(family: str, config: dict[str, Any], num_classes: int) -> tuple[Any, Any]:
    """Return the library's class of a family's network, and a configuration object."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    library = LIBRARY[family]
    try:
        configuration = getattr(transformers, library.config).from_dict({**config, "num_labels": num_classes})
    except Exception as error:
        raise UserError(_explain(family, error)) from error
    return getattr(transformers, library.network), configuration


def _explain(family: str, error: Exception) -> str:
    return f"{PREFIX}{family}: config.json is refused by the library: {' '.join(str(error).split())[:200]}"
