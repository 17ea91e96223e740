"""The answer to a card: its findings as a Hangul document, and the same as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from etl.answer.told import (
    MOST_CHANGES,
    AnswerChange,
    AnswerFinding,
    AnswerSummary,
    facts,
    next_step,
    verdict,
)
from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock
from etl.office.hwpx import write_hwpx

_FINDING_HEADERS = ("규칙", "구분", "공약번호", "자리", "읽은 값", "기대 값", "할 일")
_CHANGE_HEADERS = ("공약번호", "항목", "세부사업 · 재원 · 연도", "앞서 낸 값", "이번 값", "자리")


def write_document(
    path: Path,
    findings: Sequence[AnswerFinding],
    shown: Sequence[AnswerFinding],
    summary: AnswerSummary,
    notes: Sequence[str],
) -> Path:
    """Write the answer to a card as `path` (.hwpx) and, beside it, as .txt; return `path`.

    Each finding is told with its place in the sender's document (`표3 5행7열`, `문단 12`).
    """
    blocks = list(_blocks(findings, shown, summary, notes))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".txt").write_text(_as_text(blocks), encoding="utf-8")
    return write_hwpx(blocks, path, written_at=summary.received_at)


def _blocks(
    findings: Sequence[AnswerFinding],
    shown: Sequence[AnswerFinding],
    summary: AnswerSummary,
    notes: Sequence[str],
) -> Iterator[Block]:
    lines = (
        f"□ {verdict(findings, is_dry_run=summary.is_dry_run)}",
        next_step(
            findings,
            "아래 자리를 고치고",
            "사유가 필요한 자리는 고치거나, 사실이면 카드의 정정사유에 까닭을 적고",
            "보내신 문서를 저장해 다시 보내 주십시오.",
        ),
        *(f"{name}: {value}" for name, value in facts(summary)),
        *notes,
    )
    yield from (Paragraph(number, line) for number, line in enumerate(lines, 1))
    yield _table(1, _FINDING_HEADERS, [_finding_row(finding) for finding in shown])
    if summary.changes:
        told = f"□ 앞서 반영된 보고에서 바뀐 값 {len(summary.changes):,}건"
        yield Paragraph(len(lines) + 1, told)
        rows = [_change_row(change) for change in summary.changes[:MOST_CHANGES]]
        yield _table(2, _CHANGE_HEADERS, rows)


def _finding_row(finding: AnswerFinding) -> tuple[str, ...]:
    place = " ".join(part for part in (finding.sheet_name, finding.cell) if part)
    told = finding.told
    if finding.acknowledged_reason and not finding.waiver_reason:
        told = f"{told} (받은 사유: {finding.acknowledged_reason})"
    return (
        finding.rule_id,
        finding.shown_level.name,
        finding.pledge_id or "",
        place,
        finding.seen or "",
        finding.expected or "",
        told,
    )


def _change_row(change: AnswerChange) -> tuple[str, ...]:
    place = " ".join(part for part in (change.sheet_name, change.cell) if part)
    return (
        change.pledge_id,
        change.item_name,
        change.place,
        change.before_shown or "(없음)",
        change.after_shown or "(없음)",
        place,
    )


def _table(number: int, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> TableBlock:
    return TableBlock(
        number,
        tuple(
            GridCell(row, column, text)
            for row, texts in enumerate((headers, *rows), 1)
            for column, text in enumerate(texts, 1)
        ),
    )


def _as_text(blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append(block.text)
            continue
        for row in range(2, block.row_count + 1):
            parts.append("")
            parts += [
                f"{head.text}: {' '.join(cell.text.split())}"
                for column in range(1, block.column_count + 1)
                if (head := block.at(1, column)) and (cell := block.at(row, column)) and cell.text
            ]
        parts.append("")
    return "\n".join(parts) + "\n"
