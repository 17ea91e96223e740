"""The figures as data: every entry says of what it is made, and a mistyped one stops at load."""

import re
from pathlib import Path

import pytest

from etl.described import read_described
from etl.form import code_names
from etl.measures import FILE, Measures, measures
from etl.problems import SystemFault

FIGURES = Path(__file__).parents[2] / "sql" / "figures"


def test_what_ships_in_its_order() -> None:
    known = measures()
    assert known.amounts == ("PLAN", "SECURED", "EXECUTED")
    assert known.headlines[:2] == ("R1", "R1_IN")
    assert set(known.drawn) < set(known.headlines)
    assert known.of_one_year == ("B6",)
    assert [code for code, one in known.figures.items() if one.counts_pledges] == [
        code for code in known.figures if not code.startswith("B") and code not in known.amounts
    ]


@pytest.mark.parametrize("file", ["scope_sum", "evidence_cell"])
def test_every_sum_is_worked_out_and_has_its_cells(file: str) -> None:
    told = (FIGURES / f"{file}.sql").read_text(encoding="utf-8")
    parts = [part for one in measures().figures.values()
             for part in (one.numerator, one.denominator) if part]  # fmt: skip
    assert len(parts) > 20
    for part in parts:
        pattern = rf"AS {part.sum}\b" if file == "scope_sum" else rf"'{part.sum}'"
        assert re.search(pattern, told), f"{file}.sql: {part.sum}"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("    headline: true\n", "    headlin: true\n", r"`headlin`.*`headline`"),
        ("    unit: 원\n", "    unit: 천원\n", "unit"),
        ("    decimals: manifesto\n", "", r"비율\(%\)에는 denominator와 decimals가 있고"),
        ("due, project_type]\n", "due, projekt_type]\n", r"R1: scopes에 없는 범위 projekt_type"),
    ],
    ids=["key", "unit", "decimals", "scope"],
)
def test_a_mistyped_entry_stops_at_load(before: str, after: str, told: str, tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "measures.yml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SystemFault, match=rf"measures\.yml.*{told}"):
        read_described(path, Measures)


def test_the_kinds_of_scope_that_a_register_names_are_those_of_the_figures() -> None:
    assert code_names("scope_type") == dict(measures().scopes)
