"""Cards beside the invited workbooks: which are written, from what, and what goes again."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from etl import pipeline
from etl.documents.blocks import Paragraph
from etl.documents.hwpx import read_hwpx
from etl.pipeline.invitations import Invited
from etl.quarter import SEOUL
from etl.read_card import read_card
from etl.staged import stage_columns
from tests.conftest import REGISTERED_AT
from tests.factories import GOVERNMENT, register_workbook, return_workbook

REPORTED = datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL)
INVITED = datetime(2021, 12, 20, 9, 0, tzinfo=SEOUL)


def _invite(at: datetime = INVITED) -> Invited:
    return pipeline.invite("2021Q4", GOVERNMENT, at, with_cards=True)


def _read(path: Path | str, stage: str) -> list[dict[str, Any]]:
    staged = read_card(read_hwpx(Path(path).read_bytes()), Path(path).name)
    assert staged.problems == []
    return [dict(zip(stage_columns(stage), row, strict=True)) for row in staged.rows.get(stage, [])]


def _texts(path: Path | str) -> list[str]:
    blocks = read_hwpx(Path(path).read_bytes())
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def _report(home: Path, quarter: str = "2021Q3", at: datetime = REPORTED, **tables: Any) -> None:
    path = return_workbook(home / f"{quarter}.xlsx", quarter=quarter, **tables)
    facts = pipeline.collect([str(path)], at=at)
    assert facts.accepted == 1, pipeline.findings_of(facts.submission_ids)


def test_one_card_per_owing_pledge_beside_one_workbook_per_department(world: Path) -> None:
    facts = _invite()
    folder = Path(facts.folder)
    assert sorted(path.name for path in folder.glob("*.xlsx")) == [
        "D01_가온과.xlsx", "D02_나래과.xlsx", "D03_다솜과.xlsx",
    ]  # fmt: skip
    assert sorted(str(Path(path).relative_to(folder)) for path in facts.cards) == [
        "cards/D01_가온과/1-1_작은도서관 열 곳 짓기.hwpx",
        "cards/D01_가온과/1-2_밤길 밝은 골목 만들기.hwpx",
        "cards/D02_나래과/2-1_개울 되살리기.hwpx",
        "cards/D03_다솜과/2-2_주민 회의 열기.hwpx",
    ]
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3 + 4


def test_without_the_option_no_card_is_written(world: Path) -> None:
    facts = pipeline.invite("2021Q4", GOVERNMENT, INVITED)
    assert facts.cards == []
    assert {path.suffix for path in Path(facts.folder).iterdir()} == {".xlsx"}


@pytest.mark.slow
def test_a_card_holds_the_report_in_force(world: Path) -> None:
    _report(
        world,
        progress=[{"이행률(%)": 62.5, "목표달성": "달성", "문제점": "터가 모자람\n사람도",
                   "향후계획": "착공"}],
        budget=[{"기투자": 30, "2021 확보액": 1200.5, "2021 집행액": 0.5, "2022 투자수요": 7},
                {"재원": "국비", "2018 확보액": 0, "임기후": 24.394}],
        achievements=[{"일자": "2021-08-15", "내용": "설계를 마침"}],
        cooperation=[{"구분": "협업부서", "기관": "나래과", "내용": "터 찾기"}],
        contacts=[{"직위": "주무관", "이름": "가나다", "전화": "000-0000"}],
    )  # fmt: skip
    path = _invite().cards[0]
    assert _texts(path)[0] == "2021년 4분기 공약관리카드 · 가람구(3990000)"
    (progress,) = _read(path, "staging.quarterly_return__progress")
    assert [progress[name] for name in ("pledge_id", "status", "rate", "target", "due", "due_year",
                                        "problem", "plan", "content")] == [
        "1-1", "정상추진", 62.5, "달성", "임기내", 2022, "터가 모자람\n사람도", "착공", None,
    ]  # fmt: skip
    (header,) = _read(path, "staging.pledge_card__header")
    assert (header["department_name"], header["project_type"]) == ("가온과", "신규/자체/시설")
    assert header["newest_quarter_id"] == "2021Q4"
    money = _read(path, "staging.quarterly_return__budget")
    # 2022 was 투자수요 and is voted now; 0.5 백만원 is 500,000 won.
    assert [(row["source_raw"], row["field"], row["amount"]) for row in money
            if not row["is_total"] and row["fiscal_year"] != "total"] == [
        ("구비", "pre_term.secured", 30_000_000),
        ("구비", "2021.secured", 1_200_500_000),
        ("구비", "2021.executed", 500_000),
        ("구비", "2022.secured", 7_000_000),
        ("국비", "2018.secured", 0),
        ("국비", "post_term.demand", 24_394_000),
    ]  # fmt: skip
    assert [text for text in _texts(path) if text.startswith("※")] == [
        "※ 2022년 확보액(본사업 구비): 지난 보고의 투자수요입니다. 의결된 예산(확보액)으로"
        " 고치십시오. 같으면 그대로 둡니다."
    ]
    (entry,) = _read(path, "staging.quarterly_return__achievement")
    assert (entry["achieved_on"], entry["content"]) == (date(2021, 8, 15), "설계를 마침")
    (quarter,) = _read(path, "staging.pledge_card__achievement_quarter")
    assert quarter["quarter_id"] == "2021Q3"
    (body,) = _read(path, "staging.quarterly_return__cooperation")
    assert (body["role_name"], body["body_name"], body["content"]) == (
        "협업부서", "나래과", "터 찾기",
    )  # fmt: skip
    (contact,) = _read(path, "restricted.quarterly_return__contact")
    assert (contact["position_name"], contact["phone"]) == ("주무관", "000-0000")


@pytest.mark.slow
def test_quarters_stand_in_order_and_a_report_without_entries_has_its_content(world: Path) -> None:
    # 2021Q2 tells only 추진내용; the quarter asked for has a report already, which is corrected.
    spring = datetime(2021, 7, 5, 9, 0, tzinfo=SEOUL)
    _report(world, "2021Q2", spring, progress=[{"추진내용": "터 찾는 중"}])
    _report(world, achievements=[{"일자": "2021-08-15", "내용": "설계를 마침"}])
    winter = datetime(2022, 1, 5, 9, 0, tzinfo=SEOUL)
    _report(world, "2021Q4", winter, achievements=[{"일자": "2021-11-15", "내용": "첫 삽을 뜸"}])
    lines = _texts(_invite(datetime(2022, 1, 6, 9, 0, tzinfo=SEOUL)).cards[0])
    assert lines[lines.index("□ 추진실적") + 1 : lines.index("□ 문제점")] == [
        "【21년 2분기】", "- 터 찾는 중",
        "【21년 3분기】", "- 2021. 8. 15. : 설계를 마침",
        "【21년 4분기】", "- 2021. 11. 15. : 첫 삽을 뜸",
    ]  # fmt: skip
    # As of the day of the invitation the last report was not known.
    lines = _texts(_invite().cards[0])
    assert lines[lines.index("□ 추진실적") + 1 : lines.index("□ 문제점")][-1] == "【21년 4분기】"


def test_a_pledge_that_never_reported_starts_from_the_register(world: Path) -> None:
    cards = _invite().cards
    for path in cards:
        (progress,) = _read(path, "staging.quarterly_return__progress")
        assert (progress["status"], progress["rate"], progress["content"]) == (None, None, None)
        assert _read(path, "staging.quarterly_return__budget") == []
    assert "- 비예산 사업" in _texts(cards[3])
    (progress,) = _read(cards[2], "staging.quarterly_return__progress")
    assert (progress["due"], progress["due_year"]) == ("임기후", 2024)


def test_the_same_moment_gives_the_same_bytes(world: Path) -> None:
    before = {path: Path(path).read_bytes() for path in _invite().cards}
    assert {path: Path(path).read_bytes() for path in _invite().cards} == before


def test_an_earlier_card_of_ours_goes_and_a_saved_one_stays(world: Path) -> None:
    first, second, *_ = map(Path, _invite().cards)
    gone = first.with_name("9-9_없어진 공약.hwpx")
    first.rename(gone)
    saved = second.with_name("9-8_고친 공약.hwpx")
    saved.write_bytes(second.read_bytes().replace(b"PK", b"PX"))
    notes = second.with_name("9-7_메모.hwp")
    notes.write_bytes(b"")
    _invite()
    assert not gone.exists()
    assert first.exists()
    assert saved.exists()
    assert notes.exists()


def test_names_are_safe_and_told_apart(home: Path) -> None:
    names = {
        "../1": "../../etc",
        "a/b": "쉼터",
        "a:b": "쉼터",
        "\U0001f3e0": "<b>'쉼터' & \"터\"</b>",
        "긴": "아주긴이름" * 60,
    }
    register = register_workbook(
        home / "register.xlsx",
        pledges=[{"공약번호": number, "공약명": name} for number, name in names.items()],
        subprojects=[],
    )
    pipeline.register(str(register), at=REGISTERED_AT)
    facts = _invite()
    folder = Path(facts.folder) / "cards" / "D01_가온과"
    found = {path.name for path in folder.iterdir()}
    # What no file name may hold is `_`, dots at the ends go; 90 bytes of a name are 30 syllables.
    assert found == {
        "_1__.._etc.hwpx",
        "a_b_쉼터.hwpx",
        "a_b_쉼터-2.hwpx",
        "\U0001f3e0__b_'쉼터' & _터_b_.hwpx",
        f"긴_{'아주긴이름' * 6}.hwpx",
    }
    back = {}
    for path in folder.iterdir():
        (progress,) = _read(path, "staging.quarterly_return__progress")
        back[progress["pledge_id"]] = progress["pledge_name"]
    assert back == names


@pytest.mark.slow
def test_three_hundred_cards(home: Path) -> None:
    pledges = [{"공약번호": f"{n // 10}-{n % 10}", "공약명": f"공약 {n}"} for n in range(300)]
    lines = [
        {"공약번호": p["공약번호"], "세부사업": f"사업 {n}"} for p in pledges for n in range(6)
    ]
    register = register_workbook(home / "register.xlsx", pledges=pledges, subprojects=lines)
    pipeline.register(str(register), at=REGISTERED_AT)
    cards = _invite().cards
    assert len({*cards}) == 300
    assert sum(Path(path).stat().st_size for path in cards) < 300 * 20_000
    for path in cards[::50]:
        assert _read(path, "staging.quarterly_return__budget") == []
