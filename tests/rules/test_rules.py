"""Every rule passes once and fails once, through the real reader, and names the right cell.

All workbooks go through one batch, as a quarter's files do: a rule that fires on another case's
passing workbook would show here too. Returns have headers in row 2 and values from row 3 (columns:
A 공약번호, C 추진상황, D 이행률 …; 예산: D 기투자, E/F 2018 확보·집행 … K/L 2021, M/N 2022, O 임기후);
registers have headers in row 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from etl import check, pipeline
from etl.quarter import SEOUL
from tests.conftest import fresh_home
from tests.factories import money_headers, register_workbook, return_workbook

EARLIER = datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL)
IN_TIME = datetime(2022, 1, 7, 10, 0, tzinfo=SEOUL)

PLEDGES = (
    {"공약번호": "1-1", "공약명": "작은도서관 열 곳 짓기", "주관부서코드": "D01", "총사업비": 100},
    {"공약번호": "1-2", "공약명": "밤길 밝은 골목 만들기", "주관부서코드": "D01"},
    {"공약번호": "1-3", "공약명": "지난 기한의 공약", "주관부서코드": "D01", "완료연도": 2020},
    {"공약번호": "1-4", "공약명": "돈 들지 않는 공약", "주관부서코드": "D01", "예산구분": "비예산"},
    {"공약번호": "1-5", "공약명": "접기로 한 공약", "주관부서코드": "D01"},
    {"공약번호": "2-1", "공약명": "개울 되살리기", "주관부서코드": "D02"},
)
CHANGES = ({"공약번호": "1-5", "구분": "폐기", "일자": "2021-08-01"},)


@dataclass
class Case:
    """One rule: the arguments of the workbooks that break it and keep it, and the cell it names."""

    rule_id: str
    fails: dict[str, Any]
    passes: dict[str, Any]
    cell: str | None
    related: list[str] = field(default_factory=list)
    write: Callable[..., Path] = return_workbook
    edit: Callable[[Path], None] | None = None
    edit_passing: Callable[[Path], None] | None = None

    def __str__(self) -> str:
        return self.rule_id


def progress(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"progress": rows}


def money(*rows: dict[str, Any], line: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"progress": [line or {}], "budget": rows, **more}


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no workbook, whatever its name says")


def encrypted(path: Path) -> None:
    from struct import pack

    # An OLE container with one directory entry named EncryptedPackage, as Excel writes it.
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    head = head.ljust(512, b"\xff")
    path.write_bytes(head + "EncryptedPackage".encode("utf-16-le").ljust(1024, b"\0"))


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def far_cell(path: Path) -> None:
    book = load_workbook(path)
    book["공약현황"]["XFD1048576"] = 1
    book.save(path)


def only(sheet: str) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        book = load_workbook(path)
        for name in book.sheetnames:
            if name != sheet:
                del book[name]
        book[sheet].delete_rows(1, 2)
        book.save(path)

    return edit


def without_identity(path: Path) -> None:
    book = load_workbook(path)
    del book["_form"]
    book.save(path)


def cell(
    sheet: str, address: str, value: Any, number_format: str = "General"
) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        book = load_workbook(path)
        book[sheet][address] = value
        book[sheet][address].number_format = number_format
        book.save(path)

    return edit


def hidden(path: Path) -> None:
    book = load_workbook(path)
    book["공약현황"].row_dimensions[3].hidden = True
    book.save(path)


def without(sheet: str) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        book = load_workbook(path)
        del book[sheet]
        book.save(path)

    return edit


def merged_status(path: Path) -> None:
    book = load_workbook(path)
    book["공약현황"].merge_cells("C3:C4")
    book.save(path)


def merged(path: Path) -> None:
    book = load_workbook(path)
    book["예산"].merge_cells("A3:A4")
    book.save(path)


PLAIN: dict[str, Any] = {}
LINE = {"2021 확보액": 10, "2021 집행액": 3}
NEW_YEAR = {"2022 확보액": 10}

CASES = [
    Case("F-01", PLAIN, PLAIN, None, edit=garbage),
    Case("F-02", PLAIN, PLAIN, None, edit=encrypted),
    Case("F-03", PLAIN, PLAIN, None, edit=truncated),
    Case("F-04", PLAIN, PLAIN, None, edit=far_cell),
    Case("F-05", PLAIN, PLAIN, None, edit=only("안내")),
    Case("F-06", PLAIN, PLAIN, None, edit=without_identity),
    Case("F-07", {"form": {"government": "0000000"}}, PLAIN, None),
    Case("F-08", {"department": "D99"}, PLAIN, None),
    Case("F-09", PLAIN, PLAIN, None, edit=cell("공약현황", "C2", "진행 정도")),
    Case("F-10", PLAIN, PLAIN, "E2", edit=cell("공약현황", "E2", "추진상황")),
    Case("F-11", PLAIN, PLAIN, "L2", edit=cell("공약현황", "L2", "비고")),
    Case("F-12", PLAIN, PLAIN, None, edit=cell("공약현황", "I2", None)),
    Case("F-13", PLAIN, PLAIN, None, edit=lambda path: rename(path, "공약현황", "현황표")),
    Case("F-14", {"unit": "만원"}, {"unit": "천원"}, None),
    Case("F-15", PLAIN, PLAIN, None, edit=hidden),
    Case("F-16", money(LINE, {"공약번호": None, "재원": "시비", **LINE}), PLAIN, None, edit=merged),
    Case("F-19", {"quarter": "2022Q3"}, PLAIN, None),
    Case("F-20", money({"2021 확보액": "9,327-"}), money({"2021 확보액": "9,327"}), "K3"),
    Case("F-21", PLAIN, PLAIN, "D3", edit=cell("공약현황", "D3", "#REF!"),
         edit_passing=cell("공약현황", "D3", 60)),
    Case("F-22", PLAIN, PLAIN, "A3", edit=cell("공약현황", "A3", date(2021, 1, 1), "m-d")),
    Case("F-24", PLAIN, PLAIN, None, edit=lambda path: copied(path, "공약현황")),
    # Typed as text with three decimals; as a number it would be a value like any other.
    Case("F-25", money({"2021 확보액": "24.394"}), money({"2021 확보액": 24.394}), "K3"),
    Case("F-26", money(LINE), money(LINE), "K3", edit=cell("예산", "K3", 40_000_000, "#,##0,,")),
    Case("F-28", PLAIN, PLAIN, None, edit=without("예산")),
    Case("F-29", progress({}, {"공약번호": "1-2"}), progress({}, {"공약번호": "1-2"}), "C4",
         edit=merged_status),
    Case("F-27", PLAIN, PLAIN, "D3", edit=cell("공약현황", "D3", "=30+30")),
    Case("P-01", progress({"공약번호": None}), PLAIN, "A3"),
    Case("P-02", progress({"공약번호": "9-9"}), PLAIN, "A3"),
    Case("P-03", progress({"공약번호": "2-1"}), PLAIN, "A3"),
    Case("P-04", progress({}, {"이행률(%)": 70}), progress({}, {"공약번호": "1-2"}), "A4", ["A3"]),
    Case("P-05", progress({"추진상황": None}), PLAIN, "C3"),
    Case("P-06", progress({"추진상황": "거의 완료"}), progress({"추진상황": "추진 중"}), "C3"),
    # The bound itself passes: 100 is a rate, 100.1 is not.
    Case("P-07", progress({"이행률(%)": 100.1}), progress({"추진상황": "완료", "이행률(%)": 100}), "D3"),
    Case("P-08", progress({"이행률(%)": None}), PLAIN, "D3"),
    Case("P-09", progress({"추진상황": "완료", "이행률(%)": 99.9}),
         progress({"추진상황": "완료", "이행률(%)": 100}), "D3", ["C3"]),
    Case("P-10", progress({"이행률(%)": 100}), progress({"이행률(%)": 99.9}), "C3", ["D3"]),
    # 1-3 was due in 2020; a pledge due in the reporting year itself is still in time.
    Case("P-11", progress({"공약번호": "1-3", "완료연도": 2020}), progress({"완료연도": 2022}), "C3", ["G3"]),
    Case("P-12", progress({"추진상황": "시기미도래", "이행률(%)": 60}),
         progress({"공약번호": "1-2", "추진상황": "시기미도래", "이행률(%)": 0}), "D3", ["C3"]),
    Case("P-13", progress({"공약번호": "1-2", "이행률(%)": 0.6}),
         progress({"공약번호": "1-2", "이행률(%)": 1}), "D3"),
    Case("P-14", progress({"목표달성": "거의"}), progress({"목표달성": "미달성"}), "E3"),
    Case("P-15", progress({"완료시기": "언젠가"}), PLAIN, "F3"),
    Case("P-16", progress({"완료연도": 2021}), progress({"완료연도": 2022}), "F3", ["G3"]),
    Case("P-17", progress({"공약명": "전혀 다른 이름"}), progress({"공약명": "작은 도서관 열 곳 짓기"}), "B3"),
    Case("P-18", progress({"공약번호": "1-5"}), progress({"공약번호": "1-5", "추진상황": "폐기"}), "C3"),
    Case("P-19", progress({"추진상황": "완료", "이행률(%)": 100}), PLAIN, "C3"),
    Case("P-20", progress({}, {"공약번호": "1-2", "추진상황": None, "이행률(%)": None, "완료시기": None,
                              "완료연도": None, "추진내용": None}), PLAIN, None),
    Case("B-01", money({"2021 확보액": -1}), money({"2021 확보액": 0}), "K3"),
    Case("B-02", money({"공약번호": None, **LINE}), money(LINE), "A3"),
    # 도비 means nothing for a 자치구, whose upper tier is a 시.
    Case("B-03", money({"재원": "도비", **LINE}), money({"재원": "시비", **LINE}), "C3"),
    Case("B-04", money(LINE, LINE), money(LINE, {"재원": "국비", **LINE}), "C4", ["C3"]),
    Case("B-05", money({"세부사업": None, **LINE}), money(LINE), "B3"),
    Case("B-06", money({"세부사업": "곁가지", **LINE}), money({"세부사업": "본 사업", **LINE}), "B3"),
    Case("B-07", money({"공약번호": "1-4", **LINE}, line={"공약번호": "1-4"}), money(LINE), "K3"),
    # Equal is allowed; a hundredth of a 백만원 above is not.
    Case("B-08", money({"2021 확보액": 3, "2021 집행액": 3.01}),
         money({"2021 확보액": 3, "2021 집행액": 3}), "L3", ["K3"]),
    Case("B-09", money({"2021 집행액": 3}), money(LINE), "L3"),
    Case("B-10", money({"2022 확보액": 3, "2022 집행액": 1}), money(LINE), "N3"),
    Case("B-11", money({"2022 투자수요": 3}, headers={"예산": [
        h.replace("2022 확보액", "2022 투자수요") for h in money_headers()]}), money(NEW_YEAR), "M3"),
    # Two parts of 10: rounding can move the total by (2 + 1) / 2 = 1.5, so 21.5 passes, 21.6 fails.
    Case("B-12", money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 10},
                       {"세부사업": "계", "재원": None, "2021 확보액": 21.6}),
         money({"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 10},
               {"세부사업": "계", "재원": None, "2021 확보액": 21.5}), "K5"),
    Case("C-01", {"progress": [{"공약번호": "1-2"}], "budget": [LINE]}, money(LINE), "A3"),
    Case("C-02", {"achievements": [{"공약번호": "1-2"}]}, {"achievements": [{}]}, "A3"),
    # 총사업비 is 100; a difference of exactly 1 백만원 is rounding, 2 is a difference.
    Case("C-03", money({"2021 확보액": 102}), money({"2021 확보액": 101}), "K3"),
    Case("C-04", progress({}, {"공약번호": "1-2"}, {"공약번호": "1-3", "추진상황": "일부추진"}),
         progress({}, {"공약번호": "1-2"}, {"공약번호": "1-3", "추진상황": "일부추진"},
                                 {"공약번호": "1-4"}), None),
    # The third quarter said 60 and executed 3.
    Case("H-01", progress({"이행률(%)": 59.9}), progress({"이행률(%)": 60}), "D3"),
    Case("H-02", money({"2021 확보액": 10, "2021 집행액": 2.99}), money(LINE), "L3"),
    # 10 → 10,000 is a factor of 1,000; 10 → 20 is none.
    Case("H-03", money({"2021 확보액": 10_000, "2021 집행액": 3}),
         money({"2021 확보액": 20, "2021 집행액": 3}), "K3"),
    # The third quarter's report had money; a return without any would put it to 0.
    Case("H-04", progress({}), money(LINE), "A3"),
]  # fmt: skip

REGISTER_CASES = [
    Case("R-01", {"government": {"기관명": None}}, PLAIN, "A2", write=register_workbook),
    Case("R-02", {"government": {"기관종류": "읍"}}, PLAIN, "C2", write=register_workbook),
    Case("R-03", {"terms": [{"종료일": "2018-06-30"}]}, PLAIN, "C2", ["D2", "B2"],
         write=register_workbook),
    Case("R-04", {"terms": [{}, {"민선기수": 8, "시작일": "2022-06-30", "종료일": "2026-06-30"}]},
         {"terms": [{}, {"민선기수": 8, "시작일": "2022-07-01", "종료일": "2026-06-30"}]},
         "C3", ["C2"], write=register_workbook),
    Case("R-05", {"departments": [{}, {"부서코드": "D02", "부서명": None}]}, PLAIN, "A3", ["B3"],
         write=register_workbook),
    Case("R-06", {"departments": [{}, {"부서명": "두 번째"}]}, PLAIN, "A3", ["A2"],
         write=register_workbook),
    Case("R-07", {"departments": [{"종료일": "2021-06-30", "승계부서코드": "D77"}]},
         {"departments": [{"종료일": "2021-06-30", "승계부서코드": "D02"},
                          {"부서코드": "D02", "부서명": "잇는과"}]}, "E2", write=register_workbook),
    Case("R-08", {"pledges": [{"공약명": None}]}, PLAIN, "B2", ["C2"], write=register_workbook),
    Case("R-09", {"pledges": [{}, {}]}, PLAIN, "B3", ["B2"], write=register_workbook),
    Case("R-10", {"pledges": [{"민선기수": 6}]}, PLAIN, "A2", write=register_workbook),
    Case("R-11", {"pledges": [{"주관부서코드": "D01, D99"}]}, {"pledges": [{"주관부서코드": "D01, D02"}]},
         "E2", write=register_workbook),
    Case("R-12", {"pledges": [{"완료시기": "곧"}]}, PLAIN, "G2", write=register_workbook),
    Case("R-13", {"pledges": [{"총사업비": -1}]}, {"pledges": [{"총사업비": 0}]}, "K2",
         write=register_workbook),
    Case("R-14", {"pledges": [{"확정일": "2022-07-01"}]}, {"pledges": [{"확정일": "2022-06-30"}]}, "L2",
         write=register_workbook),
    Case("R-15", {"subprojects": [{"공약번호": "8-8"}]}, PLAIN, "B2", ["C2"], write=register_workbook),
    Case("R-16", {"subprojects": [{}, {"세부사업": "본 사업"}]}, PLAIN, "C3", write=register_workbook),
    Case("R-17", {"changes": [{"공약번호": "8-8"}]}, {"changes": [{}]}, "B2", write=register_workbook),
    Case("R-18", {"changes": [{"구분": "바꿈"}]}, {"changes": [{}]}, "D2", ["C2"],
         write=register_workbook),
    Case("R-19", {"changes": [{"항목": "색깔"}]}, {"changes": [{"항목": "공약명"}]}, "E2",
         write=register_workbook),
    Case("R-20", {"windows": [{"마감일": "2022-01-10", "유예일": "2022-01-09"}]},
         {"windows": [{"마감일": "2022-01-10", "유예일": "2022-01-10"}]}, "A2", ["B2", "C2", "D2"],
         write=register_workbook),
    Case("R-21", {"pledges": [{"예산구분": "반예산"}]}, {"pledges": [{"예산구분": "비예산"}]}, "J2",
         write=register_workbook),
    Case("R-22", {"government": {"기관종류": "군", "상위기관코드": None}},
         {"government": {"기관종류": "군", "상위기관코드": "경상북도"}}, "D2", write=register_workbook),
]  # fmt: skip


# Rules about the moment or the place of receipt; each has a test of its own below.
BY_CIRCUMSTANCE = {"F-17", "F-18", "F-23"}


def rename(path: Path, sheet: str, name: str) -> None:
    book = load_workbook(path)
    book[sheet].title = name
    book.save(path)


def copied(path: Path, sheet: str) -> None:
    book = load_workbook(path)
    copy = book.copy_worksheet(book[sheet])
    copy.title = "둘째 장"
    copy["A3"] = "1-2"
    book.save(path)


def _write_all(folder: Path) -> list[str]:
    files = []
    for case in (*CASES, *REGISTER_CASES):
        for kind, arguments in (("fail", case.fails), ("pass", case.passes)):
            path = case.write(folder / f"{case.rule_id}-{kind}.xlsx", **arguments)
            edit = case.edit if kind == "fail" else case.edit_passing
            if edit:
                edit(path)
            # The same bytes are one file: a mark outside the tables keeps every case its own.
            if not edit:
                _mark(path, f"{case.rule_id} {kind}")
            files.append(str(path))
    return files


def _mark(path: Path, text: str) -> None:
    book = load_workbook(path)
    book.properties.title = text
    book.save(path)


@pytest.fixture(scope="module")
def findings(server: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Findings of every case's workbook, by file name; all of one batch."""
    folder = tmp_path_factory.mktemp("rules")
    with fresh_home(server, folder / "home"):
        register = register_workbook(folder / "register.xlsx", pledges=PLEDGES, changes=CHANGES)
        pipeline.register(str(register), at=EARLIER)
        earlier = return_workbook(folder / "earlier.xlsx", quarter="2021Q3", **money(LINE))
        assert pipeline.collect([str(earlier)], at=EARLIER)["accepted"] == 1
        by_file: dict[str, Any] = {}
        for finding in pipeline.dry_run(_write_all(folder / "cases"), at=IN_TIME)["findings"]:
            by_file.setdefault(finding["file"], []).append(finding)
    return by_file


def _of(findings: dict[str, Any], file: str, rule_id: str) -> list[dict[str, Any]]:
    return [f for f in findings.get(file, []) if f["rule_id"] == rule_id]


@pytest.mark.parametrize("case", [*CASES, *REGISTER_CASES], ids=str)
def test_a_rule_fires_on_its_fault_at_its_cell(case: Case, findings: dict[str, Any]) -> None:
    found = _of(findings, f"{case.rule_id}-fail.xlsx", case.rule_id)
    assert len(found) == 1, findings.get(f"{case.rule_id}-fail.xlsx")
    if case.cell:
        assert found[0]["cell"] == case.cell
    assert found[0]["related_cells"] == case.related or not case.related
    assert "{" not in found[0]["message"]


@pytest.mark.parametrize("case", [*CASES, *REGISTER_CASES], ids=str)
def test_a_rule_is_silent_without_its_fault(case: Case, findings: dict[str, Any]) -> None:
    assert _of(findings, f"{case.rule_id}-pass.xlsx", case.rule_id) == []


def test_every_rule_has_a_case() -> None:
    tested = {case.rule_id for case in (*CASES, *REGISTER_CASES)} | BY_CIRCUMSTANCE
    assert tested == {rule.id for rule in check.rules()}


def test_ids_are_unique_and_levels_known() -> None:
    rules = check.rules()
    assert len({rule.id for rule in rules}) == len(rules)
    assert {rule.level for rule in rules} <= set(check.LEVELS)
    assert {rule.table for rule in rules} <= set(check.RELATIONS)


def test_every_problem_of_the_reader_is_a_rule() -> None:
    """A code that no rule takes up would be silence."""
    from etl.problems import PROBLEM_CODES

    taken = {code for rule in check.rules() for code in PROBLEM_CODES
             if rule.table == "problem" and f"'{code}'" in (rule.condition or "")}  # fmt: skip
    assert taken == set(PROBLEM_CODES)


def test_a_file_after_the_grace_day_is_late(world: Path) -> None:
    # The grace day is 2022-01-17 in Seoul; 23:59 that day is in time, a minute later is not.
    path = return_workbook(world / "r.xlsx")
    last = datetime(2022, 1, 17, 23, 59, tzinfo=SEOUL)
    late = datetime(2022, 1, 18, 0, 0, tzinfo=SEOUL)
    assert _ids(pipeline.dry_run([str(path)], at=last)).isdisjoint({"F-17"})
    assert "F-17" in _ids(pipeline.dry_run([str(path)], at=late))


def test_a_file_before_the_window_is_told(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    before = datetime(2021, 12, 19, 23, 59, tzinfo=SEOUL)
    assert "F-18" in _ids(pipeline.dry_run([str(path)], at=before))
    assert "F-18" not in _ids(pipeline.dry_run([str(path)], at=IN_TIME))


def test_a_register_does_not_come_through_the_inbox(world: Path) -> None:
    inbox = world / "inbox"
    register_workbook(inbox / "register.xlsx", departments=({"부서명": "바뀐 이름"},))
    facts = pipeline.collect(at=IN_TIME)
    found = pipeline.findings_of(facts["submission_ids"])
    assert [f["rule_id"] for f in found if f["level"] == "reject_file"] == ["F-23"]


def _ids(facts: dict[str, Any]) -> set[str]:
    return {finding["rule_id"] for finding in facts["findings"]}


def test_a_refused_file_is_told_only_why(world: Path) -> None:
    """One cause, one message: without `_form` no pledge is unknown, the whole file is."""
    path = return_workbook(world / "r.xlsx", progress=[{}, {"공약번호": "1-2", "이행률(%)": 120}])
    without_identity(path)
    found = pipeline.dry_run([str(path)], at=IN_TIME)["findings"]
    assert [f["rule_id"] for f in found] == ["F-06"]


def test_a_total_row_may_say_so_in_the_place_of_the_number(world: Path) -> None:
    # Two parts of 10 and a printed 500 in a row whose 공약번호 is 합계.
    rows = [{"2021 확보액": 10}, {"재원": "국비", "2021 확보액": 10},
            {"공약번호": "합계", "세부사업": None, "재원": None, "2021 확보액": 500}]  # fmt: skip
    path = return_workbook(world / "r.xlsx", budget=rows)
    found = pipeline.dry_run([str(path)], at=IN_TIME)["findings"]
    assert [(f["rule_id"], f["cell"], f["expected"]) for f in found if f["level"] != "inform"] == [
        ("B-12", "K5", "20")
    ]


def test_a_total_over_blank_parts_is_checked_too(world: Path) -> None:
    rows = [{"2020 확보액": 10}, {"세부사업": "계", "재원": None, "2021 확보액": 500}]
    path = return_workbook(world / "r.xlsx", budget=rows)
    found = pipeline.dry_run([str(path)], at=IN_TIME)["findings"]
    assert [(f["rule_id"], f["cell"], f["expected"]) for f in found if f["level"] != "inform"] == [
        ("B-12", "K4", "0")
    ]


def test_a_check_says_that_nothing_was_received(world: Path) -> None:
    (answer,) = pipeline.dry_run([str(return_workbook(world / "r.xlsx", progress=[
        {}, {"공약번호": "1-2"}]))], at=IN_TIME)["answers"]  # fmt: skip
    told = Path(answer).read_text(encoding="utf-8")
    assert "접수하지 않았습니다" in told
    assert "접수번호" not in told
    assert "answers" not in Path(answer).parts
