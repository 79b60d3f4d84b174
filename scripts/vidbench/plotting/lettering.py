"""Letters of names in figures: in DejaVu Sans, in another font of this machine, or else transcribed.

matplotlib draws an empty box for a letter that no font has, and says so in a log that nobody reads.
"""

import unicodedata
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.text import Text

FONT = "DejaVu Sans"
# Parts of the file names of fonts that have many letters, the best ones first. Not LastResort, which has boxes.
KNOWN = (
    "notosanscjk", "notosans", "sourcehansans", "wqy", "droidsansfallback", "ipaex", "ipag", "takao", "nanum",
    "unbatang", "uming", "ukai", "msyh", "simhei", "simsun", "msgothic", "malgun", "pingfang", "hiragino",
    "applegothic", "thsarabun", "garuda", "loma", "freesans", "unifont", "symbola", "notoemoji",
)  # fmt: skip
COLOURED = "color"  # fonts of pictures, which cannot be drawn as outlines
INVISIBLE = ("Cc", "Cf", "Zl", "Zp")
NOTE = "Names are transcribed where no font here has their letters; the tables have them as they are."
transcribed: set[str] = set()  # names of this process's figures that were


def install() -> None:
    """From now on every text of a figure has only letters that can be drawn."""
    plain = Text.set_text
    if getattr(plain, "lettered", False):
        return

    def set_text(self: Text, text: object) -> None:
        plain(self, drawable("" if text is None else str(text)))
        if len(plt.rcParams["font.family"]) > 1 and hasattr(self, "_fontproperties"):
            self.set_fontfamily(plt.rcParams["font.family"])

    set_text.lettered = True
    Text.set_text = set_text  # pyright: ignore[reportAttributeAccessIssue] - only its parameter's name differs


def drawable(text: str) -> str:
    """The text as it can be drawn: letters that no font has are transcribed, invisible ones left out."""
    if text.isascii() or not (missing := frozenset(text) - _letters(FONT) - {"\n"}):
        return text
    found = _with_fonts(missing)
    made = "".join(_transcription(letter) if letter in found else letter for letter in text)
    if made != text:
        transcribed.add(text)
    return made


@cache
def _letters(font: str) -> frozenset[str]:
    """The letters that an installed font has."""
    path = font_manager.findfont(font, fallback_to_default=False)
    return frozenset(map(chr, font_manager.get_font(path).get_charmap()))


@cache
def _with_fonts(missing: frozenset[str]) -> frozenset[str]:
    """Of some letters those that no font has, after the fonts that have others were added to those in use."""
    for name in _fonts():
        if not missing:
            break
        if missing & _letters(name):
            missing -= _letters(name)
            families = plt.rcParams["font.family"]
            plt.rcParams["font.family"] = [*families, *([] if name in families else [name])]
    return missing


@cache
def _fonts() -> tuple[str, ...]:
    """Names of this machine's fonts with many letters, the best ones first."""
    ranked: list[tuple[int, str]] = []
    for path in font_manager.findSystemFonts():
        name = Path(path).name.lower().replace("-", "").replace("_", "").replace(" ", "")
        rank = next((place for place, part in enumerate(KNOWN) if part in name), None)
        if rank is not None and COLOURED not in name and not any(word in name for word in ("bold", "italic", "serif")):
            ranked.append((rank, path))
    return tuple(dict.fromkeys(filter(None, (_added(path) for _, path in sorted(ranked)))))


def _added(path: str) -> str | None:
    """The family of a font file that matplotlib knows from now on; None where it cannot read it."""
    try:
        font_manager.fontManager.addfont(path)
        name = font_manager.fontManager.ttflist[-1].name
        return name if _letters(name) else None
    except (OSError, RuntimeError, ValueError):
        return None


def _transcription(letter: str) -> str:
    """A letter in ASCII, or its number where none is known."""
    if unicodedata.category(letter) in INVISIBLE or 0xFE00 <= ord(letter) <= 0xFE0F:
        return ""
    try:
        from anyascii import anyascii
    except ImportError:  # an environment that is older than this line
        return f"[U+{ord(letter):04X}]"
    return anyascii(letter) or f"[U+{ord(letter):04X}]"
