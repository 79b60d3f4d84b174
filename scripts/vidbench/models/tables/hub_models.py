"""Licences and pretraining data of video models on the Hugging Face Hub, by the beginning of the repository's name.

As their publishers state them on the models' pages and in their papers. The longest beginning that fits counts.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """What is known of a repository's weights."""

    licence: str = ""
    data: tuple[str, ...] = ()


IMAGENET = "ImageNet-22k"
SELF_SUPERVISED = (
    "Something-Something v2",
    "Kinetics-400",
    "Kinetics-600",
    "Kinetics-700",
    "HowTo100M",
    "YT-Temporal-1B",
    "ImageNet-1k",
)  # VideoMix22M
PRISM = ("WTS-70M", "YT-Temporal-180M", "VideoCC", "InternVid", "others that are not public")
KNOWN = {
    "facebook/vjepa2-": Known("mit", SELF_SUPERVISED),
    "facebook/vjepa2-vitl-fpc32-256-diving48": Known("mit", (*SELF_SUPERVISED, "Diving48")),
    "facebook/vjepa2-vitg-fpc32-384-diving48": Known("mit", (*SELF_SUPERVISED, "Diving48")),
    "MCG-NJU/videomae-": Known("cc-by-nc-4.0", ("Kinetics-400",)),
    "MCG-NJU/videomae-base-ssv2": Known("cc-by-nc-4.0", ("Something-Something v2",)),
    "MCG-NJU/videomae-base-finetuned-ssv2": Known("cc-by-nc-4.0", ("Something-Something v2",)),
    "google/vivit-b-16x2": Known("mit", (IMAGENET, "Kinetics-400")),
    "facebook/timesformer-": Known("cc-by-nc-4.0", (IMAGENET,)),
    "facebook/timesformer-base-finetuned-k400": Known("cc-by-nc-4.0", (IMAGENET, "Kinetics-400")),
    "facebook/timesformer-hr-finetuned-k400": Known("cc-by-nc-4.0", (IMAGENET, "Kinetics-400")),
    "facebook/timesformer-base-finetuned-k600": Known("cc-by-nc-4.0", (IMAGENET, "Kinetics-600")),
    "facebook/timesformer-hr-finetuned-k600": Known("cc-by-nc-4.0", (IMAGENET, "Kinetics-600")),
    "facebook/timesformer-base-finetuned-ssv2": Known("cc-by-nc-4.0", (IMAGENET, "Something-Something v2")),
    "facebook/timesformer-hr-finetuned-ssv2": Known("cc-by-nc-4.0", (IMAGENET, "Something-Something v2")),
    "google/videoprism-": Known("apache-2.0", PRISM),
}


def find(repository: str) -> Known:
    """Return what is known of a repository, e.g. facebook/vjepa2-vitl-fpc64-256; nothing for others."""
    fitting = [name for name in KNOWN if repository.startswith(name)]
    return KNOWN[max(fitting, key=len)] if fitting else Known()
