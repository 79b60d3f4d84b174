"""Folders with tiny random image-text networks, as the library saves them, each with a tiny tokenizer."""

import json
import string
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel

WORDS = ("a", "an", "person", "doing", "left", "right", "photo", "video", "of", "example", "hand", "golf", ".")
SIZES = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4}
VISION = {
    "clip": {"image_size": 32, "patch_size": 8, "projection_dim": 24},
    "siglip": {"image_size": 32, "patch_size": 8},
    "siglip2": {"num_patches": 16, "patch_size": 8},
}
MEAN, STD = [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]


def save_folder(folder: Path, kind: str = "clip", **processor: object) -> Path:
    """Save a network of a kind with its tokenizer and processor's file."""
    folder.mkdir(parents=True)
    network(kind).save_pretrained(folder)
    save_tokenizer(folder, kind)
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"image_mean": MEAN, "image_std": STD, "size": {"height": 32, "width": 32}} | processor)
    )
    return folder


def save_configuration(folder: Path) -> Path:
    """Make a folder that passes all checks before any job, with an empty file of weights; the same one if it exists."""
    folder.mkdir(parents=True, exist_ok=True)
    vision = {"image_size": 32, "patch_size": 8}
    (folder / "config.json").write_text(json.dumps({"model_type": "siglip", "vision_config": vision}))
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": [0.5] * 3, "image_std": [0.25] * 3}))
    for name in ("tokenizer.json", "model.safetensors"):
        (folder / name).touch()
    return folder


@cache
def network(kind: str) -> Any:
    """A random network of the library's."""
    import torch
    from transformers import AutoConfig, AutoModel

    tokens = {"vocab_size": 80, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    text = {**SIZES, **tokens, "max_position_embeddings": 40 if kind == "clip" else 24, "projection_dim": 24}
    config = AutoConfig.for_model(kind, text_config=text, vision_config=SIZES | VISION[kind], projection_dim=24)
    torch.manual_seed(0)
    model = AutoModel.from_config(config).eval()
    for parameter in model.parameters():  # the library's first weights hardly tell inputs apart
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


def save_tokenizer(folder: Path, kind: str) -> None:
    """Save a tokenizer of whole words, or of letters where a word is unknown to it."""
    vocabulary = ["<start>", "</s>", "<unk>", *dict.fromkeys([*WORDS, *string.ascii_lowercase])]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(vocabulary)}, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    form = "<start> $A </s>" if kind == "clip" else "$A </s>"
    tokenizer.post_processor = processors.TemplateProcessing(single=form, special_tokens=[("<start>", 0), ("</s>", 1)])
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "</s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(names | {"tokenizer_class": "PreTrainedTokenizerFast"}))
