"""The site through three quarters: written with each release, told by each, and whole or not at all."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, urldefrag, urljoin
from urllib.request import urlopen

import pytest

from etl import pipeline
from etl.pipeline import sites
from etl.quarter import SEOUL
from etl.settings import settings
from etl.site import is_own
from tests.conftest import REGISTERED_AT, Begin
from tests.factories import GOVERNMENT, register_workbook, return_workbook
from tests.flow.test_release import APPROVED, DAY, rows

QUARTERS = {"2021Q2": datetime(2021, 7, 5, 10, tzinfo=SEOUL),
            "2021Q3": datetime(2021, 10, 5, 10, tzinfo=SEOUL),
            "2021Q4": datetime(2022, 1, 5, 10, tzinfo=SEOUL)}  # fmt: skip
PLEDGES = [
    {"공약번호": "1-1", "공약명": "도서관 <열> 곳"},
    {"공약번호": "나/1", "공약명": "밝은 골목"},
]
DONE = {"2021Q2": (30, "터를 고름"), "2021Q3": (50, "첫 삽을 뜸"), "2021Q4": (80, "지붕을 얹음")}


def report(home: Path, quarter: str, rate: float, done: str, at: datetime, **more: Any) -> None:
    progress = [{"공약번호": "1-1", "이행률(%)": rate, "추진내용": done, **more},
                {"공약번호": "나/1", "이행률(%)": 100, "추진상황": "완료"}]  # fmt: skip
    path = return_workbook(home / f"{at:%m%d%H}.xlsx", quarter=quarter, progress=progress)
    assert pipeline.collect([str(path)], at=at).accepted == 2


def release(quarter: str, at: datetime) -> pipeline.Released:
    done = pipeline.release(quarter, GOVERNMENT, replace(APPROVED, at=at))
    assert done.outcome == "approved", done.summary.blockers
    return done


def three_quarters(home: Path) -> None:
    register = register_workbook(home / "own.xlsx", pledges=PLEDGES, subprojects=(), departments=(
        {"부서코드": "D01", "부서명": "가온과"},))  # fmt: skip
    pipeline.register(str(register), at=REGISTERED_AT)
    for quarter, at in QUARTERS.items():
        report(home, quarter, *DONE[quarter], at)
        release(quarter, at + DAY)


@pytest.fixture
def published(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The government's folder after three releases; printing a PDF is not what this is about."""
    monkeypatch.setenv("GONGYAK_BROWSER", "no-browser")
    settings.cache_clear()
    begin(three_quarters)
    return settings().published / GOVERNMENT


def own(place: Path) -> dict[str, bytes]:
    names = (path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    return {name: (place / name).read_bytes() for name in names if is_own(name)}


def text(place: Path, name: str) -> str:
    return (place / name).read_text(encoding="utf-8")


def test_a_pledge_is_told_quarter_by_quarter(published: Path) -> None:
    page = text(published, "pledges/7/1-1.html")
    assert [page.index(done) for _, done in reversed(DONE.values())] == sorted(
        page.index(done) for _, done in DONE.values()
    )
    assert "<bdi>도서관 &lt;열&gt; 곳</bdi>" in page
    assert (published / "pledges/7/나~2f1.html").exists()
    assert "공약 2개 가운데 <strong>1개</strong>를 마쳤습니다" in text(published, "index.html")
    assert "50 %" in text(published, "changes/2021q4.html")
    assert [path.name for path in sorted((published / "quarters").iterdir())] == [
        "2021q2.html", "2021q3.html", "2021q4.html",
    ]  # fmt: skip
    # What was frozen are the figures of the marts.
    frozen = json.loads(text(published, "data/figures.json"))["rows"]
    told = {one["figure_code"]: one["shown"] for one in frozen if one["scope_type"] == "all"}
    assert told == dict(rows(
        "SELECT figure_code, shown FROM mart.released_figure"
        " WHERE quarter_id = '2021Q4' AND scope_type = 'all'"
    ))  # fmt: skip


@pytest.mark.slow
def test_any_release_writes_the_whole_site_alike(published: Path) -> None:
    before = own(published)
    for path in published.iterdir():
        if is_own(path.name) or is_own(f"{path.name}/x"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (published / "pledges").mkdir()
    (published / "pledges" / "옛것.html").write_text("no release leads here")
    (published / "google123.html").write_text("somebody else's")
    for quarter in QUARTERS:
        pipeline.publish_again(quarter, GOVERNMENT)
        assert own(published) == before
    assert text(published, "google123.html") == "somebody else's"
    assert not list(published.rglob(".*"))


@pytest.mark.slow
def test_a_release_that_says_nothing_new_writes_the_pages_that_are_gone(published: Path) -> None:
    before, at = own(published), replace(APPROVED, at=QUARTERS["2021Q4"] + DAY)

    def again() -> None:
        assert pipeline.release("2021Q4", GOVERNMENT, at).outcome == "unchanged"

    written = (published / "index.html").stat().st_ino
    again()
    assert (published / "index.html").stat().st_ino == written, "nothing is gone"
    (published / "pledges/7/1-1.html").unlink()
    again()
    assert own(published) == before
    for path in published.iterdir():
        if is_own(path.name) or is_own(f"{path.name}/x"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    again()
    assert own(published) == before


def test_what_may_be_served_is_only_what_was_approved(published: Path) -> None:
    draft = pipeline.report("2021Q4", GOVERNMENT, QUARTERS["2021Q4"] + 2 * DAY)
    assert draft == settings().outbox / "reports" / GOVERNMENT / "2021Q4" / "취합.xlsx"
    assert draft.exists()
    approved = set()
    for quarter in QUARTERS:
        told = json.loads(text(published, f"{quarter}/r1/json/release.json"))
        names = {one["name"] for one in told["files"]}
        frozen = {f"json/{one.name}" for one in (published / quarter / "r1/json").iterdir()}
        approved |= {f"{quarter}/r1/{name}" for name in names | frozen}
    there = {path.relative_to(published).as_posix()
             for path in published.rglob("*") if path.is_file()}  # fmt: skip
    assert {name for name in there if not is_own(name)} == approved
    assert [path.name for path in settings().published.iterdir()] == [GOVERNMENT]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Leave the test's output alone."""


@pytest.fixture
def served(published: Path) -> Iterator[str]:
    """The address of the folder as a web server gives it, a folder's page without a slash too."""
    handler = partial(_Quiet, directory=str(published.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_every_way_from_the_start_page_ends_at_a_file_of_the_server(served: str) -> None:
    ways, seen, kinds = [urljoin(served, GOVERNMENT)], set[str](), set[str]()
    while ways:
        address = ways.pop()
        with urlopen(address) as answer:  # noqa: S310 - a server of this test
            body, found, kind = answer.read(), answer.url, answer.headers.get_content_type()
        kinds.add(kind)
        if kind != "text/html" or "/r1/" in found:
            continue
        for href in re.findall(rb'href="([^"#]*)', body):
            to = urldefrag(urljoin(found, unescape(href.decode()))).url
            assert to.startswith(served), (address, href)
            if to not in seen:
                seen.add(to)
                ways.append(to)
    assert {f"{served}{GOVERNMENT}/pledges/7/1-1.html",
            f"{served}{GOVERNMENT}/pledges/7/{quote('나')}~2f1.html",
            f"{served}{GOVERNMENT}/feed.xml", f"{served}{GOVERNMENT}/data/schema.json"} <= seen  # fmt: skip
    assert {"text/html", "application/json"} <= kinds


@pytest.mark.slow
def test_a_revision_and_a_retraction_are_told_everywhere(published: Path) -> None:
    at = QUARTERS["2021Q4"] + 2 * DAY
    home = settings().home
    report(home, "2021Q4", 70, "지붕을 반만 얹음", at, 정정사유="잘못 적음")
    release("2021Q4", at + DAY)
    page = text(published, "pledges/7/1-1.html")
    assert "지붕을 반만 얹음" in page
    assert ">70 %<" in page
    assert "고쳐 다시 발표함" in text(published, "quarters/2021q4.html")
    assert "지붕을 얹음" in text(published, "2021Q4/r1/json/narrative.json")

    pipeline.retract("2021Q4", GOVERNMENT, 2, "과장", "다른 분기의 값", at + 2 * DAY)
    start = text(published, "index.html")
    assert "까닭: <bdi>다른 분기의 값</bdi>" in start
    assert "2021년 3분기 발표" in start
    assert "지붕" not in text(published, "pledges/7/1-1.html")
    states = {(one["quarter_id"], one["revision"]): one["state"]
              for one in json.loads(text(published, "data/index.json"))["releases"]}  # fmt: skip
    assert states == {("2021Q2", 1): "current", ("2021Q3", 1): "current",
                      ("2021Q4", 1): "replaced", ("2021Q4", 2): "retracted"}  # fmt: skip
    assert not (published / "changes/2021q4.html").exists()
    assert pipeline.verify("2021Q4", GOVERNMENT, 2).differences == []


@pytest.mark.slow
def test_a_site_that_a_run_did_not_end_is_completed_by_the_next(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = QUARTERS["2021Q4"] + 2 * DAY
    before = own(published)
    report(settings().home, "2021Q4", 70, "지붕을 반만 얹음", at, 정정사유="잘못 적음")
    with monkeypatch.context() as broken:
        broken.setattr(sites, "hand_over", _after(20, sites.hand_over))
        with pytest.raises(_KilledError):
            release("2021Q4", at + DAY)
    halfway = own(published)
    assert halfway != before
    assert halfway["index.html"] == before["index.html"]  # pages first, then what leads to them
    decided = replace(APPROVED, at=at + DAY)
    assert pipeline.release("2021Q4", GOVERNMENT, decided).outcome == "unchanged"
    assert ">70 %<" in text(published, "pledges/7/1-1.html")
    after = own(published)
    pipeline.publish_again("2021Q3", GOVERNMENT)
    assert own(published) == after


def test_where_there_is_no_room_no_page_is_touched(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own(published)

    def full(path: Path, _: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as broken:
        broken.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            sites.write_site(GOVERNMENT)
    assert own(published) == before
    assert not list(published.rglob(".*"))


@pytest.mark.slow
def test_two_releases_at_once_end_in_one_site(published: Path) -> None:
    before = own(published)
    failed: list[BaseException] = []

    def again(quarter: str) -> None:
        try:
            pipeline.publish_again(quarter, GOVERNMENT)
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=again, args=(quarter,)) for quarter in QUARTERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert own(published) == before


class _KilledError(BaseException):
    pass


def _after(count: int, function: Callable[..., None]) -> Callable[..., None]:
    left = [count]

    def counted(*arguments: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise _KilledError
        function(*arguments)

    return counted
