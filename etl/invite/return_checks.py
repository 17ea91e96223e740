"""What a return lets an officer type: drop-downs and limits, so that faults do not arise."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from openpyxl.formatting.rule import Rule
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from etl.form import Field, Table, labels_for, usual_labels, written_names
from etl.invite.invitation import Invitation

FIRST_ROW = 3
"""The first row of values in every table of a return."""
# Lists and checks reach this row, far below any department's last line.
_LAST_CHECKED_ROW = 1000
_LONGEST_LIST = 253  # a workbook with a longer one, in its quotes, is repaired by Excel


def attach_checks(sheet: Worksheet, table: Table, invitation: Invitation, money_count: int) -> None:
    """Attach the checks of every column of a table; the last `money_count` ones are money."""
    for number, column in enumerate(table.fields, start=1):
        check = _check(table, column, invitation)
        if check:
            _attach(sheet, check, number, number)
    if money_count:
        first = len(table.fields) + 1
        error = f"{table.money_unit} 단위의 수를 적습니다. 50만원은 0.5입니다."
        _attach(sheet, _money_check(error), first, first + money_count - 1)
        _plain_whole_numbers(sheet, first, first + money_count - 1)


def _attach(sheet: Worksheet, check: DataValidation, first: int, last: int) -> None:
    check.add(_below_header(first, last))
    sheet.add_data_validation(check)


def _below_header(first: int, last: int) -> str:
    letters = get_column_letter(first), get_column_letter(last)
    return f"{letters[0]}{FIRST_ROW}:{letters[1]}{_LAST_CHECKED_ROW}"


def _check(table: Table, column: Field, invitation: Invitation) -> DataValidation | None:
    if column.name == "pledge_id" and table.code != "progress":
        return _pledge_list(invitation)
    if column.code_list:
        return _label_list(column, _choices(column.code_list, invitation))
    limit = _LIMITS.get(column.type)
    return limit() if limit else None


def _pledge_list(invitation: Invitation) -> DataValidation:
    sheet, last_row = invitation.frame.form.table("progress").sheet, len(invitation.progress) + 2
    source = f"'{sheet}'!$A${FIRST_ROW}:$A${last_row}"
    error = "공약현황 시트에 있는 공약번호만 적을 수 있습니다."
    return _validation("list", "공약번호", error, formula1=source)


def _label_list(column: Field, labels: Sequence[str]) -> DataValidation:
    error = "목록에 있는 것만 적을 수 있습니다: " + ", ".join(labels)
    quoted = ",".join(label.replace('"', '""') for label in labels)
    return _validation("list", column.header, error, formula1=f'"{quoted}"')


def _choices(list_code: str, invitation: Invitation) -> list[str]:
    """Names that an officer may pick; sources as this government writes them, and as it did."""
    frame = invitation.frame
    if list_code == "status":
        return _fitting([*written_names(list_code), *frame.status_words])
    if list_code != "funding_source":
        return list(written_names(list_code))
    labels = _source_labels(frame.government_class, frame.government_name[-1:])
    used = {line.source for line in invitation.budget if line.source}
    return [*labels, *sorted(s for s in used if s not in labels and "," not in s)]


def _fitting(labels: Sequence[str]) -> list[str]:
    """Leave out what a drop-down cannot hold: words with its comma, and those past its length."""
    kept: list[str] = []
    for label in labels:
        if "," not in label and len(",".join([*kept, label])) <= _LONGEST_LIST:
            kept.append(label)
    return kept


@cache
def _source_labels(government_class: str, last_syllable: str) -> tuple[str, ...]:
    """Return a label of each source of a class; own money is called after the government."""
    codes = labels_for("funding_source", government_class)
    usual = usual_labels("funding_source")[government_class]
    named = [n for n, code in codes.items() if code == "OWN" and n.startswith(last_syllable)]
    return tuple(named[0] if named and codes[label] == "OWN" else label for label in usual)


def _validation(kind: Any, title: str, error: str, **limits: Any) -> DataValidation:
    return DataValidation(
        type=kind,
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=title,
        error=error[:225],
        **limits,
    )


_LIMITS = {
    "rate": partial(
        _validation, "decimal", "이행률(%)",
        "0에서 100 사이의 수를 적습니다. % 기호는 적지 않습니다.",
        operator="between", formula1="0", formula2="100",
    ),
    "integer": partial(
        _validation, "whole", "연도", "연도를 네 자리 수로 적습니다. 예: 2022",
        operator="between", formula1="1990", formula2="2100",
    ),
    "date": partial(
        _validation, "date", "일자", "날짜로 적습니다. 예: 2021-10-15",
        operator="greaterThan", formula1="1", errorStyle="warning",
    ),
}  # fmt: skip
_money_check = partial(
    _validation,
    "decimal",
    "금액",
    operator="greaterThanOrEqual",
    formula1="0",
    errorStyle="warning",
)


def _plain_whole_numbers(sheet: Worksheet, first: int, last: int) -> None:
    """Show 40 as `40`, although the money format (made for 0.5) would print `40.`."""
    cell = f"{get_column_letter(first)}{FIRST_ROW}"
    style = DifferentialStyle(numFmt=NumberFormat(numFmtId=3, formatCode="#,##0"))
    rule = Rule("expression", dxf=style, formula=[f"AND(ISNUMBER({cell}),{cell}=INT({cell}))"])
    sheet.conditional_formatting.add(_below_header(first, last), rule)
