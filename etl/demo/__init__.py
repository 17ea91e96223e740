"""What `gongyak demo` shows: the samples go the whole way, and the rates meet the published ones.

All of it lies in a home of its own below the office's (`service.demo_home`), with an embedded
server, an inbox and an archive there, whatever the office has configured. Times are those of the
play (`sample.py`), never the present, so that a second run finds every file received already and
prints the same.
"""

import logging
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from etl import pipeline, service
from etl.demo.play import Play, QuarterPlay, Sent, boryeong, garam, write_register, write_sent
from etl.figures import FigureRow, compute, figure_rows
from etl.figures.pledges import QuarterAsOf
from etl.logs import log
from etl.measures import measures
from etl.problems import SystemFault, UsageError
from etl.quarter import SEOUL, Quarter
from etl.settings import alone_in, another_home, settings
from etl.warehouse import migrate, rows_of, run_alone, transaction, values_of

CLOSED_AT = datetime(2022, 1, 31, 9, 0, tzinfo=SEOUL)
QUARTER = Quarter(2021, 4)
# The quarters that every department reported, by government.
_RELEASED = {"4510000": ("2021Q4",), "3990000": ("2021Q2", "2021Q3")}
_MARK = "gongyak demo가 만든 시연 자료입니다. gongyak down 뒤에는 폴더째 지워도 됩니다.\n"


def run_demo(console: Console | None = None) -> int:
    """Play the samples in the demo's home; return 0, or 1 where a published rate is not met.

    Raises UsageError in a home that holds other governments, SystemFault when the DAG fails.
    """
    console = console or Console(highlight=False)
    environment = alone_in(service.demo_home())
    with another_home(environment):
        agrees = _whole_play(console)
    _show_way_in(console, environment)
    return 0 if agrees else 1


def _whole_play(console: Console) -> bool:
    plays = (boryeong(), garam())
    _mark_home()
    migrate()
    _refuse_other_governments(plays)
    airflow = service.airflow_environment()
    # Airflow's own database is made on the other core while files are sent and answered.
    with ThreadPoolExecutor(1) as beside:
        prepared = beside.submit(service.prepare, airflow)
        with _stage_lines_hidden():
            for play in plays:
                _play(console, play)
        prepared.result()
    _close(console, airflow)
    for play in plays:
        for quarter_id in _RELEASED[play.government_id]:
            _release(console, play, quarter_id)
    agrees = _show_published(console, plays[0])
    _show_figures(console, plays[1])
    _show_status(console, plays[1])
    _show_findings(console, plays[1])
    _show_places(console, plays)
    return agrees


def _mark_home() -> None:
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    (home / service.DEMO_MARK).write_text(_MARK, encoding="utf-8")


@contextmanager
def _stage_lines_hidden() -> Iterator[None]:
    """The play has lines of its own; the log lines of its many small batches would bury them."""
    before = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)


def _refuse_other_governments(plays: Iterable[Play]) -> None:
    ours = {play.government_id for play in plays}
    others = set(values_of("SELECT DISTINCT government_id FROM core.dim_government"))
    if others - ours:
        raise UsageError(
            f"{settings().home}에 실제 기관({', '.join(sorted(others - ours))})의 자료가 있습니다.",
            "아무것도 바꾸지 않았습니다.",
            "GONGYAK_HOME을 다른 폴더로 하여 다시 실행하십시오.",
        )


def _folder(play: Play) -> Path:
    folder = settings().home.resolve() / "sent" / play.government_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _play(console: Console, play: Play) -> None:
    console.rule(f"[bold]{play.government_name}[/]", align="left")
    register = write_register(play, _folder(play) / f"공약대장_{play.government_id}.xlsx")
    pipeline.register(str(register), at=play.registered_at)
    pledges, departments = (len(play.register[sheet]) for sheet in ("공약", "부서"))
    console.print(f"  공약대장  공약 {pledges}건, 부서 {departments}개")
    received = set(values_of("SELECT file_name FROM audit.submission"))
    for quarter in play.quarters:
        _play_quarter(console, play, quarter, received)


def _play_quarter(console: Console, play: Play, quarter: QuarterPlay, received: set[str]) -> None:
    waiting = {sent.file_name for sent in quarter.sent} - received
    if waiting:
        pipeline.invite(quarter.quarter_id, play.government_id, at=quarter.invited_at)
    invitations = _invitations(play, quarter.quarter_id)
    console.print(f"  {quarter.quarter_id}  미리 채운 보고서 {len(invitations)}개를 부서에 보냄")
    for at, together in groupby(quarter.sent, key=lambda sent: sent.at):
        sent = list(together)
        files = [
            write_sent(one, invitations[one.department_code], _folder(play) / one.file_name)
            for one in sent
            if one.file_name in waiting
        ]
        if files:
            pipeline.collect([str(path) for path in files], at=at)
        console.print(f"    {at:%m-%d %H:%M}  {_heard(sent)}", soft_wrap=True)
    if not waiting:
        console.print("    [dim]모두 이미 받은 파일이라 바뀐 것이 없음[/]")


def _invitations(play: Play, quarter_id: str) -> dict[str, Path]:
    """Return department code → its invitation."""
    folder = settings().home.resolve() / "outbox" / quarter_id / play.government_id
    return {path.name.split("_")[0]: path for path in sorted(folder.glob("*.xlsx"))}


def _heard(sent: Sequence[Sent]) -> str:
    """Say what became of the files that were sent together."""
    counts = rows_of(
        "SELECT count(*), coalesce(sum(accepted_count), 0), coalesce(sum(blocked_count), 0),"
        " count(*) FILTER (WHERE state = 'rejected'), count(*) FILTER (WHERE is_late)"
        " FROM audit.submission WHERE file_name = ANY(:names)",
        names=[one.file_name for one in sent],
    )[0]
    phrases = ("파일 {}개", "공약 {}건 반영", "{}건 막힘", "반려 {}개", "지연 {}개")
    said = ", ".join(said.format(n) for said, n in zip(phrases, counts, strict=True) if n)
    return f"{said} ({sent[0].file_name})" if len(sent) == 1 else said


def _close(console: Console, airflow: Mapping[str, str]) -> None:
    console.rule("[bold]Airflow[/]", align="left")
    with console.status("DAG report_quarter 실행 중"):
        result = service.run_dag(airflow, "report_quarter", {"at": CLOSED_AT.isoformat()})
    console.print(f"  report_quarter  {result.state}")
    if result.state != "success":
        raise SystemFault(
            "DAG report_quarter가 실패했습니다.",
            "반영된 제출은 그대로입니다.",
            f"{result.log}의 마지막 줄을 확인하십시오.",
        )


def _release(console: Console, play: Play, quarter_id: str) -> None:
    """Publish what the whole of a government's departments reported, marked as a demo."""
    decision = pipeline.Decision(pipeline.DEMO, CLOSED_AT, is_demo=True)
    with _stage_lines_hidden():
        done = pipeline.release(quarter_id, play.government_id, decision)
    if done.outcome == "blocked":
        console.print(f"  발표  {done.summary.blockers[0]}", soft_wrap=True)
        return
    last = done.summary.last
    revision = last.revision if done.revision is None and last else done.revision
    name = f"{play.government_name} {quarter_id}"
    console.print(f"  발표  {name} {revision}차 (시연을 위해 저절로 승인)")


def _figures(play: Play, quarter: Quarter = QUARTER) -> dict[tuple[str, str, str], FigureRow]:
    """Return the figures of a quarter by code and scope."""
    with transaction() as connection:
        compute(connection, QuarterAsOf(play.government_id, quarter, CLOSED_AT))
        rows = figure_rows(connection)
    return {(row.figure_code, row.scope_type, row.scope_id): row for row in rows}


def _print_table(
    console: Console, title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Print a title and a table below it: first column left, the others right."""
    console.print(f"[bold]{title}[/]")
    table = Table()
    for number, header in enumerate(headers):
        table.add_column(header, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _show_published(console: Console, play: Play) -> bool:
    """Print what was published beside what was computed; return whether all agree."""
    found = pipeline.published(str(QUARTER), play.government_id, CLOSED_AT)
    _print_table(
        console,
        f"{play.government_name} {QUARTER}: 시가 공표한 값과 다시 계산한 값",
        ("지표", "범위", "공표", "다시 계산", ""),
        [
            (row.figure_code, row.scope_label or "전체", row.shown, row.proof,
             f"[{'bold red' if row.is_open else 'green'}]{row.verdict_name}[/]")
            for row in found
        ],
    )  # fmt: skip
    console.print()
    return bool(found) and not any(row.is_open for row in found)


def _show_figures(console: Console, play: Play) -> None:
    quarters = [Quarter.parse(quarter.quarter_id) for quarter in play.quarters]
    every = [_figures(play, quarter) for quarter in quarters]
    codes = [code for code in measures().headlines if (code, "all", "") in every[-1]]
    found = {code: [held[code, "all", ""] for held in every] for code in codes}
    _print_table(
        console,
        f"{play.government_name} 지표(지어낸 자료)",
        ("지표", *map(str, quarters)),
        [
            *(
                (f"{code} {rows[0].figure_name}", *map(_shown, rows))
                for code, rows in found.items()
            ),
            ("보고율", *map(_coverage, found["R1"])),
        ],
    )
    console.print()


def _coverage(row: FigureRow) -> str:
    return f"{row.reported_count}/{row.owing_count}, 이월 {row.carried_forward_count}"


def _shown(row: FigureRow) -> str:
    if row.value_pct is None:
        return str(row.no_value_reason)
    if measures().figures[row.figure_code].counts_pledges:
        return f"{row.shown} ({row.pledge_count}건)"
    return str(row.shown)


def _show_status(console: Console, play: Play) -> None:
    rows = pipeline.status(str(QUARTER), play.government_id)
    _print_table(
        console,
        f"{QUARTER} 제출 상황",
        ("부서", "상태", "보고할 공약", "반영", "막힘", "사유 필요"),
        [
            (row.department_name or "",
             pipeline.STATE_NAMES[row.state]
             + (" (지연)" if row.is_late and row.state != "late" else ""),
             *map(str, (row.owed_count, row.reported_count, row.blocking_count, row.open_count)))
            for row in rows
        ],
    )  # fmt: skip
    console.print()


def _show_findings(console: Console, play: Play) -> None:
    """Print what the senders were asked to mend, and where their marked workbook lies."""
    asked = {"quarter_id": str(QUARTER), "government_id": play.government_id}
    found = run_alone("answer/returned_findings.sql", **asked)
    console.print("[bold]부서에 돌려준 점검 결과[/]")
    by_file = groupby(found, key=lambda row: (row.file_name, row.answer_path))
    for (file_name, answer), rows in by_file:
        console.print(f"  {file_name} → {answer}", soft_wrap=True)
        for row in rows:
            place = f"{row.sheet_name} {row.cell}: " if row.cell else ""
            console.print(f"    {row.rule_id}  {place}{row.message}", soft_wrap=True)
    console.print()


def _show_places(console: Console, plays: Iterable[Play]) -> None:
    console.print("[bold]어디에 있나[/]")
    say, home = partial(console.print, soft_wrap=True), settings().home.resolve()
    for play in plays:
        start = home / "published" / play.government_id / "index.html"
        say(f"  누리집({play.government_name})  {start}")
        collection = home / "outbox" / "reports" / play.government_id / str(QUARTER)
        book = min(collection.glob("*.xlsx"), default=collection)
        say(f"  취합.xlsx({play.government_name})  {book}")
        for quarter_id in _RELEASED[play.government_id]:
            released = start.parent / quarter_id / "r1"
            say(f"  발표 파일({play.government_name} {quarter_id})  {released}")
    say(f"  부서로 보낸 보고서  {home / 'outbox' / str(QUARTER)}")
    say(f"  부서에 돌려준 회신  {home / 'outbox' / 'answers'}")
    say(f"  받은 파일(원본)  {home / 'archive'}")


def _show_way_in(console: Console, environment: Mapping[str, str]) -> None:
    """Say how the examples of the README look at the demo, and not at the office's own state."""
    told = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
    console.print("\n시연은 따로 둔 곳에 있어 기관의 자료에 섞이지 않습니다. 살펴보려면:")
    console.print(f"  export {told}", soft_wrap=True, markup=False)
