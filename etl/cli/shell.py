"""What every command shares: the app, its options, and how results are shown."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from etl import pipeline, warehouse
from etl.cli.course import PART_OF
from etl.cli.korean import OPTIONS, SUBCOMMAND, Command, Group
from etl.cli.offers import PROGRAM, known
from etl.cli.progress import hush, logs_to_stderr, progress
from etl.particles import with_particles
from etl.period import asked_period
from etl.problems import UsageError
from etl.quarter import parse_moment, parse_run_moment

DONE, BLOCKED, REFUSED, PARTLY = range(4)
"""How a command ends: PARTLY where it did all that it could see to, and could not see all."""

_ENDS = {DONE: "다 함", REFUSED: "실행하지 못함(까닭을 한 줄로 알림)"}
app = typer.Typer(
    name=PROGRAM,
    cls=Group,
    help="공약 분기 보고: 부서의 파일에서 칸까지 거슬러 갈 수 있는 이행률까지.",
    epilog="끝 코드: 0 다 함 · 1 사람이 볼 것이 있음 · 2 실행하지 못함 · 3 볼 수 있는 것만 다 함 ·"
    " 130 멈춤(Ctrl-C). 명령마다 무엇이 그것인지는 gongyak 명령 --help에 있습니다.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    options_metavar=OPTIONS,
    subcommand_metavar=SUBCOMMAND,
)
Function = Callable[..., None]
Quiet = Annotated[bool, typer.Option("--quiet", help="결과와 오류만 보입니다(진행과 기록 없이)")]


def command(
    name: str | None = None,
    *,
    ends: Mapping[int, str] | None = None,
    of: typer.Typer = app,
    **settings: Any,
) -> Callable[[Function], Function]:
    """Make a function a command: in its place in the course, `--quiet`, its ends in its help.

    `ends` says what it means where the command may end with another code than 0 and 2.
    """
    told = " · ".join(f"{code} {said}" for code, said in sorted({**_ENDS, **(ends or {})}.items()))

    def register(function: Function) -> Function:
        part = PART_OF[function.__name__] if of is app else None
        of.command(
            name,
            cls=Command,
            epilog=f"끝 코드: {told}",
            options_metavar=OPTIONS,
            rich_help_panel=part,
            **settings,
        )(_hushed(function))
        return function

    return register


def _hushed(function: Function) -> Function:
    """Return a command that also takes `--quiet`, which the shell sees to."""

    @wraps(function)
    def run(quiet: bool, **given: Any) -> None:
        if quiet:
            hush()
        function(**given)

    asked = inspect.signature(function, eval_str=True)
    quiet = inspect.Parameter(
        "quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet
    )
    run.__signature__ = asked.replace(  # type: ignore[attr-defined]
        parameters=[*asked.parameters.values(), quiet]
    )
    return run


# A table in a pipe or a file is not folded to the width of a terminal that is not there.
_WIDTH = None if sys.stdout.isatty() else 160


class _Shell(Console):
    """The shell's own sentences come with their particles chosen; tables are shown as they are."""

    def print(self, *objects: Any, **options: Any) -> None:
        told = (with_particles(one) if isinstance(one, str) else one for one in objects)
        super().print(*told, **options)


out = _Shell(soft_wrap=True, highlight=False, width=_WIDTH)

QuarterText = Annotated[
    str,
    typer.Argument(
        metavar="QUARTER",
        help="분기(2021Q4), 또는 제출일정의 반기(2021H1)·달(2021-11)·하루(2021-12-06)",
        autocompletion=known("quarters"),
    ),
]
Government = Annotated[
    str | None,
    typer.Option(
        "--government", help="기관코드(기관이 여럿일 때)", autocompletion=known("governments")
    ),
]
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
    with progress("창고 준비"):
        warehouse.migrate()


def environment_in_use() -> Mapping[str, str]:
    """Return the environment of Airflow, its database prepared; most commands need none."""
    from etl import service

    with progress("Airflow 준비"):
        return service.environment_in_use()


def valid_quarter(text: str) -> str:
    return str(asked_period(text))


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
