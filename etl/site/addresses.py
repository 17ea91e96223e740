"""Where a page lies: names that never change and that every file system and web server takes.

A name is made from an id alone, whatever stands in it, and two ids never share one, not even
where capitals do not count. Small letters, digits, `-` and Hangul stay; a capital is `_` and its
small letter, anything else the bytes of UTF-8 as `~2f`.
"""

from functools import lru_cache
from hashlib import sha256
from os.path import relpath
from urllib.parse import quote

_LONGEST = 120  # bytes, of the 255 that a name may have
_KEPT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


@lru_cache(maxsize=4096)
def file_name(identifier: str) -> str:
    """Return an id as the name of a file, without an ending."""
    whole = "".join(map(_written, identifier)) or "~"
    if len(whole.encode()) <= _LONGEST:
        return whole
    # A cut name ends with what no whole one has.
    begun = whole.encode()[:60].decode(errors="ignore").rstrip("~")
    return f"{begun}~~{sha256(identifier.encode()).hexdigest()[:20]}"


def _written(character: str) -> str:
    if character in _KEPT or "가" <= character <= "힣":
        return character
    if "A" <= character <= "Z":
        return f"_{character.lower()}"
    return "".join(f"~{byte:02x}" for byte in character.encode())


def pledge_page(term: int | None, pledge_id: str) -> str:
    """Return the address of a pledge's page within the site."""
    return f"pledges/{term_name(term)}/{file_name(pledge_id)}.html"


def pledge_list(term: int | None) -> str:
    """Return the address of the list of a term's pledges."""
    # No id is written so: an id's name has no dot.
    return f"pledges/{term_name(term)}.html"


def scope_page(kind: str, term: int | None, scope_id: str) -> str:
    """Return the address of the page of a field or a department."""
    return f"{kind}s/{term_name(term)}/{file_name(scope_id)}.html"


def quarter_page(quarter_id: str) -> str:
    """Return the address of a quarter's page."""
    return f"quarters/{file_name(quarter_id.lower())}.html"


def changes_page(quarter_id: str) -> str:
    """Return the address of what a quarter changed."""
    return f"changes/{file_name(quarter_id.lower())}.html"


def term_name(term: int | None) -> str:
    """Return what a term is called in addresses; one without a number is 0."""
    return str(term or 0)


@lru_cache(maxsize=4096)
def link(page: str, target: str) -> str:
    """Return how one page of the site leads to another, or to a file of a release."""
    path, _, fragment = target.partition("#")
    way = quote(relpath(path, page.rpartition("/")[0] or "."), safe="/~")
    return f"{way}#{fragment}" if fragment else way
