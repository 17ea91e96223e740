"""The pages with a login of the test's own; nothing else of them is replaced.

`in_process` also spares a test the start of another process for each check: what it does is the
same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from etl.desk import app as desk_app, work
from etl.desk.app import create_app
from etl.desk.gate import PREFIX
from etl.desk.rights import Identity

BASE_URL = "http://testserver"
OWN = {"origin": BASE_URL, "sec-fetch-site": "same-origin"}


def officer(name: str = "가온담당", mail: str | None = "gaon@example.kr") -> Identity:
    return Identity(name, mail, may_read=True, may_send=True, sees_all=False)


def office(name: str = "총괄") -> Identity:
    return Identity(name, None, may_read=True, may_send=True, sees_all=True)


def viewer(name: str = "열람자") -> Identity:
    return Identity(name, None, may_read=True, may_send=False, sees_all=True)


def client(who: Identity) -> TestClient:
    """The pages below /gongyak, as Airflow mounts them, for one who is logged in."""
    app = Starlette(routes=[Mount(PREFIX, create_app(lambda: who, BASE_URL))])
    return TestClient(app, BASE_URL, follow_redirects=False)


@contextmanager
def in_process() -> Iterator[None]:
    tasks = {"check": work.check, "send": work.send}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "carry_out", lambda task, token: tasks[task](token))
        patch.setattr(work, "get_ready", lambda: None)
        yield


def upload(
    pages: TestClient, path: Path, department: str = "D01", quarter: str = "2021Q4",
    government: str = "3990000", name: str | None = None,
) -> str:  # fmt: skip
    """Upload a file for a department; return the place of the check's page."""
    place = f"{PREFIX}/departments/{government}/{department}/{quarter}/files"
    files = {"file": (name or path.name, path.read_bytes())}
    answer = pages.post(place, files=files, headers=OWN)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def send(pages: TestClient, check: str) -> str:
    """Send in what was checked; return the place of the receipt's page."""
    answer = pages.post(f"{check}/send", headers=OWN)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def whole(html: str) -> str:
    """Return a page with its style within it, which asks for nothing else."""
    style = (Path(desk_app.__file__).parent / "templates" / "desk.css").read_text(encoding="utf-8")
    linked = f'<link rel="stylesheet" href="{PREFIX}/desk.css">'
    assert linked in html
    html = html.replace(linked, f"<style>{style}</style>")
    return html.replace(f'href="{PREFIX}/icon.svg"', 'href="data:,"')
