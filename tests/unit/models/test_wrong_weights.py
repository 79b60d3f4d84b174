"""Files that are no weights of the network that a job builds: one line that names the file and what is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from model_entries import entry
from safetensors.torch import save, save_file

from vidbench.errors import UserError
from vidbench.models.build import build, load_pretrained
from vidbench.models.options import ModelOptions

CNN3D = entry("cnn3d")
SMALL_VIT = entry("timm/test_vit", size=(64, 64))


def state_of(options: ModelOptions, prefix: str = "") -> dict[str, torch.Tensor]:
    """Random weights of a network, without its head."""
    names = {name.removeprefix("backbone."): tensor for name, tensor in build(options, 3).state_dict().items()}
    return {prefix + name: tensor.clone() for name, tensor in names.items() if not name.startswith("head.")}


def refused(options: ModelOptions, path: Path, words: str) -> None:
    """Loading a file ends in one line that begins with its path."""
    network = ModelOptions.from_dict(entry_with(options, path)).network
    with pytest.raises(UserError) as caught:
        load_pretrained(build(options, 3), network, path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    assert words in message


def entry_with(options: ModelOptions, path: Path) -> dict:
    """A model entry whose network names a file."""
    network = options.network.as_dict() | {"weights": str(path)}
    if options.has_backbone:
        return {"backbone": network, "head": options.head.name}
    return {key: value for key, value in network.items() if key != "cache_features"}


def write_text(path: Path) -> None:
    path.write_text("no weights\n")


def write_nothing(path: Path) -> None:
    path.touch()


def write_number(path: Path) -> None:
    torch.save(3, path)


def write_lists(path: Path) -> None:
    torch.save({"fc.weight": [1.0, 2.0]}, path)


def write_whole_module(path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), path)


def write_truncated(path: Path) -> None:
    torch.save(state_of(CNN3D), path)
    path.write_bytes(path.read_bytes()[:-200])


def write_truncated_safetensors(path: Path) -> None:
    path.write_bytes(save(state_of(CNN3D))[:-1])


def write_damaged_pickle(path: Path) -> None:
    path.write_bytes(b"\x80\x02}damaged")


def write_safetensors_as_pth(path: Path) -> None:
    path.write_bytes(save(state_of(CNN3D)))


def write_pickle_as_safetensors(path: Path) -> None:
    torch.save(state_of(CNN3D), path)


@pytest.mark.parametrize(
    ("name", "write", "words"),
    [
        ("text.pth", write_text, "is text, not a file of weights"),
        ("empty.pth", write_nothing, "damaged, or not a file of weights (empty)"),
        ("empty.safetensors", write_nothing, "damaged, or not a file of weights (empty)"),
        ("number.pth", write_number, "holds no weights by name"),
        ("pickle.pth", write_damaged_pickle, "damaged, or not a file of weights"),
        ("lists.pt", write_lists, "holds no weights by name"),
        (
            "module.pth",
            write_whole_module,
            "damaged, or not a file of weights (it holds a torch.nn.modules.linear.Linear); save",
        ),
        ("truncated.pth", write_truncated, "damaged, or not a file of weights (cut short, its list of contents"),
        ("truncated.safetensors", write_truncated_safetensors, "damaged, or not a file of weights (cut short, "),
        ("renamed.pth", write_safetensors_as_pth, "is a file of safetensors; rename it"),
        ("renamed.safetensors", write_pickle_as_safetensors, "is a file of torch.save, not of safetensors; rename"),
    ],
)
def test_files_that_are_no_weights(name: str, write: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    write(tmp_path / name)
    refused(CNN3D, tmp_path / name, words)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    refused(CNN3D, tmp_path / "gone.pth", "cannot be read: No such file")


def test_another_hash_than_in_the_name(tmp_path: Path) -> None:
    torch.save(state_of(CNN3D), tmp_path / "cnn3d-0123abcd.pth")
    refused(CNN3D, tmp_path / "cnn3d-0123abcd.pth", "damaged, fetch it again")


@pytest.mark.parametrize(
    ("options", "other", "words"),
    [
        (CNN3D, entry("cnn3d", width=8), "tensors of another shape (layers.0.0.weight"),
        (SMALL_VIT, entry("timm/test_vit2", size=(64, 64)), "tensors unknown (blocks."),
        (entry("resnet18"), entry("timm/test_resnet", size=(64, 64)), "not weights of resnet18: "),
        (entry("timm/test_resnet", size=(64, 64)), entry("resnet18"), "not weights of timm/test_resnet: "),
        (entry("cnn2d"), CNN3D, "not weights of cnn2d: "),
        (CNN3D, entry("cnn2d"), "not weights of cnn3d: "),
    ],
    ids=["width", "depth", "timm's", "torchvision's", "clips", "frames"],
)
def test_weights_of_another_network(options: ModelOptions, other: ModelOptions, words: str, tmp_path: Path) -> None:
    save_file(state_of(other), tmp_path / "other.safetensors")
    refused(options, tmp_path / "other.safetensors", words)


def test_one_tensor_less_and_one_more(tmp_path: Path) -> None:
    state = state_of(CNN3D)
    save_file({name: state[name] for name in list(state)[1:]}, tmp_path / "less.safetensors")
    refused(CNN3D, tmp_path / "less.safetensors", "1 tensors missing (layers.0.0.weight)")
    save_file(state | {"more.weight": torch.zeros(1)}, tmp_path / "more.safetensors")
    refused(CNN3D, tmp_path / "more.safetensors", "1 tensors unknown (more.weight)")
