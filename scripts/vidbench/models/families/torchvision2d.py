"""torchvision's image classification networks, as backbones: a frame's features are the inputs of their last layer."""

from functools import cache

from vidbench.models.network import ALL_LINEAR, ATTENTION, TOKENS, Network
from vidbench.models.torchvision_weights import weights_of

# Network, features, stages, fewest pixels of the shorter side, and what a side is a multiple of: a vision transformer's
# patch, or MaxViT's windows of 7 x 7 at a 32nd of the size. A test compares features and stages with the networks.
TABLE = """\
alexnet 4096 7 63 1
convnext_base 1024 5 32 1
convnext_large 1536 5 32 1
convnext_small 768 5 32 1
convnext_tiny 768 5 32 1
densenet121 1024 5 29 1
densenet161 2208 5 29 1
densenet169 1664 5 29 1
densenet201 1920 5 29 1
efficientnet_b0 1280 9 1 1
efficientnet_b1 1280 9 1 1
efficientnet_b2 1408 9 1 1
efficientnet_b3 1536 9 1 1
efficientnet_b4 1792 9 1 1
efficientnet_b5 2048 9 1 1
efficientnet_b6 2304 9 1 1
efficientnet_b7 2560 9 1 1
efficientnet_v2_l 1280 9 1 1
efficientnet_v2_m 1280 9 1 1
efficientnet_v2_s 1280 8 1 1
googlenet 1024 11 15 1
inception_v3 2048 15 75 1
maxvit_t 512 6 224 224
mnasnet0_5 1280 9 1 1
mnasnet0_75 1280 9 1 1
mnasnet1_0 1280 9 1 1
mnasnet1_3 1280 9 1 1
mobilenet_v2 1280 19 1 1
mobilenet_v3_large 1280 18 1 1
mobilenet_v3_small 1024 14 1 1
regnet_x_16gf 2048 5 1 1
regnet_x_1_6gf 912 5 1 1
regnet_x_32gf 2520 5 1 1
regnet_x_3_2gf 1008 5 1 1
regnet_x_400mf 400 5 1 1
regnet_x_800mf 672 5 1 1
regnet_x_8gf 1920 5 1 1
regnet_y_128gf 7392 5 1 1
regnet_y_16gf 3024 5 1 1
regnet_y_1_6gf 888 5 1 1
regnet_y_32gf 3712 5 1 1
regnet_y_3_2gf 1512 5 1 1
regnet_y_400mf 440 5 1 1
regnet_y_800mf 784 5 1 1
regnet_y_8gf 2016 5 1 1
resnet101 2048 5 1 1
resnet152 2048 5 1 1
resnet18 512 5 1 1
resnet34 512 5 1 1
resnet50 2048 5 1 1
resnext101_32x8d 2048 5 1 1
resnext101_64x4d 2048 5 1 1
resnext50_32x4d 2048 5 1 1
shufflenet_v2_x0_5 1024 5 1 1
shufflenet_v2_x1_0 1024 5 1 1
shufflenet_v2_x1_5 1024 5 1 1
shufflenet_v2_x2_0 2048 5 1 1
squeezenet1_0 512 9 21 1
squeezenet1_1 512 9 17 1
swin_b 1024 5 4 1
swin_s 768 5 4 1
swin_t 768 5 4 1
swin_v2_b 1024 5 4 1
swin_v2_s 768 5 4 1
swin_v2_t 768 5 4 1
vgg11 4096 10 32 1
vgg11_bn 4096 10 32 1
vgg13 4096 12 32 1
vgg13_bn 4096 12 32 1
vgg16 4096 15 32 1
vgg16_bn 4096 15 32 1
vgg19 4096 18 32 1
vgg19_bn 4096 18 32 1
vit_b_16 768 13 16 16
vit_b_32 768 13 32 32
vit_h_14 1280 33 14 14
vit_l_16 1024 25 16 16
vit_l_32 1024 25 32 32
wide_resnet101_2 2048 5 1 1
wide_resnet50_2 2048 5 1 1
"""
# By the beginning of the name; the first that fits counts.
SOURCES = {
    "alexnet": "Krizhevsky 2014, arXiv:1404.5997",
    "convnext": "Liu et al. 2022, arXiv:2201.03545",
    "densenet": "Huang et al. 2017, arXiv:1608.06993",
    "efficientnet_v2": "Tan & Le 2021, arXiv:2104.00298",
    "efficientnet": "Tan & Le 2019, arXiv:1905.11946",
    "googlenet": "Szegedy et al. 2015, arXiv:1409.4842",
    "inception_v3": "Szegedy et al. 2016, arXiv:1512.00567",
    "maxvit": "Tu et al. 2022, arXiv:2204.01697",
    "mnasnet": "Tan et al. 2019, arXiv:1807.11626",
    "mobilenet_v2": "Sandler et al. 2018, arXiv:1801.04381",
    "mobilenet_v3": "Howard et al. 2019, arXiv:1905.02244",
    "regnet": "Radosavovic et al. 2020, arXiv:2003.13678",
    "resnet": "He et al. 2016, arXiv:1512.03385",
    "resnext": "Xie et al. 2017, arXiv:1611.05431",
    "shufflenet": "Ma et al. 2018, arXiv:1807.11164",
    "squeezenet": "Iandola et al. 2016, arXiv:1602.07360",
    "swin_v2": "Liu et al. 2022, arXiv:2111.09883",
    "swin": "Liu et al. 2021, arXiv:2103.14030",
    "vgg": "Simonyan & Zisserman 2015, arXiv:1409.1556",
    "vit": "Dosovitskiy et al. 2021, arXiv:2010.11929",
    "wide_resnet": "Zagoruyko & Komodakis 2016, arXiv:1605.07146",
}
ATTENTIVE = ("maxvit", "swin", "vit")  # beginnings of the names of those that have attention
LINEAR = ("alexnet", "convnext", "mobilenet_v3", "vgg")  # of the others that have linear layers before the last one
SHIFTED = ("resnet", "resnext", "wide_resnet")  # beginnings of the names of those that tsm can shift


@cache
def _rows() -> dict[str, list[int]]:
    rows = [line.split() for line in TABLE.splitlines()]
    return {name: [int(number) for number in numbers] for name, *numbers in rows}


def names() -> list[str]:
    """Return the names of all networks."""
    return list(_rows())


def describe(name: str) -> Network | None:
    """Return the description of a network of this family."""
    if name not in _rows():
        return None
    num_features, num_stages, min_size, multiple = _rows()[name]
    return Network(
        name=name,
        family="torchvision2d",
        module="networks.torchvision2d",
        takes_clips=False,
        num_stages=num_stages,
        num_features=num_features,
        form=TOKENS,
        min_size=min_size,
        multiple=multiple,
        is_square=name.startswith("vit"),
        lora_layers=_lora_layers(name),
        can_shift=name.startswith(SHIFTED),
        weights=weights_of(name),
        source=next(source for start, source in SOURCES.items() if name.startswith(start)),
    )


def _lora_layers(name: str) -> tuple[str, ...]:
    if name.startswith(ATTENTIVE):
        return ATTENTION, ALL_LINEAR
    return (ALL_LINEAR,) if name.startswith(LINEAR) else ()
