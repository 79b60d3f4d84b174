"""torchvision's networks that take clips: 3D CNNs and video transformers."""

from dataclasses import replace
from functools import partial

from vidbench.models.network import ALL_LINEAR, ATTENTION, TOKENS, Network
from vidbench.models.torchvision_weights import weights_of

_network = partial(Network, family="torchvision3d", takes_clips=True, form=TOKENS)
_plain = partial(_network, module="networks.torchvision3d", num_stages=5)

ATTENTIVE = ("mvit", "swin3d")  # beginnings of the names of the transformers
NETWORKS = {
    network.name: network
    for network in (
        _plain(name="r3d_18", num_features=512, source="Tran et al. 2018, arXiv:1711.11248"),
        _plain(name="mc3_18", num_features=512, source="Tran et al. 2018, arXiv:1711.11248"),
        _plain(name="r2plus1d_18", num_features=512, source="Tran et al. 2018, arXiv:1711.11248"),
        _network(
            name="s3d",
            module="networks.s3d",
            num_stages=11,
            num_features=1024,
            # Five frames would be enough, but with five to seven the gradient of its first temporal convolution (kernel
            # 7, stride 2) is wrong, or ends the process, on CPUs with AVX-512: oneDNN reads outside its memory (torch
            # 2.15).
            min_frames=8,
            min_size=17,
            source="Xie et al. 2018, arXiv:1712.04851",
        ),
        _network(
            name="mvit_v1_b",
            module="networks.mvit",
            num_stages=17,
            num_features=768,
            source="Fan et al. 2021, arXiv:2104.11227",
        ),
        _network(
            name="mvit_v2_s",
            module="networks.mvit",
            num_stages=17,
            num_features=768,
            min_size=29,
            source="Li et al. 2022, arXiv:2112.01526",
        ),
        _plain(name="swin3d_t", num_features=768, source="Liu et al. 2022, arXiv:2106.13230"),
        _plain(name="swin3d_s", num_features=768, source="Liu et al. 2022, arXiv:2106.13230"),
        _plain(name="swin3d_b", num_features=1024, source="Liu et al. 2022, arXiv:2106.13230"),
    )
}


def names() -> list[str]:
    """Return the names of all networks."""
    return list(NETWORKS)


def describe(name: str) -> Network | None:
    """Return the description of a network of this family."""
    if name not in NETWORKS:
        return None
    lora_layers = (ATTENTION, ALL_LINEAR) if name.startswith(ATTENTIVE) else ()
    return replace(NETWORKS[name], weights=weights_of(name), lora_layers=lora_layers)
