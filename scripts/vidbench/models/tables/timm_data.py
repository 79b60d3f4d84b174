"""The data that timm's weights were trained on, as their names and model cards tell. Imports no torch.

Sources: timm's own naming (a test finds each part of BY_PART in names of timm 1.0.31) and remarks in its model files
(Instagram's hashtags, Bamboo); for data that came before those of a name, the papers and project pages of the networks.
Of names that tell nothing, such as those of Qwen, Gemma, RADIO and Sapiens 2, none is stated.
"""

# Parts of the names of weights: the data that they stand for.
BY_PART = {
    "in1k": "ImageNet-1k",
    "dino": "ImageNet-1k",
    "mae": "ImageNet-1k",
    "fcmae": "ImageNet-1k",
    "in12k": "ImageNet-12k",
    **dict.fromkeys(("in21k", "in22k", "inw21k"), "ImageNet-22k"),
    "laion2b": "LAION-2B",
    "laion400m": "LAION-400M",
    "laiona": "LAION-Aesthetics",
    "openai": "OpenAI's image-text pairs",
    "lvd142m": "LVD-142M",
    "lvd1689m": "LVD-1689M",
    "sat493m": "SAT-493M",
    "webli": "WebLI",
    **dict.fromkeys(("datacompxl", "datacomp1b", "mclip"), "DataComp-1B"),
    **dict.fromkeys(("dfn2b", "dfndr2b"), "DFN-2B"),
    "dfn5b": "DFN-5B",
    "metaclip": "MetaCLIP's image-text pairs",
    "metaclip2": "MetaCLIP 2's image-text pairs",
    "yfcc15m": "YFCC-15M",
    "yfcc100m": "YFCC-100M",
    "cc12m": "CC-12M",
    "ig1b": "Instagram (hashtags)",
    "swag": "Instagram (SWAG)",
    "seer": "Instagram (SEER)",
    "jft": "JFT-300M",
    "merged2b": "Merged-2B",
    "m30m": "Merged-30M",
    "m38m": "Merged-38M",
    "sa1b": "SA-1B",
    "bamboo": "Bamboo",
    "florence2": "FLD-5B",
    "6m": "6 million images that are not named",
    **dict.fromkeys(("pali", "pali2"), "WebLI and others (PaliGemma)"),
}
# Data that came before those of the name's parts: beginning of the network, part of the name of the weights ("": any),
# data. The first rule that fits counts.
BEFORE = (
    ("beit3", "", ("ImageNet-22k", "BEiT-3's image-text pairs")),
    ("eva_giant", "clip", ("LAION-400M",)),
    # SSLD distils on images that were mined from ImageNet-22k, too.
    ("hgnet", "ssld", ("ImageNet-22k",)),
    ("lcnetv2", "ssld", ("ImageNet-22k",)),
    ("hrnet_w18_ssld", "", ("ImageNet-22k",)),
    ("hrnet_w48_ssld", "", ("ImageNet-22k",)),
    ("samvit", "", ("ImageNet-1k",)),
    ("sam2_hiera", "", ("ImageNet-1k", "SA-1B", "SA-V")),
    ("vit_pe_", "", ("Meta's image-text pairs", "PE Video")),
    ("aimv2", "", ("DFN-2B", "COYO-700M", "Apple's image-text pairs")),
)


def data_of(network: str, name: str) -> tuple[str, ...]:
    """Return the data of weights, e.g. LAION-2B and ImageNet-1k for laion2b_ft_in1k; () where nothing tells.

    `network`: timm's name of it.
    """
    parts = name.split("_")
    rules = (data for start, part, data in BEFORE if network.startswith(start) and part in ("", *parts))
    return tuple(dict.fromkeys([*next(rules, ()), *(BY_PART[part] for part in parts if part in BY_PART)]))
