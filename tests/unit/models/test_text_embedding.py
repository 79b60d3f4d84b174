"""An image-text network classifies as the library's own model does, from its local folder."""

import json
from pathlib import Path
from typing import Any

import image_text_folders
import pytest
import tiny
import torch
from torch.nn import functional

from vidbench.clips.transforms import prepare
from vidbench.compute.precision import Precision
from vidbench.config import schema
from vidbench.errors import UserError
from vidbench.models import class_words
from vidbench.models.build import build
from vidbench.models.composite import FrameModel
from vidbench.models.flops import count_gflops
from vidbench.models.options import ModelOptions
from vidbench.models.text_embedding import copy_weights, embed_classes, load_library_model, tokenize
from vidbench.prediction.grad_cam import activation_map, last_map
from vidbench.prediction.orders import sees_frames_singly, split_model

KINDS = ("clip", "siglip", "siglip2")
CLASSES = ["left", "right", "golf"]
PROMPTS = ["a photo of {}.", "a video of a person doing {}."]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of each kind."""
    parent = tmp_path_factory.mktemp("image_text")
    return {kind: image_text_folders.save_folder(parent / kind, kind) for kind in KINDS}


def options_of(folder: Path, **entry: object) -> ModelOptions:
    """Complete options of an entry with a folder."""
    model = {"architecture": "zero_shot", "weights": str(folder), **entry}
    return schema.typed_options(tiny.config(models__zero=model, run__models=["zero"]), "motion", "zero")


def built(options: ModelOptions) -> FrameModel:
    """A model for CLASSES, with random weights."""
    model = build(options, len(CLASSES)).eval()
    assert isinstance(model, FrameModel)
    return model


def classifier(folder: Path, options: ModelOptions) -> FrameModel:
    """The model that the step makes."""
    library, model = load_library_model(folder), built(options)
    texts = [class_words.fill_prompts(PROMPTS, label) for label in CLASSES]
    copy_weights(model, library, embed_classes(library, folder, texts))
    return model


def patches_of(frames: torch.Tensor, side: int) -> torch.Tensor:
    """The library's own patches of NaFlex: (N, 3, H, W) -> (N, patches, p * p * 3)."""
    from transformers.models.siglip2.image_processing_siglip2 import convert_image_to_patches

    return torch.stack([convert_image_to_patches(frame, side) for frame in frames])


def image_features(library: Any, frames: torch.Tensor) -> torch.Tensor:
    """The library's features (N, D) of frames (N, 3, H, W)."""
    if library.config.model_type != "siglip2":
        size = {"interpolate_pos_encoding": True}
        return library.get_image_features(pixel_values=frames, **size).pooler_output
    shapes = torch.tensor([[frames.shape[2] // 8, frames.shape[3] // 8]] * len(frames))
    patches = patches_of(frames, 8)
    return library.get_image_features(
        pixel_values=patches, pixel_attention_mask=torch.ones(patches.shape[:2]), spatial_shapes=shapes
    ).pooler_output


@torch.inference_mode()
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(32, 32), (24, 40)])
def test_logits_are_the_librarys(kind: str, size: tuple[int, int], folders: dict[str, Path]) -> None:
    library = image_text_folders.network(kind)
    model = classifier(folders[kind], options_of(folders[kind], clip={"size": list(size)}))
    clips = torch.randn(2, 3, 4, *size)
    frames = clips.transpose(1, 2).flatten(0, 1)
    images = functional.normalize(image_features(library, frames), dim=1).unflatten(0, (2, 4)).mean(dim=1)
    texts = []
    for label in CLASSES:
        tokens = tokenize(library.config, folders[kind], class_words.fill_prompts(PROMPTS, label))
        texts.append(functional.normalize(library.get_text_features(**tokens).pooler_output, dim=1).mean(dim=0))
    similarity = functional.normalize(images, dim=1) @ functional.normalize(torch.stack(texts), dim=1).T
    expected = similarity * library.logit_scale.exp() + getattr(library, "logit_bias", 0)
    torch.testing.assert_close(model(clips), expected, atol=1e-5, rtol=1e-5)
    assert expected.std(dim=1).min() > 1e-3  # the classes differ


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_one_frame_and_one_prompt_are_the_librarys_forward_pass(kind: str, folders: dict[str, Path]) -> None:
    library, folder = image_text_folders.network(kind), folders[kind]
    model = built(options_of(folder, clip={"frames": 1}))
    texts = [f"a photo of {label}." for label in CLASSES]
    copy_weights(model, library, embed_classes(library, folder, [[text] for text in texts]))
    clips = torch.randn(2, 3, 1, 32, 32)
    output = library(**tokenize(library.config, folder, texts), pixel_values=clips[:, :, 0])
    torch.testing.assert_close(model(clips), output.logits_per_image, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_tokens_are_the_librarys(kind: str, folders: dict[str, Path]) -> None:
    from transformers import PreTrainedTokenizerFast

    config = image_text_folders.network(kind).config
    own = PreTrainedTokenizerFast.from_pretrained(folders[kind], padding_side="right")
    texts = ["A photo of golf.", "a video of a person doing hand stand pushups."]
    padding = {"padding": True} if kind == "clip" else {"padding": "max_length", "max_length": 24}
    expected = own([text.lower() for text in texts], return_tensors="pt", **padding)
    tokens = tokenize(config, folders[kind], texts)
    assert torch.equal(tokens["input_ids"], expected["input_ids"])
    assert ("attention_mask" in tokens) == (kind == "clip")  # SigLIP sees its padding


def test_a_text_that_is_too_long_is_one_line(folders: dict[str, Path]) -> None:
    config = image_text_folders.network("siglip").config
    with pytest.raises(UserError, match="has 31 tokens, and the network reads 24; shorten it, or the words"):
        tokenize(config, folders["siglip"], ["a " * 30])


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    folder = image_text_folders.save_folder(tmp_path / "clip")
    config = json.loads((folder / "config.json").read_text())
    config["vision_config"]["num_hidden_layers"] = 3
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match=r"clip: 16 tensors are missing \(vision_model.encoder.layers.2"):
        load_library_model(folder)
    config["vision_config"] |= {"num_hidden_layers": 2, "hidden_size": 64}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="clip: ") as caught:
        load_library_model(folder)
    assert "\n" not in str(caught.value)


def test_truncated_weights_are_one_line(tmp_path: Path) -> None:
    folder = image_text_folders.save_folder(tmp_path / "clip")
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(UserError, match=r"clip: cannot be loaded: .*; fetch the folder again") as caught:
        load_library_model(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_its_activation_map_is_one_cell_a_patch(kind: str, folders: dict[str, Path]) -> None:
    model = classifier(folders[kind], options_of(folders[kind], clip={"size": [24, 40]})).requires_grad_(False)
    clip = torch.randn(1, 3, 4, 24, 40)
    place = last_map(model, "zero_shot", clip)
    assert place.name == "backbone.vision_model.encoder.layers.1.layer_norm1"
    assert (place.cells, place.prefix_tokens) == ((3, 5), int(kind == "clip"))
    assert activation_map(model, place, clip, 1).shape == (4, 3, 5)


@torch.inference_mode()
def test_one_pass_of_the_tower_is_enough_for_all_orders(folders: dict[str, Path]) -> None:
    options = options_of(folders["clip"])
    model = classifier(folders["clip"], options)
    assert sees_frames_singly(options)
    before, after = split_model(model, options, Precision(torch.device("cpu")), cached=False)
    clips = torch.randint(0, 256, (2, 4, 3, 32, 32), dtype=torch.uint8)
    features = before(clips)
    assert features.shape == (2, 4, 24)
    torch.testing.assert_close(after(features), model(prepare(clips, options.clip)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(after(features.flip(1)), after(features), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_operations_are_counted(kind: str, folders: dict[str, Path]) -> None:
    assert count_gflops(options_of(folders[kind]), 3) > 0
