"""취합.xlsx: every pledge and budget line of the marts, numbers as numbers, text as text."""

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.palette import AMOUNT, STATUS, bare
from etl.publish import read_publication, write_workbook
from etl.publish.ledger import ledger_columns, ledger_lines
from etl.quarter import Quarter
from tests.figures.conftest import GU, World, demand, secured
from tests.figures.publications import money, pledge, publication


@pytest.fixture
def collection(world: World, tmp_path: Path) -> Path:
    world.pledge("1-10", pledge_name="=1+1", due_year=2021)
    world.pledge("1-2", department="B", declared_total_krw=40_500_000)
    world.report(
        "1-2",
        "2021Q4",
        "COMPLETED",
        "99.5",
        [secured("pre_term", 5), secured(2021, 10, executed=4), demand("post_term", 7)],
        met=True,
    )
    world.figures("2021Q4")
    return write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path / "가")


def _records(sheet: Worksheet) -> list[dict[str, Any]]:
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


@pytest.mark.slow
def test_sheets_and_a_row_per_pledge_in_natural_order(collection: Path) -> None:
    book = load_workbook(collection)
    assert book.sheetnames == [
        *("표지", "그림", "공약현황", "예산", "공약가계부", "지표", "상태별", "연도별 재정"),
        *("연말 이행", "연말 재정", "분모변동", "미제출", "점검예외", "방법"),
    ]
    first, second = _records(book["공약현황"])
    assert (first["공약번호"], second["공약번호"]) == ("1-2", "1-10")
    assert (first["추진상황"], first["이행률(%)"], first["목표달성"]) == ("완료", 99.5, "달성")
    assert first["계획액\n(백만원)"] == 22  # 5+10+7
    assert first["확보액\n(백만원)"] == 15  # 5+10
    assert first["총사업비(대장)\n(백만원)"] == 40.5
    assert (second["추진상황"], second["계획액\n(백만원)"]) == ("미보고", None)
    assert book["공약현황"].freeze_panes == "C2"
    assert book["공약현황"].auto_filter.ref == "A1:Z3"


@pytest.mark.slow
def test_a_text_that_begins_like_a_formula_stays_text(collection: Path) -> None:
    cell = load_workbook(collection)["공약현황"]["B3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.slow
def test_a_row_per_budget_line(collection: Path) -> None:
    (line,) = _records(load_workbook(collection)["예산"])
    assert line["세부사업"] == "세부사업"
    assert (line["기투자"], line["임기후"]) == (5, 7)
    assert (line["2021\n확보액"], line["2021\n집행액"]) == (10, 4)
    assert (line["합계\n계획액"], line["합계\n확보액"], line["합계\n집행액"]) == (22, 15, 4)


@pytest.mark.slow
def test_figures_carry_numerator_denominator_and_rule(collection: Path) -> None:
    rows = {
        (r["지표 코드"], r["범위 이름"]): r for r in _records(load_workbook(collection)["지표"])
    }
    b1 = rows["B1", "전체"]
    assert (b1["값"], b1["단위"]) == (68.18, "%")  # 15/22
    assert (b1["분자"], b1["분모"]) == (15_000_000, 22_000_000)
    assert rows["PLAN", "전체"]["값"] == 22_000_000
    assert rows["R1", "A과"]["값"] == "해당 없음"
    assert rows["R1", "A과"]["값이 없는 까닭"]
    assert all(r["분모 규칙"] for r in rows.values())


@pytest.mark.slow
def test_counts_missing_reports_and_cover(collection: Path) -> None:
    book = load_workbook(collection)
    whole = _records(book["상태별"])[0]
    assert (whole["공약 수"], whole["완료"], whole["미보고"]) == (2, 1, 1)
    (missing,) = _records(book["미제출"])
    assert (missing["공약번호"], missing["상태"]) == ("1-10", "제출 없음")
    cover = " ".join(str(cell.value) for row in book["표지"].iter_rows() for cell in row)
    assert "가람구 공약 이행현황 취합" in cover
    assert "50.0 % (보고 대상 2건 가운데 1건)" in cover


@pytest.mark.slow
def test_the_same_marts_give_the_same_bytes(world: World, collection: Path, tmp_path: Path) -> None:
    again = write_workbook(
        read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path / "나"
    )
    assert again.read_bytes() == collection.read_bytes()


@pytest.mark.slow
def test_a_quarter_without_pledges_still_gives_a_workbook(world: World, tmp_path: Path) -> None:
    world.figures("2021Q4")
    path = write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path)
    assert load_workbook(path)["공약현황"]["A2"].value == "해당하는 줄이 없습니다."


def _money(world: World) -> None:
    """Two pledges of two sources: own 5 + 10 (4 spent) + 7, national 20 (20 spent)."""
    world.pledge("1", field_name="교통")
    world.pledge("2", field_name="복지")
    world.report("1", "2021Q4", "COMPLETED", 100, met=True, money=[
        secured("pre_term", 5), secured(2021, 10, executed=4), demand("post_term", 7),
    ])  # fmt: skip
    world.report("2", "2021Q4", "ON_HOLD", 10, money=[
        secured(2021, 20, executed=20, source="NATIONAL")
    ])  # fmt: skip
    world.figures("2021Q4")


@pytest.mark.slow
def test_the_ledger_adds_up_by_pledge_and_by_source(world: World, tmp_path: Path) -> None:
    _money(world)
    book = load_workbook(
        write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path)
    )
    lines = _records(book["공약가계부"])
    sums = ("합계\n계획액", "합계\n확보액", "합계\n집행액", "기투자", "2021\n확보액", "임기후")
    assert [(r["공약번호"], r["재원"], *(r[name] for name in sums)) for r in lines] == [
        ("전체", "계", 42, 35, 24, 5, 30, 7),  # 5+10+7+20, 5+10+20, 4+20
        ("전체", "국비", 20, 20, 20, None, 20, None),
        ("전체", "자체", 22, 15, 4, 5, 10, 7),
        ("1", "계", 22, 15, 4, 5, 10, 7),
        ("1", "자체", 22, 15, 4, 5, 10, 7),
        ("2", "계", 20, 20, 20, None, 20, None),
        ("2", "국비", 20, 20, 20, None, 20, None),
    ]
    years = {r["회계연도"]: r for r in _records(book["연도별 재정"])}
    assert list(years) == ["기투자", "2021년", "임기후"]
    assert years["2021년"]["집행률(확보 대비)\n(%)"] == 80  # 24/30


def test_half_a_million_is_a_number_with_its_decimal() -> None:
    lines = [
        SimpleNamespace(
            pledge_id="1", subproject_name="가", funding_source_code="OWN", fiscal_year=year,
            plan_krw=Decimal(plan), secured_krw=Decimal(plan), executed_krw=Decimal(0),
        )
        for year, plan in (("2020", 24_000_000), ("2021", 500_000))
    ]  # fmt: skip
    made = publication([pledge("1")], budget=lines)
    whole, _, of_pledge, of_source = ledger_lines(made).to_numpy().tolist()
    headers = [column.header for column in ledger_columns(made)]
    for line in (whole, of_pledge, of_source):
        told = dict(zip(headers, line, strict=True))
        amounts = [told["합계\n계획액"], told["2020\n계획액"], told["2021\n계획액"]]
        assert amounts == [Decimal("24.5"), 24, Decimal("0.5")]  # 24 + 0.5
        assert [type(amount) for amount in amounts] == [Decimal, int, Decimal]


@pytest.mark.slow
def test_the_yearly_tables_of_12_31(world: World, tmp_path: Path) -> None:
    _money(world)
    world.pledge("3", field_name="복지")  # never reported
    world.figures("2021Q4")
    book = load_workbook(
        write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path)
    )
    whole, traffic, welfare = _records(book["연말 이행"])
    counted = ("총 공약", "완료", "이행후계속추진", "정상추진", "일부추진", "보류", "폐기", "그 밖")
    assert [whole[name] for name in counted] == [3, 1, 0, 0, 0, 1, 0, 1]
    assert (whole["이행완료율\n(%)"], whole["목표달성률\n(%)"]) == (33.33, 33.33)  # 1/3
    assert (traffic["분야"], traffic["이행완료율\n(%)"]) == ("교통", 100)
    assert [welfare[name] for name in counted] == [2, 0, 0, 0, 0, 1, 0, 1]
    money = {r["재원"]: r for r in _records(book["연말 재정"])}
    assert list(money) == ["계", "국비", "자체"]
    own = money["자체"]
    # Whole 15 of 22 secured; within the term 10 planned and secured, 4 spent.
    assert (own["총계\n계획액"], own["총계\n확보액"], own["총계\n집행액"]) == (22, 15, 4)
    assert own["재정확보율\n(%)"] == 68.18
    assert (own["임기내\n계획액"], own["임기내\n확보액"], own["임기내\n집행액"]) == (10, 10, 4)
    assert (own["재정확보율\n임기내(%)"], own["집행률\n임기내(%)"]) == (100, 40)


def test_another_day_than_12_31_has_no_yearly_tables(world: World, tmp_path: Path) -> None:
    world.pledge("1")
    world.report("1", "2021Q3")
    world.figures("2021Q3")
    book = load_workbook(
        write_workbook(read_publication(world.connection, GU, Quarter(2021, 3)), tmp_path)
    )
    assert not [name for name in book.sheetnames if name.startswith("연말")]


def _drawn(path: Path) -> dict[str, list[str]]:
    """Title of each chart → the cells of its series."""
    found = {}
    for chart in load_workbook(path)["그림"]._charts:
        title = "".join(run.t for p in chart.title.tx.rich.p for run in p.r)
        found[title] = [series.val.numRef.f for series in chart.series]
    return found


@pytest.mark.slow
def test_charts_read_the_cells_of_the_sheets(world: World, tmp_path: Path) -> None:
    _money(world)
    path = write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path)
    assert _drawn(path) == {
        # 전체, 교통, 복지; 완료 and 보류 in columns D and E.
        "분야별 추진상황": ["'상태별'!$D$2:$D$4", "'상태별'!$E$2:$E$4"],
        "재원별 계획·확보·집행": [f"'공약가계부'!${c}$3:${c}$4" for c in "DEF"],
        "연도별 계획·확보·집행": [f"'연도별 재정'!${c}$2:${c}$4" for c in "BCD"],
    }


def test_charts_have_the_colours_of_the_page(world: World, tmp_path: Path) -> None:
    _money(world)
    path = write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path)
    status, source, year = (
        [one.graphicalProperties.solidFill.srgbClr for one in chart.series]
        for chart in load_workbook(path)["그림"]._charts
    )
    assert status == [bare(STATUS[code].fill) for code in ("COMPLETED", "ON_HOLD")]
    assert source == year == [bare(one.fill) for one in AMOUNT.values()]


def test_a_quarter_without_money_or_pledges_draws_what_it_has(world: World, tmp_path: Path) -> None:
    world.figures("2021Q4")
    empty = write_workbook(
        read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path / "가"
    )
    assert _drawn(empty) == {}
    world.pledge("1")
    world.report("1", "2021Q4")
    world.figures("2021Q4")
    moneyless = write_workbook(
        read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path / "나"
    )
    assert list(_drawn(moneyless)) == ["분야별 추진상황"]


def test_a_number_is_never_wider_than_its_column(tmp_path: Path) -> None:
    most = 9_900_000_000_001  # won: 9,900,000.000001 백만원
    path = write_workbook(
        publication([pledge("1", plan_krw=Decimal(most))], budget=[money("1", "2021", most, most, 1)]),
        tmp_path,
    )  # fmt: skip
    widest = 0
    for name in ("공약현황", "예산", "공약가계부"):
        sheet = load_workbook(path)[name]
        for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row):
            if isinstance(cell.value, float):
                shown = len(f"{Decimal(str(cell.value)):,}")
                widest = max(widest, shown)
                assert shown + 2 <= sheet.column_dimensions[cell.column_letter].width
    assert widest == len("9,900,000.000001")


def test_a_wide_table_prints_on_two_pages_and_names_its_rows_on_both(
    world: World, tmp_path: Path
) -> None:
    _money(world)
    path = write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path)
    book = load_workbook(path)
    pages = {sheet.title: sheet.page_setup.fitToWidth for sheet in book}
    assert (pages["지표"], pages["상태별"]) == (2, 1)
    assert book["지표"].print_title_cols == "$A:$B"
    assert book["상태별"].print_title_cols is None


@pytest.mark.slow
def test_texts_of_any_length_open_without_repair(world: World, tmp_path: Path) -> None:
    """What a spreadsheet would mend: a sheet's name over 31, a row over 409, a text over 32,767."""
    for number, name in enumerate(("분야 " * 12_000, "긴" * 300, "[가]:*?/\\나", "'=1+1")):
        world.pledge(str(number), field_name=name, pledge_name=name)
        world.report(str(number), "2021Q4", money=[secured(2021, 1)])
    world.figures("2021Q4")
    path = write_workbook(read_publication(world.connection, GU, Quarter(2021, 4)), tmp_path)
    book = load_workbook(path)
    assert len(book.sheetnames) == len({name.lower() for name in book.sheetnames})
    for sheet in book:
        assert len(sheet.title) <= 31
        assert not set(sheet.title) & set("[]:*?/\\")
        assert all((row.height or 0) <= 409 for row in sheet.row_dimensions.values())
        assert all(column.width <= 255 for column in sheet.column_dimensions.values())
        assert all(len(c.value) <= 32_767 for row in sheet for c in row if isinstance(c.value, str))
        # A name that is defined for a sheet names cells of that sheet.
        named = [name.attr_text for name in sheet.defined_names.values()]
        assert all(one.startswith(f"'{sheet.title}'!") for one in named)
