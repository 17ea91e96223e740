"""A release as people read it: in the shell, and on Airflow's page of what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from etl.pipeline.telling import Facts
from etl.quarter import SEOUL
from etl.shown import coverage_words

RELEASE_HEADERS = ("코드", "지표", "값", "지난 발표와", "전 분기와", "공약", "이월", "예외")


def release_title(facts: Facts) -> str:
    """Return what is decided on, as known when, and what was published before."""
    last = facts["last"]
    moment = facts["as_of"].astimezone(SEOUL)
    before = f"{last['revision']}차" if last else "없음"
    place = f"{facts['quarter']} 발표 ({facts['government']})"
    return f"{place}: 기준 시각 {moment:%Y-%m-%d %H:%M}, 지난 발표 {before}"


def release_rows(facts: Facts) -> list[tuple[Any, ...]]:
    """One row per headline figure, under RELEASE_HEADERS."""
    return [
        (f["figure_code"], f["figure_name"], f["shown"], f["change_to_published"],
         f["change_to_previous_quarter"], f["pledge_count"], f["carried_forward_count"] or None,
         f["waiver_count"] or None)
        for f in facts["figures"]
    ]  # fmt: skip


def release_lines(facts: Facts) -> list[str]:
    """One line for each thing to weigh, then one for each that stands in the way."""
    return [
        f"보고율: {coverage_words(facts['owing_count'], len(facts['missing']))}",
        f"보고하지 않은 공약: {_missing_text(facts['missing'])}",
        f"점검예외로 든 값: {_waived_text(facts['waived'])}",
        f"사유를 받지 못한 지적: {sum(row['open_count'] for row in facts['open'])}건",
        f"늦게 낸 파일: {_listed([row['file_name'] for row in facts['late']])}",
        f"다른 판의 규칙으로 점검한 파일: {_listed([row['file_name'] for row in facts['stale']])}",
        *(f"발표를 막음: {line}" for line in facts["blockers"]),
    ]


def release_text(facts: Facts) -> str:
    """Return the whole summary as Markdown."""
    cells = (["" if cell is None else str(cell) for cell in row] for row in release_rows(facts))
    return "\n".join(
        [
            f"## {release_title(facts)}",
            "",
            f"| {' | '.join(RELEASE_HEADERS)} |",
            "|---|---|---:|---:|---:|---:|---:|---:|",
            *(f"| {' | '.join(row)} |" for row in cells),
            "",
            *(f"- {line}" for line in release_lines(facts)),
        ]
    )


def _missing_text(missing: Sequence[Facts]) -> str:
    return _listed(
        [
            f"{row['department_name']} {row['pledge_id']}"
            + (f"(예외 {row['waiver_id']}: {row['reason']})" if row["waiver_id"] else "")
            for row in missing
        ]
    )


def _waived_text(waived: Sequence[Facts]) -> str:
    return _listed(
        [f"{row['rule_id']} {row['pledge_id'] or '파일 전체'}({row['reason']})" for row in waived]
    )


def _listed(items: Sequence[str]) -> str:
    return f"{len(items)}건: {', '.join(items)}" if items else "없음"
