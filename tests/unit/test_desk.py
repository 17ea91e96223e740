"""The door of the pages: what is refused unread, whose form it is, and what a name may be."""

import asyncio
import unicodedata
from typing import Any

import pytest

from etl.desk.gate import Gate
from etl.desk.guard import is_own_form, limited
from etl.desk.rights import NOT_FOR, OWN_RIGHTS, PAGE, Identity, Visitor
from etl.desk.waiting import LONGEST_NAME, shown_name

MEGABYTE = 1024 * 1024


class Asked:
    """One request by hand, which counts how much of its body is read."""

    def __init__(self, method: str, *headers: tuple[bytes, bytes]) -> None:
        self.scope = {"type": "http", "method": method, "headers": [*headers]}
        self.read = 0
        self.said: list[Any] = []

    async def receive(self) -> Any:
        self.read += 1
        return {"type": "http.request", "body": b"x", "more_body": False}

    async def send(self, message: Any) -> None:
        self.said.append(message)


def _answer(status: int) -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        if status == 200 and scope["method"] == "POST":
            await receive()
        await send({"type": "http.response.start", "status": status, "headers": []})

    return application


def _asked(method: str, *headers: tuple[bytes, bytes]) -> Asked:
    asked = Asked(method, *headers)
    guarded = limited(_answer(200), 1, _answer)
    asyncio.run(guarded(asked.scope, asked.receive, asked.send))
    return asked


@pytest.mark.parametrize(
    ("method", "headers", "status", "read"),
    [
        ("POST", [(b"content-length", b"10")], 200, 1),
        ("POST", [(b"Content-Length", str(MEGABYTE).encode())], 200, 1),
        # 1 MB and 64 KB are the limit: a form needs some room around its file.
        ("POST", [(b"content-length", str(MEGABYTE + 65_537).encode())], 413, 0),
        ("POST", [(b"content-length", b"99999999999999999999")], 413, 0),
        ("POST", [(b"content-length", b"-1")], 413, 0),
        ("POST", [(b"content-length", b"")], 413, 0),
        ("POST", [(b"transfer-encoding", b"chunked")], 411, 0),
        ("POST", [], 411, 0),
        ("GET", [], 200, 0),
        ("GET", [(b"transfer-encoding", b"chunked")], 411, 0),
    ],
)
def test_a_body_is_refused_before_a_byte_of_it(
    method: str, headers: list[tuple[bytes, bytes]], status: int, read: int
) -> None:
    asked = _asked(method, *headers)
    assert (asked.said[0]["status"], asked.read) == (status, read)


def test_every_answer_says_that_it_loads_nothing_from_elsewhere() -> None:
    headers = dict(_asked("GET").said[0]["headers"])
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    ("origin", "site", "is_own"),
    [
        ("http://127.0.0.1:8080", "same-origin", True),
        ("http://127.0.0.1:8080", None, True),
        ("http://127.0.0.1:8080", "none", True),
        (None, None, True),  # no browser, and so no cookie that it was not given
        ("http://127.0.0.1:8081", "same-site", False),  # another port has the cookie too
        ("http://127.0.0.1:8081", None, False),
        ("https://127.0.0.1:8080", None, False),
        ("http://evil.example", "cross-site", False),
        ("http://127.0.0.1:8080", "cross-site", False),
        ("http://127.0.0.1:8080.evil.example", None, False),
        ("http://127.0.0.1:99999", None, False),
        ("null", "same-origin", False),
    ],
)
def test_only_forms_of_our_own_address_are_taken(
    origin: str | None, site: str | None, is_own: bool
) -> None:
    assert is_own_form(origin, site, "http://127.0.0.1:8080/air") is is_own


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2021Q4_가온과.xlsx", "2021Q4_가온과.xlsx"),
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\문서\\보고.xlsx", "보고.xlsx"),
        ("..", "이름 없음"),
        ("", "이름 없음"),
        (None, "이름 없음"),
        ("a\r\nb\x00.xlsx", "ab.xlsx"),
        ("\u202excod.xlsx", "xcod.xlsx"),  # it would be read from right to left
        ("\"'<b>.xlsx", "\"'<b>.xlsx"),
        (unicodedata.normalize("NFD", "가.xlsx"), "가.xlsx"),
    ],
)
def test_a_name_is_text_and_no_path(said: str | None, shown: str) -> None:
    assert shown_name(said) == shown


def test_a_long_name_keeps_its_ending() -> None:
    assert shown_name("가" * 500 + ".xlsx") == "가" * (LONGEST_NAME - 4) + ".xlsx"
    assert len(shown_name("x." + "y" * 500)) == LONGEST_NAME


def test_what_is_nobodys_is_for_the_office_only() -> None:
    own = Visitor(Identity("a", None, True, True, sees_all=False), frozenset({("1", "D01")}))
    assert own.sees("1", "D01")
    assert not own.sees("1", "D02")
    assert not own.sees("2", "D01")
    assert not own.sees(None, None)
    every = Visitor(Identity("a", None, True, True, sees_all=True), frozenset())
    assert every.sees(None, None)
    nobody = Visitor(Identity("a", None, False, True, sees_all=True), frozenset({("1", "D01")}))
    assert not nobody.sees("1", "D01")


def test_who_runs_dags_does_not_approve_and_who_approves_does_not_upload() -> None:
    assert ("can_edit", "HITL Detail") in NOT_FOR["운영"]
    senders = {role for role, rights in OWN_RIGHTS.items() if ("can_create", PAGE) in rights}
    assert senders == {"부서담당", "운영", "Admin"}


def test_pages_that_cannot_be_loaded_fail_every_time(caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def load() -> Any:
        tried.append(1)
        raise ImportError("nothing there")

    gate = Gate(load)
    for _ in range(2):
        asked = Asked("GET")
        with pytest.raises(ImportError):
            asyncio.run(gate(asked.scope, asked.receive, asked.send))
    assert len(tried) == 2
