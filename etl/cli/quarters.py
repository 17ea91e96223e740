"""One quarter: invitations, who has reported, the figures and the collected workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from etl import pipeline
from etl.cli.common import (
    At,
    Government,
    Json,
    QuarterText,
    app,
    out,
    print_json,
    print_table,
    ready,
    valid_moment,
    valid_quarter,
)


@app.command()
def invite(
    quarter: QuarterText,
    cards: Annotated[
        bool, typer.Option("--cards", help="공약마다 미리 채운 관리카드(.hwpx)도 씁니다")
    ] = False,
    government: Government = None,
    at: At = None,
) -> None:
    """부서마다 미리 채운 작성 파일 하나를 씁니다."""
    with ready():
        chosen = pipeline.only_government(government)
        facts = pipeline.invite(valid_quarter(quarter), chosen, valid_moment(at), cards)
    out.print(f"작성 파일 {len(facts['files'])}개: {facts['folder']}")
    for path in facts["files"]:
        out.print(f"  {Path(path).name}")
    if cards:
        out.print(f"관리카드 {len(facts['cards'])}개: {facts['folder']}/cards/부서/")


@app.command()
def status(quarter: QuarterText, government: Government = None, as_json: Json = False) -> None:
    """누가 냈고, 늦었고, 막혔고, 내지 않았는지 보여 줍니다."""
    with ready():
        chosen = pipeline.only_government(government)
        rows = pipeline.status(valid_quarter(quarter), chosen)
        unknown = pipeline.rejected_without_department()
    if as_json:
        print_json(rows)
        return
    print_table(
        f"{valid_quarter(quarter)} 제출 현황 ({chosen})",
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
    _print_stale(valid_quarter(quarter), chosen)


def _print_stale(quarter_id: str, government_id: str) -> None:
    if stale := pipeline.stale_files(quarter_id, government_id):
        out.print(
            f"지금과 다른 판의 규칙으로 점검한 파일이 {len(stale)}개 있습니다."
            f" 다음: gongyak recheck {quarter_id} --government {government_id}"
        )


@app.command()
def report(quarter: QuarterText, government: Government = None, at: At = None) -> None:
    """분기 지표를 계산하고 취합.xlsx를 씁니다."""
    with ready():
        chosen = pipeline.only_government(government)
        facts = pipeline.report(valid_quarter(quarter), chosen, valid_moment(at))
        rows = pipeline.figures(valid_quarter(quarter), chosen, valid_moment(at), None, "all")
        missing = [r for r in pipeline.status(valid_quarter(quarter), chosen)
                   if r["reported_count"] < r["owed_count"]]  # fmt: skip
        waived = pipeline.waived_findings(valid_quarter(quarter), chosen)
    _print_figures(f"{valid_quarter(quarter)} 지표 ({chosen})", rows)
    _print_waived(waived)
    for row in missing:
        out.print(
            f"덜 보고한 부서: {row['department_name']}"
            f" ({row['reported_count']}/{row['owed_count']}, {pipeline.STATE_NAMES[row['state']]})"
        )
    _print_stale(valid_quarter(quarter), chosen)
    out.print(f"취합: {facts['file']}")


def _print_figures(title: str, rows: Sequence[dict[str, Any]]) -> None:
    print_table(
        title,
        ("코드", "지표", "범위", "값", "분자", "분모", "공약", "보고", "이월", "보고율(%)", "예외"),
        [
            (r["figure_code"], r["figure_name"],
             " ".join(p for p in (r["scope_type"], r["scope_name"]) if p),
             r["shown"] + (f" ({r['no_value_reason']})" if r["no_value_reason"] else ""),
             r["numerator"], r["denominator"], r["pledge_count"], r["reported_count"],
             r["carried_forward_count"],
             f"{r['coverage_pct']:.1f}" if r["coverage_pct"] is not None else None,
             r["waiver_count"] or None)
            for r in rows
        ],
    )  # fmt: skip


def _print_waived(found: Sequence[dict[str, Any]]) -> None:
    if found:
        print_table(
            f"점검예외로 든 값 {len(found)}건",
            ("규칙", "부서", "공약", "지적", "예외로 둔 까닭", "만료일"),
            [
                (w["rule_id"], w["department_code"], w["pledge_id"], w["message"], w["reason"],
                 f"{w['expires_on']}{' (끝남)' if w['is_expired'] else ''}")
                for w in found
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
    with ready():
        chosen = pipeline.only_government(government)
        rows = pipeline.figures(valid_quarter(quarter), chosen, valid_moment(as_of), code, scope)
    if as_json:
        print_json([{k: _number_text(v) for k, v in row.items()} for row in rows])
    else:
        _print_figures(f"{valid_quarter(quarter)} 지표 ({chosen})", rows)


def _number_text(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value)
