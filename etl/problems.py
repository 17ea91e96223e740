"""Two kinds of fault, two kinds of type.

A department's fault is data: a `CellProblem` that becomes a finding while the run goes on.
Ours is an exception: it stops the run, commits nothing and says what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass


class GongyakError(Exception):
    """Stops the command. Carries what happened, what was left untouched and what to do next."""

    def __init__(self, happened: str, untouched: str, next_step: str) -> None:
        # One line, whatever a library put into it.
        super().__init__(" ".join(f"{happened} {untouched} {next_step}".split()))
        self.happened = happened
        self.untouched = untouched
        self.next_step = next_step


class UsageError(GongyakError):
    """The caller asked for something that cannot be done as asked: exit 2, no retry helps."""


class SystemFault(GongyakError):  # noqa: N818 - the counterpart of a department's fault
    """Our own fault: control totals differ, a broken rule, a damaged archive. Turns a run red."""


class OutageError(GongyakError):
    """Something outside is away (database, network): the only fault that a retry can cure."""


# Everything a reader can note down; each code is taken up by a rule of the catalogue.
PROBLEM_CODES = frozenset(
    {
        "not_a_workbook",
        "old_xls",
        "encrypted",
        "document_security",
        "old_hangul",
        "other_workbook",
        "other_document",
        "truncated",
        "damaged",
        "file_too_large",
        "hostile",
        "no_sheets",
        "no_text",
        "other_form",
        "unreadable",
        "no_form_sheet",
        "unknown_edition",
        "bad_quarter",
        "missing_identity",
        "missing_table",
        "optional_table_missing",
        "no_header_row",
        "sheet_renamed",
        "sheet_moved",
        "extra_sheet",
        "table_on_two_sheets",
        "hidden_sheet",
        "missing_column",
        "optional_column_missing",
        "extra_column",
        "duplicate_column",
        "moved_column",
        "unknown_unit",
        "hidden_column",
        "hidden_row",
        "filtered_row",
        "outside_table",
        "floating_object",
        "other_file_formula",
        "merged_cells",
        "covered_by_merge",
        "untouched_row",
        "unreadable_number",
        "unreadable_date",
        "unreadable_text",
        "below_one_won",
        "too_large",
        "error_cell",
        "formula_without_value",
        "id_became_date",
        "shape_three_decimals",
        "scaled_format",
        "unit_in_format",
        "unknown_section",
        "unknown_label",
        "unknown_table",
        "secured_above_plan",
        "sections_missing",
        "carried_over_budget",
        "other_budget_differs",
        "open_years",
        "unread_amounts",
    }
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
