"""What analysts rely on: the marts' columns stay, or the changelog says so; the picture."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from etl import warehouse
from etl.warehouse import dictionary, mart_joins
from etl.warehouse.diagram import TableBox, diagram

ROOT = Path(__file__).parent.parent
# Each column as it was when analysts were last told: `table.column type`.
TOLD = Path(__file__).with_name("mart_columns.txt").read_text(encoding="utf-8").splitlines()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def untold(then: Iterable[str], now: Iterable[str], changelog: str) -> list[str]:
    """Return the columns that came, went or changed their type without `mart.table.column`."""
    changed = {line.split(" ", 1)[0] for line in set(then) ^ set(now)}
    return sorted(name for name in changed if f"`mart.{name}`" not in changelog)


def test_a_change_of_a_column_is_told(home: Path) -> None:
    _, rows = warehouse.analyst_query(
        "SELECT table_name || '.' || column_name || ' ' || data_type FROM mart.data_dictionary"
    )
    assert len(rows) > 200
    assert untold(TOLD, [line for (line,) in rows], CHANGELOG) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (["a.x text", "a.y integer"], []),
        (["a.x text"], ["a.y"]),
        (["a.x text", "a.y numeric"], ["a.y"]),
        (["a.x text", "a.y integer", "a.z date"], ["a.z"]),
    ],
)
def test_what_is_not_told_is_found(now: list[str], expected: list[str]) -> None:
    then = ["a.x text", "a.y integer"]
    assert untold(then, now, "") == expected
    assert untold(then, now, "".join(f"`mart.{name}`" for name in expected)) == []


def test_the_picture_is_that_of_the_catalogue(home: Path) -> None:
    drawn = (ROOT / "docs" / "erd.svg").read_text(encoding="utf-8")
    assert drawn == warehouse.mart_diagram(), "make erd"
    assert ElementTree.fromstring(drawn).tag.endswith("svg")  # noqa: S314  our own


# Keys of what `figure_evidence` tells with names: a thousand rows where others have one.
KEYS_ALONE = {"evidence_cell", "scope_member"}
COLUMNS = {
    name.removeprefix("mart."): set(table["columns"])
    for name, table in dictionary()["tables"].items()
    if name.startswith("mart.")
}


@pytest.mark.parametrize("mart", sorted(COLUMNS))
def test_names_stand_beside_codes(mart: str) -> None:
    columns = COLUMNS[mart]
    asked = {f"{name.removesuffix('_code')}_name" for name in columns if name.endswith("_code")}
    asked -= {"list_name"}  # of a list of codes
    asked |= {"government_name"} if "government_id" in columns else set()
    asked |= {"pledge_name", "field_name"} if "pledge_id" in columns else set()
    found = {name for name in asked if name in columns or name == f"{mart}_name"}
    assert found == (set() if mart in KEYS_ALONE else asked)


def test_a_join_names_columns_of_both_and_numbers_of_one() -> None:
    """Else a number would be ambiguous, or be taken from the side that has it once for many."""
    ends = ("_krw", "_pct", "_pp", "_count", "numerator", "denominator", "value", "shown")
    joins = [(mart, one) for mart, found in mart_joins().items() for one in found]
    assert len(joins) > 20
    for mart, one in joins:
        both = COLUMNS[mart] & COLUMNS[one.to]
        assert set(one.columns) <= both, (mart, one)
        shared = [name for name in both.difference(one.columns) if name.endswith(ends)]
        assert shared == [], (mart, one)


def test_every_mart_is_joined_to_or_from() -> None:
    joined = {mart for mart, found in mart_joins().items() if found}
    joined |= {one.to for found in mart_joins().values() for one in found}
    # A set has many governments, and a government stands in several sets.
    assert set(COLUMNS) - joined == {"code", "data_dictionary", "government_set"}


def test_a_join_is_a_line_and_a_text_of_the_picture() -> None:
    boxes = [
        TableBox("whole", "", [("q", "text", True)]),
        TableBox("part", "<&", [("q", "text", True), ("p", "text", True)]),
        TableBox("other", "", [("z", "text", False)]),
    ]
    joins = {"part": [("whole", False), ("other", True)]}
    drawn = ElementTree.fromstring(diagram(boxes, joins, "그림"))  # noqa: S314
    texts = list(drawn.itertext())
    assert ("<&" in texts, "→ whole" in texts, "⇢ other" in texts) == (True, True, True)
    lines = [one for one in drawn.iter() if one.tag.endswith("path")]
    assert [bool(one.get("stroke-dasharray")) for one in lines] == [False, True]
