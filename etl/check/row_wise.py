"""Great Expectations' row-wise expectations, each as a condition of PostgreSQL (`row_wise.yml`).

Great Expectations decides whether a rule is broken; the condition finds the rows that break it, so
that what is checked again without it finds the same.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from etl.described import Described, read_described

ROW_WISE = Path(__file__).with_suffix(".yml")


class _RowWise(Described):
    """The expectations by type, and what their arguments may be."""

    expected: Mapping[str, str]
    usual: Mapping[str, Any]
    words: Mapping[str, tuple[str, ...]]
    pair: Mapping[str, str]
    several: Mapping[str, str]

    def looked_at(self, template: str) -> Mapping[str, str]:
        """Return the ways to choose the rows of an expectation of more than one column."""
        if "{column_A}" in template:
            return self.pair
        return self.several if "{column_list}" in template else {}


@cache
def _known() -> _RowWise:
    return read_described(ROW_WISE, _RowWise)


def unexpected(expectation: Mapping[str, Any], relation: str) -> str:
    """Return the condition of the rows of a relation that break an expectation."""
    known = _known()
    template = known.expected[expectation["type"]]
    said = {name: _sql(name, value) for name, value in {**known.usual, **expectation}.items()}
    condition = f"NOT ({template.format(relation=relation, **said)})"
    ways = known.looked_at(template)
    if not ways:
        return condition
    columns = said.get("column_list") or f"{said['column_A']}, {said['column_B']}"
    way = ways[expectation.get("ignore_row_if", next(iter(ways)))]
    return f"{way.format(columns=columns)} AND {condition}"


def _sql(name: str, value: Any) -> str:
    if name == "match_on":
        return str(value)
    if name.startswith("column"):
        return ", ".join(f'"{one}"' for one in ([value] if isinstance(value, str) else value))
    return _literal(value)


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"({_literal(v)})" if isinstance(v, list) else _literal(v) for v in value)
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    return str(value) if isinstance(value, int | float) else text_literal(str(value))


def text_literal(value: str) -> str:
    """Return a text as PostgreSQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def row_wise(expectation: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an expectation that names the rows that break it.

    Raises ValueError for any other, saying what to write instead.
    """
    wrong = next(_wrong(expectation), None)
    if wrong is not None:
        raise ValueError(wrong)
    return expectation


def _wrong(expectation: Mapping[str, Any]) -> Iterator[str]:
    known = _known()
    kind, told = str(expectation.get("type", "")), expectation.keys() - {"type"}
    if not kind:
        yield "type을 적으십시오"
    if kind not in known.expected:
        likely = "·".join(get_close_matches(kind, known.expected, n=2))
        yield (
            f"{kind} 기대는 어긋난 행을 하나하나 가리키지 않습니다."
            f" 행마다 보는 기대{f'({likely} 등)' if likely else ''}로 바꾸거나 where로 적으십시오"
        )
        return
    template = known.expected[kind]
    named = {name for _, name, _, _ in Formatter().parse(template) if name} - {"relation"}
    ways = known.looked_at(template)
    taken = named | ({"ignore_row_if"} if ways else set())
    if unknown := ", ".join(sorted(told - taken)):
        yield f"{kind}에는 {', '.join(sorted(taken))}만 적습니다. {unknown} 인자를 지우십시오"
    if missing := ", ".join(sorted(named - known.usual.keys() - told)):
        yield f"{kind}에 {missing} 인자를 적으십시오"
    if "min_value" in named and not told & {"min_value", "max_value"}:
        yield f"{kind}에 min_value나 max_value를 적으십시오"
    words = {**known.words, "ignore_row_if": tuple(ways)}
    for name, value in expectation.items():
        if value in (None, []) or (isinstance(value, list) and None in value):
            yield f"{name}에 빈칸이 없어야 합니다. 채우거나 지우십시오"
        if name in words and value not in words[name]:
            yield f"{name}에는 {', '.join(words[name])} 가운데 하나를 적으십시오"
