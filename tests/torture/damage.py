"""What can happen to a file: on its way as bytes, in its parts, in its markup, in its encoding.

Each function takes dice and a sample and returns other bytes. `KEEPS` are those after which a file
that is read must say what it said before, or be told of; after the others it may say other things.
"""

import random
import re
from collections.abc import Callable

from tests.torture.samples import Sample, packed

Damage = Callable[[random.Random, Sample, list[Sample]], bytes]

_TAG = re.compile(rb"<(/?)([A-Za-z][\w:.]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
_TEXT = re.compile(rb">([^<>]+)<")
_ATTRIBUTE = re.compile(rb"=\"([^\"<>]*)\"")
_VALUES = (
    b"", b"0", b"-1", b"1e9", b"1E400", b"NaN", b"9999999999999999999", b"0.1", b"60%", b"&#0;",
    b"&lt;", b"&amp;amp;", b"&#x1F600;", b"\xff\xfe", "계".encode(), "합 계".encode(), b"A1:XFD1048576",
    b"1048576", b"16385", b" ", b"true", b"\t\n", "１２".encode(), "△5".encode(), b"1-11", b"2021-13-40",
)  # fmt: skip


# -- bytes ----------------------------------------------------------------------------------------


def flipped(dice: random.Random, sample: Sample, _: list[Sample]) -> bytes:
    """Some bits turned over."""
    copy = bytearray(sample.content)
    for _n in range(dice.choice((1, 1, 2, 8, 64))):
        copy[dice.randrange(len(copy))] ^= 1 << dice.randrange(8)
    return bytes(copy)


def overwritten(dice: random.Random, sample: Sample, _: list[Sample]) -> bytes:
    """A stretch of other bytes, of the same length."""
    copy, start = bytearray(sample.content), dice.randrange(len(sample.content))
    stretch = len(copy[start : start + dice.choice((1, 4, 32, 512))])
    copy[start : start + stretch] = dice.choice((bytes(stretch), dice.randbytes(stretch)))
    return bytes(copy)


def truncated(dice: random.Random, sample: Sample, _: list[Sample]) -> bytes:
    """The beginning, or what is left without it."""
    at = dice.choice(
        (dice.randrange(len(sample.content)), len(sample.content) - dice.randrange(1, 60))
    )
    return sample.content[at:] if dice.random() < 0.1 else sample.content[:at]


def longer(dice: random.Random, sample: Sample, _: list[Sample]) -> bytes:
    """Bytes before, behind or in between."""
    more = dice.choice((b"\0", b"\r\n", dice.randbytes(dice.randrange(1, 200)), b"PK\x03\x04"))
    at = dice.choice((0, len(sample.content), dice.randrange(len(sample.content))))
    return sample.content[:at] + more + sample.content[at:]


def spliced(dice: random.Random, sample: Sample, others: list[Sample]) -> bytes:
    """The beginning of one file and the end of another."""
    other = dice.choice(others).content
    return (
        sample.content[: dice.randrange(len(sample.content))] + other[dice.randrange(len(other)) :]
    )


def repacked(dice: random.Random, sample: Sample, _: list[Sample]) -> bytes:
    """The same parts in another order, by another method, with a part of no meaning."""
    parts = list(sample.members.items())
    dice.shuffle(parts)
    if sample.kind == "bundle":
        return packed(list(sample.members.items()), is_small=dice.random() < 0.5)
    return packed([*parts, ("docProps/more.xml", b"<x/>")], is_small=dice.random() < 0.5)


# -- parts ----------------------------------------------------------------------------------------


def parts_changed(dice: random.Random, sample: Sample, others: list[Sample]) -> bytes:
    """Parts swapped, lost, doubled, cut off, emptied, renamed or taken from another file."""
    parts = list(sample.members.items())
    at, to = dice.randrange(len(parts)), dice.randrange(len(parts))
    name, data = parts[at]
    what = dice.randrange(8)
    if what == 0:
        parts[at], parts[to] = (name, parts[to][1]), (parts[to][0], data)
    elif what == 1:
        del parts[at]
    elif what == 2:
        parts.insert(to, (name, parts[to][1]))
    elif what == 3:
        parts[at] = (name, data[: dice.randrange(len(data) + 1)])
    elif what == 4:
        parts[at] = (name, b"")
    elif what == 5:
        parts[at] = (
            dice.choice((name.upper(), f"/{name}", f"../{name}", name[:-1], f"{name}/")),
            data,
        )
    else:
        other = list(dice.choice([one for one in others if one.members]).members.items())
        parts[at] = dice.choice(((name, dice.choice(other)[1]), dice.choice(other)))
    return packed(parts)


# -- markup ---------------------------------------------------------------------------------------


def markup_changed(dice: random.Random, sample: Sample, _: list[Sample]) -> bytes:
    """Elements doubled, removed, nested or renamed; texts and attributes with other values."""
    parts = dict(sample.members)
    name = dice.choice(
        [name for name in parts if name.endswith((".xml", ".rels", ".hpf"))] or [*parts]
    )
    for _n in range(dice.choice((1, 1, 1, 3))):
        parts[name] = dice.choice(_MARKUP)(dice, parts[name])
    return packed(list(parts.items()))


def _element(dice: random.Random, data: bytes) -> tuple[int, int]:
    """Return where a random element begins and ends."""
    tags = [tag for tag in _TAG.finditer(data) if not tag[1]]
    if not tags:
        return 0, len(data)
    tag = dice.choice(tags)
    if tag[4]:
        return tag.span()
    depth, same = 0, re.compile(rb"<(/?)" + re.escape(tag[2]) + rb"(?=[\s/>])[^<>]*?(/?)>")
    for one in same.finditer(data, tag.start()):
        depth += 0 if one[2] else -1 if one[1] else 1
        if not depth:
            return tag.start(), one.end()
    return tag.span()


def _doubled(dice: random.Random, data: bytes) -> bytes:
    start, end = _element(dice, data)
    return data[:end] + data[start:end] * dice.choice((1, 1, 3)) + data[end:]


def _removed(dice: random.Random, data: bytes) -> bytes:
    start, end = _element(dice, data)
    return data[:start] + data[end:]


def _nested(dice: random.Random, data: bytes) -> bytes:
    (start, end), (to, _) = _element(dice, data), _element(dice, data)
    return data[:to] + data[start:end] + data[to:]


def _deep(dice: random.Random, data: bytes) -> bytes:
    start, end = _element(dice, data)
    name = dice.choice((b"x", b"c", b"row", b"w:tbl", b"hp:tbl"))
    times = dice.choice((2, 60, 3000))
    return (
        data[:start]
        + b"<%s>" % name * times
        + data[start:end]
        + b"</%s>" % name * times
        + data[end:]
    )


def _valued(pattern: re.Pattern[bytes]) -> Callable[[random.Random, bytes], bytes]:
    def changed(dice: random.Random, data: bytes) -> bytes:
        found = list(pattern.finditer(data))
        if not found:
            return data
        one, other = dice.choice(found), dice.choice(found)
        value = dice.choice((dice.choice(_VALUES), other[1], one[1] * 2, one[1][:-1]))
        return data[: one.start(1)] + value + data[one.end(1) :]

    return changed


def _bytes(dice: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    copy = bytearray(data)
    copy[dice.randrange(len(copy))] = dice.randrange(256)
    return bytes(copy)


_MARKUP = (_doubled, _removed, _nested, _deep, _valued(_TEXT), _valued(_ATTRIBUTE), _bytes)


# -- encodings ------------------------------------------------------------------------------------


def encoded(dice: random.Random, sample: Sample, _: list[Sample]) -> bytes:
    """The same letters in another encoding, told or not."""
    names = ("utf-16", "utf-16-le", "utf-16-be", "cp949", "utf-8-sig", "euc_kr", "utf-32")
    name = dice.choice(names)
    if not sample.members:
        return sample.content.decode(errors="replace").encode(name, "replace")
    parts = dict(sample.members)
    part = dice.choice([one for one in parts if one.endswith(".xml")] or [*parts])
    text = parts[part].decode(errors="replace")
    if dice.random() < 0.6:
        text = re.sub(r"^<\?xml.*?\?>", "", text)
        text = f'<?xml version="1.0" encoding="{name.removesuffix("-sig")}"?>{text}'
    parts[part] = text.encode(name, "xmlcharrefreplace")
    return packed(list(parts.items()))


BYTES: tuple[Damage, ...] = (flipped, overwritten, truncated, longer, spliced)
PARTS: tuple[Damage, ...] = (parts_changed, markup_changed, markup_changed, encoded, repacked)
KEEPS: frozenset[Damage] = frozenset((flipped, overwritten, truncated, longer, repacked, encoded))
