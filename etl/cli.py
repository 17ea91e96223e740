"""`gongyak`: the same jobs from a shell; no Airflow needed.

Results go to stdout, progress and logs to stderr. Exit 0: done; 1: something blocks; 2: could
not run, with one line that says what happened, what was left untouched and what to do next.
"""

from __future__ import annotations

import csv
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from etl import pipeline, warehouse
from etl.problems import GongyakError, UsageError
from etl.quarter import Quarter, parse_moment, seoul_now

app = typer.Typer(
    name="gongyak",
    help="공약 분기 보고: 부서의 파일에서 칸까지 거슬러 갈 수 있는 이행률까지.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
# A table in a pipe or a file is not folded to the width of a terminal that is not there.
_WIDTH = None if sys.stdout.isatty() else 160
out = Console(soft_wrap=True, highlight=False, width=_WIDTH)

QuarterText = Annotated[str, typer.Argument(metavar="QUARTER", help="분기, 예: 2021Q4")]
Government = Annotated[str | None, typer.Option("--government", help="기관코드(기관이 여럿일 때)")]
At = Annotated[
    str | None, typer.Option("--at", help="이 실행의 시각(지난 일을 다시 밟을 때). 기본: 지금")
]
Json = Annotated[bool, typer.Option("--json", help="결과를 JSON 하나로")]
Files = Annotated[list[str], typer.Argument(help="파일(주소도 됩니다)")]
By = Annotated[str, typer.Option("--by", help="결정한 사람의 직위나 이름")]
Reason = Annotated[str, typer.Option("--reason", help="까닭")]


@contextmanager
def _ready() -> Iterator[None]:
    """Send logs to stderr and bring the warehouse up to date."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.getLogger("gongyak").handlers = [handler]
    logging.getLogger("gongyak").setLevel(logging.INFO)
    warehouse.migrate()
    yield


def _quarter(text: str) -> str:
    try:
        return str(Quarter.parse(text))
    except ValueError as error:
        raise UsageError(
            f"{error}.", "아무것도 바뀌지 않았습니다.", "분기를 고쳐 다시 실행하십시오."
        ) from error


def _moment(text: str | None) -> datetime:
    try:
        return parse_moment(text) if text else seoul_now()
    except ValueError as error:
        raise UsageError(
            f"시각을 읽을 수 없습니다: {text!r}.",
            "아무것도 바뀌지 않았습니다.",
            "2022-01-10 또는 2022-01-10T09:00처럼 쓰십시오.",
        ) from error


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def _print_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(title=title, title_justify="left")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    out.print(table)


def _print_findings(findings: Sequence[dict[str, Any]], limit: int = 1000) -> None:
    if not findings:
        return
    shown = findings[:limit]
    _print_table(
        f"점검 결과 {len(findings)}건" + (f" (처음 {limit}건)" if len(findings) > limit else ""),
        ("파일", "구분", "규칙", "공약", "자리", "내용"),
        [
            (f["file"], pipeline.LEVEL_NAMES[f["level"]], f["rule_id"], f["pledge_id"],
             " ".join(p for p in (f["sheet"], f["cell"]) if p), f["message"])
            for f in shown
        ],
    )  # fmt: skip


@app.command()
def demo() -> None:
    """실제로 공표된 자료를 처음부터 끝까지 흘려 보내고 지표를 보여 줍니다."""
    from etl.demo import run_demo

    with _ready():
        raise typer.Exit(run_demo())


@app.command()
def register(file: Annotated[str, typer.Argument(help="공약대장 통합문서")], at: At = None) -> None:
    """공약대장을 불러오고 무엇이 바뀌었는지 보여 줍니다."""
    with _ready():
        facts = pipeline.register(file, _moment(at))
    _print_findings(facts["findings"])
    if facts["batch"] is None:
        out.print("이미 불러온 공약대장과 같은 파일입니다. 바뀐 것이 없습니다.")
        return
    for record in facts["registers"]:
        _print_table(
            f"공약대장 {record['government_id']}" + ("" if _changed(record) else ": 바뀐 것 없음"),
            ("표", "새로 연 행", "닫은 행"),
            [(n, record["opened"][n], record["closed"][n]) for n in record["opened"]],
        )
        if record["left_out"]:
            out.print(
                f"고쳐야 할 {record['left_out']}행은 반영하지 않았습니다. 점검 결과를 보십시오."
            )
    if not facts["registers"]:
        out.print(f"불러온 것이 없습니다. 회신: {facts['answers'][0]}")
        raise typer.Exit(1)


def _changed(record: dict[str, Any]) -> bool:
    return any(record["opened"].values()) or any(record["closed"].values())


@app.command()
def invite(quarter: QuarterText, government: Government = None, at: At = None) -> None:
    """부서마다 미리 채운 작성 파일 하나를 씁니다."""
    with _ready():
        chosen = pipeline.only_government(government)
        facts = pipeline.invite(_quarter(quarter), chosen, _moment(at))
    out.print(f"작성 파일 {len(facts['files'])}개: {facts['folder']}")
    for path in facts["files"]:
        out.print(f"  {Path(path).name}")


@app.command()
def check(files: Files, as_json: Json = False, at: At = None) -> None:
    """접수하지 않고 점검만 합니다. 막는 것이 있으면 1로 끝납니다."""
    with _ready():
        facts = pipeline.dry_run(files, _moment(at))
    findings = facts["findings"]
    if as_json:
        names = ("file", "rule_id", "level", "sheet", "cell", "related_cells", "pledge_id",
                 "seen", "expected", "message")  # fmt: skip
        _print_json([{name: finding[name] for name in names} for finding in findings])
    else:
        _print_findings(findings)
        for path in facts["answers"]:
            out.print(f"회신: {path}")
        out.print(
            "고치거나 사유를 적어야 반영됩니다." if facts["blocks"] else "막는 것이 없습니다."
        )
    raise typer.Exit(1 if facts["blocks"] else 0)


@app.command()
def collect(
    files: Annotated[list[str] | None, typer.Argument(help="파일(없으면 inbox의 새 파일)")] = None,
    at: At = None,
) -> None:
    """보관하고, 읽고, 점검하고, 회신을 쓰고, 반영합니다."""
    with _ready():
        facts = pipeline.collect(files or None, _moment(at))
    if facts["batch"] is None:
        out.print("새 파일이 없습니다. 바뀐 것이 없습니다.")
        return
    out.print(
        f"파일 {len(facts['submission_ids'])}개 | 반영 {facts['accepted']}공약,"
        f" 멈춤 {facts['blocked']} | 점검 결과 {facts['findings']}건"
    )
    for path in facts["answers"]:
        out.print(f"회신: {path}")


@app.command()
def status(quarter: QuarterText, government: Government = None, as_json: Json = False) -> None:
    """누가 냈고, 늦었고, 막혔고, 내지 않았는지 보여 줍니다."""
    with _ready():
        chosen = pipeline.only_government(government)
        rows = pipeline.status(_quarter(quarter), chosen)
        unknown = pipeline.rejected_without_department()
    if as_json:
        _print_json(rows)
        return
    _print_table(
        f"{_quarter(quarter)} 제출 현황 ({chosen})",
        ("부서", "상태", "보고/보고할 공약", "접수번호", "접수", "보류", "사유 필요", "참고"),
        [
            (r["department_name"], pipeline.STATE_NAMES[r["state"]],
             f"{r['reported_count']}/{r['owed_count']}", r["submission_id"],
             f"{r['received_at']:%Y-%m-%d %H:%M}" if r["received_at"] else None,
             r["blocking_count"], r["open_count"], r["inform_count"])
            for r in rows
        ],
    )  # fmt: skip
    for row in unknown:
        out.print(f"부서를 알 수 없는 파일: {row['file_name']} (접수 {row['submission_id']})")


@app.command()
def report(quarter: QuarterText, government: Government = None, at: At = None) -> None:
    """분기 지표를 계산하고 취합.xlsx를 씁니다."""
    with _ready():
        chosen = pipeline.only_government(government)
        facts = pipeline.report(_quarter(quarter), chosen, _moment(at))
        rows = pipeline.figures(_quarter(quarter), chosen, _moment(at), None, "all")
        missing = [r for r in pipeline.status(_quarter(quarter), chosen)
                   if r["reported_count"] < r["owed_count"]]  # fmt: skip
    _print_figures(f"{_quarter(quarter)} 지표 ({chosen})", rows)
    for row in missing:
        out.print(
            f"덜 보고한 부서: {row['department_name']}"
            f" ({row['reported_count']}/{row['owed_count']}, {pipeline.STATE_NAMES[row['state']]})"
        )
    out.print(f"취합: {facts['file']}")


def _print_figures(title: str, rows: Sequence[dict[str, Any]]) -> None:
    _print_table(
        title,
        ("코드", "지표", "범위", "값", "분자", "분모", "공약", "보고", "이월", "보고율(%)"),
        [
            (r["figure_code"], r["figure_name"],
             " ".join(p for p in (r["scope_type"], r["scope_name"]) if p),
             r["shown"] + (f" ({r['no_value_reason']})" if r["no_value_reason"] else ""),
             r["numerator"], r["denominator"], r["pledge_count"], r["reported_count"],
             r["carried_forward_count"],
             f"{r['coverage_pct']:.1f}" if r["coverage_pct"] is not None else None)
            for r in rows
        ],
    )  # fmt: skip


@app.command()
def figures(
    quarter: QuarterText,
    code: Annotated[str | None, typer.Option("--code", help="지표 코드, 예: R1")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="범위 종류, 예: field")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="그때 알던 대로")] = None,
    government: Government = None,
    as_json: Json = False,
) -> None:
    """지표를 보여 줍니다."""
    with _ready():
        chosen = pipeline.only_government(government)
        rows = pipeline.figures(_quarter(quarter), chosen, _moment(as_of), code, scope)
    if as_json:
        _print_json([{k: _number_text(v) for k, v in row.items()} for row in rows])
    else:
        _print_figures(f"{_quarter(quarter)} 지표 ({chosen})", rows)


def _number_text(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value)


@app.command()
def withdraw(
    submission: Annotated[int, typer.Argument(help="접수번호")],
    by: By,
    reason: Reason,
    at: At = None,
) -> None:
    """잘못 낸 접수를 거두고 앞선 보고를 되살립니다."""
    with _ready():
        facts = pipeline.withdraw(submission, by, reason, _moment(at))
    out.print(
        f"접수 {submission} 철회: 공약 {len(facts['withdrawn'])}개의 보고를 거두고"
        f" {len(facts['reinstated'])}개는 앞선 보고를 되살렸습니다."
    )


@app.command()
def recheck(
    quarter: QuarterText,
    record: Annotated[bool, typer.Option("--record", help="결과를 새 판정으로 남깁니다")] = False,
    government: Government = None,
    as_json: Json = False,
    at: At = None,
) -> None:
    """보관된 파일을 지금의 규칙으로 다시 점검해 무엇이 달라지는지 보여 줍니다."""
    with _ready():
        chosen = pipeline.only_government(government)
        facts = pipeline.recheck(_quarter(quarter), chosen, record=record, at=_moment(at))
    if as_json:
        _print_json(facts)
        return
    _print_table(
        f"{facts['quarter']} 다시 점검 ({chosen}): 파일 {facts['files']}개,"
        f" 그 가운데 다른 판의 규칙으로 점검했던 것 {facts['stale_files']}개",
        ("규칙", "구분", "제목", "기록된 지적", "지금", "생김", "없어짐", "멈추게 될 공약"),
        [
            (r["rule_id"], pipeline.LEVEL_NAMES[r["level"]] + ("(시험)" if r["is_shadow"] else ""),
             r["title"], r["recorded"], r["found"], r["appeared"], r["gone"], r["would_stop"])
            for r in facts["rules"]
        ],
    )  # fmt: skip
    _print_table(
        f"달라지는 지적 {len(facts['differences'])}건",
        ("", "규칙", "파일", "공약", "자리", "내용"),
        [
            (_CHANGES[d["change"]], d["rule_id"], d["file"], d["pledge_id"],
             " ".join(p for p in (d["sheet"], d["cell"]) if p), d["message"])
            for d in facts["differences"][:100]
        ],
    )  # fmt: skip
    out.print(
        "이 결과를 새 판정으로 남겼습니다. 반영된 보고는 그대로입니다."
        if record
        else "아무것도 바꾸지 않았습니다. 새 판정으로 남기려면 --record를 붙이십시오."
    )


_CHANGES = {"appeared": "생김", "gone": "없어짐"}


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="SELECT 문(없으면 표준입력)")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV로")] = False,
) -> None:
    """분석가 권한으로 읽기만 하는 조회를 합니다."""
    with _ready():
        headers, rows = warehouse.analyst_query(query or sys.stdin.read())
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(rows)
    else:
        _print_table(f"{len(rows)}행", headers, rows)


@app.command()
def up() -> None:
    """Airflow와 그 웹 화면을 켭니다."""
    from etl import service

    with _ready():
        state = service.up()
    out.print(f"Airflow: {state.url} (사용자 {state.user}, 암호는 {state.password_file})")


@app.command()
def down() -> None:
    """Airflow와 내장 PostgreSQL을 끕니다."""
    from etl import service

    stopped = service.down()
    out.print("모두 껐습니다." if stopped else "켜져 있는 것이 없습니다.")


def main() -> None:
    """Run the shell; a fault of ours or of the caller ends in one line and exit 2."""
    try:
        app()
    except GongyakError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
