"""Signs printed over or above a text: they never join the digits beside them.

A note sign in a box or a circle is letters printed over each other, a note's number is a small
digit above the line. As plain digits both would make 140 of a 40 with note 1.
"""

import unicodedata

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_CIRCLED = {f"{n}": chr(0x2460 + n - 1) for n in range(1, 21)}
# How Hangul draws numbers inside a shape: signs from 1 to 9, and pairs of tens and ones, of two
# kinds each. Seen in documents that exist in both of its formats.
_IN_SHAPE = {chr(first + n): f"{n}" for first in (0xF02B0, 0xF02CD) for n in range(1, 10)} | {
    chr(tens + n // 10) + chr(ones + n % 10): f"{n}"
    for tens, ones in ((0xF02B9, 0xF02C3), (0xF0288, 0xF0292))
    for n in range(10, 100)
}
_ON_BLACK = {chr(0x2776 + n): f"{n + 1}" for n in range(10)}
# The shape itself stands in front of the letters in the binary format, one for each kind.
_SHAPES = "\u3000◯●□■△▲☼◇◆▢♲♺♻"


def raised(text: str) -> str:
    """Return a text printed small above or below the line, its digits as such."""
    return text.translate(_RAISED)


def sign(letters: str) -> str:
    """Return letters printed over each other: ① for a number, (가) for letters.

    Both formats of Hangul give the same, though one writes 1 and the other ① or a sign of its own.
    """
    plain = (
        _IN_SHAPE.get(letters) or _ON_BLACK.get(letters) or unicodedata.normalize("NFKC", letters)
    )
    plain = plain.strip()
    if plain in _CIRCLED:
        return _CIRCLED[plain]
    return f"({plain.strip('()')})" if any(map(str.isalnum, plain)) else plain


def without_shape(letters: str, shape: int) -> str:
    """Return the letters of the binary format without the shape of that number around them."""
    drawn = _SHAPES[shape : shape + 1]
    return letters.removeprefix(drawn) if drawn else letters
