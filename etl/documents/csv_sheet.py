"""A text between commas as a sheet of cells, every one of them text."""

import csv
import io

from etl.documents.package import DocumentError
from etl.documents.plain_text import decoded
from etl.documents.sheet_facts import MAX_COLUMNS, MAX_ROWS, SheetFacts
from etl.documents.sheets import Sheet


def read_csv(content: bytes, name: str) -> Sheet:
    """Return the rows as a sheet of that name.

    Raises DocumentError as `decoded`, `damaged` for what is no such text, and `file_too_large`.
    """
    try:
        rows = list(csv.reader(io.StringIO(decoded(content), newline=""), strict=True))
    except csv.Error as error:
        raise DocumentError("damaged", "csv") from error
    if len(rows) > MAX_ROWS or max(map(len, rows), default=0) > MAX_COLUMNS:
        raise DocumentError("file_too_large", f"{len(rows)}")
    return Sheet(name, rows, SheetFacts(name, is_hidden=False))
