"""What was done, as the page and the document say it, and every text in the open data."""

import csv
from dataclasses import replace
from pathlib import Path

import lxml.html

from etl.documents.blocks import Paragraph
from etl.documents.hwpx import read_hwpx
from etl.publish.deeds import deeds
from etl.publish.document import write_document
from etl.publish.open_data import write_open_data
from etl.publish.page import write_report
from tests.figures import publications as made


def test_a_pledge_says_what_was_done_the_newest_first() -> None:
    (one,) = deeds(made.two_pledges())
    assert (one.pledge.pledge_id, one.carried_from) == ("1-2", None)
    assert [(deed.kind_name, list(deed.lines)) for deed in one.deeds] == [
        ("추진내용", ["=문을 열었다", "○ 하루 120명"]),
        ("추진실적", ["2021-11-02 개관", "2021-03-02 착공"]),
        ("향후계획", ["2관 착공"]),
    ]


def test_five_achievements_are_told_and_the_rest_counted() -> None:
    for count, last in ((5, "2021-01-01 일 1"), (6, "그 밖에 1건은 data/narrative.csv에 있음")):
        rows = [
            made.said("1-2", "ACHIEVEMENT", "추진실적", f"일 {n}", label=f"2021-01-{n:02}")
            for n in range(1, count + 1)
        ]
        ((deed,),) = (one.deeds for one in deeds(replace(made.two_pledges(), narrative=rows)))
        assert (len(deed.lines), deed.lines[-1]) == (count, last)


def test_what_is_carried_forward_says_of_when_it_is() -> None:
    carried = made.pledge("1-2", reported_quarter_id="2021Q3", report_state="carried_forward")
    (one,) = deeds(replace(made.two_pledges(), pledges=[carried]))
    assert one.carried_from == "2021Q3"
    sister = made.pledge("1-2", reported_quarter_id="2021H2")  # of the same day
    (one,) = deeds(replace(made.two_pledges(), pledges=[sister]))
    assert one.carried_from is None


def test_the_document_and_the_page_carry_it(tmp_path: Path) -> None:
    publication = made.two_pledges()
    blocks = read_hwpx(write_document(publication, tmp_path).read_bytes())
    lines = [block.text for block in blocks if isinstance(block, Paragraph)]
    start = lines.index("□ 붙임 2. 공약마다 한 일") + 1
    assert lines[start : start + 5] == [
        "【1-2 공약 1-2】 경제과, 완료, 99.5 %", "○ 추진내용", "  - =문을 열었다", "  - ○ 하루 120명",
        "○ 추진실적",
    ]  # fmt: skip
    page = lxml.html.fromstring(write_report(publication, tmp_path).read_text(encoding="utf-8"))
    (section,) = page.xpath("//section[@aria-labelledby='h-deeds']")
    assert [one.text_content() for one in section.iter("dt", "dd")] == [
        "추진내용", "=문을 열었다", "○ 하루 120명", "추진실적", "2021-11-02 개관",
        "2021-03-02 착공", "향후계획", "2관 착공",
    ]  # fmt: skip


def test_the_open_data_have_every_text(tmp_path: Path) -> None:
    write_open_data(made.two_pledges(), tmp_path)
    with (tmp_path / "data/narrative.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["글종류"], r["순번"], r["표시"], r["내용"]) for r in rows] == [
        ("정책목표", "1", "", "살기 좋은 구"),
        ("추진내용", "1", "", "'=문을 열었다\n○ 하루 120명"),
        ("향후계획", "1", "", "2관 착공"),
        ("추진실적", "1", "2021-03-02", "착공"),
        ("추진실적", "2", "2021-11-02", "개관"),
    ]
    assert rows[0]["추진부서"] == "경제과"
