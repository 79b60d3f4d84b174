"""The sizes of files of weights are those of torchvision's files and of the tensors of timm's networks."""

import pytest
from describe_sizes import TARGET, as_module, count_bytes, row, to_megabytes, torchvision_sizes

from vidbench.models import catalogue
from vidbench.models.tables.file_sizes import TABLE
from vidbench.workflow.needed_weights import megabytes_of


def test_the_module_is_the_tools() -> None:
    """All but the numbers of timm's networks, which take minutes to count."""
    assert TARGET.read_text() == as_module(TABLE.splitlines()), "run `make docs`"
    expected = [row(network, sizes) for network, sizes in torchvision_sizes().items()]
    assert [line for line in TABLE.splitlines() if not line.startswith("timm/")] == expected, "run `make docs`"


@pytest.mark.parametrize(
    ("network", "weights", "num_classes"),
    [
        ("vit_small_patch14_dinov2", "lvd142m", 0),
        ("mobilenetv4_conv_small", "e2400_r224_in1k", 1000),
        ("vit_base_patch16_224", "augreg_in21k", 21843),
        ("vit_base_patch16_224", "augreg_in1k", 1000),
    ],
)
def test_timms_tensors_are_counted(network: str, weights: str, num_classes: int) -> None:
    counted = count_bytes(network, num_classes)
    assert counted is not None
    assert megabytes_of(f"timm/{network}", weights) == to_megabytes(counted)


def test_every_published_file_has_a_size() -> None:
    for name in (*catalogue.clip_names(), *catalogue.frame_names()):
        for weights in catalogue.describe(name).weights:
            assert megabytes_of(name, weights.name), (name, weights.name)


def test_what_is_not_known_has_none() -> None:
    assert megabytes_of("cnn3d", "DEFAULT") is None
    assert megabytes_of("timm/none", "in1k") is None
