"""What an invited return holds, worked out by hand from a small register and two old reports."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection, text

from etl import warehouse
from etl.form import form
from etl.invite import in_unit, write_invitations
from etl.invite.invitation import Frame, Invitation, InvitedLine
from etl.invite.return_book import build, money_columns
from etl.problems import UsageError
from etl.quarter import SEOUL, Quarter
from etl.settings import settings

GOVERNMENT = "3990000"
QUARTER = Quarter(2021, 4)
THEN = datetime(2018, 7, 1, tzinfo=SEOUL)
REPORTED = datetime(2021, 10, 8, 15, 0, tzinfo=SEOUL)
AS_OF = datetime(2022, 1, 3, 9, 0, tzinfo=SEOUL)

# 지역경제과 became 경제일자리과 on 2021-07-01, so on 2021-12-31 the successor files.
# 1-11 and 1-12 are 경제일자리과's; 2-1 is 복지과's; 2-2 is completed, 2-3 dropped, 2-4 absorbed by
# 2-1, 2-5 split into 2-6 and 2-7 (neither of which is confirmed yet), 2-8 belongs to 복지과 but
# its second owner is 문화과, 3-1 is 문화과's and completed only on 2022-01-01.
DEPARTMENTS = [
    ("D1", "지역경제과", date(2018, 7, 1), date(2021, 7, 1), "D9"),
    ("D9", "경제/일자리과", date(2021, 7, 1), None, None),
    ("D2", "복지과", date(2018, 7, 1), None, None),
    ("D3", "문화과", date(2018, 7, 1), None, None),
    ("D4", "체육과", date(2018, 7, 1), None, None),
]
PLEDGES = [
    ("1-11", "=전통시장 주차장", ["D1"], "BUDGET", date(2018, 7, 1)),
    ("1-12", "청년 창업", ["D1", "D2"], "BUDGET", date(2018, 7, 1)),
    ("2-1", "돌봄 조례", ["D2"], "NO_BUDGET", date(2018, 7, 1)),
    ("2-2", "어린이집", ["D4"], "BUDGET", date(2018, 7, 1)),
    ("2-3", "경로당", ["D4"], "BUDGET", date(2018, 7, 1)),
    ("2-4", "돌봄 센터", ["D4"], "BUDGET", date(2018, 7, 1)),
    ("2-5", "체육관", ["D4"], "BUDGET", date(2018, 7, 1)),
    ("2-6", "체육관 가", ["D4"], "BUDGET", date(2022, 1, 1)),
    ("2-8", "문화 복지", ["D2", "D4"], "BUDGET", date(2018, 7, 1)),
    ("3-1", "축제", ["D3"], "BUDGET", date(2018, 7, 1)),
]
CHANGES = [
    ("2-2", date(2021, 12, 31), "COMPLETED", None),
    ("2-3", date(2020, 1, 1), "DROPPED", None),
    ("2-4", date(2020, 1, 1), "MERGED", "2-1"),
    ("2-1", date(2020, 1, 1), "MERGED", "2-1"),
    ("2-5", date(2021, 12, 1), "SPLIT", "2-6, 2-7"),
    ("3-1", date(2022, 1, 1), "COMPLETED", None),
]
# Amounts of 1-11 in the report of 2021Q3, in won. 2021 was voted then, 2022 was not.
MONEY = [
    ("공영주차장", "국비", "pre_term", None, 30_000_000, 30_000_000, 0, True, "D", None),
    ("공영주차장", "국비", "2021", 2021, 1_200_500_000, 1_200_500_000, 500_000, True, "K", "L"),
    ("공영주차장", "국비", "2022", 2022, 700_000_000, 0, 0, False, "M", None),
    ("공영주차장", "국비", "post_term", None, 90_000_000, 0, 0, False, "O", None),
    ("공영주차장", "시비", "2018~2019", 2018, 40_000_000, 40_000_000, 0, True, "E", None),
    ("공영주차장", "시비", "2020", 2020, 0, 0, 0, True, "I", None),
]


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GONGYAK_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("GONGYAK_DATABASE_URL", raising=False)
        settings.cache_clear()
        warehouse.migrate()
        with warehouse.transaction() as opened:
            _fill(opened)
            yield opened
        warehouse.engine().dispose()
        warehouse.stop_embedded()
    settings.cache_clear()


def _insert(connection: Connection, table: str, **values: object) -> int:
    names = ", ".join(values)
    bound = ", ".join(f":{name}" for name in values)
    result = connection.execute(
        text(f"INSERT INTO {table} ({names}) VALUES ({bound}) RETURNING 1"),
        values,
    )
    return len(result.all())


def _fill(connection: Connection) -> None:
    _insert(
        connection,
        "audit.batch",
        purpose="collect",
        started_at=THEN,
        code_version="t",
        rule_version="t",
        form_version="t",
    )
    for sha256 in ("a" * 64, "0123456789abcdef" * 4):
        _insert(
            connection,
            "audit.submission",
            batch_id=1,
            file_name="공약대장.xlsx",
            source_uri="x",
            sha256=sha256,
            byte_count=1,
            received_at=THEN,
            state="loaded",
        )
    _fill_register(connection)
    _fill_reports(connection)


def _fill_register(connection: Connection) -> None:
    known = {"government_id": GOVERNMENT, "recorded_at": THEN, "_submission_id": 1, "_row": 2}
    _insert(
        connection,
        "core.dim_government",
        government_name="가람시",
        government_kind="CITY",
        government_class="CITY",
        **known,
    )
    _insert(
        connection,
        "core.dim_term",
        term_number=7,
        start_date=date(2018, 7, 1),
        end_date=date(2022, 6, 30),
        **known,
    )
    _insert(
        connection,
        "core.submission_window",
        quarter_id="2021Q4",
        start_date=date(2022, 1, 1),
        due_date=date(2022, 1, 10),
        grace_date=date(2022, 1, 14),
        reference_date=date(2021, 12, 31),
        voted_year=2022,
        **{**known, "_submission_id": 2},
    )
    for code, name, start, end, successor in DEPARTMENTS:
        _insert(
            connection,
            "core.dim_department",
            department_code=code,
            department_name=name,
            valid_from=start,
            valid_to=end or "infinity",
            successor_code=successor,
            **known,
        )
    for number, (pledge, name, owners, budget_class, confirmed) in enumerate(PLEDGES):
        _insert(
            connection,
            "core.dim_pledge",
            term_number=7,
            pledge_id=pledge,
            valid_from=confirmed,
            pledge_name=name,
            department_codes=owners,
            due_code="IN_TERM",
            due_year=2022,
            budget_class_code=budget_class,
            confirmed_date=confirmed,
            **{**known, "_row": number + 2},
        )
    for number, name in enumerate(("창업 공간", "창업 자금", "주차장 옛 이름")):
        _insert(
            connection,
            "core.dim_subproject",
            term_number=7,
            pledge_id="1-11" if number == 2 else "1-12",
            subproject_name=name,
            **{**known, "_row": number + 2},
        )
    for pledge, day, code, after in CHANGES:
        _insert(
            connection,
            "core.pledge_change",
            term_number=7,
            pledge_id=pledge,
            change_date=day,
            change_code=code,
            after_text=after,
            **known,
        )


def _fill_reports(connection: Connection) -> None:
    versions = [
        # pledge, quarter, version, superseded, status, rate
        ("1-11", "2021Q2", 1, None, "NOT_DUE", "10"),
        ("1-11", "2021Q3", 1, REPORTED, "BEHIND", "20"),
        ("1-11", "2021Q3", 2, None, "ON_TRACK", "62.50"),
        ("1-11", "2022Q1", 1, None, "COMPLETED", "100"),
        ("2-1", "2021Q3", 1, None, "COMPLETED_ONGOING", "100"),
    ]
    for report_id, (pledge, quarter, version, superseded, status, rate) in enumerate(versions, 1):
        _insert(
            connection,
            "core.pledge_report",
            government_id=GOVERNMENT,
            term_number=7,
            pledge_id=pledge,
            quarter_id=quarter,
            version=version,
            submission_id=1,
            received_at=REPORTED,
            accepted_at=THEN if superseded else REPORTED,
            superseded_at=superseded or "infinity",
            is_late=False,
        )
        _insert(
            connection,
            "core.fct_quarterly_progress",
            report_id=report_id,
            status_code=status,
            declared_rate_pct=Decimal(rate),
            is_target_met=None if pledge == "2-1" else False,
            content="=부지 매입\n완료",
            problem="-토지 보상",
            plan="+착공",
            _table=1,
            _row=3,
        )
    for row, (name, label, year, first, plan, secured, executed, is_secured, p, e) in enumerate(
        MONEY
    ):
        _insert(
            connection,
            "core.fct_quarterly_budget",
            report_id=3,
            subproject_name=name,
            funding_source_label=label,
            funding_source_code="NATIONAL" if label == "국비" else "OWN",
            fiscal_year=year,
            first_year=first,
            last_year=2019 if "~" in year else first,
            plan_krw=plan,
            secured_krw=secured,
            executed_krw=executed,
            is_secured_label=is_secured,
            _table=2,
            _row=3 + (label == "시비"),
            _plan_column=p,
            _executed_column=e,
        )
        assert row < len(MONEY)
    cooperation = {"role_name": "협력", "body_name": "중소벤처기업부", "content": "국비 지원"}
    _insert(
        connection, "core.cooperation", report_id=3, entry_number=1, _table=4, _row=3, **cooperation
    )
    contact = {"position_name": "팀장", "person_name": "가나다", "phone": "02-000-0000"}
    _insert(
        connection, "restricted.contact", report_id=3, entry_number=1, _table=5, _row=3, **contact
    )


@pytest.fixture(scope="module")
def folder(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outbox")
    write_invitations(connection, GOVERNMENT, QUARTER, AS_OF, folder)
    return folder


@pytest.fixture(scope="module")
def book(folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "D9_경제_일자리과.xlsx")


def _row(sheet: Worksheet, number: int) -> list[object]:
    return [cell.value for cell in sheet[number]]


@pytest.mark.slow
def test_each_owing_department_gets_one_workbook(folder: Path) -> None:
    # D4 has only decided, split and unconfirmed pledges; D1's successor D9 files for it.
    assert sorted(path.name for path in folder.iterdir()) == [
        "D2_복지과.xlsx",
        "D3_문화과.xlsx",
        "D9_경제_일자리과.xlsx",
    ]


def test_only_first_owners_pledges_that_owe_a_report(folder: Path) -> None:
    listed = {
        path.name[:2]: [
            cell.value
            for cell in openpyxl.load_workbook(path)["공약현황"]["A"][2:]
            if cell.value is not None
        ]
        for path in folder.iterdir()
    }
    assert listed == {"D9": ["1-11", "1-12"], "D2": ["2-1", "2-8"], "D3": ["3-1"]}


def test_sheets_and_headers_are_those_of_the_form(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [
        "안내", "공약현황", "예산", "추진실적", "협업", "담당자", "첨부", "_form",
    ]  # fmt: skip
    assert book["_form"].sheet_state == "hidden"
    assert _row(book["공약현황"], 2) == [
        "공약번호", "공약명", "추진상황", "이행률(%)", "목표달성", "완료시기", "완료연도",
        "추진내용", "문제점", "향후계획", "정정사유",
    ]  # fmt: skip
    # The term 2018-07..2022-06 touches five calendar years, and 2022 is voted: all 확보액.
    assert _row(book["예산"], 2) == [
        "공약번호", "공약명", "세부사업", "재원", "기투자",
        "2018 확보액", "2018 집행액", "2019 확보액", "2019 집행액", "2020 확보액", "2020 집행액",
        "2021 확보액", "2021 집행액", "2022 확보액", "2022 집행액", "임기후",
    ]  # fmt: skip
    assert _row(book["추진실적"], 2) == ["공약번호", "일자", "내용"]
    assert _row(book["협업"], 2) == ["공약번호", "구분", "기관", "내용"]
    assert _row(book["담당자"], 2) == ["공약번호", "직위", "이름", "전화"]
    assert "(단위: 백만원)" in book["예산"]["A1"].value


def test_no_merged_cells_formulas_or_repeated_headers(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert not sheet.auto_filter.ref
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def test_form_sheet_names_the_return(book: openpyxl.Workbook) -> None:
    # The calendar came with submission 2, the newest: its sha256 begins 0123456789ab.
    assert {row[0].value: row[1].value for row in book["_form"].iter_rows()} == {
        "form": "quarterly_return",
        "edition": form("quarterly_return").edition,
        "government": GOVERNMENT,
        "term": "7",
        "quarter": "2021Q4",
        "department": "D9",
        "register_version": "0123456789ab",
    }


def test_progress_starts_from_the_last_report_in_force(book: openpyxl.Workbook) -> None:
    # 2021Q3 version 2: version 1 is superseded, 2022Q1 is later than the quarter asked.
    assert _row(book["공약현황"], 3) == [
        "1-11", "=전통시장 주차장", "정상추진", 62.5, "미달성", "임기내", 2022,
        "=부지 매입\n완료", "-토지 보상", "+착공", None,
    ]  # fmt: skip
    # Never reported: only what the register says.
    assert _row(book["공약현황"], 4) == [
        "1-12", "청년 창업", None, None, None, "임기내", 2022, None, None, None, None,
    ]  # fmt: skip


def test_text_like_a_formula_stays_text(book: openpyxl.Workbook) -> None:
    for address in ("B3", "H3", "I3", "J3"):
        cell = book["공약현황"][address]
        assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert book["공약현황"]["A3"].number_format == "@"


def test_budget_starts_from_the_last_report_in_millions(book: openpyxl.Workbook) -> None:
    # 30,000,000 won = 30; 1,200,500,000 = 1200.5; 500,000 = 0.5; 2022's 투자수요 700 stands in
    # 확보액, marked; a blank executed cell stays blank, a 0 that was written stays 0.
    sheet = book["예산"]
    assert _row(sheet, 3) == [
        "1-11", "=전통시장 주차장", "공영주차장", "국비", 30, None, None, None, None, None, None,
        1200.5, 0.5, 700, None, 90,
    ]  # fmt: skip
    assert "투자수요" in sheet["N3"].comment.text
    # 2018~2019 has no column of its own: the amount stands in a note on 2018.
    assert _row(sheet, 4) == [
        "1-11", "=전통시장 주차장", "공영주차장", "시비", None, None, None, None, None, 0, None, *[None] * 5,
    ]  # fmt: skip
    assert "2018~2019년으로 확보액 40백만원" in sheet["F4"].comment.text


def test_budget_of_a_pledge_that_never_reported(folder: Path, book: openpyxl.Workbook) -> None:
    # 1-12 has two sub-projects; 2-1 is 비예산 (no line); 2-8 has none: it is its own.
    lines = [_row(book["예산"], number)[:4] for number in (5, 6)]
    assert lines == [
        ["1-12", "청년 창업", "창업 공간", None], ["1-12", "청년 창업", "창업 자금", None],
    ]  # fmt: skip
    other = openpyxl.load_workbook(folder / "D2_복지과.xlsx")["예산"]
    (line,) = [_row(other, number)[:4] for number in range(3, other.max_row + 1)]
    assert line == ["2-8", "문화 복지", "문화 복지", None]


def test_entries_of_the_last_report(book: openpyxl.Workbook) -> None:
    assert _row(book["협업"], 3) == ["1-11", "협력", "중소벤처기업부", "국비 지원"]
    assert _row(book["담당자"], 3) == ["1-11", "팀장", "가나다", "02-000-0000"]
    assert book["추진실적"].max_row == 2


def test_identifiers_are_locked_and_inputs_are_not(book: openpyxl.Workbook) -> None:
    progress, budget = book["공약현황"], book["예산"]
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        assert not sheet.protection.password
    assert not progress.protection.insertRows  # False: inserting is not locked
    assert progress["A3"].protection.locked
    assert progress["B3"].protection.locked
    assert budget["A3"].protection.locked
    assert budget["B3"].protection.locked
    assert all(cell.protection.locked for cell in budget[2])
    assert not any(cell.protection.locked for cell in progress[3][2:])
    assert not any(cell.protection.locked for cell in budget[3][2:])
    # Rows below the table take the column's style: open for more lines.
    assert not any(sheet.column_dimensions["A"].protection.locked for sheet in (progress, budget))


def _lists(sheet: Worksheet) -> dict[str, str]:
    return {
        str(check.sqref).split(":")[0]: check.formula1
        for check in sheet.data_validations.dataValidation
        if check.type == "list"
    }


def test_drop_downs_offer_canonical_names(book: openpyxl.Workbook) -> None:
    lists = _lists(book["공약현황"])
    assert lists["C3"] == (
        '"완료,이행후계속추진,정상추진,일부추진,시기미도래,장기추진,보류,폐기,통폐합,기타"'
    )
    assert lists["E3"] == '"달성,미달성"'
    assert lists["F3"] == '"임기내,임기후"'
    # A 시: 시비 is its own money, 도비 the upper tier's, 구비 and 군비 are refused.
    assert _lists(book["예산"])["D3"] == '"국비,도비,시비,교부세,조정교부금,기금,지방채,민자,기타"'
    assert _lists(book["예산"])["A3"] == "'공약현황'!$A$3:$A$4"


def test_rate_is_limited_to_a_percentage(book: openpyxl.Workbook) -> None:
    checks = book["공약현황"].data_validations.dataValidation
    rate = next(check for check in checks if check.type == "decimal")
    assert (str(rate.sqref), rate.formula1, rate.formula2) == ("D3:D1000", "0", "100")


def test_guide_names_deadlines_unit_and_statuses(book: openpyxl.Workbook) -> None:
    words = "\n".join(str(cell.value) for row in book["안내"].iter_rows() for cell in row)
    for expected in ("2022년 1월 10일(월)", "2022년 1월 14일(금)", "백만원", "이행후계속추진"):
        assert expected in words


def test_source_list_of_a_county_in_a_metropolitan_city_says_its_own_name() -> None:
    invitation = _small_invitation("DISTRICT", "바다군")
    lists = _lists(_saved(invitation)["예산"])
    assert "군비" in lists["D3"]
    assert "구비" not in lists["D3"]


def test_labels_follow_the_voted_year() -> None:
    # Voted up to 2019 of the term 2018-07..2022-06: 확보액 for 2018 and 2019, 투자수요 after.
    frame = _small_invitation("CITY", "가람시", voted_year=2019).frame
    headers = list(money_columns(form("quarterly_return").table("budget"), frame).values())
    assert headers == [
        "기투자", "2018 확보액", "2018 집행액", "2019 확보액", "2019 집행액",
        "2020 투자수요", "2020 집행액", "2021 투자수요", "2021 집행액",
        "2022 투자수요", "2022 집행액", "임기후",
    ]  # fmt: skip


def test_amounts_are_exact() -> None:
    assert in_unit(Decimal(1_234_567)) == Decimal("1.234567")
    assert in_unit(Decimal(5_800_000_000_000)) == 5_800_000
    assert in_unit(Decimal(0)) == 0


def test_an_earlier_workbook_of_ours_goes_and_a_strangers_stays(
    connection: Connection, tmp_path: Path
) -> None:
    write_invitations(connection, GOVERNMENT, QUARTER, AS_OF, tmp_path)
    (tmp_path / "D2_복지과.xlsx").rename(tmp_path / "D7_없어진과.xlsx")
    edited = openpyxl.load_workbook(tmp_path / "D3_문화과.xlsx")
    edited.properties.lastModifiedBy = "누군가"
    edited.save(tmp_path / "D8_고친것.xlsx")
    (tmp_path / "메모_총괄.xlsx").write_bytes(b"not a workbook")
    paths = write_invitations(connection, GOVERNMENT, QUARTER, AS_OF, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {
        *(p.name for p in paths), "D8_고친것.xlsx", "메모_총괄.xlsx",
    }  # fmt: skip


def test_same_input_same_bytes(connection: Connection, folder: Path, tmp_path: Path) -> None:
    for path in write_invitations(connection, GOVERNMENT, QUARTER, AS_OF, tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_unknown_government_is_refused(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="임기"):
        write_invitations(connection, "없음", QUARTER, AS_OF, tmp_path)
    assert not list(tmp_path.iterdir())


def _small_invitation(government_class: str, name: str, voted_year: int = 2022) -> Invitation:
    frame = Frame(
        quarter=QUARTER,
        government_id="1",
        government_name=name,
        government_class=government_class,
        term_number=7,
        term_start=date(2018, 7, 1),
        term_end=date(2022, 6, 30),
        reference_date=date(2021, 12, 31),
        voted_year=voted_year,
        due_date=None,
        grace_date=None,
        register_version=None,
    )
    progress = [{"pledge_id": "1-1", "pledge_name": "이름"}]
    return Invitation(frame, "D1", "과", progress, [InvitedLine("1-1")])


def _saved(invitation: Invitation) -> openpyxl.Workbook:
    content = io.BytesIO()
    build(invitation).save(content)
    return openpyxl.load_workbook(content)
