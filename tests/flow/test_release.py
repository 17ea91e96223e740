"""Releases: what stands in the way, what is frozen, and what a correction moves."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from etl import pipeline, publish
from etl.cli import main
from etl.figures import FigureRow
from etl.pipeline.publications import ReleaseFiles
from etl.problems import OutageError, SystemFault, UsageError
from etl.quarter import SEOUL
from etl.settings import settings
from etl.shown import figure_change
from etl.warehouse import dictionary, transaction, turn
from tests.conftest import Begin, registered
from tests.factories import GOVERNMENT, PLEDGES, QUARTER, register_workbook, return_workbook
from tests.joins import marts_joined

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)
APPROVED = pipeline.Decision("기획예산과장", AT + DAY, "결재 제1호")
COVERAGE = pipeline.Waiver(
    government_id=GOVERNMENT,
    rule_id="M-05",
    department_code="D03",
    pledge_id=None,
    first_quarter_id=QUARTER,
    last_quarter_id=QUARTER,
    expires_on=date(2022, 1, 31),
    approver="기획예산과장",
    reason="담당 공석, 다음 분기에 함께 보고",
)
D01 = [{"공약번호": "1-1", "이행률(%)": 60}, {"공약번호": "1-2", "이행률(%)": 50}]
D02 = [{"공약번호": "2-1", "이행률(%)": 30, "완료시기": "임기후", "완료연도": 2024}]
D03 = [{"공약번호": "2-2", "이행률(%)": 40}]


def rows(query: str, **asked: Any) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query), asked)]


def send(
    world: Path, name: str, progress: Sequence[Any], department: str = "D01", at: datetime = AT
) -> int:
    file = return_workbook(world / name, progress=progress, department=department)
    return int(pipeline.collect([str(file)], at=at).accepted)


def all_reported(home: Path) -> None:
    registered(home)
    assert send(home, "d1.xlsx", D01) == 2
    assert send(home, "d2.xlsx", D02, "D02") == 1
    assert send(home, "d3.xlsx", D03, "D03") == 1


@pytest.fixture
def reported(begin: Begin) -> Path:
    """All four pledges are reported: R1 = (60 + 50 + 30 + 40) / 4 = 45.0."""
    return begin(all_reported)


def decide(
    decision: pipeline.Decision = APPROVED, as_of: datetime | None = None
) -> pipeline.Released:
    return pipeline.release(QUARTER, GOVERNMENT, decision, as_of)


def released(revision: int, code: str = "R1") -> tuple[Any, ...]:
    (found,) = rows(
        "SELECT shown, numerator, denominator FROM mart.released_figure WHERE revision = :r"
        " AND figure_code = :c AND scope_type = 'all'",
        r=revision,
        c=code,
    )
    return found


def decisions() -> list[tuple[Any, ...]]:
    return rows("SELECT revision, decision, supersedes FROM audit.release ORDER BY release_id")


def blockers(as_of: datetime = AT + DAY) -> list[str]:
    lines: list[str] = pipeline.release_summary(QUARTER, GOVERNMENT, as_of).blockers
    return lines


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["gongyak", "release", QUARTER, *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


# -- approved, sent back, asked again -------------------------------------------------------------


@pytest.mark.slow
def test_an_approval_freezes_every_figure_and_says_who_and_why(reported: Path) -> None:
    facts = decide()
    assert (facts.outcome, facts.revision) == ("approved", 1)
    assert released(1) == ("45.0", 180, 4)
    assert rows("SELECT decided_by, decided_at, reason, as_of, is_demo FROM audit.release") == [
        ("기획예산과장", AT + DAY, "결재 제1호", AT + DAY, False)
    ]
    pipeline.refresh(QUARTER, GOVERNMENT, AT + DAY)
    columns = ", ".join(dictionary()["tables"]["mart.released_figure"]["columns"][3:-1])
    marts = rows(
        f"SELECT {columns} FROM mart.implementation_rate UNION ALL"
        f" SELECT {columns} FROM mart.budget_execution ORDER BY 1, 3, 4"
    )
    assert marts == rows(f"SELECT {columns} FROM mart.released_figure ORDER BY 1, 3, 4")
    assert len(marts) > 50


def test_the_columns_of_a_released_figure_are_those_of_a_figure() -> None:
    columns = dictionary()["tables"]["mart.released_figure"]["columns"]
    figure = [name for name in FigureRow.__dataclass_fields__]
    assert columns == ["government_id", "quarter_id", "revision", *figure[2:], "government_name"]


@pytest.mark.slow
def test_the_published_workbook_lies_beside_its_revision(reported: Path) -> None:
    facts = decide()
    folder = settings().published / GOVERNMENT / QUARTER / "r1"
    assert facts.folder == str(folder)
    pledges = load_workbook(folder / "취합.xlsx")["공약현황"]
    assert [cell.value for cell in pledges["B"][1:]] == [pledge["공약명"] for pledge in PLEDGES]


def _written(facts: pipeline.Released | ReleaseFiles) -> dict[str, bytes]:
    folder = Path(facts.folder)
    return {name: (folder / name).read_bytes() for name in facts.files}


@pytest.mark.slow
def test_lost_files_are_written_again_byte_for_byte_whatever_came_since(reported: Path) -> None:
    first = _written(decide())
    assert send(reported, "늦게.xlsx", [{**D03[0], "이행률(%)": 70}], "D03", AT + 2 * DAY) == 1
    shutil.rmtree(settings().published)
    again = pipeline.publish_again(QUARTER, GOVERNMENT)
    assert again.revision == 1
    assert _written(again) == first
    with pytest.raises(UsageError, match="2차 발표가 없습니다"):
        pipeline.publish_again(QUARTER, GOVERNMENT, 2)


@pytest.mark.slow
def test_what_would_be_computed_otherwise_is_not_written_again(reported: Path) -> None:
    first = _written(facts := decide())
    with transaction() as connection:
        connection.execute(text("UPDATE mart.released_figure SET shown = '46.0'"
                                " WHERE figure_code = 'R1' AND scope_type = 'all'"))  # fmt: skip
    with pytest.raises(SystemFault, match="그때와 다릅니다"):
        pipeline.publish_again(QUARTER, GOVERNMENT)
    assert _written(facts) == first


@pytest.mark.slow
def test_a_release_whose_files_cannot_be_written_holds_and_gets_them_later(
    reported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("etl.publish.WRITERS", (*publish.WRITERS, full))
        with pytest.raises(OutageError, match=r"No space left.*gongyak publish 2021Q4"):
            decide()
    assert decisions() == [(1, "approved", None)]
    assert list((settings().published / GOVERNMENT / QUARTER).iterdir()) == []
    assert decide().outcome == "unchanged"
    assert (settings().published / GOVERNMENT / QUARTER / "r1" / "취합.xlsx").exists()
    assert decisions() == [(1, "approved", None)]


@pytest.mark.slow
def test_asked_twice_with_nothing_changed_is_no_revision(reported: Path) -> None:
    decide()
    again = decide(replace(APPROVED, by="다른 사람", at=AT + 2 * DAY))
    assert again.outcome == "unchanged"
    assert again.summary.last.decided_by == "기획예산과장"
    assert decisions() == [(1, "approved", None)]


@pytest.mark.slow
def test_sent_back_is_recorded_with_its_reason_and_publishes_nothing(reported: Path) -> None:
    back = replace(APPROVED, is_approved=False, reason="2-1의 이행률을 다시 확인할 것")
    facts = decide(back)
    assert facts.outcome == "returned"
    assert decisions() == [(None, "returned", None)]
    assert rows("SELECT count(*) FROM mart.released_figure") == [(0,)]
    assert not (settings().published / GOVERNMENT / QUARTER / "r1").exists()
    with pytest.raises(UsageError, match="까닭이 없습니다"):
        decide(replace(back, reason=" "))
    assert decide(replace(APPROVED, at=AT + 2 * DAY)).revision == 1


@pytest.mark.slow
def test_two_people_at_once_make_one_revision(reported: Path) -> None:
    outcomes: list[tuple[str, str]] = []

    def ask(by: str) -> None:
        facts = decide(replace(APPROVED, by=by))
        outcomes.append((facts.outcome, by))

    threads = [Thread(target=ask, args=(by,)) for by in ("과장", "팀장")]
    with turn(GOVERNMENT):  # both wait at the same door
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcome for outcome, _ in outcomes) == ["approved", "unchanged"]
    assert decisions() == [(1, "approved", None)]


@pytest.mark.slow
def test_the_journal_keeps_the_decision(reported: Path) -> None:
    decide()
    (path,) = Path(settings().archive).glob(f"journal/{GOVERNMENT}/*-approval-*.jsonl")
    line = json.loads(path.read_text(encoding="utf-8"))
    assert (line["event"], line["decided_by"], line["reason"]) == (
        "approval", "기획예산과장", "결재 제1호",
    )  # fmt: skip
    assert (line["government_id"], line["quarter_id"], line["revision"]) == (
        GOVERNMENT, QUARTER, 1,
    )  # fmt: skip
    assert line["as_of"] == (AT + DAY).isoformat()


# -- a correction ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_correction_is_revision_2_and_tells_what_moved_and_why(reported: Path) -> None:
    decide()
    corrected = [{**D01[0], "이행률(%)": 80, "정정사유": "숫자가 뒤바뀜"}, D01[1]]
    assert send(reported, "d1b.xlsx", corrected, at=AT + 2 * DAY) == 2
    facts = decide(replace(APPROVED, at=AT + 3 * DAY))
    (figure,) = (f for f in facts.summary.figures if f.figure.figure_code == "R1")
    # (80 + 50 + 30 + 40) / 4 = 50.0, which is 5 more percentage points than 45.0.
    assert (figure.figure.shown, figure.change_to_published) == ("50.0", "+5.0 %p")
    assert decisions() == [(1, "approved", None), (2, "approved", 1)]
    assert (released(1)[0], released(2)[0]) == ("45.0", "50.0")
    moved = rows(
        "SELECT scope_type, scope_id, shown_before, shown_after, change_pp, report_change_count,"
        " register_change_count FROM mart.release_change WHERE figure_code = 'R1'"
        " AND scope_type IN ('all', 'field', 'department') ORDER BY 1, 2"
    )
    # 1-1 stands in D01 and 교육문화 with 1-2: (60 + 50) / 2 = 55.0 → (80 + 50) / 2 = 65.0.
    # Both came again in the new file.
    assert moved == [
        ("all", "", "45.0", "50.0", Decimal(5), 2, 0),
        ("department", "D01", "55.0", "65.0", Decimal(10), 2, 0),
        ("field", "교육문화", "55.0", "65.0", Decimal(10), 2, 0),
    ]
    why = rows(
        "SELECT pledge_id, cause, declared_rate_before_pct, declared_rate_after_pct,"
        " correction_reason FROM mart.release_pledge_change ORDER BY 1"
    )
    assert why == [("1-1", "report", 60, 80, "숫자가 뒤바뀜"), ("1-2", "report", 50, 50, None)]
    changes = {"release_change", "release_pledge_change"}
    assert marts_joined(sorted(changes)) == changes


@pytest.mark.slow
def test_a_pledge_that_the_register_drops_moves_the_revision_too(reported: Path) -> None:
    decide()
    merged = {"공약번호": "1-2", "일자": "2021-12-01", "구분": "통합", "변경후": "1-1"}
    register = register_workbook(reported / "r2.xlsx", changes=[merged])
    pipeline.register(str(register), at=AT + 2 * DAY)
    decide(replace(APPROVED, at=AT + 3 * DAY))
    assert rows(
        "SELECT pledge_id, difference_kind, cause, status_after FROM mart.release_pledge_change"
    ) == [("1-2", "removed", "register", None)]
    # (60 + 30 + 40) / 3 = 43.3
    assert released(2) == ("43.3", 130, 3)


@pytest.mark.slow
def test_a_file_between_the_summary_and_the_approval_waits_for_the_next_revision(
    reported: Path,
) -> None:
    shown = pipeline.release_summary(QUARTER, GOVERNMENT, AT + DAY)
    corrected = [{**D01[0], "이행률(%)": 80, "정정사유": "숫자가 뒤바뀜"}, D01[1]]
    send(reported, "d1b.xlsx", corrected, at=AT + 2 * DAY)
    pipeline.refresh(QUARTER, GOVERNMENT, AT + 2 * DAY)
    decide(replace(APPROVED, at=AT + 3 * DAY), as_of=shown.as_of)
    assert released(1)[0] == "45.0"
    sheet = load_workbook(settings().published / GOVERNMENT / QUARTER / "r1" / "취합.xlsx")
    rates = [row for row in sheet["공약현황"].iter_rows(values_only=True) if row[0] == "1-1"]
    assert 60 in rates[0]
    # The marts still show what the later file brought.
    assert rows(
        "SELECT shown FROM mart.implementation_rate WHERE figure_code = 'R1' AND scope_type = 'all'"
    ) == [("50.0",)]
    assert decide(replace(APPROVED, at=AT + 4 * DAY)).revision == 2
    # A summary from before revision 2 is no longer anyone's to approve.
    with pytest.raises(UsageError, match="더 새로운 자료로 2차"):
        decide(replace(APPROVED, at=AT + 5 * DAY), as_of=AT + DAY)


# -- what stands in the way -----------------------------------------------------------------------


@pytest.mark.slow
def test_coverage_below_100_needs_a_waiver_and_names_the_command(world: Path) -> None:
    send(world, "d1.xlsx", D01)
    send(world, "d2.xlsx", D02, "D02")
    (line,) = blockers()
    assert "다솜과의 공약 1건(2-2)" in line
    assert f"gongyak waive M-05 --department D03 --from {QUARTER} --to {QUARTER}" in line
    assert decide().outcome == "blocked"
    assert decisions() == []
    pipeline.waive(COVERAGE, at=AT)
    facts = decide()
    assert (facts.outcome, facts.summary.missing[0].reason) == ("approved", COVERAGE.reason)
    # Whoever reads what was published is told of the waiver, and not who decided it.
    (book,) = (name for name in facts.files if name.endswith("취합.xlsx"))
    sheet = load_workbook(Path(facts.folder) / Path(book).name)["점검예외"]
    told = [cell.value for cell in [*sheet.iter_rows()][-1]]
    assert told == ["M-05", "D03", "2-2", "이번 분기의 보고 없이 발표함", COVERAGE.reason,
                    "2022-01-31", "유효"]  # fmt: skip
    page = (Path(facts.folder) / "보고서.html").read_text(encoding="utf-8")
    assert COVERAGE.reason in page
    assert COVERAGE.approver not in page


@pytest.mark.slow
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"department_code": "D01"},
        {"pledge_id": "2-1"},
        {"first_quarter_id": "2022Q1", "last_quarter_id": None},
        {"expires_on": date(2022, 1, 5)},
        {"rule_id": "P-09"},
    ],
    ids=str,
)
def test_a_waiver_for_another_place_lets_nothing_pass(
    world: Path, elsewhere: dict[str, Any]
) -> None:
    send(world, "d1.xlsx", D01)
    send(world, "d2.xlsx", D02, "D02")
    pipeline.waive(replace(COVERAGE, **elsewhere), at=AT)
    assert len(blockers()) == 1


@pytest.mark.slow
def test_a_finding_without_its_reason_blocks(reported: Path) -> None:
    # Done at half its rate: P-09 wants a reason; the report in force stays the earlier one.
    half_done = [{**D01[0], "추진상황": "완료", "이행률(%)": 60, "정정사유": None}, D01[1]]
    send(reported, "half.xlsx", half_done, at=AT + timedelta(hours=1))
    (line,) = blockers()
    assert "가온과 half.xlsx" in line
    assert decide().outcome == "blocked"
    # As things stood before that file there is nothing in the way.
    assert blockers(AT) == []


def test_results_of_older_rules_block(reported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.pipeline.judgements.rule_version", lambda: "newer")
    (line,) = blockers()
    assert f"3개 있습니다. 발표한 것은 그대로입니다. 다음: gongyak recheck {QUARTER}" in line
    assert decide().outcome == "blocked"


def test_a_figure_that_does_not_recompute_stops_everything(
    reported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.figures.recount", lambda *_: {})
    with pytest.raises(SystemFault, match="두 계산이 다릅니다"):
        decide()
    assert decisions() == []


@pytest.mark.parametrize("damage", [b"x", None], ids=["changed", "lost"])
def test_a_damaged_archive_is_named_and_refused(reported: Path, damage: bytes | None) -> None:
    ((sha256,),) = rows("SELECT sha256 FROM audit.submission WHERE file_name = 'd2.xlsx'")
    path = Path(settings().archive) / "files" / sha256[:2] / sha256
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + damage)
    with pytest.raises(SystemFault, match=sha256):
        decide()
    assert decisions() == []


def test_a_quarter_without_reports_is_refused(world: Path) -> None:
    with pytest.raises(UsageError, match="보고가 하나도 없습니다"):
        decide()


# -- the shell and the change as people read it ---------------------------------------------------


@pytest.mark.slow
def test_the_shell_shows_decides_and_recognises(
    reported: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--at", "2022-01-06")
    assert run(monkeypatch, *at) == 0
    shown = capsys.readouterr().out
    assert "45.0" in shown
    assert "100.0 % (보고 대상 4건 가운데 4건)" in shown
    assert decisions() == []
    assert run(monkeypatch, "--auto-approve-for-demo", *at) == 0
    assert rows("SELECT is_demo, decided_by FROM audit.release") == [(True, pipeline.DEMO)]
    assert run(monkeypatch, "--by", "과장", *at) == 0
    assert "1차" in capsys.readouterr().out
    corrected = [{**D01[0], "이행률(%)": 80, "정정사유": "숫자가 뒤바뀜"}, D01[1]]
    send(reported, "d1b.xlsx", corrected, at=AT + 2 * DAY)
    assert run(monkeypatch, "--by", "과장", "--at", "2022-01-08") == 0
    told = capsys.readouterr().out
    assert "숫자가 뒤바뀜" in told
    assert "+5.00" in told


@pytest.mark.slow
def test_the_shell_exits_1_when_something_blocks(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    send(world, "d1.xlsx", D01)
    for arguments in (["--dry-run"], ["--by", "과장"], ["--auto-approve-for-demo"]):
        assert run(monkeypatch, *arguments, "--at", "2022-01-06") == 1
        assert "보고율이 100 %가 아닙니다" in capsys.readouterr().out
    assert decisions() == []


@pytest.mark.parametrize(
    ("code", "before", "after", "shown", "told"),
    [
        # 51/69 = 73.913…, 52/69 = 75.362…: 1.449… → 1.45, though 75.36 - 73.91 = 1.45 too.
        ("R2", Decimal(5100) / 69, Decimal(5200) / 69, "75.36", "+1.45 %p"),
        # 0.05 exactly is half: up, away from zero.
        ("R1", Decimal("10.00"), Decimal("10.05"), "10.1", "+0.1 %p"),
        ("R1", Decimal("10.05"), Decimal("10.00"), "10.0", "-0.1 %p"),
        ("R1", Decimal("10.04"), Decimal("10.00"), "10.0", "0.0 %p"),
        ("R1", None, Decimal(10), "10.0", None),
    ],
)
def test_a_change_of_rates_is_in_percentage_points(
    code: str, before: Decimal | None, after: Decimal, shown: str, told: str | None
) -> None:
    def figure(value: Decimal | None, text_shown: str) -> FigureRow:
        return FigureRow(
            QUARTER, GOVERNMENT, code, "", "all", "", "", Decimal(1), Decimal(1), value,
            text_shown, None, "", 1, 1, 0, 0, 1, Decimal(100), 0,
        )  # fmt: skip

    assert figure_change(figure(before, ""), figure(after, shown)) == told


def test_a_change_of_money_is_in_won() -> None:
    plan = FigureRow(
        QUARTER, GOVERNMENT, "PLAN", "", "all", "", "", Decimal(3_000_000), None, None,
        "3,000,000", None, "", 1, 1, 0, 0, 1, Decimal(100), 0,
    )  # fmt: skip
    assert figure_change(replace(plan, numerator=Decimal(5_500_000)), plan) == "-2,500,000 원"
    assert figure_change(None, plan) is None
