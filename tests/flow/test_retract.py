"""A published release is taken back: the record stays, and whoever reads it is told."""

import json
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from etl import choices, pipeline, publish
from etl.cli import main
from etl.problems import OutageError, UsageError
from etl.publish.retraction import TOLD, without_notice
from etl.settings import settings
from tests.factories import GOVERNMENT, QUARTER
from tests.flow.test_release import (
    APPROVED,
    AT,
    D01,
    DAY,
    decide,
    decisions,
    released,
    reported as reported,
    rows,
    send,
)

BY, REASON = "기획예산과장", "이행률을 잘못 옮겨 적은 <표>가 있음"
THEN = AT + 2 * DAY
CORRECTED = [{**D01[0], "이행률(%)": 80, "정정사유": "숫자가 뒤바뀜"}, D01[1]]


def retract(revision: int | None = 1, reason: str = REASON, **given: Any) -> pipeline.Retracted:
    asked = {"by": BY, "at": THEN, **given}
    return pipeline.retract(QUARTER, GOVERNMENT, revision, reason=reason, **asked)


def folder(revision: int = 1) -> Path:
    return settings().published / GOVERNMENT / QUARTER / f"r{revision}"


def files(revision: int = 1) -> dict[str, bytes]:
    place = folder(revision)
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def current() -> list[tuple[Any, ...]]:
    return rows("SELECT revision FROM mart.release WHERE is_current")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["gongyak", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.slow
def test_what_was_published_stays_and_every_page_says_that_it_was_taken_back(
    reported: Path,
) -> None:
    decide()
    figures = rows("SELECT * FROM mart.released_figure ORDER BY 4, 6, 7")
    pledges = rows("SELECT * FROM mart.released_pledge ORDER BY 5")
    before = files()
    done = retract()
    assert (done.is_repeated, done.current) == (False, None)
    assert rows("SELECT * FROM mart.released_figure ORDER BY 4, 6, 7") == figures
    assert rows("SELECT * FROM mart.released_pledge ORDER BY 5") == pledges
    after = files()
    told = after.pop(TOLD).decode()
    assert told.startswith("철회됨\n가람구 2021Q4 1차 발표는 2022-01-07에 철회되었습니다.")
    assert REASON in told
    pages = {name for name in before if name.endswith(".html")}
    assert pages == {"보고서.html", "변동.html"}
    for name in pages:
        page = after[name].decode()
        assert re.search(r"<body[^>]*>\n<!-- 철회 --><aside", page)
        assert "잘못 옮겨 적은 &lt;표&gt;가 있음" in page
        assert without_notice(page).encode() == before[name]
    untouched = before.keys() - pages
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    # Whoever decided it is known inside, and published nowhere.
    assert BY not in "".join(after[name].decode() for name in pages) + told
    assert rows("SELECT revision, retracted_at, retracted_by, reason FROM audit.retraction") == [
        (1, THEN, BY, REASON)
    ]
    assert rows(
        "SELECT revision, is_current, retracted_at, retraction_reason FROM mart.release"
    ) == [(1, False, THEN, REASON)]


@pytest.mark.slow
def test_the_journal_tells_it(reported: Path) -> None:
    decide()
    retract()
    (path,) = Path(settings().archive).glob(f"journal/{GOVERNMENT}/*-retraction-*.jsonl")
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "event": "retraction", "at": THEN.isoformat(), "government_id": GOVERNMENT,
        "quarter_id": QUARTER, "revision": 1, "retracted_by": BY, "reason": REASON,
    }  # fmt: skip


@pytest.mark.slow
def test_the_same_retraction_again_changes_nothing(reported: Path) -> None:
    decide()
    retract()
    before, events = files(), rows("SELECT count(*) FROM audit.event")
    again = retract(at=THEN + DAY)
    assert (again.is_repeated, again.retraction.retracted_at) == (True, THEN)
    assert (files(), rows("SELECT count(*) FROM audit.event")) == (before, events)
    with pytest.raises(UsageError, match="이미 철회했습니다"):
        retract(reason="다른 까닭")


@pytest.mark.slow
def test_an_unknown_revision_names_those_there_are(
    reported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("retract", QUARTER, "--by", BY, "--reason", REASON, "--government", GOVERNMENT)
    assert run(monkeypatch, *asked, "--revision", "1") == 2
    assert "1차 발표가 없습니다. 발표가 없습니다." in capsys.readouterr().err
    decide()
    for more in (("--revision", "3"), ()):
        assert run(monkeypatch, *asked, *more) == 2
        assert "있는 것: 1차" in capsys.readouterr().err
    assert rows("SELECT * FROM audit.retraction") == []
    with pytest.raises(UsageError, match="--by"):
        retract(by=" ")
    with pytest.raises(UsageError, match="앞섭니다"):
        retract(at=AT)


@pytest.mark.slow
def test_the_shell_says_it_everywhere(
    reported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    decide()
    asked = ("retract", QUARTER, "--revision", "1", "--by", BY, "--reason", REASON)
    assert run(monkeypatch, *asked) == 0
    assert "2021Q4 1차 발표를 철회했습니다" in capsys.readouterr().out
    assert run(monkeypatch, *asked) == 0
    assert "바뀐 것이 없습니다" in capsys.readouterr().out
    for command in ("status", "report"):
        assert run(monkeypatch, command, QUARTER) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert f"철회한 발표: 2021Q4 1차({_today(out)}" in out
        assert "지금 유효한 발표가 없습니다" in out


def _today(out: str) -> str:
    found = re.search(r"1차\((\d{4}-\d\d-\d\d)", out)
    assert found
    return found[1]


@pytest.mark.slow
def test_what_replaced_another_does_not_bring_it_back(reported: Path) -> None:
    decide()
    assert send(reported, "d1b.xlsx", CORRECTED, at=AT + 2 * DAY) == 2
    assert decide(replace(APPROVED, at=AT + 3 * DAY)).revision == 2
    assert current() == [(2,)]
    done = retract(2, at=AT + 4 * DAY)
    assert (done.current, current()) == (None, [])
    assert TOLD not in files(1)
    # The same figures may be published again, and their change is told against what stands.
    again = decide(replace(APPROVED, at=AT + 5 * DAY))
    assert (again.outcome, again.revision, again.summary.last.revision) == ("approved", 3, 1)
    assert decisions()[-1] == (3, "approved", 1)
    assert released(3) == released(2)
    assert current() == [(3,)]
    assert rows(
        "SELECT shown_before, shown_after FROM mart.release_change WHERE revision = 3"
        " AND figure_code = 'R1' AND scope_type = 'all'"
    ) == [("45.0", "50.0")]
    assert decide(replace(APPROVED, at=AT + 6 * DAY)).outcome == "unchanged"


@pytest.mark.slow
def test_an_earlier_state_may_be_published_after_a_retraction(reported: Path) -> None:
    decide()
    retract()
    assert decide(replace(APPROVED, at=AT + 3 * DAY)).revision == 2
    assert decisions() == [(1, "approved", None), (2, "approved", None)]
    assert TOLD not in files(2)
    assert retract(1, at=THEN).current == 2


@pytest.mark.slow
def test_files_written_again_say_it_too(reported: Path) -> None:
    decide()
    retract()
    before = files()
    shutil.rmtree(settings().published)
    pipeline.publish_again(QUARTER, GOVERNMENT)
    assert files() == before


@pytest.mark.slow
def test_a_folder_that_could_not_be_written_to_is_told_by_the_same_command(
    reported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("etl.publish.retraction._replace", full)
        with pytest.raises(OutageError, match="철회는 기록되었고"):
            retract()
    assert rows("SELECT revision FROM audit.retraction") == [(1,)]
    assert retract().is_repeated
    assert TOLD in files()


@pytest.mark.slow
def test_forms_offer_what_stands(reported: Path) -> None:
    decide()
    choices.write()
    name = f"{GOVERNMENT} {QUARTER} 1"
    assert choices.offered("releases")["enum"] == [None, name]
    assert pipeline.named_release(name) == (GOVERNMENT, QUARTER, 1)
    with pytest.raises(UsageError, match="3990000 2021Q4 1"):
        pipeline.named_release("2021Q4")
    retract()
    choices.write()
    assert choices.offered("releases") == {}


@pytest.mark.slow
def test_what_is_taken_back_is_not_what_a_later_quarter_stands_beside(reported: Path) -> None:
    decide()
    retract()
    from etl.warehouse import run_alone

    asked = {"government_id": GOVERNMENT, "quarter_id": "2022Q1", "term_number": 7}
    told = {
        day: {row.revision for row in run_alone("release/term_figures.sql", **asked,
                                                decided_at=AT + timedelta(days=day))}
        for day in (1, 3)
    }  # fmt: skip
    # What was published beside it before the retraction stays as it was.
    assert told == {1: {1}, 3: set()}


@pytest.mark.slow
def test_a_proof_tells_it_and_holds_journal_and_warehouse_to_the_same(reported: Path) -> None:
    decide()
    retract()
    found = pipeline.verify(QUARTER, GOVERNMENT)
    assert (found.refused, found.differences) == ([], [])
    assert found.retraction == (1, THEN, BY, REASON)
    rows("UPDATE audit.retraction SET reason = '다른 까닭' RETURNING 1")
    assert pipeline.verify(QUARTER, GOVERNMENT).refused == [
        "일지에 2021Q4 1차의 철회 기록이 없거나 다릅니다.",
        "창고에 2021Q4 1차의 철회 기록이 없거나 다릅니다.",
    ]


def test_the_words_of_the_page_are_safe() -> None:
    notice = publish.Notice("2021Q4", 1, "가람구", AT.date(), r"<script>x</script>\1")
    page = publish.with_notice("<html><body class=x>\n<p>가</p>", notice)
    assert "<script>" not in page
    assert r"\1" in page
    assert publish.with_notice(page, notice) == page
