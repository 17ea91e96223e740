"""`gongyak up` with its users: logging in as a person does, and what each role may do."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from etl import pipeline, service, warehouse
from etl.cli.commands import app
from etl.desk import accounts, smoke
from tests.conftest import REGISTERED_AT
from tests.factories import register_workbook, return_workbook
from tests.flow.test_collect import sql

PASSWORD = "a-password-from-stdin"  # noqa: S105
RUNS = "/api/v2/dags/collect_submissions/dagRuns"
APPROVAL = "/api/v2/dags/release_quarter/dagRuns/none/taskInstances/approval/-1/hitlDetails"


def _shell(*arguments: str, told: str | None = None) -> str:
    done = CliRunner().invoke(app, ["user", *arguments], input=told)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def office(empty_home: Path) -> Iterator[str]:
    """An office with a register, an officer and one user of every other role; its address."""
    warehouse.migrate()
    pipeline.register(str(register_workbook(empty_home / "register.xlsx")), at=REGISTERED_AT)
    _shell("add", "gaon", "--role", "부서담당", "--department", "D01")
    for name, role in (("reader", "열람"), ("chief", "승인"), ("runner", "운영")):
        _shell("add", name, "--role", role, "--password-stdin", told=f"{PASSWORD}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    try:
        state = service.up(port)
        assert state.page_fault is None
        yield state.url
    finally:
        service.down()


def _logged_in(url: str, name: str, password: str) -> httpx.Client:
    """Log in by the form, as a person does."""
    pages = httpx.Client(base_url=url, follow_redirects=True, timeout=120)
    form = pages.get("/auth/login/").text
    (token,) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    told = {"username": name, "password": password, "csrf_token": token}
    assert pages.post("/auth/login/", data=told, headers={"referer": url}).status_code == 200
    assert "_token" in pages.cookies
    return pages


@pytest.mark.slow
def test_people_log_in_and_do_what_their_role_allows(office: str, empty_home: Path) -> None:
    anonymous = httpx.get(f"{office}/gongyak/")
    assert anonymous.status_code == 401
    assert "다시 로그인하십시오" in anonymous.text

    kept = accounts.password_path("gaon")
    assert kept.stat().st_mode & 0o777 == 0o600
    officer = _logged_in(office, "gaon", json.loads(kept.read_text(encoding="utf-8"))["gaon"])
    _an_officer_sends_in_a_file(officer, office, empty_home)
    assert officer.get("/gongyak/departments/3990000/D02").status_code == 403
    assert officer.get("/api/v2/dags").status_code == 403

    roles = {name: _logged_in(office, name, PASSWORD) for name in ("reader", "chief", "runner")}
    assert {one.get("/gongyak/").status_code for one in roles.values()} == {200}
    refused = {name: one.post(RUNS, json={}).status_code == 403 for name, one in roles.items()}
    assert refused == {"reader": True, "chief": True, "runner": False}
    answered = {"chosen_options": ["승인"], "params_input": {}}
    approves = {n: one.patch(APPROVAL, json=answered).status_code for n, one in roles.items()}
    assert approves == {"reader": 403, "chief": 404, "runner": 403}  # no run waits for an answer
    _told_where_the_page_is_missing(office)


def _an_officer_sends_in_a_file(officer: httpx.Client, url: str, home: Path) -> None:
    views = officer.get("/api/v2/plugins").json()["plugins"]
    assert [v["name"] for one in views for v in one["external_views"]] == ["제출 현황"]
    page = officer.get("/gongyak/")
    assert "가온과" in page.text
    assert "나래과" not in page.text
    file = {"file": ("보고.xlsx", return_workbook(home / "a.xlsx").read_bytes())}
    place = "/gongyak/departments/3990000/D01/2021Q4/files"
    other = officer.post(place, files=file, headers={"origin": "http://127.0.0.1:1"})
    assert other.status_code == 403
    elsewhere = place.replace("D01", "D02")
    assert officer.post(elsewhere, files=file, headers={"origin": url}).status_code == 403
    check = officer.post(place, files=file, headers={"origin": url})
    assert "아직 접수되지 않았습니다" in check.text
    receipt = officer.post(f"{check.url}/send", headers={"origin": url})
    assert "접수했습니다" in receipt.text
    (number,) = re.findall(r"접수번호 (\d+)", receipt.text)
    assert sql(f"SELECT state FROM audit.submission WHERE submission_id = {number}") == [
        ("loaded",)
    ]
    assert officer.get(f"/gongyak/answers/{number}").content[:2] == b"PK"


def _told_where_the_page_is_missing(url: str) -> None:
    """Airflow answers an address of nobody with 200 and its own page."""
    port = int(url.rpartition(":")[2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smoke, "PREFIX", "/nobody")
        told = smoke.page_fault(port, service.USER, "wrong password")
    assert told is not None
    assert "AIRFLOW__CORE__PLUGINS_FOLDER" in told


@pytest.mark.slow
def test_users_are_made_listed_and_removed(empty_home: Path) -> None:
    warehouse.migrate()
    pipeline.register(str(register_workbook(empty_home / "register.xlsx")), at=REGISTERED_AT)
    told = _shell("add", "가온", "--role", "부서담당", "--department", "D01", "--department", "D02")
    assert "3990000 D01 가온과, 3990000 D02 나래과" in told
    kept = accounts.password_path("가온")
    before = kept.read_bytes()
    assert "이미 있는 사용자입니다" in _refused("add", "가온", "--role", "열람")
    assert kept.read_bytes() == before
    listed = _shell("list")
    assert "가온과, 나래과" in listed
    assert service.USER in listed
    _shell("remove", "가온")
    assert not kept.exists()
    assert "가온" not in _shell("list")
    assert pipeline.assignments() == []
    assert "모르는 사용자입니다" in _refused("remove", "가온")


def _refused(*arguments: str, told: str | None = None) -> str:
    done = CliRunner().invoke(app, ["user", *arguments], input=told)
    assert done.exit_code == 1
    return str(done.exception)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a/b", "--role", "열람"], "쓸 수 없습니다"),
        (["..", "--role", "열람"], "쓸 수 없습니다"),
        (["a", "--role", "왕"], "부서담당, 열람, 승인, 운영, Admin 가운데"),
        (["a", "--role", "부서담당"], "--mail에"),
        (["a", "--role", "열람", "--department", "D01"], "모든 부서를 봅니다"),
        (["a", "--role", "부서담당", "--department", "D9"], "D01(가온과)"),
        (["a", "--role", "열람", "--password-stdin"], "짧습니다"),
    ],
)
def test_what_cannot_be_a_user_is_refused_in_a_line(
    world: Path, arguments: list[str], said: str
) -> None:
    assert said in _refused("add", *arguments, told="short\n")
    assert not (world / "airflow").exists()
