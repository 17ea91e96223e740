"""Pictures as they go out: by their bytes, whole, and without what a camera wrote in them."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageChops, ImageOps

from etl.documents.package import DocumentError
from etl.documents.pictures import is_picture, picture, without_metadata
from tests.shots import OWNER, bomb, chunk, jpeg, png, with_chunk

SHOTS = {"jpeg": jpeg(), "progressive": jpeg(progressive=True), "png": png()}


def seen(content: bytes) -> Image.Image:
    """Return a picture as a browser shows it."""
    return ImageOps.exif_transpose(Image.open(BytesIO(content))).convert("RGB")


@pytest.mark.parametrize("kind", sorted(SHOTS))
def test_what_is_seen_stays_and_nothing_else(kind: str) -> None:
    content = SHOTS[kind]
    made = picture(content)
    assert OWNER in content
    assert OWNER not in made.content
    assert b"Exif" not in made.content
    assert (made.width, made.height) == (64, 48)
    assert ImageChops.difference(seen(content), seen(made.content)).getbbox() is None
    assert picture(made.content) == made  # which has nothing left to lose


@pytest.mark.parametrize("orientation", range(1, 9))
def test_which_way_up_it_is_stays_told(orientation: int) -> None:
    content = jpeg(orientation=orientation)
    made = picture(content)
    assert (made.width, made.height) == seen(content).size == seen(made.content).size
    assert ImageChops.difference(seen(content), seen(made.content)).getbbox() is None
    told = Image.open(BytesIO(made.content)).getexif()
    assert dict(told) == ({} if orientation == 1 else {0x0112: orientation})
    assert not told.get_ifd(0x8825)


@pytest.mark.parametrize("kind", sorted(SHOTS))
def test_what_lies_behind_its_end_goes(kind: str) -> None:
    content = SHOTS[kind]
    assert picture(content + b"<html>" + OWNER) == picture(content)


def test_a_picture_in_the_picture_goes() -> None:
    thumbnail = b"JFXX\x00\x10" + jpeg((16, 12), has_metadata=False)
    hidden = b"\xff\xe0" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    content = jpeg()
    assert picture(content[:2] + hidden + content[2:]) == picture(content)
    frame = with_chunk(png(), b"fdAT", b"\0\0\0\1" + OWNER)
    assert picture(frame) == picture(png())


@pytest.mark.parametrize("kind", sorted(SHOTS))
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_one_that_is_cut_off_is_damaged(kind: str, part: float) -> None:
    content = SHOTS[kind]
    with pytest.raises(DocumentError, match="picture_damaged"):
        picture(content[: int(len(content) * part)])


def test_one_that_is_too_large_is_not_decoded() -> None:
    for content in (bomb(), bomb(8001, 8000)):
        with pytest.raises(DocumentError, match="picture_too_large"):
            picture(content)


def test_what_only_begins_as_a_picture() -> None:
    head = b"\x89PNG\r\n\x1a\n"
    for content in (b"\xff\xd8\xff\xe0", b"\xff\xd8\xff<html>", head, head + chunk(b"IEND", b"")):
        assert is_picture(content)
        with pytest.raises(DocumentError, match="picture_damaged"):
            picture(content)


def test_others_are_none() -> None:
    for content in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"%PDF-1.7"):
        assert not is_picture(content)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(SHOTS)), st.lists(st.tuples(st.integers(3), st.binary(max_size=9))))
def test_damaged_bytes_raise_nothing_else(kind: str, edits: list[tuple[int, bytes]]) -> None:
    content = SHOTS[kind]
    for at, put in edits:
        place = at % len(content)
        content = content[:place] + put + content[place + len(put) :]
    if not is_picture(content):
        return
    with suppress(DocumentError):
        made = picture(content)
        assert without_metadata(made.content) == made.content
