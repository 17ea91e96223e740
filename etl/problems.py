"""Two kinds of fault, two kinds of type.

A department's fault is data: a `CellProblem` that becomes a finding while the run goes on.
Ours is an exception: it stops the run, commits nothing and says what to do next.
"""

import re
import traceback
from dataclasses import dataclass
from typing import Self

from etl.particles import with_particles

_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class GongyakError(Exception):
    """Stops the command. Carries what happened, what was left untouched and what to do next."""

    def __init__(self, happened: str, untouched: str, next_step: str) -> None:
        self.happened = with_particles(happened)
        self.untouched = with_particles(untouched)
        self.next_step = with_particles(next_step)
        # One line, whatever a library put into it.
        told = f"{self.happened} {self.untouched} {self.next_step}"
        super().__init__(" ".join(told.split()))


class UsageError(GongyakError):
    """The caller asked for something that cannot be done as asked: exit 2, no retry helps."""

    @classmethod
    def refused(cls, happened: str, next_step: str) -> Self:
        """Return the error of a command that was refused before it changed anything."""
        return cls(happened, "아무것도 바뀌지 않았습니다.", next_step)


class SystemFault(GongyakError):  # noqa: N818 - the counterpart of a department's fault
    """Our own fault: control totals differ, a broken rule, a damaged archive. Turns a run red."""


class OutageError(GongyakError):
    """Something outside is away (database, network): the only fault that a retry can cure."""


@dataclass(frozen=True)
class FileFault:
    """A fault of ours while one file was handled: that file is set aside, its sender is not told.

    `stage` is what was being done, `place` the failing line (`ruled.py:212`), `trace` the lines
    that led there; never the exception's message, which may quote a person's text.
    """

    stage: str
    error_type: str
    place: str
    trace: str

    @classmethod
    def of(cls, stage: str, error: BaseException) -> "FileFault":
        """Return what is kept of an exception."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
        trace = "".join(traceback.format_list(frames)).rstrip()
        return cls(stage, type(error).__name__, place, trace)


# Everything a reader can note down; each code is taken up by a rule of the catalogue.
PROBLEM_CODES = frozenset(
    word
    for words in (
        # a file as a whole
        "bundle bundle_refused not_a_workbook old_xls encrypted document_security old_hangul",
        "other_workbook other_document truncated damaged file_too_large hostile no_sheets no_text",
        "other_form unreadable picture_damaged picture_too_large",
        # which form it is, who sends it, and where its tables are
        "no_form_sheet unknown_edition bad_quarter missing_identity missing_table",
        "optional_table_missing no_header_row sheet_renamed sheet_moved extra_sheet",
        "table_on_two_sheets copied_sheet hidden_sheet",
        # the columns of a table, and its unit
        "missing_column optional_column_missing source_column_missing extra_column",
        "duplicate_column moved_column column_renamed unread_amount unknown_unit unit_contradicted",
        # what is hidden, lies beside the cells or reaches over them
        "hidden_column hidden_row filtered_row outside_table floating_object cell_note",
        "cell_picture other_file_formula merged_cells covered_by_merge untouched_row",
        # a cell
        "unreadable_number unreadable_date unreadable_text below_one_won too_large error_cell",
        "formula_without_value total_without_value id_became_date shape_three_decimals",
        "scaled_format unit_in_format unreadable_format",
        # what is secured
        "carried_over_budget other_budget_differs",
        # a card
        "unknown_section unknown_label unknown_table secured_above_plan sections_missing",
        "open_years unread_amounts",
    )
    for word in words.split()
)


@dataclass(frozen=True)
class CellProblem:
    """One thing a reader could not take as it stood, at one place of one file.

    `code` names it for the rule catalogue; `seen` is the text as written, `expected` what
    would have been right (empty when the rule says it). A problem of the whole file has no place.
    """

    code: str
    seen: str = ""
    expected: str = ""
    sheet_name: str | None = None
    table_no: int | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    pledge_id: str | None = None

    def __post_init__(self) -> None:
        if self.code not in PROBLEM_CODES:
            raise ValueError(f"unknown problem code {self.code!r}")
        # A database refuses some of them, a workbook others: no text of a file keeps any.
        for name in ("seen", "expected", "sheet_name", "pledge_id"):
            if _REFUSED.search(text := getattr(self, name) or ""):
                object.__setattr__(self, name, _REFUSED.sub("", text))
