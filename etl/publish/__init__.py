"""What is published of a quarter: every file is written from one `Edition`.

`edition` reads it, `tables` says what stands in it, and each other module writes one kind of file.
"""

from __future__ import annotations

from pathlib import Path

from etl.publish.edition import COMPUTED, REFRESHED, Edition, Release, read_edition
from etl.publish.workbook import write_workbook

__all__ = (
    "COMPUTED", "REFRESHED", "Edition", "Release", "publish", "read_edition", "write_workbook",
)  # fmt: skip


def publish(edition: Edition, folder: Path) -> list[Path]:
    """Write every file of a release into `folder`; the same edition gives the same bytes."""
    return [write_workbook(edition, folder)]
