"""The receipt: what a clean file gets back, as plain text."""

import re
from collections.abc import Iterator
from pathlib import Path

from etl.answer.told import AnswerChange, AnswerSummary, facts
from etl.office import styles
from etl.particles import with_particles

_MOST_CHANGES = 50


def write_receipt(file_name: str, summary: AnswerSummary, path: Path) -> Path:
    """Write the receipt of a file without findings; what it changed is listed, at most 50 lines."""
    title, ending = _words(summary)
    lines = [
        title,
        "",
        f"파일: {styles.plain_text(last_part(file_name))}",
        *(f"{name}: {value}" for name, value in facts(summary)),
        "",
        ending,
        *_changes(summary),
        "",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def last_part(file_name: str) -> str:
    """Return a sender's file name without its folders, whichever system wrote it."""
    return re.split(r"[/\\]", file_name)[-1]


def _words(summary: AnswerSummary) -> tuple[str, str]:
    if summary.is_dry_run:
        return "점검 결과 (접수하지 않았습니다)", "고칠 것이 나오지 않았습니다. 이제 보내십시오."
    if summary.repeats_submission_id:
        return "접수증", with_particles(
            f"접수 {summary.repeats_submission_id}과(와) 내용이 같은 파일입니다."
            " 이미 반영되어 있어 아무것도 바꾸지 않았습니다."
        )
    return "접수증", "점검에서 고칠 것이 나오지 않았습니다. 다시 보내지 않아도 됩니다."


def _changes(summary: AnswerSummary) -> Iterator[str]:
    if not summary.changes:
        return
    yield ""
    yield f"앞서 낸 보고에서 바뀐 값 {len(summary.changes):,}건"
    for change in summary.changes[:_MOST_CHANGES]:
        yield f"- {_told(change)}"
    if len(summary.changes) > _MOST_CHANGES:
        yield f"- (앞의 {_MOST_CHANGES}건만 실었습니다. 모두 보려면 gongyak diff)"


def _told(change: AnswerChange) -> str:
    where = " ".join(part for part in (change.pledge_id, change.item_name, change.place) if part)
    return styles.plain_text(f"{where}: {change.before} → {change.after}")
