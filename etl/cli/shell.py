"""What every command shares: the app, its options, and how results are shown."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from etl import pipeline, warehouse
from etl.logs import log
from etl.particles import with_particles
from etl.problems import UsageError
from etl.quarter import Quarter, parse_moment, parse_run_moment

app = typer.Typer(
    name="gongyak",
    help="공약 분기 보고: 부서의 파일에서 칸까지 거슬러 갈 수 있는 이행률까지.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
# A table in a pipe or a file is not folded to the width of a terminal that is not there.
_WIDTH = None if sys.stdout.isatty() else 160


class _Shell(Console):
    """The shell's own sentences come with their particles chosen; tables are shown as they are."""

    def print(self, *objects: Any, **options: Any) -> None:
        told = (with_particles(one) if isinstance(one, str) else one for one in objects)
        super().print(*told, **options)


PARTLY = 3
"""The exit of a command that did all it could see to, where it could not see all."""

out = _Shell(soft_wrap=True, highlight=False, width=_WIDTH)

QuarterText = Annotated[str, typer.Argument(metavar="QUARTER", help="분기, 예: 2021Q4")]
Government = Annotated[str | None, typer.Option("--government", help="기관코드(기관이 여럿일 때)")]
At = Annotated[
    str | None, typer.Option("--at", help="이 실행의 시각(지난 일을 다시 밟을 때). 기본: 지금")
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="그때 알던 대로")]
Revision = Annotated[int | None, typer.Option(help="몇 차 발표(기본: 마지막)")]
Json = Annotated[bool, typer.Option("--json", help="결과를 JSON 하나로")]
Files = Annotated[list[str], typer.Argument(help="파일(주소도 됩니다)")]
By = Annotated[str, typer.Option("--by", help="결정한 사람의 직위나 이름")]
Reason = Annotated[str, typer.Option("--reason", help="까닭")]


def ready() -> None:
    """Send logs to stderr and bring the warehouse up to date."""
    logs_to_stderr()
    warehouse.migrate()


def logs_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)


def environment_in_use() -> Mapping[str, str]:
    """Return the environment of Airflow, its database prepared; most commands need none."""
    from etl import service

    return service.environment_in_use()


def valid_quarter(text: str) -> str:
    try:
        return str(Quarter.parse(text))
    except ValueError as error:
        raise UsageError.refused(f"{error}.", "분기를 고쳐 다시 실행하십시오.") from error


def chosen_quarter(
    quarter: str, government: str | None, as_of: datetime | None = None
) -> tuple[str, str]:
    """Return a quarter and a government that are known, and were at that moment."""
    quarter_id, chosen = valid_quarter(quarter), pipeline.only_government(government)
    pipeline.require_quarter(quarter_id, chosen, as_of)
    return quarter_id, chosen


def valid_moment(text: str | None, read: Callable[[str], datetime] = parse_moment) -> datetime:
    """Return the moment up to which things are known; a bare date is the end of that day."""
    try:
        return read(text) if text else pipeline.present()
    except ValueError as error:
        raise UsageError.refused(
            f"시각을 읽을 수 없습니다: {text!r}.", "2022-01-10 또는 2022-01-10T09:00처럼 쓰십시오."
        ) from error


def valid_run_moment(text: str | None) -> datetime:
    """Return the moment from which a run stamps what it takes in, all within a bare date's day."""
    return valid_moment(text, parse_run_moment)


def print_json(value: Any) -> None:
    """Print a value as one JSON document: a record as an object, a moment or an amount as text."""
    told = json.dumps(value, ensure_ascii=False, indent=2, default=_as_json)
    sys.stdout.write(told + "\n")


def entry(record: Any, *names: str) -> dict[str, Any]:
    """Return these attributes of a record by the names they have in JSON."""
    return {name: getattr(record, _ATTRIBUTES.get(name, name)) for name in names}


_ATTRIBUTES = {"file": "file_name", "sheet": "sheet_name"}


def _as_json(value: Any) -> Any:
    is_record = is_dataclass(value) and not isinstance(value, type)
    return asdict(value) if is_record else str(value)


def joined(*parts: str | None, by: str = " ") -> str:
    """Return the parts that there are as one text."""
    return by.join(part for part in parts if part)


def print_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(title=escape(with_particles(title)), title_justify="left")
    lines = [["" if value is None else str(value) for value in row] for row in rows]
    widths = [max(map(_width_of, column)) for column in zip(headers, *lines, strict=True)]
    # Where all fits, Rich need not measure every cell again, which takes as long as the drawing.
    fits = sum(widths) + 3 * len(widths) < out.width
    for header, width in zip(headers, widths, strict=True):
        table.add_column(Text(header), overflow="fold", width=width if fits else None)
    for line in lines:
        table.add_row(*map(Text, line))
    out.print(table)


def _width_of(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def print_findings(findings: Sequence[pipeline.AnswerFinding], limit: int = 1000) -> None:
    if not findings:
        return
    shown = findings[:limit]
    print_table(
        f"점검 결과 {len(findings)}건" + (f" (처음 {limit}건)" if len(findings) > limit else ""),
        ("파일", "구분", "규칙", "공약", "자리", "내용"),
        [
            (f.file_name, "예외" if f.waiver_reason else pipeline.LEVELS[f.level], f.rule_id,
             f.pledge_id, joined(f.sheet_name, f.cell), f.message)
            for f in shown
        ],
    )  # fmt: skip
