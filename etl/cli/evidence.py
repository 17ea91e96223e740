"""`gongyak trace`: from a figure to its cells, or from a cell to its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.progress import progress
from etl.problems import UsageError

Line = tuple[str, ...]
_PARTS = ("numerator", "denominator")
_ENTRY = ("government_id", "pledge_id", "part", "file", "sheet", "cell", "as_written", "value")


@shell.command()
def trace(
    quarter: shell.QuarterText,
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="지표 코드, 예: R1")] = None,
    scope: Annotated[str, typer.Argument(metavar="SCOPE", help="범위, 예: field:경제도시")] = "all",
    cell: Annotated[
        str | None, typer.Option("--cell", help="거꾸로, 이 칸이 드는 지표: 접수번호:시트!칸")
    ] = None,
    as_of: shell.AsOf = None,
    government: shell.Government = None,
    as_json: shell.Json = False,
) -> None:
    """지표의 분자와 분모에 든 값을 파일의 칸까지 거슬러 보여 줍니다."""
    if (code is None) == (cell is None):
        raise UsageError.refused(
            "지표 코드와 --cell 가운데 하나만 있어야 합니다.",
            "gongyak trace 2021Q4 R1 field:경제도시처럼 실행하십시오.",
        )
    shell.ready()
    moment = shell.valid_moment(as_of)
    asked = *shell.chosen_quarter(quarter, government, moment), moment
    if cell is not None:
        with progress("근거"):
            found = pipeline.touched(*asked, cell)
        _tell_touched(cell, found, as_json=as_json)
    else:
        with progress("근거"):
            traced = pipeline.trace(*asked, str(code), scope)
        _tell_figure(traced, as_json=as_json)


def _tell_figure(traced: pipeline.Traced, *, as_json: bool) -> None:
    figure, values, added = traced
    if as_json:
        shell.print_json([shell.entry(value, *_ENTRY) for value in values])
        return
    sums = [added[part] if getattr(figure, part) is not None else None for part in _PARTS]
    shell.print_table(
        f"{figure.quarter_id} {figure.figure_code} {figure.figure_name},"
        f" {figure.scope_name} ({figure.government_id}): {figure.shown}",
        ("공약", "보고", "파일", "자리", "적힌 값", "분자", "분모"),
        [
            *_by_part((_line(figure.quarter_id, value), value) for value in values),
            ("칸의 합계", "", "", "", "", *sums),
            ("지표", "", "", "", "", figure.numerator, figure.denominator),
        ],
    )
    if figure.no_value_reason:
        shell.out.print(f"값이 없습니다. {figure.no_value_reason}.")
    shell.out.print("합계가 지표와 같습니다.")
    _tell_erased(values)


def _tell_erased(values: Iterable[pipeline.Evidence]) -> None:
    """Name the files behind the values that cannot be opened any more."""
    numbers = {value.submission_id for value in values}
    erased = [one for one in pipeline.erased_files() if one.submission_id in numbers]
    for line in pipeline.told_erased(erased):
        shell.out.print(line, markup=False)


def _line(quarter_id: str, value: pipeline.Evidence) -> Line:
    reported = value.reported_quarter_id
    return (
        value.pledge_id,
        "보고 없음" if reported is None else reported + ("" if reported == quarter_id else " 이월"),
        f"{value.file_name} (접수 {value.submission_id})",
        shell.joined(value.sheet_name, value.cell),
        value.as_written,
    )


def _tell_touched(place: str, found: Sequence[pipeline.Touched], *, as_json: bool) -> None:
    if as_json:
        figure = "figure_code", "scope_type", "scope_id"
        shell.print_json([
            shell.entry(value, *figure) | {"shown": shown} | shell.entry(value, *_ENTRY)
            for value, shown in found
        ])  # fmt: skip
        return
    if not found:
        shell.out.print("이 칸의 값이 드는 지표가 없습니다. 파일, 시트, 칸과 분기를 확인하십시오.")
        return
    lines = _by_part((_figure_line(one), one.value) for one in found)
    shell.print_table(
        f"{place}의 값({found[0].value.as_written})이 드는 지표 {len(lines)}개",
        ("코드", "범위", "범위 이름", "공약", "지표의 값", "분자에 더한 값", "분모에 더한 값"),
        lines,
    )
    _tell_erased(one.value for one in found)


def _figure_line(one: pipeline.Touched) -> Line:
    value, shown = one
    scope = shell.joined(value.scope_type, value.scope_id, by=":")
    return value.figure_code, scope, value.scope_name, value.pledge_id, shown


def _by_part(described: Iterable[tuple[Line, pipeline.Evidence]]) -> list[tuple[Any, ...]]:
    """One line for what is the same in both parts, with what it adds to each."""
    lines: dict[Line, dict[str, Any]] = {}
    for line, value in described:
        lines.setdefault(line, {})[value.part] = value.value
    return [(*line, *(parts.get(part) for part in _PARTS)) for line, parts in lines.items()]
