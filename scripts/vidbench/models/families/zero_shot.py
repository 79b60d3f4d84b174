"""Image-text networks that classify by the names of the classes, without any training: `architecture: zero_shot`.

Which network it is, the folder that `weights` names tells (models/image_text_folder.py). An
entry's options hold the sizes of its image tower.
"""

from vidbench.errors import UserError
from vidbench.models.network import Network
from vidbench.models.options import ClipOptions, NetworkOptions, ZeroShotOptions

NAME = "zero_shot"


def names() -> list[str]:
    """Return no names: this one is no network that could be trained."""
    return []


def describe(name: str) -> Network | None:
    """Return the description of a network of this family."""
    if name != NAME:
        return None
    return Network(
        name=NAME,
        family="zero_shot",
        module="networks.image_text",
        takes_clips=True,
        num_stages=0,
        num_features=None,
        has_folders=True,
        packages=("torch", "transformers", "tokenizers"),
        source="Radford et al. 2021, arXiv:2103.00020",
    )


def check_clip(options: NetworkOptions, clip: ClipOptions) -> None:
    """Raise UserError where a clip's frames are not made of whole patches."""
    assert isinstance(options, ZeroShotOptions), options
    height, width = clip.size
    side = options.vision["patch_size"]
    if height % side or width % side:
        nearest = [max(side, round(length / side) * side) for length in (height, width)]
        raise UserError(
            f"{NAME}: clip.size: {height} x {width} pixels are no whole patches of {side}; set clip.size: {nearest}"
        )
