"""Machines without a common folder: what one writes for others, the others read, mark and remove."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from etl import common, pipeline, storage
from etl.desk import waiting
from etl.problems import OutageError
from etl.publish.retraction import TOLD
from etl.settings import another_home, settings
from tests.desk import client, in_process, office, upload
from tests.factories import GOVERNMENT, QUARTER, return_workbook
from tests.flow.test_collect import rate
from tests.flow.test_release import AT, DAY, decide, reported as reported, rows

Machine = Callable[[str], AbstractContextManager[Path]]


@pytest.fixture
def machine(reported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A function that gives a machine with a home of its own, by name; they share an address."""
    monkeypatch.setenv("GONGYAK_COMMON_URL", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GONGYAK_ARCHIVE_URL", str(reported / "archive"))
    settings.cache_clear()

    @contextmanager
    def made(name: str) -> Iterator[Path]:
        home = tmp_path / name
        if not home.exists():
            home.mkdir()
            for place in ("pg", "run"):  # the one server
                (home / place).symlink_to((reported / place).resolve())
        with another_home({"GONGYAK_HOME": str(home)}):
            yield home

    return made


def left(home: Path) -> list[str]:
    """What lies in a home of what was written for others."""
    places = (home / name for name in ("outbox", "published", "logs/data_docs"))
    return [str(path) for place in places for path in place.rglob("*") if path.is_file()]


def collected(home: Path, **cells: object) -> list[str]:
    path = return_workbook(home / "return.xlsx", progress=[rate("1-1", 70, **cells)])
    batch = pipeline.receive([str(path)], AT + DAY).batch_id
    assert batch is not None
    pipeline.read(batch)
    pipeline.check(batch, AT + DAY)
    pipeline.load(batch, AT + DAY)
    (group,) = [one for one in pipeline.department_groups(batch) if one.members]
    return pipeline.answer(group.members, batch).answers


@pytest.mark.slow
def test_an_answer_is_read_where_it_was_not_written(machine: Machine) -> None:
    with machine("one") as home:
        (told,) = collected(home, 정정사유="다시 셈")
        assert told == common.shown(home / "outbox" / Path(told).relative_to(_at("outbox")))
        assert not left(home)
    [(number, path)] = rows(
        "SELECT submission_id, answer_path FROM audit.submission"
        " ORDER BY submission_id DESC LIMIT 1"
    )
    with machine("two") as home:
        found = pipeline.answer_file(path)
        assert found is not None
        assert found.is_relative_to(home)
        pages = client(office())
        answer = pages.get(f"/gongyak/answers/{number}")
        assert answer.content == Path(told).read_bytes()
        assert "attachment" in answer.headers["content-disposition"]
        assert not left(home)


def test_the_page_of_a_run_is_read_where_it_was_not_written(machine: Machine) -> None:
    with machine("one") as home:
        path = settings().data_docs / "batch-7.html"
        path.parent.mkdir(parents=True)
        path.write_text("점검 묶음 7", encoding="utf-8")
        common.hand_over(path, settings().data_docs)
        assert not left(home)
    with machine("two"):
        page = client(office()).get("/gongyak/runs/7")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.text == "점검 묶음 7"
        assert client(office()).get("/gongyak/runs/8").status_code == 404


def _at(place: str) -> Path:
    return Path(storage.opened(settings().common_url or "").root) / place


def test_the_rules_that_answers_link_to_lie_where_the_link_leads(machine: Machine) -> None:
    with machine("one") as home:
        collected(home, 정정사유="다시 셈")
        page = _at("outbox") / "rules.html"
        before = page.stat().st_mtime_ns
    with machine("two"):
        pipeline.answer([])
    assert page.stat().st_mtime_ns == before  # the same is not written again


@pytest.mark.slow
def test_a_release_is_taken_back_by_another_machine(machine: Machine) -> None:
    with machine("one") as home:
        told = decide()
        assert told.folder == str(_at("published") / GOVERNMENT / QUARTER / "r1")
        assert not left(home)
    with machine("two") as home:
        files = pipeline.released_files(GOVERNMENT, QUARTER, 1)
        names = {str(path.relative_to(settings().published)) for path in files}
        assert {f"{GOVERNMENT}/{QUARTER}/r1/{name}" for name in told.files or []} == names
        pipeline.retract(QUARTER, GOVERNMENT, 1, "과장", "잘못", AT + 2 * DAY)
        assert not left(home)
    with machine("three"):
        marked = {path.name: common.content(path) for path in
                  pipeline.released_files(GOVERNMENT, QUARTER, 1)}  # fmt: skip
    assert "철회됨" in marked[TOLD].decode()
    assert "<!-- 철회 -->" in marked["보고서.html"].decode()


@pytest.mark.slow
def test_files_that_stand_elsewhere_are_not_written_again(machine: Machine) -> None:
    with machine("one"):
        decide()
        page = _at("published") / GOVERNMENT / QUARTER / "r1" / "보고서.html"
        before = page.stat().st_mtime_ns
    with machine("two"):
        assert decide().outcome == "unchanged"
        assert page.stat().st_mtime_ns == before
        page.unlink()
        for other in pipeline.released_files(GOVERNMENT, QUARTER, 1):
            (_at("published") / other.relative_to(settings().published)).unlink()
        assert decide().outcome == "unchanged"
    assert page.exists()


@pytest.mark.slow
def test_files_of_a_run_that_was_killed_among_them_are_completed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere files come one after the other, and the journal says when all of them stand."""
    put, put_before = common._put, 2

    def killed(path: Path) -> None:
        nonlocal put_before
        put_before -= 1
        if put_before < 0:
            raise KeyboardInterrupt
        put(path)

    with machine("one"):
        monkeypatch.setattr(common, "_put", killed)
        with pytest.raises(KeyboardInterrupt):
            decide()
        assert len(pipeline.released_files(GOVERNMENT, QUARTER, 1)) == 2
    monkeypatch.setattr(common, "_put", put)
    with machine("two"):
        assert decide().outcome == "unchanged"
        names = {path.name for path in pipeline.released_files(GOVERNMENT, QUARTER, 1)}
        assert {"보고서.html", "변동.html", "취합.xlsx"} <= names


def test_an_invitation_is_read_from_the_pages(machine: Machine) -> None:
    with machine("one") as home:
        told = pipeline.invite("2022Q1", GOVERNMENT, AT + 80 * DAY)
        assert told.folder == str(_at("outbox") / "2022Q1" / GOVERNMENT)
        assert not left(home)
    with machine("two"):
        assert pipeline.invitation_file(GOVERNMENT, "2022Q1", "D01") is not None
        assert pipeline.invitation_file(GOVERNMENT, "2022Q1", "D99") is None


@pytest.mark.slow
def test_what_is_erased_is_erased_wherever_it_was_written(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machine("one") as home:
        collected(home, 정정사유="다시 셈")
        pipeline.invite("2022Q1", GOVERNMENT, AT + 80 * DAY)
    monkeypatch.setenv("GONGYAK_PERSONAL_DATA_DAYS", "365")
    with machine("two"):
        assert [*_at("outbox").glob(f"answers/{QUARTER}/{GOVERNMENT}/*/*")]
        done = pipeline.erase_personal(AT + timedelta(days=500))
        assert done.removed > 0
    files = [path.name for path in _at("outbox").rglob("*") if path.is_file()]
    assert files == ["rules.html"]


@pytest.mark.slow
def test_the_answer_to_a_mere_check_in_the_pages_stays_there(machine: Machine) -> None:
    """It is as private as the file, and goes with it."""
    with machine("one") as home, in_process():
        pages = client(office())
        sent = return_workbook(home / "d1.xlsx", progress=[rate("1-1", 105)])
        place = upload(pages, sent)
        kept = waiting.waiting_file(place.rpartition("/")[2])
        assert kept is not None
        assert kept.result is not None
        assert kept.result.answers
        assert all(Path(one).is_relative_to(kept.answers) for one in kept.result.answers)
        assert pages.get(f"{place}/answers/1").content == Path(kept.result.answers[0]).read_bytes()
        assert not _at("outbox").exists()


@pytest.mark.slow
def test_an_address_that_is_away_ends_the_run_and_the_next_one_completes_it(
    machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text("no folder")
    with machine("one"):
        with pytest.raises(OutageError, match="GONGYAK_COMMON_URL"):
            decide()
        (tmp_path / "elsewhere").unlink()
        assert decide().outcome == "unchanged"
        assert pipeline.released_files(GOVERNMENT, QUARTER, 1)
