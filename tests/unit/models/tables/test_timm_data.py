"""The data that timm's weights were trained on, as their names and model cards tell."""

import pytest

from vidbench.models.tables.timm_data import BEFORE, BY_PART, data_of
from vidbench.models.tables.timm_weights import TABLE

# Their publishers name no data, or not all kinds of it.
NOT_STATED = ("deepseek", "gemma", "mobilenetv5", "qwen", "vit_intern")
NOT_STATED_PARTS = ("c_radio", "robbyant")
ROWS = [tuple(line.split()[:2]) for line in TABLE.splitlines() if line.split()[1] != "-"]


@pytest.mark.parametrize(
    ("weights", "data"),
    [
        ("vit_small_patch14_dinov2.lvd142m", ["LVD-142M"]),
        ("vit_so400m_patch16_siglip_256.v2_webli", ["WebLI"]),
        ("vit_base_patch16_224.dino", ["ImageNet-1k"]),
        ("vit_base_patch16_224.sam_in1k", ["ImageNet-1k"]),  # an optimiser, not Segment Anything
        ("samvit_base_patch16.sa1b", ["ImageNet-1k", "SA-1B"]),
        ("regnety_160.swag_ft_in1k", ["Instagram (SWAG)", "ImageNet-1k"]),
        ("eva_giant_patch14_336.clip_ft_in1k", ["LAION-400M", "ImageNet-1k"]),
        ("eva_giant_patch14_336.m30m_ft_in22k_in1k", ["Merged-30M", "ImageNet-22k", "ImageNet-1k"]),
        ("hgnetv2_b4.ssld_stage2_ft_in1k", ["ImageNet-22k", "ImageNet-1k"]),
        ("hgnet_base.ssld_in1k", ["ImageNet-22k", "ImageNet-1k"]),
        ("hgnet_small.paddle_in1k", ["ImageNet-1k"]),
        ("hrnet_w48_ssld.paddle_in1k", ["ImageNet-22k", "ImageNet-1k"]),
        ("nextvit_small.bd_ssld_6m_in1k", ["6 million images that are not named", "ImageNet-1k"]),
        ("nextvit_small.bd_in1k", ["ImageNet-1k"]),
        ("fastvit_mci2.apple_mclip", ["DataComp-1B"]),
        ("vit_pe_core_base_patch16_224.fb", ["Meta's image-text pairs", "PE Video"]),
        ("convnext_tiny.dinov3_lvd1689m", ["LVD-1689M"]),
        ("vit_base_patch16_sapiens2.fb", []),
    ],
)
def test_the_data_of_weights(weights: str, data: list[str]) -> None:
    assert tuple(weights.split(".")) in ROWS
    assert list(data_of(*weights.split("."))) == data


def test_only_those_whose_publishers_name_none_have_none() -> None:
    without = [(network, name) for network, name in ROWS if not data_of(network, name)]
    assert without
    for network, name in without:
        assert network.startswith(NOT_STATED) or "sapiens2" in network or name in NOT_STATED_PARTS, (network, name)


def test_no_rule_is_for_nothing() -> None:
    parts = {part for _, name in ROWS for part in name.split("_")}
    assert set(BY_PART) <= parts
    for start, part, _ in BEFORE:
        assert any(net.startswith(start) and part in ("", *name.split("_")) for net, name in ROWS), start
