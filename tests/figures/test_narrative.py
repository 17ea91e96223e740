"""What was done, in words: the texts of the report in force, as the marts and a release have them."""

from datetime import datetime
from typing import Any

from sqlalchemy import text

from etl.figures import compute, gather_attachments, gather_narrative
from etl.figures.pledges import QuarterAsOf
from etl.publish import read_publication
from etl.publish.publication import COMPUTED
from etl.quarter import Quarter, parse_moment
from tests.figures.conftest import GU, World

Said = tuple[Any, ...]
_COLUMNS = (
    "pledge_id, kind_code, entry_number, subproject_name, label, content, reported_quarter_id"
)


def written(world: World, report_id: int, **texts: str) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in texts)
    world.connection.execute(
        text(f"UPDATE core.fct_quarterly_progress SET {columns} WHERE report_id = :report_id"),
        {**texts, "report_id": report_id},
    )


def line(world: World, table: str, report_id: int, number: int, **values: Any) -> None:
    world.insert(f"core.{table}", report_id=report_id, entry_number=number, _table=1,
                 _row=world.next_row(), **values)  # fmt: skip


def refreshed(world: World, quarter: str = "2021Q4", as_of: str = "2030-01-01") -> list[Said]:
    world.figures(quarter, as_of)
    query = f"SELECT {_COLUMNS} FROM mart.pledge_narrative WHERE quarter_id = :q ORDER BY 1, 2, 3"
    return [tuple(row) for row in world.connection.execute(text(query), {"q": quarter})]


def computed(world: World, quarter: str = "2021Q4", as_of: str = "2030-01-01") -> list[Said]:
    """Return the same rows as a release reads them."""
    compute(world.connection, QuarterAsOf(GU, Quarter.parse(quarter), parse_moment(as_of)))
    gather_narrative(world.connection)
    gather_attachments(world.connection, parse_moment(as_of))
    query = f"SELECT {_COLUMNS} FROM pg_temp.pledge_narrative ORDER BY 1, 2, 3"
    return [tuple(row) for row in world.connection.execute(text(query))]


def test_every_kind_of_text_is_said(world: World) -> None:
    world.pledge("1")
    report = world.report("1", "2021Q4")
    written(
        world,
        report,
        content="문을 열었다",
        problem="자재 지연",
        plan="개관",
        correction_reason="오타",
    )
    world.insert("core.pledge_card", report_id=report, goal="살기 좋은 구", overview="도서관 1곳",
                 _table=1, _row=1)  # fmt: skip
    years = {"is_pre_term": False, "is_post_term": False}
    line(world, "yearly_plan", report, 1, subproject_name="본관", first_year=2021, last_year=2021,
         content="설계", **years)  # fmt: skip
    line(world, "yearly_plan", report, 2, subproject_name="본관", first_year=2021, last_year=2022,
         content="공사", **years | {"is_post_term": True})  # fmt: skip
    line(world, "achievement", report, 1, achieved_on=datetime(2021, 11, 2).date(), content="착공")  # noqa: DTZ001
    line(world, "achievement", report, 2, quarter_id="2021Q4", content="공정률 30%")
    line(world, "achievement", report, 3, content="민원 처리")
    line(world, "cooperation", report, 1, role_name="협조", body_name="건축과", content="설계 검토")
    line(world, "cooperation", report, 2, body_name="한빛건설(주)")
    expected = [
        ("1", "ACHIEVEMENT", 1, None, "2021-11-02", "착공", "2021Q4"),
        ("1", "ACHIEVEMENT", 2, None, "2021Q4", "공정률 30%", "2021Q4"),
        ("1", "ACHIEVEMENT", 3, None, None, "민원 처리", "2021Q4"),
        ("1", "COOPERATION", 1, None, "협조", "건축과: 설계 검토", "2021Q4"),
        ("1", "COOPERATION", 2, None, None, "한빛건설(주)", "2021Q4"),
        ("1", "GOAL", 1, None, None, "살기 좋은 구", "2021Q4"),
        ("1", "OVERVIEW", 1, None, None, "도서관 1곳", "2021Q4"),
        ("1", "PLAN_AHEAD", 1, None, None, "개관", "2021Q4"),
        ("1", "PROBLEM", 1, None, None, "자재 지연", "2021Q4"),
        ("1", "PROGRESS", 1, None, None, "문을 열었다", "2021Q4"),
        ("1", "YEARLY_PLAN", 1, "본관", "2021", "설계", "2021Q4"),
        ("1", "YEARLY_PLAN", 2, "본관", "2021~임기후", "공사", "2021Q4"),
    ]
    assert refreshed(world) == expected
    assert computed(world) == expected
    publication = read_publication(world.connection, GU, Quarter(2021, 4))
    assert [row.kind_name for row in publication.narrative] == [
        "정책목표", "사업개요", "연차별 추진계획", "연차별 추진계획", "추진내용", "문제점", "향후계획",
        "추진실적", "추진실적", "추진실적", "협업", "협업",
    ]  # fmt: skip
    again = read_publication(world.connection, GU, Quarter(2021, 4), COMPUTED)
    assert list(again.narrative) == list(publication.narrative)


def test_what_says_nothing_is_no_text(world: World) -> None:
    world.pledge("1")
    written(world, world.report("1", "2021Q4"), content="-", problem=" ", plan="○ 없음")
    assert [said[1:6] for said in refreshed(world)] == [("PLAN_AHEAD", 1, None, None, "○ 없음")]


def test_a_report_that_is_carried_forward_keeps_its_quarter(world: World) -> None:
    for number in ("1", "2"):
        world.pledge(number)
        written(world, world.report(number, "2021Q3"), content=f"{number}의 3분기")
    written(world, world.report("2", "2021Q4"), content="2의 4분기")
    assert [(said[0], *said[5:]) for said in refreshed(world)] == [
        ("1", "1의 3분기", "2021Q3"),
        ("2", "2의 4분기", "2021Q4"),
    ]


def test_it_is_what_was_known_at_a_moment(world: World) -> None:
    world.pledge("1")
    written(world, world.report("1", "2021Q4", accepted="2022-01-05"), content="처음")
    written(world, world.report("1", "2021Q4", accepted="2022-01-10"), content="고침")
    for day, content in (("2022-01-07", "처음"), ("2022-01-12", "고침")):
        assert [said[5] for said in refreshed(world, as_of=day)] == [content]
        assert [said[5] for said in computed(world, as_of=day)] == [content]
