"""What stands behind a figure: its cells by hand, and the sums for whatever is reported.

`World.figures` adds up the cells of every figure and scope, so each test beside this one does too.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import text

from etl.figures.evidence import EvidencePlace, evidence, require_agreement
from etl.figures.pledges import QuarterAsOf
from etl.problems import SystemFault
from etl.quarter import SEOUL, Quarter
from tests.figures.conftest import GU, MILLION, Configure, Money, World, demand, secured
from tests.figures.test_properties import STATUSES, lines

ASKED = GU, Quarter(2021, 4), datetime(2030, 1, 1, tzinfo=SEOUL)


def seeded(world: World) -> World:
    """Four pledges; rows count on from 3, in the register and in the return alike.

    Register (공약): 1 in row 3, 2 in 4, 3 in 5, 4 in 6. Return: 1 in row 7, its money in 8 to 10;
    2 (of the quarter before) in 11, its money in 12 and 13; 4 in 14. 3 never reported.
    """
    world.pledge("1")
    world.pledge("2", department="A,B", due_code="AFTER_TERM")
    world.pledge("3", department="B")
    world.pledge("4", department="B", field_name="교통")
    world.report("1", "2021Q4", "COMPLETED", 100, met=True, money=[
        secured("pre_term", 5),
        secured(2021, 10, executed=3, source="NATIONAL"),
        demand(2022, 20, executed=4),
    ])  # fmt: skip
    world.submission_id = world.submission("2021Q3", file_name="b.xlsx")
    world.report("2", "2021Q3", "ON_TRACK", "60.5", met=False, money=[
        secured("2020~2021", 30, executed=12), demand("post_term", 40)
    ])  # fmt: skip
    world.submission_id = world.submission("2021Q4", file_name="c.xlsx")
    world.report("4", "2021Q4", "ON_HOLD", 0)
    return world


def test_rates_stand_in_their_cells(world: World) -> None:
    figures = seeded(world).figures("2021Q4")
    assert figures["R1"].shown == "53.5"  # (100+60.5+0)/3 = 53.5
    assert world.behind("2021Q4", "R1") == [
        ("1", "numerator", "공약현황!D7", "100%", 100),
        ("1", "denominator", "공약현황!D7", "100%", 1),
        ("2", "numerator", "공약현황!D11", "60.5%", Decimal("60.5")),
        ("2", "denominator", "공약현황!D11", "60.5%", 1),
        ("4", "numerator", "공약현황!D14", "0%", 0),
        ("4", "denominator", "공약현황!D14", "0%", 1),
    ]
    # 2 is due after the term, 3 has no rate.
    assert [row[0] for row in world.behind("2021Q4", "R1_IN")] == ["1", "1", "4", "4"]
    assert [row[0] for row in world.behind("2021Q4", "R1", "field:교통")] == ["4", "4"]


def test_a_pledge_that_never_reported_stands_in_the_register(world: World) -> None:
    seeded(world).figures("2021Q4")
    assert world.behind("2021Q4", "R2") == [
        ("1", "numerator", "공약현황!C7", "완료", 1),
        ("1", "denominator", "공약현황!C7", "완료", 1),
        ("2", "denominator", "공약현황!C11", "정상추진", 1),
        ("3", "denominator", "공약!B5", "3", 1),
        ("4", "denominator", "공약현황!C14", "ON_HOLD", 1),
    ]
    numerators = [row for row in world.behind("2021Q4", "R4") if row[1] == "numerator"]
    assert [row[0] for row in numerators] == ["1", "2"]
    assert world.behind("2021Q4", "R3", "department:B") == [
        ("2", "denominator", "공약현황!C11", "정상추진", 1),  # 미달성 adds nothing
        ("3", "denominator", "공약!B5", "3", 1),
        ("4", "denominator", "공약현황!C14", "ON_HOLD", 1),
    ]
    assert world.behind("2021Q4", "R3", "department:A")[:2] == [
        ("1", "denominator", "공약현황!C7", "완료", 1),
        ("1", "numerator", "공약현황!E7", "달성", 1),
    ]


def test_the_register_cell_is_that_of_the_day_asked(world: World) -> None:
    world.pledge("1", valid_to="2021-10-01")  # row 3
    world.pledge("1", valid_from="2021-10-01", field_name="교통")  # row 4
    world.figures("2021Q3")
    assert world.behind("2021Q3", "R2") == [("1", "denominator", "공약!B3", "1", 1)]
    world.figures("2021Q4")
    assert world.behind("2021Q4", "R2") == [("1", "denominator", "공약!B4", "1", 1)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "scope", "expected"),
    [
        # (row and column of 예산, as written, added to the numerator, to the denominator)
        # secured / plan, all of it: (5+10+30)/(5+10+20+30+40)
        ("B1", "all:", [("D8", "5", 5, 5), ("D9", "10", 10, 10), ("E10", "20", None, 20),
                        ("D12", "30", 30, 30), ("E13", "40", None, 40)]),
        # without 기투자 and 임기후: (10+30)/(10+20+30)
        ("B2", "all:", [("D9", "10", 10, 10), ("E10", "20", None, 20), ("D12", "30", 30, 30)]),
        ("B3", "all:", [("D9", "10", None, 10), ("F9", "3", 3, None), ("E10", "20", None, 20),
                        ("F10", "4", 4, None), ("D12", "30", None, 30), ("F12", "12", 12, None)]),
        # executed to date, 2022's too, over secured up to 2021; 2020~2021 is over
        ("B5", "all:", [("D9", "10", None, 10), ("F9", "3", 3, None), ("F10", "4", 4, None),
                        ("D12", "30", None, 30), ("F12", "12", 12, None)]),
        # 2021 hides in 2020~2021: what is known of it is shown, there is no denominator
        ("B6", "all:", [("F9", "3", 3, None)]),
        ("B6", "funding_source:NATIONAL", [("D9", "10", None, 10), ("F9", "3", 3, None)]),
        ("B6", "fiscal_year:2022", [("F10", "4", 4, None)]),
        ("B6", "fiscal_year:2020~2021", [("F12", "12", 12, None)]),
        ("B1", "funding_source:NATIONAL", [("D9", "10", 10, 10)]),
        ("PLAN", "fiscal_year:pre_term", [("D8", "5", 5, None)]),
        ("PLAN", "fiscal_year:post_term", [("E13", "40", 40, None)]),
        ("EXECUTED", "all:", [("F9", "3", 3, None), ("F10", "4", 4, None),
                              ("F12", "12", 12, None)]),
        ("B4", "field:교통", []),
    ],
)  # fmt: skip
def test_money_stands_in_its_cells(
    world: World, code: str, scope: str, expected: list[tuple[Any, ...]]
) -> None:
    seeded(world).figures("2021Q4")
    found: dict[tuple[str, str], dict[str, Decimal]] = {}
    for _, part, cell, written, value in world.behind("2021Q4", code, scope):
        found.setdefault((cell.removeprefix("예산!"), written), {})[part] = value / MILLION
    assert [
        (*place, parts.get("numerator"), parts.get("denominator")) for place, parts in found.items()
    ] == expected


def test_the_mart_says_the_same_as_a_trace(world: World) -> None:
    seeded(world).figures("2021Q4")
    order = (
        "pledge_id, submission_id, sheet_name, LENGTH(cell), cell, part DESC, figure_code,"
        " scope_type, scope_id"
    )
    columns = (
        "figure_code, scope_type, scope_id, scope_name, part, pledge_id, submission_id,"
        " sheet_name, cell, as_written, value, reported_quarter_id"
    )
    mart = world.connection.execute(
        text(f"SELECT {columns} FROM mart.figure_evidence ORDER BY {order}")
    ).all()
    traced = [
        tuple(getattr(one, name.strip()) for name in columns.split(","))
        for one in evidence(world.connection, QuarterAsOf(*ASKED))
    ]
    assert sorted(map(repr, map(tuple, mart))) == sorted(map(repr, traced))
    assert len(mart) > 300


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form_code", "written", "expected"),
    [
        ("quarterly_return", ("홍길동 작성", "C"), ("공약현황", "C7", "홍길동 작성", "C7")),
        (
            "pledge_card",
            ("공약관리카드(홍길동)", "홍길동!D9"),
            ("공약관리카드", "D9", "공약관리카드(홍길동)", "홍길동!D9"),
        ),
        (
            "pledge_card",
            ("공약관리카드", "표1 2행4열"),
            ("공약관리카드", "표1 2행4열", "공약관리카드", "표1 2행4열"),
        ),
    ],
)
def test_a_name_that_a_sender_gave_a_sheet_stays_out_of_the_marts(
    world: World, form_code: str, written: tuple[str, str], expected: tuple[str, ...]
) -> None:
    """A sheet may be called anything and is read; only a trace says what it is called there."""
    seeded(world)
    sheet, place = written
    world.connection.execute(
        text("UPDATE audit.submission SET form_code = :form_code"), {"form_code": form_code}
    )
    world.connection.execute(
        text(
            "UPDATE audit.submission_table SET sheet_name = :sheet,"
            " columns = columns || jsonb_build_object('status', CAST(:place AS text))"
            " WHERE table_code = 'progress'"
        ),
        {"sheet": sheet, "place": place},
    )
    world.figures("2021Q4")
    in_mart = world.connection.execute(
        text(
            "SELECT sheet_name, cell FROM mart.figure_evidence"
            " WHERE figure_code = 'R2' AND scope_type = 'all' AND pledge_id = '1'"
        )
    ).all()
    traced = evidence(world.connection, QuarterAsOf(*ASKED), figure_code="R2", scope="all:")
    (numerator, _) = [one for one in traced if one.pledge_id == "1"]
    assert {(*row, numerator.sheet_name, numerator.cell) for row in in_mart} == {expected}
    kept = world.connection.execute(text("SELECT * FROM mart.evidence_cell")).all()
    assert kept
    assert "홍길동" not in repr(kept)


@pytest.mark.parametrize(
    ("letter", "field", "row", "expected"),
    [
        ("AB", "2021.secured", 7, "AB7"),  # the letter of the value itself
        (None, "status", 7, "C7"),  # the column of its field
        (None, "rate", 7, "표3 7행4열"),  # a place with a row to fill in
        (None, "target", 7, "카드!D7"),  # a whole place
        (None, "target", 8, "표1 2행4열"),  # a line with a place of its own
        ("표2 1행1열", "status", 7, "표2 1행1열"),
        (None, "unknown", 7, None),
        ("A", "status", None, None),
    ],
)
def test_a_place_is_told_as_letter_field_or_whole(
    world: World, letter: str | None, field: str, row: int | None, expected: str | None
) -> None:
    columns = (
        '{"status": "C", "rate": "표3 {row}행4열", "target": "카드!D7", "target@8": "표1 2행4열"}'
    )
    found = world.connection.execute(
        text(
            "SELECT core.cell_locator(CAST(:columns AS jsonb), CAST(:letter AS text),"
            " CAST(:field AS text), CAST(:row AS integer))"
        ),
        {"columns": columns, "letter": letter, "field": field, "row": row},
    )
    assert found.scalar() == expected


def test_one_cell_is_kept_once_whatever_counts_it(world: World) -> None:
    seeded(world).figures("2021Q4")
    kept = world.connection.execute(
        text(
            "SELECT cell, value, version, numerator_of, denominator_of FROM mart.evidence_cell"
            " WHERE pledge_id = '1' ORDER BY entry_number"
        )
    ).all()
    # 공약현황 row 7: status, rate, target; 예산 rows 8 to 10: 기투자, 2021 twice, 2022 twice.
    assert [tuple(row[:3]) for row in kept] == [
        ("C7", 1, 1), ("D7", 100, 1), ("E7", 1, 1), ("D8", 5 * MILLION, 1),
        ("D9", 10 * MILLION, 1), ("F9", 3 * MILLION, 1), ("E10", 20 * MILLION, 1),
        ("F10", 4 * MILLION, 1),
    ]  # fmt: skip
    by_cell = {row.cell: (row.numerator_of, row.denominator_of) for row in kept}
    assert by_cell["C7"] == (
        ["R2", "R2_ONLY", "R4", "STATUS_SHARE"], ["R2", "R2_ONLY", "R3", "R4", "STATUS_SHARE"],
    )  # fmt: skip
    assert by_cell["D7"] == (["R1", "R1_IN"], ["R1", "R1_IN"])
    assert by_cell["D8"] == (["B1", "PLAN", "SECURED"], ["B1", "B4"])


def test_a_report_carried_forward_points_at_its_own_file(world: World) -> None:
    seeded(world).figures("2021Q4")
    found = evidence(world.connection, QuarterAsOf(*ASKED), figure_code="R2", scope="all:")
    told = {e.pledge_id: (e.file_name, e.reported_quarter_id) for e in found}
    assert told == {
        "1": ("a.xlsx", "2021Q4"),
        "2": ("b.xlsx", "2021Q3"),
        "3": ("a.xlsx", None),  # the register
        "4": ("c.xlsx", "2021Q4"),
    }


def test_settings_decide_what_counts(world: World, configure: Configure) -> None:
    seeded(world).report("2", "2021Q4", "COMPLETED_ONGOING", 100)
    world.change("3", "2021-05-01", "HELD")
    configure(held_and_dropped_count=False, completed_ongoing_counts=False)
    world.figures("2021Q4")
    # 3 and 4 are held: neither the register nor the return counts them.
    assert [row[:2] for row in world.behind("2021Q4", "R2")] == [
        ("1", "numerator"), ("1", "denominator"), ("2", "denominator"),
    ]  # fmt: skip


def test_a_cell_leads_to_its_figures(world: World) -> None:
    seeded(world).figures("2021Q4")
    asked = EvidencePlace("b.xlsx", "예산", "D12")  # 30 백만원 of 2020~2021
    found = evidence(world.connection, QuarterAsOf(*ASKED), place=asked)
    whole = {(e.figure_code, e.part) for e in found if e.scope_type == "all"}
    assert whole == {
        ("B1", "numerator"), ("B1", "denominator"), ("B2", "numerator"), ("B2", "denominator"),
        ("B3", "denominator"), ("B4", "denominator"), ("B5", "denominator"),
        ("B5_VOTED", "denominator"), ("PLAN", "numerator"), ("SECURED", "numerator"),
    }  # fmt: skip
    assert {e.scope_id for e in found if e.scope_type == "department"} == {"A", "B"}
    assert {e.value for e in found} == {30 * MILLION}
    number = str(found[0].submission_id)
    assert (
        evidence(world.connection, QuarterAsOf(*ASKED), place=asked._replace(file=number)) == found
    )
    assert (
        evidence(world.connection, QuarterAsOf(*ASKED), place=asked._replace(file="a.xlsx")) == []
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE staging.quarterly_return__budget SET amount = amount + 1 WHERE fiscal_year = '2021'",
        "UPDATE core.fct_quarterly_budget SET _row = 99 WHERE fiscal_year = '2021'",
        "UPDATE staging.quarterly_return__progress SET rate = 99 WHERE pledge_id = '1'",
        "DELETE FROM audit.submission_table WHERE sheet_name = '공약'",
    ],
)
def test_a_figure_that_is_not_its_cells_is_our_fault(world: World, tampering: str) -> None:
    seeded(world).figures("2021Q4")
    world.connection.execute(text(tampering))
    with pytest.raises(SystemFault, match="칸을 더한 값이 지표와 다릅니다"):
        world.figures("2021Q4")


def test_each_part_is_compared(world: World) -> None:
    figure = seeded(world).figures("2021Q4")["R1"]
    found = evidence(world.connection, QuarterAsOf(*ASKED), figure_code="R1", scope="all:")
    require_agreement(figure, found)
    for part in ("numerator", "denominator"):
        with pytest.raises(SystemFault, match=r"2021Q4 R1\(all:\)"):
            require_agreement(replace(figure, **{part: Decimal(7)}), found)


REPORT = st.tuples(
    st.sampled_from(("2021Q2", "2021Q3", "2021Q4", "2021Q4")),
    st.sampled_from(STATUSES),
    st.one_of(st.none(), st.integers(0, 1000).map(lambda tenths: str(Decimal(tenths) / 10))),
    st.one_of(st.none(), st.booleans()),
    lines(),
)
PLEDGE = st.tuples(
    st.sampled_from(("A", "B", "A,B", "B,A")),
    st.sampled_from((None, "IN_TERM", "AFTER_TERM")),
    st.sampled_from((None, "HELD", "DROPPED", "COMPLETED", "MERGED")),
    st.lists(REPORT, max_size=3),
)


@pytest.mark.slow
@settings(max_examples=25)
@given(pledges=st.lists(PLEDGE, min_size=1, max_size=5), ongoing=st.booleans(), held=st.booleans())
def test_the_cells_add_up_whatever_is_reported(
    make_world: Callable[[], World],
    configure: Configure,
    pledges: list[tuple[str, str | None, str | None, list[tuple[str, str, Any, Any, list[Money]]]]],
    ongoing: bool,
    held: bool,
) -> None:
    configure(completed_ongoing_counts=ongoing, held_and_dropped_count=held)
    world = make_world()
    for number, (department, due, decision, reports) in enumerate(pledges):
        world.pledge(str(number), department, due_code=due, novelty_code="NEW")
        if decision:
            world.change(str(number), "2021-06-01", decision)
        for quarter, status, rate, met, money in reports:
            world.submission_id = world.submission(quarter)
            world.report(str(number), quarter, status, rate, money, met)
    world.figures("2021Q4")
