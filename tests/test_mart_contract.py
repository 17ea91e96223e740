"""What analysts rely on: the marts' columns stay, or the changelog says so; the picture."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from etl import warehouse
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
