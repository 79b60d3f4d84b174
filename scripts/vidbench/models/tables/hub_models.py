"""Licences and pretraining data of video models on the Hugging Face Hub, by the beginning of the repository's name.

The longest beginning that fits counts. A repository's own card, where it is here, has the licence before this table.
Sources of licences: for VideoMAE the pages of MCG-NJU/videomae-*; for TimeSformer and ViViT the pages of models
fine-tuned from them, which repeat the licence; for V-JEPA 2 its code's README. VideoPrism's is left out: its README
places code under Apache 2.0, other material under CC BY 4.0, and names no licence of the weights.
Sources of data: the names of the repositories, and the papers of V-JEPA 2 (arXiv:2506.09985), VideoMAE (2203.12602),
ViViT (2103.15691), TimeSformer (2102.05095) and VideoPrism (2402.13217, and its README: WebLI).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """What is known of a repository's weights."""

    licence: str = ""
    data: tuple[str, ...] = ()


IMAGENET = "ImageNet-22k"
VIT = "ImageNet-1k or ImageNet-22k"  # TimeSformer's paper starts from both
SSV2 = "Something-Something v2"
SELF_SUPERVISED = (
    SSV2,
    "Kinetics-400",
    "Kinetics-600",
    "Kinetics-700",
    "HowTo100M",
    "YT-Temporal-1B",
    "ImageNet-1k",
)  # VideoMix22M
PRISM = ("WebLI", "WTS-70M", "YT-Temporal-180M", "VideoCC", "InternVid", "others that are not public")
KNOWN = {
    "facebook/vjepa2-": Known("mit", SELF_SUPERVISED),
    "facebook/vjepa2-vitl-fpc32-256-diving48": Known("mit", (*SELF_SUPERVISED, "Diving48")),
    "facebook/vjepa2-vitg-fpc32-384-diving48": Known("mit", (*SELF_SUPERVISED, "Diving48")),
    "MCG-NJU/videomae-": Known("cc-by-nc-4.0", ("Kinetics-400",)),
    **dict.fromkeys(
        (
            f"MCG-NJU/videomae-{name}ssv2"
            for name in ("base-", "base-short-", "base-finetuned-", "base-short-finetuned-", "small-finetuned-")
        ),
        Known("cc-by-nc-4.0", (SSV2,)),
    ),
    "google/vivit-b-16x2": Known("mit", (IMAGENET, "Kinetics-400")),
    "facebook/timesformer-": Known("cc-by-nc-4.0", (VIT,)),
    "facebook/timesformer-base-finetuned-k400": Known("cc-by-nc-4.0", (VIT, "Kinetics-400")),
    "facebook/timesformer-hr-finetuned-k400": Known("cc-by-nc-4.0", (VIT, "Kinetics-400")),
    "facebook/timesformer-base-finetuned-k600": Known("cc-by-nc-4.0", (VIT, "Kinetics-600")),
    "facebook/timesformer-hr-finetuned-k600": Known("cc-by-nc-4.0", (VIT, "Kinetics-600")),
    "facebook/timesformer-base-finetuned-ssv2": Known("cc-by-nc-4.0", (VIT, SSV2)),
    "facebook/timesformer-hr-finetuned-ssv2": Known("cc-by-nc-4.0", (VIT, SSV2)),
    "google/videoprism-": Known(data=PRISM),
}


def find(repository: str) -> Known:
    """Return what is known of a repository, e.g. facebook/vjepa2-vitl-fpc64-256; nothing for others."""
    fitting = [name for name in KNOWN if repository.startswith(name)]
    return KNOWN[max(fitting, key=len)] if fitting else Known()
