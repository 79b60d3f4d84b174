"""Invisible differences of names: white space of every kind, and accents that are composed in two ways."""

import re
import unicodedata

# Invisible characters: marks without width (BLANKS has white space, too), e.g. byte order marks.
INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace()) + INVISIBLE
JOINERS = "\u200c\u200d"  # within words of Persian and of Indian languages, and within emoji
_HIDDEN = re.compile(f"[{INVISIBLE}]")
_BLANK = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def tidy(text: str) -> str:
    """Return a name without invisible characters, blanks at its ends, and several or special blanks within.

    Accented letters become one character (NFC): a name that a Mac wrote is the same name. That comes last, because an
    invisible character may separate a letter from its accent.

    Line breaks within stay: they are no blanks, but the sign of a quote that ends elsewhere.

    >>> tidy("\\ufeff high\\u00a0\\u00a0jump\\u3000")
    'high jump'
    >>> tidy("cafe\\u200b\\u0301") == "caf\\u00e9"
    True
    """
    return unicodedata.normalize("NFC", _BLANK.sub(" ", _HIDDEN.sub("", text).strip(BLANKS)))


def strange_character(text: str) -> str | None:
    """Return the name and index of the first character that no table or figure can show; None where there is none.

    >>> strange_character("run\\x07")
    'character 4 is U+0007 (a control character)'
    """
    for index, letter in enumerate(text, 1):
        if not letter.isprintable() and letter not in JOINERS:
            name = unicodedata.name(letter, "a line break" if letter in "\n\r\x85" else "a control character")
            return f"character {index} is U+{ord(letter):04X} ({name.lower()})"
    return None
