"""Letters of names in figures: drawn in DejaVu Sans or another installed font, or else transcribed.

matplotlib draws an empty box for a letter that is in no font, and only warns in a log.
"""

import unicodedata
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.text import Text

FONT = "DejaVu Sans"
# Parts of the file names of fonts with many letters, the best ones first. Not LastResort: it draws boxes.
KNOWN = (
    "notosanscjk", "notosans", "sourcehansans", "wqy", "droidsansfallback", "ipaex", "ipag", "takao", "nanum",
    "unbatang", "uming", "ukai", "msyh", "simhei", "simsun", "msgothic", "malgun", "pingfang", "hiragino",
    "applegothic", "thsarabun", "garuda", "loma", "freesans", "unifont", "symbola", "notoemoji",
)  # fmt: skip
COLOURED = "color"  # in the names of emoji fonts that are pictures and cannot be drawn as outlines
INVISIBLE = ("Cc", "Cf", "Zl", "Zp")  # Unicode categories
NOTE = "Names whose letters are in no installed font are transcribed; the tables have the original names."
transcribed: set[str] = set()  # texts of this process's figures that were transcribed


def install() -> None:
    """Patch matplotlib so that every text of a figure has only letters that can be drawn."""
    plain = Text.set_text
    if getattr(plain, "lettered", False):
        return

    def set_text(self: Text, text: object) -> None:
        plain(self, make_drawable("" if text is None else str(text)))
        if len(plt.rcParams["font.family"]) > 1 and hasattr(self, "_fontproperties"):
            self.set_fontfamily(plt.rcParams["font.family"])

    set_text.lettered = True
    Text.set_text = set_text  # pyright: ignore[reportAttributeAccessIssue] - only its parameter's name differs


def make_drawable(text: str) -> str:
    """Return the text with letters of no installed font transcribed, and invisible letters removed."""
    if text.isascii() or not (missing := frozenset(text) - _letters(FONT) - {"\n"}):
        return text
    unknown = _add_fonts_for(missing)
    result = "".join(_transcribe(letter) if letter in unknown else letter for letter in text)
    if result != text:
        transcribed.add(text)
    return result


@cache
def _letters(font: str) -> frozenset[str]:
    """Return the letters of an installed font."""
    path = font_manager.findfont(font, fallback_to_default=False)
    return frozenset(map(chr, font_manager.get_font(path).get_charmap()))


@cache
def _add_fonts_for(missing: frozenset[str]) -> frozenset[str]:
    """Use more fonts as needed for the `missing` letters; return the letters that are in none of them."""
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
    """Return the names of the installed fonts with many letters, the best ones first."""
    ranked: list[tuple[int, str]] = []
    for path in font_manager.findSystemFonts():
        name = Path(path).name.lower().replace("-", "").replace("_", "").replace(" ", "")
        rank = next((index for index, part in enumerate(KNOWN) if part in name), None)
        if rank is not None and COLOURED not in name and not any(word in name for word in ("bold", "italic", "serif")):
            ranked.append((rank, path))
    return tuple(dict.fromkeys(filter(None, (_add_font(path) for _, path in sorted(ranked)))))


def _add_font(path: str) -> str | None:
    """Make matplotlib know a font file; return its family, or None if it cannot be read."""
    try:
        font_manager.fontManager.addfont(path)
        name = font_manager.fontManager.ttflist[-1].name
        return name if _letters(name) else None
    except (OSError, RuntimeError, ValueError):
        return None


def _transcribe(letter: str) -> str:
    """Return a letter in ASCII, its code point if there is no transcription, or "" if it is invisible."""
    if unicodedata.category(letter) in INVISIBLE or 0xFE00 <= ord(letter) <= 0xFE0F:
        return ""
    try:
        from anyascii import anyascii
    except ImportError:  # an environment built before anyascii was required
        return f"[U+{ord(letter):04X}]"
    return anyascii(letter) or f"[U+{ord(letter):04X}]"
