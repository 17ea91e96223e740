"""By which versions of rules, forms and code files are judged now, and were."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from etl import __version__
from etl.check import rule_version
from etl.form import form_version
from etl.quarter import EVER
from etl.warehouse import run_alone


def versions() -> dict[str, str]:
    """Return the versions that decide a judgement: rules, forms, code."""
    return {
        "rule_version": rule_version(),
        "form_version": form_version(),
        "code_version": __version__,
    }


def stale_files(quarter_id: str, government_id: str) -> list[int]:
    """Return the files of a quarter that were judged by other rules, forms or code than these."""
    return [file.submission_id for file in judged_files(quarter_id, government_id) if file.is_stale]


def judged_files(quarter_id: str, government_id: str) -> Sequence[Row[Any]]:
    """Return the files of a quarter, with the versions that judged each and if they differ."""
    return run_alone(
        "release/files.sql",
        government_id=government_id,
        quarter_id=quarter_id,
        as_of=EVER,
        **versions(),
    )
