"""Text embeddings of an image-text network, as the weights of a classifier, and its image tower's weights."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from vidbench.errors import UserError
from vidbench.files import read_json
from vidbench.models.composite import FrameModel
from vidbench.models.image_text_folder import TOKENIZER, TOKENIZER_CONFIG

PARTS = ("missing_keys", "unexpected_keys", "mismatched_keys")
BATCH = 64  # texts


def load_library_model(folder: Path) -> Any:
    """Load transformers' model of a folder, in float32; UserError where a weight is missing, foreign or misshapen."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from transformers import AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        model, info = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # the library and safetensors raise what they please
        raise UserError(f"{folder}: cannot be loaded: {_shorten(error)}; fetch the folder again") from error
    for part in PARTS:
        if keys := sorted(map(str, info[part])):
            raise UserError(
                f"{folder}: {len(keys)} tensors are {part.removesuffix('_keys')} ({keys[0]} ...): its weights are of"
                " another network; fetch the folder again"
            )
    return model.eval()


@torch.inference_mode()
def embed_classes(model: Any, folder: Path, texts_of_classes: Sequence[Sequence[str]]) -> torch.Tensor:
    """Return one direction (K, D) per class: the mean of those of its texts, each of length 1, as is the mean."""
    texts = [text for texts in texts_of_classes for text in texts]
    tokens = tokenize(model.config, folder, texts)
    parts = [model.get_text_features(**_rows(tokens, first)).pooler_output for first in range(0, len(texts), BATCH)]
    directions = functional.normalize(torch.cat(parts), dim=1)
    means = [part.mean(dim=0) for part in directions.split([len(each) for each in texts_of_classes])]
    return functional.normalize(torch.stack(means), dim=1)


def copy_weights(model: FrameModel, library: Any, directions: torch.Tensor) -> None:
    """Copy the library's image tower, and the directions (K, D) of the classes times its scale, into a model."""
    tower = model.get_submodule("backbone")
    names = tower.state_dict().keys()
    tower.load_state_dict({name: value for name, value in library.state_dict().items() if name in names})
    classifier = model.get_submodule("head.classifier")
    bias = getattr(library, "logit_bias", torch.zeros(1))
    with torch.no_grad():
        classifier.get_parameter("weight").copy_(directions * library.logit_scale.exp())
        classifier.get_parameter("bias").fill_(bias.item())


def _rows(tokens: dict[str, torch.Tensor], first: int) -> dict[str, torch.Tensor]:
    return {name: values[first : first + BATCH] for name, values in tokens.items()}


def tokenize(config: Any, folder: Path, texts: Sequence[str]) -> dict[str, torch.Tensor]:
    """Return the arguments of get_text_features(), each (N, L), for texts, which are put into lower case.

    The library's own tokenizer classes are not used: which tokens they add, and on which side they pad, depends on the
    library's version. The networks were trained on lower case and padding on the right; SigLIP on texts that are padded
    to its full length, and it attends to the padding.
    """
    tokenizer = _read_tokenizer(folder)
    length = config.text_config.max_position_embeddings
    rows = [_encode(tokenizer, text.lower(), length) for text in texts]
    if config.model_type == "clip":  # attends to what is before a token alone, so any padding will do
        longest = max(map(len, rows))
        mask = [[1] * len(row) + [0] * (longest - len(row)) for row in rows]
        ids = [row + [row[-1]] * (longest - len(row)) for row in rows]
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
    padding = _find_padding(tokenizer, folder)
    return {"input_ids": torch.tensor([row + [padding] * (length - len(row)) for row in rows])}


def _read_tokenizer(folder: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # the library raises no class of its own
        raise UserError(f"{folder / TOKENIZER}: cannot be read: {_shorten(error)}; fetch it again") from error
    tokenizer.no_truncation()
    return tokenizer


def _encode(tokenizer: Tokenizer, text: str, most: int) -> list[int]:
    ids = [token for token, real in _pairs(tokenizer, text) if real]
    if len(ids) > most:
        raise UserError(
            f"prompts: {text!r} has {len(ids)} tokens, and the network reads {most}; shorten it, or the words for its"
            " class in class_names"
        )
    return ids


def _pairs(tokenizer: Tokenizer, text: str) -> Iterator[tuple[int, int]]:
    """Yield each token, and 0 where it is padding, else 1."""
    encoding = tokenizer.encode(text)
    return zip(encoding.ids, encoding.attention_mask, strict=True)


def _find_padding(tokenizer: Tokenizer, folder: Path) -> int:
    """Return the token that a tokenizer pads with; UserError where neither it nor its configuration says."""
    if tokenizer.padding:
        return tokenizer.padding["pad_id"]
    path = folder / TOKENIZER_CONFIG
    token = read_json(path).get("pad_token") if path.exists() else None
    number = tokenizer.token_to_id(str(token.get("content") if isinstance(token, dict) else token))
    if number is None:
        raise UserError(f"{folder}: {TOKENIZER_CONFIG} names no pad_token of {TOKENIZER}; fetch both again")
    return number


def _shorten(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
