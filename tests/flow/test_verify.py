"""A release derived again from nothing but the archive: the same, or every difference is named."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from etl import pipeline, warehouse
from etl.cli import main
from etl.figures import FigureRow, compute
from etl.figures.pledges import QuarterAsOf
from etl.figures.released import freeze, released_rows
from etl.particles import with_particles
from etl.pipeline import checks, verification
from etl.pipeline.journal import note, write_journal
from etl.problems import UsageError
from etl.quarter import SEOUL, Quarter
from etl.warehouse import transaction
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, PLEDGES, register_workbook, return_workbook
from tests.flow.test_collect import rate
from tests.rules.card_cases import card_file

# Every replay makes a database of its own; what a journal must tell is in the everyday tests.
pytestmark = pytest.mark.slow

BEFORE = datetime(2021, 10, 5, 10, 0, tzinfo=SEOUL)
FIRST = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)
RELEASED = FIRST + 20 * DAY
OTHER = "3980000"  # 나봄구: no such code is given out
CARD = {
    "공약번호": "나눔-3",
    "공약명": "동네 쉼터 열 곳 만들기",
    "총사업비": 1140,
    "완료연도": 2022,
}
OWED = [{**PLEDGES[0], "주관부서코드": "D01,D03"}, *PLEDGES[1:], CARD]
MONEY = {"기투자": 1.5, "2021 확보액": 10, "2021 집행액": 3, "2022 확보액": "7,000"}
HALF_DONE = rate("1-2", 50, 추진상황="완료")


@pytest.fixture(scope="module")
def told(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home where everything that a journal tells has happened, and two revisions of 2021Q4."""
    with fresh_home(server, tmp_path_factory.mktemp("verify") / "home") as home:
        happen(home)
        yield home


def happen(home: Path) -> None:
    register(
        home / "register.xlsx",
        datetime(2021, 1, 4, 9, tzinfo=SEOUL),
        pledges=OWED,
        status_words=[{"말": "미흡"}],  # which the mended one drops
    )
    register(home / "other.xlsx", datetime(2021, 1, 5, 9, tzinfo=SEOUL),
             government={"기관코드": OTHER, "기관명": "나봄구"})  # fmt: skip
    send(
        home / "q3.xlsx",
        BEFORE,
        2,
        quarter="2021Q3",
        progress=[rate("1-1", 40), rate("1-2", 30, 추진상황="미흡")],
    )
    send(home / "first.xlsx", FIRST, 1, progress=[rate("1-1", 60)], budget=[MONEY])
    send(home / "second.xlsx", FIRST, 1, department="D02", progress=[rate("2-1", 10)])
    send(home / "neighbour.xlsx", FIRST, 1, progress=[rate("1-1", 77)],
         form={"government": OTHER})  # fmt: skip
    again = send(
        home / "again.xlsx", FIRST + DAY, 1, progress=[rate("1-1", 65, 정정사유="다시 셈")]
    )
    pipeline.withdraw(again, "총괄부서", "잘못 냄", at=FIRST + 2 * DAY)
    # Done at half its rate waits for a reason (P-09); a waiver lets it in.
    send(home / "half.xlsx", FIRST + 3 * DAY, 0, progress=[HALF_DONE])
    waiver = pipeline.waive(
        pipeline.Waiver(GOVERNMENT, "P-09", "D01", None, "2021Q4", None, date(2022, 12, 31),
                        "평가단", "정산만 남음"),
        at=FIRST + 4 * DAY,
    )  # fmt: skip
    send(home / "half.xlsx", FIRST + 5 * DAY, 1, progress=[HALF_DONE])
    pipeline.end_waiver(waiver.waiver_id, "평가단", "끝남", at=FIRST + 6 * DAY)
    # Whose a card is and of when says its folder.
    collect(card_file(home / GOVERNMENT / "2021Q4" / "card.hwpx"), FIRST + 7 * DAY, 1)
    mended = [
        {**pledge, "분야": "살림"} if pledge["공약번호"] == "2-2" else pledge for pledge in OWED
    ]
    register(home / "mended.xlsx", FIRST + 8 * DAY, pledges=mended)
    pipeline.recheck("2021Q4", GOVERNMENT, record=True, at=FIRST + 9 * DAY)
    approve(1, RELEASED)
    send(home / "late.xlsx", RELEASED + DAY, 1, progress=[rate("1-1", 90, 정정사유="준공")])
    approve(2, RELEASED + 2 * DAY)


def register(path: Path, at: datetime, **content: Any) -> None:
    assert pipeline.register(str(register_workbook(path, **content)), at=at).registers


def send(path: Path, at: datetime, accepted: int, **content: Any) -> int:
    return collect(return_workbook(path, **content), at, accepted)


def collect(path: Path, at: datetime, accepted: int) -> int:
    facts = pipeline.collect([str(path)], at=at)
    assert facts.accepted == accepted, pipeline.findings_of(facts.submission_ids)
    return int(facts.submission_ids[0])


def approve(revision: int, as_of: datetime) -> None:
    """Freeze the quarter as it is known then, as a release does."""
    key = {"government_id": GOVERNMENT, "quarter_id": "2021Q4", "revision": revision}
    row = {**key, "decision": "approved", "decided_by": "과장", "decided_at": as_of, "as_of": as_of,
           **checks.versions(), "completed_ongoing_counts": True, "held_and_dropped_count": True,
           "manifesto_decimals": 2, "other_decimals": 1, "is_demo": False}  # fmt: skip
    with transaction() as connection:
        compute(connection, QuarterAsOf(GOVERNMENT, Quarter(2021, 4), as_of))
        connection.execute(
            text(f"INSERT INTO audit.release ({', '.join(row)}) VALUES (:{', :'.join(row)})"), row
        )
        freeze(connection, revision)
        line = {**row, "decided_at": "", "as_of": as_of.isoformat()}
        note(connection, "approval", as_of, [(GOVERNMENT, line)])
    write_journal()


def databases() -> set[str]:
    engine = create_engine(warehouse.database_url("postgres"))
    with engine.connect() as connection:
        found = set(connection.execute(text("SELECT datname FROM pg_database")).scalars())
    engine.dispose()
    return found


def everything(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes()
            for top in ("archive", "outbox", "published", "logs") for p in (home / top).rglob("*")
            if p.is_file()}  # fmt: skip


def test_every_revision_comes_out_of_the_archive_again(told: Path) -> None:
    files, before = everything(told), databases()
    for revision, received in ((1, 9), (2, 10)):
        facts = pipeline.verify("2021Q4", GOVERNMENT, revision)
        assert (facts.refused, facts.differences, facts.versions) == ([], [], [])
        # register, q3, first, second, again, half twice, card, mended; then late.
        assert facts.files == received
        assert facts.figures > 50
        assert facts.cells > 30
    assert pipeline.verify("2021Q4", GOVERNMENT).revision == 2
    assert everything(told) == files
    assert databases() == before


def test_the_shell_says_that_all_is_the_same(
    told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell(monkeypatch, "2021Q4", "--government", GOVERNMENT, "--revision", "1") == 0
    assert "보관된 파일 9개에서 다시 낸 지표" in capsys.readouterr().out


def shell(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["gongyak", "verify", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@contextmanager
def changed(statement: str, undo: str) -> Iterator[None]:
    for one, wait in ((statement, True), (undo, False)):
        with transaction() as connection:
            assert connection.execute(text(one)).rowcount == 1
        if wait:
            try:
                yield
            except BaseException:
                with transaction() as connection:
                    connection.execute(text(undo))
                raise


def test_a_figure_changed_by_hand_is_shown_beside_what_it_was(
    told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = "WHERE revision = 1 AND figure_code = 'R1' AND scope_type = 'all'"
    with changed(
        f"UPDATE mart.released_figure SET numerator = numerator + 0.0000000001 {one}",
        f"UPDATE mart.released_figure SET numerator = numerator - 0.0000000001 {one}",
    ):
        assert shell(monkeypatch, "2021Q4", "--government", GOVERNMENT, "--revision", "1",
                     "--json") == 1  # fmt: skip
        (difference,) = json.loads(capsys.readouterr().out)["differences"]
    assert (difference["figure_code"], difference["scope_type"], difference["item"]) == (
        "R1", "all", "numerator",
    )  # fmt: skip
    # 60 + 50 + 10 + 60 of the card; 2-2 never reported.
    assert (difference["released"], difference["derived"]) == ("180.0000000001", "180")


def test_a_text_changed_by_hand_is_named_without_its_words(told: Path) -> None:
    one = (
        "WHERE report_id = (SELECT report_id FROM core.pledge_report, audit.release"
        f" WHERE pledge_report.government_id = '{GOVERNMENT}' AND pledge_id = '1-1'"
        " AND revision = 1 AND pledge_report.quarter_id = '2021Q4'"
        " AND accepted_at <= as_of AND superseded_at > as_of)"
    )
    with changed(
        f"UPDATE core.fct_quarterly_progress SET content = content || '!' {one}",
        f"UPDATE core.fct_quarterly_progress SET content = rtrim(content, '!') {one}",
    ):
        (difference,) = pipeline.verify("2021Q4", GOVERNMENT, 1).differences
    assert difference.item == "text 1-1 PROGRESS 1"
    assert difference.released != difference.derived
    assert {len(str(difference.released)), len(str(difference.derived))} == {12}


def test_a_fact_changed_by_hand_is_shown_with_its_cell(told: Path) -> None:
    one = "WHERE file_name = 'second.xlsx'"
    with changed(
        f"UPDATE audit.submission SET file_name = 'another.xlsx' {one}",
        "UPDATE audit.submission SET file_name = 'second.xlsx' WHERE file_name = 'another.xlsx'",
    ):
        found = pipeline.verify("2021Q4", GOVERNMENT, 1).differences
    told_of = [d for d in found if (d.figure_code, d.scope_type) == ("R1", "all")]
    assert [(d.item, d.released[:11], d.derived[:10]) for d in told_of] == [
        ("denominator 2-1", "another.xls", "second.xls"),
        ("numerator 2-1", "another.xls", "second.xls"),
    ]


@contextmanager
def damaged(path: Path, change: Callable[[bytes], bytes]) -> Iterator[None]:
    content = path.read_bytes()
    path.write_bytes(change(content))
    try:
        yield
    finally:
        path.write_bytes(content)


def sha256_of(file_name: str) -> str:
    with transaction() as connection:
        return str(
            connection.execute(
                text("SELECT sha256 FROM audit.submission WHERE file_name = :n"), {"n": file_name}
            ).scalar_one()
        )


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1], lambda c: c + b"\0", lambda c: bytes([c[0] ^ 1]) + c[1:]]
)
def test_a_damaged_file_is_named_and_refused(
    told: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[bytes], bytes],
) -> None:
    digest = sha256_of("q3.xlsx")
    with damaged(told / "archive" / "files" / digest[:2] / digest, change):
        assert shell(monkeypatch, "2021Q4", "--government", GOVERNMENT) == 1
    out = capsys.readouterr().out
    said = with_particles(f"보관된 파일 {digest}이(가) 바뀌었습니다.")
    assert f"{said} 접수 때의 이름은 q3.xlsx입니다." in out
    assert "다시 내지 못했습니다" in out


def test_a_missing_file_is_named_and_a_neighbours_does_not_matter(told: Path) -> None:
    mine, theirs = sha256_of("card.hwpx"), sha256_of("neighbour.xlsx")
    folder = told / "archive" / "files"
    for digest, refused in ((mine, 1), (theirs, 0)):
        path = folder / digest[:2] / digest
        path.rename(path.with_suffix(".away"))
        facts = pipeline.verify("2021Q4", GOVERNMENT, 1)
        path.with_suffix(".away").rename(path)
        assert [digest in line for line in facts.refused] == [True] * refused


def journal_files(told: Path, kind: str) -> list[Path]:
    journal = "receipts" if kind == "receipt" else GOVERNMENT
    return sorted((told / "archive" / "journal" / journal).glob(f"*-{kind}-*"))


def test_a_damaged_journal_is_named_and_refused(told: Path) -> None:
    path = journal_files(told, "withdrawal")[0]
    with damaged(path, lambda c: c.replace("총괄부서".encode(), "기획부서".encode())):
        facts = pipeline.verify("2021Q4", GOVERNMENT)
    assert facts.refused[0] == f"일지의 {GOVERNMENT}/{path.name}이 바뀌었습니다."  # 제이슨: 엔
    assert facts.cells == 0


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("receipt", r"일지에 번호 1의 접수 기록이 없습니다\."),
        ("read", r"일지에 묶음 1의 읽기 기록이 없습니다\."),
        ("check", r"일지에 묶음 1의 점검 기록이 없습니다\."),
        ("acceptance", r"일지에 번호 1의 적재 기록이 없습니다\."),
        ("withdrawal", r"일지에 번호 \d+의 철회 기록이 없습니다\."),
        ("waiver", r"일지에 번호 1의 점검예외 기록이 없습니다\."),
        ("waiver_end", r"일지에 번호 1의 점검예외 끝 기록이 없습니다\."),
        ("approval", r"일지에 2021Q4 1차의 승인 기록이 없습니다\."),
    ],
)
def test_what_the_journal_does_not_tell_is_named(told: Path, kind: str, missing: str) -> None:
    path = journal_files(told, kind)[0]
    path.rename(told / path.name)
    facts = pipeline.verify("2021Q4", GOVERNMENT, 1)
    (told / path.name).rename(path)
    assert len(facts.refused) == 1
    assert re.fullmatch(missing, facts.refused[0])


def test_another_version_is_named(
    told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    present = {**checks.versions(), "rule_version": "feedfacecafe"}
    monkeypatch.setattr(verification, "versions", lambda: present)
    assert shell(monkeypatch, "2021Q4", "--government", GOVERNMENT, "--revision", "1") == 0
    out = capsys.readouterr().out
    recorded = checks.versions()["rule_version"]
    assert f"다른 판: 발표할 때 규칙 {recorded}, 지금 feedfacecafe" in out
    # Nine batches and one recheck.
    assert f"다른 판: 점검 10번에서 규칙 {recorded}, 지금 feedfacecafe" in out


def test_a_figure_defined_since_a_release_is_no_difference(
    told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known_then(*asked: Any) -> list[FigureRow]:
        return [row for row in released_rows(*asked) if row.figure_code != "R2_ONLY"]

    monkeypatch.setattr(verification, "released_rows", known_then)
    missing = {d.figure_code for d in pipeline.verify("2021Q4", GOVERNMENT, 1).differences}
    assert missing == {"R2_ONLY"}  # of the same version it has to be there
    later = {**checks.versions(), "form_version": "feedfacecafe"}
    monkeypatch.setattr(verification, "versions", lambda: later)
    assert pipeline.verify("2021Q4", GOVERNMENT, 1).differences == []


def test_a_quarter_without_a_release_is_refused(told: Path) -> None:
    for quarter, revision in (("2021Q3", None), ("2021Q4", 3)):
        with pytest.raises(UsageError, match="gongyak release"):
            pipeline.verify(quarter, GOVERNMENT, revision)


def test_a_step_that_cannot_be_done_again_is_named_and_leaves_no_database(
    told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise UsageError("없는 단계입니다.", "", "")

    before = databases()
    monkeypatch.setattr("etl.pipeline.replay.withdraw", broken)
    facts = pipeline.verify("2021Q4", GOVERNMENT, 1)
    assert "철회를 다시 하지 못했습니다: 없는 단계입니다." in facts.refused[0]
    assert databases() == before
