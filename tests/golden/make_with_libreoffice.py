"""Fill in the golden workbooks in a real LibreOffice Calc, as a person does, and save them there.

See README.md. The folder that is named holds the invitation and the register of `world.py`.
"""

import sys
import tempfile
from pathlib import Path

from calc import (
    BLANK,
    Book,
    Office,
    charted,
    choice,
    counting_from_1904,
    from_other_file,
    in_a_new_book,
    merged,
    noted,
    only_one,
    only_one_of_a_table,
    protected,
    saved_as,
    shown_as,
    with_a_password,
)

HERE = Path(__file__).parent
OTHER = HERE / "should_fail/F-32/지난해.xlsx"  # lies there while F-32's file is saved

# What is done in each file: cells, and what is typed there or the command or step that is taken.
# 공약현황: A 공약번호, C 추진상황, D 이행률, H 추진내용; rows 3 to 6 are 1-1, 1-2, 1-3, 1-11. 예산: K and L
# are 2021, M and N 2022, O 임기후; rows 3 to 6 are 1-1 구비, 1-1 시비, 1-2, 1-11. What follows @ in the
# name of a file is the cell that must be named.

TOTALS = [("예산.A7", "계"), *((f"예산.{c}7", f"=SUM({c}3:{c}6)") for c in "IJKLMO")]
DONE = [("추진실적.A3", "1-1"), ("추진실적.C3", "첫 삽")]
FILLED = [
    ("공약현황.D3", "65"), ("공약현황.D4", "４５"), ("공약현황.D5", "55%"), ("공약현황.E3", "달성"),
    ("공약현황.H3:I3", ".uno:ResetAttributes"), ("공약현황.H3", '="설계 "&4&"곳을 마침"'), ("공약현황.I3", '=IF(TRUE();"";"없음")'),
    ("공약현황.J3", "첫 삽을 뜨고\n문을 엶"), ("예산.K3", "=10+20"), ("예산.L3", "１２"),
    ("예산.L5", "16.50"), ("예산.K6", "'５０"), ("예산.O6", "'150"), ("협업.A3", "1-11"), ("협업.C3", "나래과"),
    *DONE, ("추진실적.B3", "2021-11-15"), ("추진실적.A4", "1-11"), ("추진실적.B4", "21. 11. 16."),
    ("추진실적.C4", "둑을 쌓음"), ("담당자.A3", "1-1"), ("담당자.B3", "주무관"), ("담당자.D3", "000-0000"),
]  # fmt: skip
RETURNS = {
    "should_pass/filled_in": FILLED,
    "should_pass/totals_by_formula": TOTALS,
    "should_pass/rows_added_filter_set_protected": [
        ("공약현황.A4", ".uno:InsertRowsBefore"), ("예산.A5:A6", ".uno:InsertRowsBefore"),
        ("공약현황.A2:K7", ".uno:DataFilterAutoFilter"), ("공약현황.A1", protected),
    ],
    "should_pass/header_over_two_rows": [
        ("예산.A3", ".uno:InsertRowsBefore"), ("예산.K2", "2021"), ("예산.L2", ""), ("예산.K2:L2", merged),
        ("예산.K3", "확보액"), ("예산.L3", "집행액"), *((f"예산.{c}2:{c}3", merged) for c in "ABCDEFGHIJMNO"),
    ],
    "should_pass/days_since_1904": [
        ("공약현황.A1", counting_from_1904), *DONE, ("추진실적.B3", "2021-11-15"),
    ],
    "should_pass/office_open_xml": [("공약현황.D3", "65"), ("공약현황.A1", saved_as("Calc Office Open XML"))],
    "F-42/saved_as_ods": [("공약현황.A1", saved_as("calc8"))],
    "F-02/with_a_password": [("공약현황.A1", with_a_password)],
    "F-06/sheet_in_a_new_book": [("공약현황.A1", in_a_new_book)],
    "F-11/column_inserted@D2": [("공약현황.D1", ".uno:InsertColumnsBefore"), ("공약현황.D2", "비고")],
    "F-13/column_moved@K2": [
        ("공약현황.D1:D6", ".uno:Cut"), ("공약현황.L1", ".uno:Paste"), ("공약현황.D1", ".uno:DeleteColumns"),
    ],
    "F-15/hidden_row": [("공약현황.A4", ".uno:HideRow")],
    "F-16/merged_number@A3": [("예산.A3:A4", merged)],
    "F-20/mixed_units@M3": [("예산.M3", "2조 4천3246억")],
    "F-20/minus_behind@L6": [("예산.L6", "'9,327-")],
    "F-21/divided_by_nothing@L5": [("예산.L5", "=15/N5")],
    "F-21/reference_lost@K5": [("예산.K5", "=K9"), ("예산.A9", ".uno:DeleteRows")],
    "F-22/number_became_day@A6": [("공약현황.A6", ".uno:ResetAttributes"), ("공약현황.A6", "1-11")],
    "F-22/number_became_day_in_money@A6": [("예산.A6", ".uno:ResetAttributes"), ("예산.A6", "1-11")],
    "F-25/point_for_comma@K3": [("예산.K3", "'24.394")],
    "F-26/shown_in_millions@K3": [("예산.K3", "30000000"), ("예산.K3", shown_as("#,##0,,"))],
    "F-29/merged_status@C4": [("공약현황.C3:C4", merged)],
    "F-31/chart@B9": [("예산.K2:L6", charted)],
    "F-32/other_file@L3": [("예산.L3", from_other_file(OTHER))],
    "F-33/filtered": [("공약현황.A2:K6", ".uno:DataFilterAutoFilter"), ("공약현황.A2:K6", only_one)],
    "F-33/table_filtered": [("공약현황.A2:K6", only_one_of_a_table)],
    "F-37/note_on_a_cell@L3": [*FILLED, ("예산.L3", noted)],
    "P-04/pasted_twice@A7": [("공약현황.A3:K3", ".uno:Copy"), ("공약현황.A7", ".uno:Paste")],
    "P-06/own_words@C3": [("공약현황.C3", "거의 완료")],
    "P-07/rate_120@D3": [("공약현황.D3", "120")],
    "P-09/completed_at_95@D3": [("공약현황.C3", "완료"), ("공약현황.D3", "95")],
    "P-13/share@D3": [("공약현황.D3", "=65/100")],
    "B-01/minus_typed_behind@L6": [("예산.L6", "27-")],
    "B-04/line_pasted_twice@C7": [("예산.A5:O5", ".uno:Copy"), ("예산.A7", ".uno:Paste")],
    "B-08/spent_by_formula@L4": [("예산.L4", "=K4*1.05")],
    "B-12/sum_misses_a_row@K7": [*TOTALS, ("예산.K7", "=SUM(K3:K5)")],
    "C-01/row_deleted@A5": [("공약현황.A4", ".uno:DeleteRows")],
    "C-05/above_the_total@M5": [("예산.M5", "60")],
    "H-01/rate_falls@D3": [("공약현황.D3", "45")],
    "H-03/thousands_of_won@M5": [("예산.K5", "20,000"), ("예산.L5", "15,000"), ("예산.M5", "40,000")],
    "H-05/past_year@J3": [("예산.J3", "=20-2")],
}  # fmt: skip
REGISTERS = {
    "F-22/number_became_day_in_register@B4": [("공약.B4", ".uno:ResetAttributes"), ("공약.B4", "1-3")],
    "R-09/pledge_pasted_twice@B7": [("공약.A3:L3", ".uno:Copy"), ("공약.A7", ".uno:Paste")],
    "R-11/unknown_department@E3": [("공약.E3", "D01, D99")],
    "R-20/grace_before_due@A5": [("제출일정.D5", "2022-01-07")],
}  # fmt: skip
OWN_TABLE = [
    ("Sheet1.A1", "사업"),
    ("Sheet1.B1", "진도"),
    ("Sheet1.A2", "1-1"),
    ("Sheet1.B2", "60%"),
]
FROM_NOTHING = {
    "F-42/saved_as_xls": [*OWN_TABLE, ("Sheet1.A1", saved_as("MS Excel 97"))],
    "F-05/own_table": OWN_TABLE,
}


def trimmed(office, url):
    """An invitation without its words, and without lists in a thousand empty rows: small files."""
    book = Book(office, url)
    book.document.Sheets.removeByName("안내")
    for name in ("공약현황", "예산", "추진실적", "협업", "담당자"):
        sheet = book.document.Sheets.getByName(name)
        sheet.unprotect("")
        cells = sheet.getCellRangeByName("A12:O1000")
        anything = cells.Validation
        anything.Type = choice("sheet.ValidationType", "ANY")
        cells.Validation = anything
        sheet.protect("")
    return book


def retyped(office, url):
    """Type a register into a new book, with 공약번호 as text: days and numbers become such."""
    book, source = Book(office, BLANK), office.open(url)
    for sheet in source.Sheets:
        book.document.Sheets.insertNewByName(sheet.Name, book.document.Sheets.Count)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(True)
        for row, values in enumerate(cursor.DataArray, 1):
            for column, value in zip("ABCDEFGHIJKL", values, strict=False):
                if value == "공약번호":
                    book.do(f"{sheet.Name}.{column}1:{column}9", shown_as("@"))
                if value != "":
                    text = f"{value:g}" if isinstance(value, float) else value
                    book.do(f"{sheet.Name}.{column}{row}", text)
    source.close(True)
    book.document.Sheets.removeByName("Sheet1")
    return book


def main(seeds):
    with tempfile.TemporaryDirectory() as folder, Office(Path(folder)) as office:
        invitation, register = ((seeds / f"{n}.xlsx").as_uri() for n in ("invitation", "register"))
        small, typed = Path(folder) / "trimmed.xlsx", HERE / "should_pass/register.xlsx"
        Book(office, invitation).save(HERE / "should_pass/untouched.xlsx")
        trimmed(office, invitation).save(small)
        retyped(office, register).save(typed)
        bases = {small.as_uri(): RETURNS, typed.as_uri(): REGISTERS, BLANK: FROM_NOTHING}
        for url, files in bases.items():
            for name, steps in files.items():
                book = Book(office, url)
                for place, what in steps:
                    book.do(place, what)
                parent = HERE if name.startswith("should_pass") else HERE / "should_fail"
                book.save(parent / f"{name}.xlsx")
    OTHER.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
