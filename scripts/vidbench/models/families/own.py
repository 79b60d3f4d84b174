"""VidBench's own small networks."""

from vidbench.models.network import TOKENS, Network

NETWORKS = {
    "cnn3d": Network(
        name="cnn3d",
        family="own",
        module="networks.cnn3d",
        takes_clips=True,
        num_stages=4,
        num_features=None,  # 10 x `width`
        form=TOKENS,
        lora_layers=(),
        source="VidBench's own: four 3 x 3 x 3 convolutions",
    ),
    "cnn2d": Network(
        name="cnn2d",
        family="own",
        module="networks.cnn2d",
        takes_clips=False,
        num_stages=4,
        num_features=None,  # 10 x `width`
        form=TOKENS,
        lora_layers=(),
        can_shift=True,
        source="VidBench's own: four 3 x 3 convolutions and coordinates (Liu et al. 2018, arXiv:1807.03247)",
    ),
}


def names() -> list[str]:
    """Return the names of all networks."""
    return list(NETWORKS)


def describe(name: str) -> Network | None:
    """Return the description of a network of this family."""
    return NETWORKS.get(name)
