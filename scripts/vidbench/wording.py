"""Numbers as a reader wants them, and networks in words."""

import math
from collections.abc import Sequence
from pathlib import Path

from vidbench.config.options import ClipOptions, ModelOptions


def percent(value: str | float, digits: int = 1) -> str:
    """A fraction as '92.1 %'; a dash for no number."""
    number = _float(value)
    return "–" if math.isnan(number) else f"{100 * number:.{digits}f} %"


def number(value: str | float, digits: int = 3) -> str:
    """Three significant digits with thousands separators; a dash for no number."""
    number = _float(value)
    if math.isnan(number):
        return "–"
    if abs(number) >= 10 ** (digits - 1):
        return f"{number:,.0f}"
    return f"{number:.{digits}g}"


def known(value: str | float) -> bool:
    """Whether there is a number."""
    return not math.isnan(_float(value))


def duration(seconds: str | float) -> str:
    """Seconds as '42 s', '3 min 5 s' or '2 h 10 min'."""
    total = round(_float(seconds))
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60} s"
    return f"{total // 3600} h {total % 3600 // 60} min"


def bytes_text(count: float) -> str:
    """A number of bytes as '812 kB', '11 MB' or '6.93 GB'."""
    for unit, size, digits in (("GB", 1e9, 2), ("MB", 1e6, 0), ("kB", 1e3, 0)):
        if count >= size:
            return f"{count / size:.{digits}f} {unit}"
    return f"{count:.0f} bytes"


def pixels(size: int | Sequence[int]) -> str:
    """[height, width] as '48 × 64 pixels', a single number as 'short side of 128 pixels'."""
    return f"short side of {size} pixels" if isinstance(size, int) else f"{' × '.join(map(str, size))} pixels"


def spacing(clip: ClipOptions) -> str:
    """How far the frames of a clip lie apart: 'every 2nd stored frame', '15 per second of video time', or nothing."""
    if clip.sampling != "dense":
        return ""
    if clip.rate:
        return f"{clip.rate:g} per second of video time"
    return f"every {ordinal(clip.step)} stored frame" if clip.step and clip.step > 1 else "every stored frame"


def ordinal(count: int) -> str:
    """'1st', '2nd', '3rd', '11th'."""
    ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def network(options: ModelOptions) -> str:
    """Name a model's network: 'r3d_18', or 'resnet18, gru' for a backbone with a head."""
    name = options.network.architecture
    return f"{name}, {options.head.name}" if options.has_backbone else name


def start(options: ModelOptions) -> str:
    """Name the weights that a network starts from: torchvision's name, a file's name, or 'random'."""
    weights = options.network.weights
    return "random" if weights is None else Path(weights).name


def trained_part(options: ModelOptions) -> str:
    """Say what is trained: 'all', 'the last 2 stages and the head' or 'only the head, the rest is frozen'."""
    stages, last = options.network.trained_stages, "head" if options.has_backbone else "classifier"
    if stages is None:
        return "all"
    if stages == 0:
        return f"only the {last}, the rest is frozen"
    return f"the last {f'{stages} stages' if stages > 1 else 'stage'} and the {last}"


def _float(value: str | float) -> float:
    return math.nan if value in ("", None) else float(value)
