"""A second edition of the forms, from 2027Q1: files of both are read, each by its own edition.

The return has one renamed header (문제점 → 애로사항) and one more column (위험요인), the register one
renamed header that it cannot do without (공약명 → 공약이름), the card one renamed heading.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import text

from etl import form as forms, pipeline, staged, warehouse
from etl.answer import AnswerFinding, AnswerSummary, write_answer
from etl.documents.blocks import Paragraph
from etl.invite.invitation import Frame
from etl.invite.pledge_card import OutgoingAchievement, OutgoingCard, card_blocks
from etl.office.hwpx import write_hwpx
from etl.pipeline.reading import read_submission
from etl.quarter import SEOUL, Quarter
from etl.read_card import read_card
from etl.register.book import build_register
from etl.staged import StagedFile, stage_columns
from etl.warehouse import connection, contents, migrations, transaction
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, RETURN_HEADERS, cell_of, register_workbook, return_workbook

OLD, NEW = "2026-1", "2027-1"
PROGRESS = "staging.quarterly_return__progress"
NEW_HEADERS = {
    "공약현황": [
        "애로사항" if header == "문제점" else header for header in RETURN_HEADERS["공약현황"][:-1]
    ] + ["위험요인", "정정사유"],
}  # fmt: skip
SHIPPED, SQL = forms.FORMS, connection.SQL
# What a developer writes for the edition: a copy of the one before with these lines changed.
SECOND: Mapping[str, Mapping[str, str]] = {
    "quarterly_return": {
        'edition: "2026-1"': 'edition: "2027-1"\nfrom_quarter: 2027Q1',
        "problem: {header: 문제점,": "problem: {header: 애로사항,",
        "      correction_reason:": "      risk: {header: 위험요인, type: text}\n      correction_reason:",
        "reason: {header: 사유,": "reason: {header: 까닭,",
    },
    "register": {
        'edition: "2026-1"': 'edition: "2027-1"\nfrom_quarter: 2027Q1',
        "        header: 공약명\n": "        header: 공약이름\n",
    },
    "pledge_card": {
        'edition: "2026-1"': 'edition: "2027-1"\nfrom_quarter: 2027Q1',
        "goal: [정책목표,": "goal: [이루려는 것,",
    },
}
FRAME = Frame(
    Quarter(2026, 4), GOVERNMENT, "가람구", "DISTRICT", 9, date(2026, 7, 1), date(2030, 6, 30),
    date(2026, 12, 31), 2027, None, None, None,
)  # fmt: skip
MIGRATION = """
from alembic import op

revision, down_revision = "{after}_risk", "{after}"


def upgrade() -> None:
    op.execute("ALTER TABLE staging.quarterly_return__progress ADD COLUMN risk text")
"""


def at(month: int, day: int) -> datetime:
    return datetime(2027, month, day, 10, tzinfo=SEOUL)


def _use(patch: pytest.MonkeyPatch, folder: Path, kind: str = "text") -> None:
    """Ship the second edition: its files, and the migration that its new column needs."""
    copytree(SHIPPED, folder / "forms")
    for code, changes in SECOND.items():
        words = (SHIPPED / code / f"{OLD}.yml").read_text(encoding="utf-8")
        for before, after in changes.items():
            assert words.count(before) == 1, before
            words = words.replace(
                before, after.replace("위험요인, type: text", f"위험요인, type: {kind}")
            )
        (folder / "forms" / code / f"{NEW}.yml").write_text(words, encoding="utf-8")
    copytree(SQL, folder / "sql")
    versions = folder / "sql/migrations/versions"
    last = max(path.name for path in versions.glob("*.py")).partition("_")[0]
    (versions / "risk.py").write_text(MIGRATION.format(after=last), encoding="utf-8")
    patch.setattr(forms, "FORMS", folder / "forms")
    patch.setattr(connection, "SQL", folder / "sql")
    patch.setattr(contents, "SQL", folder / "sql")
    patch.setattr(migrations, "SQL", folder / "sql")
    _forget()


def _forget() -> None:
    for kept in (
        *(forms.editions, forms.stages, forms.sheet_names, forms.field_names, forms.form_version),
        *(staged.stage_columns, staged._telling_places),
    ):
        kept.cache_clear()


@pytest.fixture
def second(tmp_path: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _use(patch, tmp_path / "shipped")
        yield
    _forget()


def _return(path: Path, edition: str | None, quarter: str, **said: Any) -> Path:
    headers = NEW_HEADERS if edition == NEW else None
    form = {"term": 9, "edition": edition}
    return return_workbook(path, quarter=quarter, headers=headers, form=form, **said)


def _read(path: Path, edition: str | None = None) -> StagedFile:
    return read_submission(path.read_bytes(), path.name, edition)


def _row(found: StagedFile, stage: str = PROGRESS) -> dict[str, Any]:
    (row,) = found.rows[stage]
    return dict(zip(stage_columns(stage), row, strict=True))


def _said(found: StagedFile) -> list[tuple[str, str]]:
    return [(problem.code, problem.seen) for problem in found.problems]


# --- which edition ------------------------------------------------------------------------------


def test_what_ships_says_where_it_lies() -> None:
    """forms/FORM/EDITION.yml: the path and the file cannot say two things."""
    found = {
        (one.code, one.edition): SHIPPED / one.code / f"{one.edition}.yml"
        for code in forms.FORM_CODES
        for one in forms.editions(code)
        if code != forms.PUBLISHED
    }
    assert set(found.values()) == set(SHIPPED.glob("*/*.yml"))
    assert {code for code, _ in found} == {
        "quarterly_return", "register", "pledge_card", "attachment"
    }  # fmt: skip


def test_a_sheet_alone_is_the_register_s() -> None:
    alone, register = forms.form(forms.PUBLISHED), forms.form("register")
    assert (alone.edition, alone.title) == (register.edition, "공표값")
    assert alone.tables == (register.table(forms.PUBLISHED),)


def test_fields_keep_their_type_and_their_staging_column() -> None:
    """A staging column has one type, whichever edition fills it."""
    types: dict[tuple[str, str], set[str]] = {}
    for one in (one for code in forms.FORM_CODES for one in forms.editions(code)):
        for part in (part for t in one.tables for part in (t, t.also) if part):
            for field in part.fields:
                types.setdefault((part.stage, field.name), set()).add(field.type)
    assert not {place: found for place, found in types.items() if len(found) > 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edition", "quarter", "expected"),
    [
        (None, None, NEW),
        (None, "2026Q4", OLD),
        (None, "2027Q1", NEW),
        (None, "2031Q2", NEW),
        (OLD, "2031Q2", OLD),
        (NEW, "2026Q4", NEW),
        ("2031-1", "2026Q4", OLD),
        ("2031-1", None, NEW),
    ],
)
def test_the_named_edition_else_that_in_use_else_the_newest(
    second: None, edition: str | None, quarter: str | None, expected: str
) -> None:
    for code in (*SECOND, forms.PUBLISHED):
        assert forms.form(code, edition, quarter).edition == expected


def test_the_hash_of_the_forms_tells_of_a_new_edition(tmp_path: Path) -> None:
    before = forms.form_version()
    with pytest.MonkeyPatch.context() as patch:
        _use(patch, tmp_path)
        assert forms.form_version() != before
    _forget()
    assert forms.form_version() == before


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("named", "written", "quarter", "recorded"),
    [
        (OLD, OLD, "2026Q4", OLD),
        (OLD, OLD, "2027Q1", OLD),  # an old form for a new quarter
        (NEW, NEW, "2027Q1", NEW),
        (None, OLD, "2026Q4", OLD),
        (None, NEW, "2027Q1", NEW),
    ],
)
def test_a_return_is_read_by_the_edition_it_names_else_by_that_of_its_quarter(
    second: None, tmp_path: Path, named: str | None, written: str, quarter: str, recorded: str
) -> None:
    difficulty = "애로사항" if written == NEW else "문제점"
    row = {"공약번호": "1-1", difficulty: "터가 모자람"} | (
        {"위험요인": "물가"} if written == NEW else {}
    )
    path = return_workbook(
        tmp_path / "a.xlsx",
        quarter=quarter,
        progress=[row],
        headers=NEW_HEADERS if written == NEW else None,
        form={"edition": named},
    )
    found = _read(path)
    assert (_said(found), found.form_edition, found.quarter_id) == ([], recorded, quarter)
    staged_row = _row(found)
    assert staged_row["problem"] == "터가 모자람"
    assert staged_row["risk"] == ("물가" if written == NEW else None)


def test_an_edition_that_nobody_knows_is_told_with_the_one_in_use(
    second: None, tmp_path: Path
) -> None:
    found = _read(
        return_workbook(tmp_path / "a.xlsx", quarter="2026Q4", form={"edition": "2031-1"})
    )
    (problem,) = found.problems
    assert (problem.code, problem.seen, problem.expected) == ("unknown_edition", "2031-1", OLD)
    assert found.form_edition == "2031-1"


def test_a_file_of_the_other_edition_is_told_what_differs(second: None, tmp_path: Path) -> None:
    """Who types the new headers into an old form is told, as for any other column."""
    path = _return(tmp_path / "a.xlsx", NEW, "2027Q1")
    book = load_workbook(path)
    book["_form"]["B2"] = OLD
    book.save(path)
    assert sorted(_said(_read(path))) == [
        ("extra_column", "애로사항"),
        ("extra_column", "위험요인"),
        ("optional_column_missing", ""),
    ]


def test_a_register_names_no_edition_and_is_read_as_it_was_before(
    second: None, tmp_path: Path
) -> None:
    path = register_workbook(tmp_path / "대장.xlsx")
    assert ("missing_column", "") in _said(_read(path))  # by the newest: 공약이름
    found = _read(path, OLD)
    assert (_said(found), found.form_edition) == ([], OLD)
    book = build_register({})
    assert [cell.value for cell in book["공약"][1]][2] == "공약이름"


def test_a_card_is_read_by_the_edition_of_its_caption_and_as_it_was_before(second: None) -> None:
    frames = [FRAME, replace(FRAME, quarter=Quarter(2027, 1))]
    old, new = (
        card_blocks(OutgoingCard(frame, "1-1", "쉼터", "가온과", goal="쉬게 한다"))
        for frame in frames
    )
    headings = [
        [block.text for block in blocks if isinstance(block, Paragraph)][1] for blocks in (old, new)
    ]
    assert headings == ["□ 정책목표", "□ 이루려는 것"]
    header = "staging.pledge_card__header"
    for blocks, edition in ((old, OLD), (new, NEW)):
        found = read_card(blocks, "카드.hwpx")
        assert (found.form_edition, _row(found, header)["goal"]) == (edition, "쉬게 한다")
        assert read_card(blocks[1:], "카드.hwpx").form_edition == NEW  # no caption
        assert read_card(blocks, "카드.hwpx", OLD).form_edition == OLD


@pytest.mark.parametrize(("kind", "value"), [("text", "물가"), ("integer", 2029)])
def test_what_a_column_left_blank_adds_is_no_news(tmp_path: Path, kind: str, value: Any) -> None:
    """The same content has the same key before and after an edition adds a column."""
    path = return_workbook(tmp_path / "a.xlsx", quarter="2026Q4")
    before = _read(path).content_key
    with pytest.MonkeyPatch.context() as patch:
        _use(patch, tmp_path / "shipped", kind)
        assert _read(path).content_key == before
        blank = _read(_return(tmp_path / "b.xlsx", NEW, "2026Q4", progress=[{"위험요인": None}]))
        told = _read(_return(tmp_path / "c.xlsx", NEW, "2026Q4", progress=[{"위험요인": value}]))
        assert (
            blank.content_key
            == _read(
                return_workbook(tmp_path / "d.xlsx", quarter="2026Q4", form={"term": 9})
            ).content_key
        )
        assert told.content_key != blank.content_key
    _forget()


# --- what goes out ------------------------------------------------------------------------------


def test_a_finding_and_a_place_are_called_as_their_file_calls_them(second: None) -> None:
    names = forms.field_names()
    assert names[f"quarterly_return/{OLD}"]["problem"] == "문제점"
    assert names[f"quarterly_return/{NEW}"]["problem"] == names[""]["problem"] == "애로사항"
    assert forms.sheet_names()[f"pledge_card/{OLD}"]["pledge_card"] == "공약관리카드"


@pytest.mark.parametrize(("edition", "header"), [(OLD, "사유"), (NEW, "까닭")])
def test_reasons_written_on_an_answer_come_back_by_the_edition_of_the_file(
    second: None, tmp_path: Path, edition: str, header: str
) -> None:
    path = _return(tmp_path / "a.xlsx", edition, "2027Q1", progress=[{"이행률(%)": 130}])
    finding = AnswerFinding(
        "P-09", "acknowledge", "공약현황", "D3", [], "1-1", "130", "", "많습니다.", "a1b2", None
    )
    summary = AnswerSummary(
        1, "2027Q1", "가온과", at(4, 1), "0", 0, 0, 1, is_late=False, form_edition=edition
    )
    answer = write_answer(path.read_bytes(), "a.xlsx", [finding], summary, tmp_path / "answers")
    book = load_workbook(answer)
    sheet = book["점검결과"]
    place = next(cell for row in sheet.iter_rows() for cell in row if cell.value == header)
    sheet.cell(place.row + 1, place.column).value = "새 청사와 함께 셈"
    book.save(answer)
    row = _row(_read(answer), "staging.quarterly_return__reason")
    assert (row["fingerprint"], row["reason"]) == ("a1b2", "새 청사와 함께 셈")


# --- the whole way ------------------------------------------------------------------------------


def _headers(sheet: Worksheet) -> list[Any]:
    return [cell.value for cell in sheet[2]]


def _begin(home: Path) -> None:
    """The shipped edition alone: a register, a return and a card of 2026Q4, and its release."""
    term = {"민선기수": 9}
    owed = [
        {**term, "공약번호": number, "주관부서코드": owner, "완료연도": 2029, "예산구분": "비예산"}
        for number, owner in (("1-1", "D01"), ("2-1", "D02"))
    ]
    register = register_workbook(
        home / "register.xlsx",
        terms=[{**term, "시작일": "2026-07-01", "종료일": "2030-06-30"}],
        pledges=owed,
        subprojects=(),
        windows=[{"분기": "2026Q4"}, {"분기": "2027Q1"}],
    )
    assert pipeline.register(str(register), at=datetime(2026, 7, 2, 9, tzinfo=SEOUL)).registers
    first = {"공약번호": "1-1", "완료연도": 2029, "문제점": "터가 모자람"}
    _collect(_return(home / "first.xlsx", OLD, "2026Q4", progress=[first]), at(1, 5))
    # A card of 2026Q4 whose caption was cut off: nothing in it names an edition.
    card = OutgoingCard(
        FRAME, "2-1", "작은도서관 열 곳 짓기", "나래과", status_name="정상추진", rate_pct=60,
        due_name="임기내", due_year=2029, goal="맑게 한다", overview="- 물길", plan="물길 잇기",
        achievements=[OutgoingAchievement("2026Q4", None, "물길을 고름")],
    )  # fmt: skip
    path = write_hwpx(card_blocks(card)[1:], home / "2026Q4" / "card.hwpx", written_at=at(1, 6))
    _collect(path, at(1, 6))
    _release(1, at(1, 20))


def _release(revision: int, moment: datetime) -> None:
    decision = pipeline.Decision("과장", moment)
    facts = pipeline.release("2026Q4", GOVERNMENT, decision)
    assert facts.outcome == "approved", facts.summary.blockers
    assert facts.revision == revision


def _collect(path: Path, moment: datetime, accepted: int = 1) -> list[AnswerFinding]:
    facts = pipeline.collect([str(path)], at=moment)
    findings = pipeline.findings_of(facts.submission_ids)
    assert facts.accepted == accepted, findings
    return [one for one in findings if one.rule_id.startswith("F-")]


@pytest.mark.slow
def test_a_second_edition_takes_its_place_beside_the_first(server: Path, tmp_path: Path) -> None:
    with fresh_home(server, tmp_path / "home") as home, pytest.MonkeyPatch.context() as patch:
        try:
            _begin(home)
            _use(patch, tmp_path / "shipped")
            assert warehouse.migrate()
            _proved(home)
        finally:
            _forget()
            connection.sql_text.cache_clear()


def _proved(home: Path) -> None:
    # A release from before, and the register, the return and the card behind it, are what they were.
    facts = pipeline.verify("2026Q4", GOVERNMENT, 1)
    assert (facts.refused, facts.differences, facts.files) == ([], [], 3)
    assert {one.version for one in facts.versions} == {"form_version"}
    facts = pipeline.recheck("2026Q4", GOVERNMENT, at=at(2, 1))
    assert (facts.files, facts.stale_files, facts.differences) == (2, 2, [])

    # Each quarter is invited by its own edition; what the last report said is carried over.
    for quarter, edition, problem in (("2026Q4", OLD, "문제점"), ("2027Q1", NEW, "애로사항")):
        pipeline.invite(quarter, GOVERNMENT, at=at(3, 22))
        (path,) = (home / "outbox" / quarter / GOVERNMENT).glob("D01_*.xlsx")
        book = load_workbook(path)
        assert book["_form"]["B2"].value == edition
        sheet = book["공약현황"]
        assert ("위험요인" in _headers(sheet)) == (edition == NEW)
        assert sheet[cell_of(sheet, "1-1", problem)].value == "터가 모자람"

    # An old return that comes late is accepted, and so are both editions for the new quarter.
    late = {"공약번호": "2-1", "완료연도": 2029, "이행률(%)": 70, "정정사유": "다시 셈"}
    path = _return(home / "late.xlsx", OLD, "2026Q4", department="D02", progress=[late])
    assert [one.rule_id for one in _collect(path, at(1, 25))] == ["F-17"]  # 유예일이 지남
    row = {"공약번호": "1-1", "완료연도": 2029, "위험요인": "물가"}
    assert _collect(_return(home / "q1.xlsx", NEW, "2027Q1", progress=[row]), at(4, 2)) == []
    path = _return(home / "q1b.xlsx", OLD, "2027Q1", department="D02", progress=[late])
    assert _collect(path, at(4, 3)) == []
    with transaction() as opened:
        risks = opened.execute(
            text(f"SELECT pledge_id, risk FROM {PROGRESS} ORDER BY submission_id")
        )
        assert risks.all() == [("1-1", None), *[("2-1", None)] * 2, ("1-1", "물가"), ("2-1", None)]

    # An edition that nobody knows is refused; nothing of the file is loaded.
    path = _return(home / "far.xlsx", "2031-1", "2027Q1", progress=[{"공약번호": "1-1"}])
    (refused,) = [one for one in _collect(path, at(4, 4), 0) if one.level == "reject_file"]
    assert (refused.rule_id, refused.seen) == ("F-06", "2031-1")

    # A release of both is derived again from the archive.
    assert pipeline.recheck("2026Q4", GOVERNMENT, record=True, at=at(4, 19)).differences == []
    _release(2, at(4, 20))
    facts = pipeline.verify("2026Q4", GOVERNMENT, 2)
    assert (facts.refused, facts.differences, facts.files) == ([], [], 7)
