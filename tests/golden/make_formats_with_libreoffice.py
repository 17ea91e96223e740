"""Write `formats.csv`: what LibreOffice Calc shows of numbers under number formats, line by line.

    $ .venv/bin/python tests/golden/make_formats_with_libreoffice.py

Needs `soffice` on the path. Every format comes from a workbook, as senders' formats do, and is
shown by a Calc set to Korean; `tests/unit/test_formats.py` reads the file and needs no LibreOffice.
Not in the list: what Calc takes otherwise than Excel, whose files these mostly are. It draws the
mark of `0!.00`, and does not know the comma before the point of `0,.0`.
"""

import csv
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse
from openpyxl import Workbook

HERE = Path(__file__).parent
TARGET = HERE / "formats.csv"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
KOREAN = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>ko-KR</value></prop></item></oor:items>"""

MANY = (0, 1, 5, 66.67, 1234.5678, 200_000_000, -40, -1234567.891)
RATES = (0, 0.85, 1, 0.6667, -0.05)
FORMATS: dict[str, tuple[float, ...]] = {
    # plain, padded, with separators
    **dict.fromkeys(
        ("General", "0", "0.00", "#,##0", "#,##0.00", "#,##0.###", "000", "0000.0", "#", "#.##",
         "?,???.0", "0_ ", "@", "0.", "#,##0_);(#,##0)", "#,##0_);[Red](#,##0)",
         "#,##0;[Red]#,##0", "#,##0;△#,##0", "#,##0;\"▲\"#,##0", "[Blue]#,##0;[Red]-#,##0",
         "0;-0;", "0;-0;\"-\"", "0.0;(0.0);0"),
        MANY,
    ),
    # per cent
    **dict.fromkeys(
        ("0%", "0.00%", "0.0\\%", "0\"%\"", "#,##0.0%", "0%;[Red]-0%", "0.0 %", "\"약 \"0%",
         "[>=1]0%;0.0%", "[<0.5][Red]0.0%;[Blue]0.00%", "0%;-0%;\"-\""),
        RATES,
    ),
    # what is hidden by thousands
    **dict.fromkeys(
        ("#,##0,", "#,##0,,", "0.0,", "0.00,,", "#,##0,\"천원\"",
         "#,##0,,\"백만원\"", "#,##0.0,,\"백만 원\"", "0.0,,\"M\"", "#,##0,\"K\"",
         "[>=1000000]#,##0,,;#,##0", "[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0",
         "[<1000]0;[<1000000]0.0,\"천\";0.0,,\"백만\"", "[=0]\"-\";[>=100]#,##0,;0.0"),
        MANY,
    ),
    # a printed point between digits, printed zeros behind them
    **dict.fromkeys(
        ("0\\.0,\"만원\"", "#,##0\\.0,\"만원\"", "0\\.00,,\"억\"", "0\".\"0,\"만\"", "0\\.0000",
         "0\",000\"", "#,##0\",000\"", "0\"000\"", "#,##0\"0000\"", "0\\,000", "0\" \"000",
         "0\".00\"", "0.0\"00\"", "0\",000\"\"원\"", "0,\"000\"", "00\\.0,\"만\""),
        tuple(value for value in MANY if value >= 0),
    ),
    # units and the currency
    **dict.fromkeys(
        ("\"₩\"#,##0", "[$₩-412]#,##0", "[$₩-412]#,##0;-[$₩-412]#,##0", "\\₩#,##0", "₩#,##0",
         "\"KRW \"#,##0", "[$KRW] #,##0", "\"￦\"#,##0", "_-\"₩\"* #,##0_-;-\"₩\"* #,##0_-;_-\"₩\"* \"-\"_-;_-@_-",
         "_-* #,##0_-;-* #,##0_-;_-* \"-\"_-;_-@_-", "_-[$₩-412]* #,##0.00_-;-[$₩-412]* #,##0.00_-",
         "\"₩\"#,##0;[Red]-\"₩\"#,##0", "#,##0\"원\"", "#,##0원", "#,##0\\원", "#,##0\"천원\"",
         "#,##0\\ \"백만 원\"", "#,##0\"백만원\"", "#,##0.0\"억원\"", "0\"만원\"", "General\"억\"",
         "General\"원\"", "\"금 \"#,##0\"원\"", "\"(천원) \"#,##0", "#,##0\"千원\"", "\"$\"#,##0",
         "[$$-409]#,##0.00", "#,##0 [$€-407]", "#,##0\"명\"", "#,##0\"건\"", "0\"년\"",
         "\"약 \"#,##0", "\"제\"0\"호\"", "\"2021년 \"#,##0", "#,##0\" (2021)\""),
        MANY,
    ),
    # two units at once
    **dict.fromkeys(
        ("0\"억\"0000\"만원\"", "0\"억 \"0000\"만\"", "#\"천\"000\"원\""),
        (0, 12, 12345, 123456789),
    ),
    # conditions and sections
    **dict.fromkeys(
        ("[>100]0;0.0", "[>100]0.0;[<10]0.00;0", "[<=5]0.000;0", "[<>5]0;0.00", "[=5]0.00;0",
         "[>100]0.00;[Red]0.0;0", "[<0]\"△\"#,##0;#,##0", "[Red][<0]-#,##0;[Blue]#,##0"),
        MANY,
    ),
    # fractions and powers
    **dict.fromkeys(
        ("# ?/?", "# ??/??", "#\" \"?/8", "0.00E+00", "##0.0E+0", "0E+0"), (0, 0.5, 5.25, 1234.5)
    ),
    # colours and numerals
    **dict.fromkeys(("[DBNum1]0", "[$-412]0.0", "[Color10]0", "[Green]0.0"), (0, 7, 66.67, -5)),
    # identifiers
    **dict.fromkeys(("0-00", "#-##", "00-00", "\"A-\"000", "0\\-00", "000-0000"), (1, 101, 1234567)),
    # no numbers at all
    **dict.fromkeys(
        ("yyyy-mm-dd", "yyyy\"년\" m\"월\"", "m/d/yy h:mm", "[h]:mm", "h:mm AM/PM", ";;;", "\"완료\"",
         "[=1]\"완료\";[=0]\"미완료\""),
        (0, 1, 43558.5),
    ),
}  # fmt: skip


def shown_texts(path: Path) -> Iterator[str]:
    """Yield the text that the first cell of each row shows."""
    for row in parse(path).getroot().iter(f"{TABLE}table-row"):
        cell = next(row.iter(f"{TABLE}table-cell"))
        text = "".join(part for line in cell.findall(TEXT) for part in words(line))
        yield from [text] * int(row.get(f"{TABLE}number-rows-repeated", 1))


def words(element: Element) -> Iterator[str]:
    """Yield the text of a paragraph, in which several blanks are an element."""
    yield element.text or ""
    for child in element:
        yield " " if child.tag.endswith("}s") else "".join(words(child))
        yield child.tail or ""


def main() -> None:
    """Let LibreOffice show every pair, and write down what it showed."""
    pairs = [(code, value) for code, values in FORMATS.items() for value in values]
    book = Workbook()
    for number, (code, value) in enumerate(pairs, 1):
        cell = book.worksheets[0].cell(number, 1, value)
        cell.number_format = code
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user/registrymodifications.xcu").write_text(KOREAN, encoding="utf-8")
        book.save(Path(folder) / "formats.xlsx")
        subprocess.run(
            ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to",
             "fods", "--outdir", folder, f"{folder}/formats.xlsx"], check=True)  # fmt: skip
        shown = list(shown_texts(Path(folder) / "formats.fods"))
    with TARGET.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(("code", "value", "shown"))
        writer.writerows((*pair, text) for pair, text in zip(pairs, shown, strict=False))


if __name__ == "__main__":
    main()
