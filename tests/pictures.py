"""The pictures of README.md and docs/: `make pictures` draws them from what the demo wrote.

Workbooks are printed by LibreOffice and the report is drawn by Chromium, as an office sees them;
columns that hold little are drawn narrower, so that the words can be read on a page. Needs
soffice, chromium and pdftoppm on PATH; docs/images/ keeps what they drew.
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import load_workbook
from PIL import Image, ImageChops

from etl import service
from etl.desk import waiting
from etl.desk.gate import PREFIX
from etl.settings import alone_in, another_home
from tests.desk import client, in_process, office, upload, whole

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH = 1280
_DOTS_PER_INCH = 150
_COLOURS = 128
_MARGIN = 12
# The foot of a printed sheet is no part of its picture.
_FOOT = 0.94
# sheet → column → width in letters
_ANSWER = {
    "점검결과": {"F": 11, "G": 19, "H": 44, "I": 22},
    "공약현황": {"B": 21, "H": 24, "I": 21, "J": 12, "K": 14},
}
_INVITATION = {"공약현황": _ANSWER["공약현황"], "예산": {"B": 19, "C": 13, "D": 7, "E": 8}}


def main() -> None:
    """Draw every picture from the demo's home."""
    home = service.demo_home()
    answer = next((home / "outbox/answers/2021Q4/3990000").glob("*/2021Q4_길교통과_점검결과.xlsx"))
    _keep(_sheets(answer, _ANSWER), "answer.png")
    invitation = home / "outbox/2021Q4/3990000/1040_길교통과.xlsx"
    _keep(_sheets(invitation, _INVITATION), "invitation.png")
    report = home / "published/3990000/2021Q3/r1/보고서.html"
    _keep(_page(report, 900, 672), "report.png")
    _draw_site(home / "published")
    _draw_desk(home)


def _draw_site(published: Path) -> None:
    """Draw the site's start page, a pledge as a phone shows it, and verdicts of printed values."""
    garam, boryeong = published / "3990000", published / "4510000"
    _keep(_page(garam / "index.html", 1000, 1010), "site.png")
    phone = _page(garam / "pledges/7/2-1.html", 500, 2400)
    half = phone.height // 2
    screens = Image.new("RGB", (2 * phone.width + _MARGIN, half), "white")
    for place in (0, 1):
        screens.paste(phone.crop((0, place * half, phone.width, (place + 1) * half)),
                      (place * (phone.width + _MARGIN), 0))  # fmt: skip
    _keep(screens, "site_pledge.png")
    told = (boryeong / "method.html").read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        page = Path(folder) / "method.html"
        others = re.compile(r'<section(?! id="printed").*?</section>', re.DOTALL)
        page.write_text(others.sub("", told), encoding="utf-8")
        _keep(_page(page, 900, 900), "site_verdicts.png")


def _draw_desk(home: Path) -> None:
    """Draw the page 제출 현황 of the office, and what an officer is told of a file."""
    start = f"{PREFIX}/?government=3990000&quarter=2021Q4"
    sent = home / "sent/3990000/2021Q4_길교통과.xlsx"
    with another_home(alone_in(home)), in_process(), TemporaryDirectory() as folder:
        pages = client(office())
        told = {"desk.png": pages.get(start).text}
        check = upload(pages, sent, "1040")
        told["desk_check.png"] = pages.get(check).text
        waiting.discard(check.rpartition("/")[2])
        for name, html in told.items():
            page = Path(folder) / f"{name}.html"
            page.write_text(whole(html), encoding="utf-8")
            _keep(_page(page, 1000, 700), name)


def _sheets(book: Path, widths: Mapping[str, Mapping[str, float]]) -> Image.Image:
    """Return the named sheets of a workbook, one below the other."""
    with TemporaryDirectory() as folder:
        _without_others(book, widths, Path(folder) / "book.xlsx")
        _run("soffice", "--headless", "--convert-to", "pdf", "--outdir", folder,
             f"{folder}/book.xlsx")  # fmt: skip
        _run("pdftoppm", "-r", str(_DOTS_PER_INCH), "-png", f"{folder}/book.pdf", f"{folder}/page")
        pages = [_drawn(Image.open(path)) for path in sorted(Path(folder).glob("page*.png"))]
    return _below_each_other([_wide(page, WIDTH) for page in pages])


def _without_others(book: Path, widths: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """Write the workbook with the named sheets alone, their columns as wide as told."""
    opened = load_workbook(book)
    for worksheet in list(opened):
        if worksheet.title not in widths:
            opened.remove(worksheet)
            continue
        for letter, width in widths[worksheet.title].items():
            worksheet.column_dimensions[letter].width = width
    opened.save(path)


def _page(page: Path, width: int, height: int) -> Image.Image:
    """Return the top of a page as a browser shows it."""
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "page.png"
        _run("chromium", "--headless", "--no-sandbox", "--hide-scrollbars",
             f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri())  # fmt: skip
        return Image.open(picture).convert("RGB")


def _drawn(page: Image.Image) -> Image.Image:
    """Return a printed sheet without its foot and without the paper around what is drawn."""
    paper = page.convert("RGB").crop((0, 0, page.width, int(page.height * _FOOT)))
    blank = Image.new("RGB", paper.size, "white")
    return paper.crop(ImageChops.difference(paper, blank).getbbox())


def _wide(picture: Image.Image, width: int) -> Image.Image:
    return picture.resize(
        (width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS
    )


def _below_each_other(pictures: Sequence[Image.Image]) -> Image.Image:
    height = sum(picture.height + 2 * _MARGIN for picture in pictures)
    whole = Image.new("RGB", (WIDTH + 2 * _MARGIN, height), "white")
    top = _MARGIN
    for picture in pictures:
        whole.paste(picture, (_MARGIN, top))
        top += picture.height + 2 * _MARGIN
    return whole


def _keep(picture: Image.Image, name: str) -> None:
    """Write a picture with few colours: a quarter of the bytes, and no eye sees it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture.quantize(_COLOURS).save(IMAGES / name, optimize=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
