"""How many SMS segments a text costs, and how look-alikes keep it within the cheap alphabet.

Sizes: GSM 03.38 and Twilio's glossary page on the SMS character limit.
"""

from enum import StrEnum
from typing import NamedTuple

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")

_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        **dict.fromkeys("•·", "*"),
        "…": "...",
    }
)


class Encoding(StrEnum):
    """The alphabets that a text may travel in."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


class SegmentCount(NamedTuple):
    """What a text costs. `units` are septets (GSM-7) or UTF-16 code units (UCS-2)."""

    encoding: Encoding
    units: int
    segments: int


def segments(text: str) -> SegmentCount:
    """Count as carriers bill: one GSM-7 segment holds 160 septets (153 per part of several), UCS-2 70 (67)."""
    if all(character in _BASIC or character in _EXTENDED for character in text):
        widths, single, part, encoding = [2 if c in _EXTENDED else 1 for c in text], 160, 153, Encoding.GSM_7
    else:
        widths, single, part, encoding = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67, Encoding.UCS_2
    units = sum(widths)
    return SegmentCount(encoding, units, 1 if units <= single else _parts(widths, part))


def to_gsm7(text: str) -> str:
    """Replace typographic look-alikes (curly quotes, dashes, odd spaces); letters, accented ones too, stay."""
    return text.translate(_LOOK_ALIKES)


def _parts(widths: list[int], size: int) -> int:
    """Pack greedily: an escape sequence or a surrogate pair is never cut in two."""
    parts, room = 1, size
    for width in widths:
        if width > room:
            parts, room = parts + 1, size
        room -= width
    return parts
