"""The answer to a card: its findings as a Hangul document, and the same as plain text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.answer.told import (
    MOST_CHANGES,
    Answer,
    AnswerChange,
    AnswerFinding,
    facts,
    next_step,
    verdict,
)
from etl.documents.blocks import Block, Paragraph, TableBlock
from etl.office.hwpx import ruled, write_hwpx


def write_document(path: Path, answer: Answer) -> Path:
    """Write the answer to a card as `path` (.hwpx) and, beside it, as .txt; return `path`.

    Each finding is told with its place in the sender's document (`표3 5행7열`, `문단 12`).
    """
    blocks = list(_blocks(answer))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".txt").write_text(_as_text(blocks), encoding="utf-8")
    return write_hwpx(blocks, path, written_at=answer.summary.received_at)


def _blocks(answer: Answer) -> Iterator[Block]:
    findings, shown, summary, notes = answer
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
    yield _table(1, _FINDING, shown)
    if summary.changes:
        told = f"□ 앞서 반영된 보고에서 바뀐 값 {len(summary.changes):,}건"
        yield Paragraph(len(lines) + 1, told)
        yield _table(2, _CHANGE, summary.changes[:MOST_CHANGES])


def _place(row: AnswerFinding | AnswerChange) -> str:
    return " ".join(part for part in (row.sheet_name, row.cell) if part)


def _told(finding: AnswerFinding) -> str:
    if finding.acknowledged_reason and not finding.waiver_reason:
        return f"{finding.told} (받은 사유: {finding.acknowledged_reason})"
    return finding.told


# What stands under each header of a table.
_FINDING: Mapping[str, Callable[[AnswerFinding], str | None]] = {
    "규칙": lambda f: f.rule_id,
    "구분": lambda f: f.shown_level.name,
    "공약번호": lambda f: f.pledge_id,
    "자리": _place,
    "읽은 값": lambda f: f.seen,
    "기대 값": lambda f: f.expected,
    "할 일": _told,
}
_CHANGE: Mapping[str, Callable[[AnswerChange], str | None]] = {
    "공약번호": lambda c: c.pledge_id,
    "항목": lambda c: c.item_name,
    "세부사업 · 재원 · 연도": lambda c: c.place,
    "앞서 낸 값": lambda c: c.before,
    "이번 값": lambda c: c.after,
    "자리": _place,
}


def _table(
    number: int, columns: Mapping[str, Callable[[Any], str | None]], rows: Iterable[Any]
) -> TableBlock:
    lines = [[read(row) or "" for read in columns.values()] for row in rows]
    return ruled([[*columns], *lines], number)


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
