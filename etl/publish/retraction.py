"""What a reader of a published folder is told of a release that was taken back.

Nothing that was published is removed or written again: every page gets one notice at its top, which
can be taken out again, and a file says the same. Numbers, tables and open data stay byte for byte.
"""

import re
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from etl.whole import whole

TOLD = "철회.txt"
"""The file of a release's folder that says it was taken back."""

_BEGIN, _END = "<!-- 철회 -->", "<!-- /철회 -->"
_NOTICE = re.compile(f"{_BEGIN}.*?{_END}\n", re.DOTALL)
_BODY = re.compile(r"<body[^>]*>\n?")


@dataclass(frozen=True)
class Notice:
    """Which release was taken back, by which office, on which day in Seoul and why."""

    quarter_id: str
    revision: int
    office: str
    day: date
    reason: str

    @property
    def text(self) -> str:
        return (
            f"{self.office} {self.quarter_id} {self.revision}차 발표는 {self.day}에"
            f" 철회되었습니다. 까닭: {self.reason}"
        )


_ADVICE = "여기 적힌 수치를 인용하지 마십시오. 발표했던 내용은 기록으로 남겨 둔 것입니다."


def mark(folder: Path, notice: Notice) -> None:
    """Tell in a folder that its release was taken back; told already, it stays as it is."""
    _replace(folder / TOLD, f"철회됨\n{notice.text}\n{_ADVICE}\n")
    for path in sorted(folder.rglob("*.html")):
        _replace(path, with_notice(path.read_text(encoding="utf-8"), notice))


def with_notice(page: str, notice: Notice) -> str:
    """Return a page with the notice as the first thing in it, in place of any before."""
    told = (
        f'{_BEGIN}<aside class="retracted" aria-label="철회"><p><strong>철회됨</strong>'
        f" {escape(notice.text)}</p><p>{_ADVICE}</p></aside>{_END}\n"
    )
    return _BODY.sub(lambda body: body.group() + told, without_notice(page), count=1)


def without_notice(page: str) -> str:
    """Return a page as it was published."""
    return _NOTICE.sub("", page)


def _replace(path: Path, content: str) -> None:
    """Write a text file whole or not at all, with the mode that the one before had."""
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return
    with whole(path) as part:
        part.write_text(content, encoding="utf-8", newline="")
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
