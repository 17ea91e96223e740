"""보고서.html and 변동.html: the publication's numbers, whatever stands in it, and nothing else."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from etl.measures import measures
from etl.publish import Publication, read_publication
from etl.publish.page import CHANGES_NAME, REPORT_NAME, write_changes, write_report
from etl.publish.publication import Published
from etl.quarter import Quarter
from tests.figures.conftest import GU, MILLION, World, demand, secured

QUARTER = Quarter(2021, 4)
HOSTILE = (
    "<script>alert(1)</script>", "</script><b>", "=1+1", "\"'&amp;", "가" * 300,
    "한 글 자 " * 60, "🏗️ 이모지", "\u202e뒤집힘\u202c", "&#x41;", "{{ 7*7 }}",
)  # fmt: skip


def publication_of(world: World) -> Publication:
    world.figures("2021Q4")
    return read_publication(world.connection, GU, QUARTER)


def page(publication: Publication, folder: Path) -> Any:
    return lxml.html.parse(str(write_report(publication, folder))).getroot()


def table_rows(root: Any, key: str) -> list[list[str]]:
    return [
        [cell.text_content().strip() for cell in row]
        for row in root.xpath(f"//div[@id='{key}']//tbody/tr")
    ]


@pytest.fixture
def publication(world: World) -> Publication:
    world.pledge("1-10", field_name="교통")
    world.pledge("1-2", department="B", field_name="복지")
    world.report("1-2", "2021Q4", "COMPLETED", "99.5", met=True, money=[
        secured("pre_term", 5), secured(2021, 10, executed=4), demand("post_term", 7),
    ])  # fmt: skip
    world.report("1-10", "2021Q4", "ON_TRACK", 50)
    return publication_of(world)


def test_headlines_say_value_parts_and_counts(publication: Publication, tmp_path: Path) -> None:
    cards = [" ".join(card.text_content().split())
             for card in page(publication, tmp_path).xpath("//ul[@class='cards']/li")]  # fmt: skip
    # (99.5 + 50) / 2 = 74.75, half-up 74.8; secured 5 + 10 of 22 planned = 68.18 %.
    assert any(c.startswith("평균 이행률 74.8 % 149.5 ÷ 2") for c in cards)
    assert any(c.startswith("재정확보율 68.18 % 15,000,000 ÷ 22,000,000") for c in cards)
    assert any(c.startswith("계획액 22 백만원") for c in cards)
    assert len(cards) == len({f.figure_code for f in publication.figures if f.scope_type == "all"})


def test_every_figure_stands_in_the_page_and_leads_to_its_cells(
    publication: Publication, tmp_path: Path
) -> None:
    root = page(publication, tmp_path)
    shown = {link.get("data-trace"): link.text_content() for link in root.xpath("//a[@data-trace]")}
    expected = {
        f"{f.figure_code}/{f.scope_type}:{f.scope_id}": (
            f"{f.numerator / MILLION:,.0f}"
            if f.denominator_rule.startswith("분모 없음")
            else f.shown
        )
        for f in publication.figures
        if f.scope_type not in ("all", "status", "department_current")
    }
    assert expected.items() <= shown.items()
    assert len(expected) > 50
    told = json.loads(root.xpath("//script[@id='scopes']")[0].text)
    assert told["scopes"]["field:복지"] == ["복지", "1-2"]
    cells = root.xpath("//div[@id='cells']//tbody/tr")
    assert len(cells) == len(publication.evidence)
    above = sum(
        float(row.get("data-value"))
        for row in cells
        if "B1" in row.get("data-above").split() and row.get("data-pledge") == "1-2"
    )
    assert above == 15_000_000


def test_pledges_and_missing_reports_are_listed(world: World, tmp_path: Path) -> None:
    world.pledge("1", pledge_name="첫 공약")
    world.pledge("2", pledge_name="둘째 공약")
    world.report("1", "2021Q4", "COMPLETED", 100)
    root = page(publication_of(world), tmp_path)
    assert [row[:2] for row in table_rows(root, "pledge-list")] == [
        ["1", "첫 공약"], ["2", "둘째 공약"],
    ]  # fmt: skip
    assert [row[2] for row in table_rows(root, "missing")] == ["2"]
    assert "보고된 금액이 없습니다" in root.text_content()
    options = root.xpath("//select[@name='추진상황']/option/text()")
    assert options == ["모두", "완료", "미보고"]


def test_codes_of_figures_stand_in_the_method_alone(
    publication: Publication, tmp_path: Path
) -> None:
    """In the columns of the list of cells too, which says what each counts for."""
    before = Published("2021Q3", 1, publication.figures[: len(publication.figures) // 2], ())
    both = replace(publication, earlier=before)
    codes = re.compile(rf"\b({'|'.join(measures().figures)})\b")
    for write in (write_report, write_changes):
        (shown,) = lxml.html.fromstring(write(both, tmp_path).read_bytes()).xpath("//main")
        for apart in shown.xpath(
            ".//script | .//section[@aria-labelledby='h-cells' or @aria-labelledby='h-method']"
        ):
            apart.drop_tree()
        said = " ".join(shown.itertext())
        assert "달라진 지표" in said
        assert codes.findall(said) == []
    method = page(publication, tmp_path).xpath("//section[@aria-labelledby='h-method']")[0]
    assert {*codes.findall(" ".join(method.itertext()))} >= {
        f.figure_code for f in publication.figures
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(world: World, tmp_path: Path, name: str) -> None:
    world.pledge("1", pledge_name=name, field_name=name)
    world.report("1", "2021Q4", money=[secured(2021, 10)])
    root = page(publication_of(world), tmp_path)
    assert table_rows(root, "pledge-list")[0][1] == name.strip()
    assert root.xpath("//select[@name='분야']/option")[1].text_content() == name
    told = json.loads(root.xpath("//script[@id='scopes']")[0].text)
    assert told["scopes"][f"field:{name}"] == [name, "1"]
    assert len(root.xpath("//script")) == 2
    assert not root.xpath("//b[not(ancestor::caption) and not(ancestor::header)]")


def test_nothing_is_fetched_and_no_person_is_named(
    publication: Publication, tmp_path: Path
) -> None:
    for write in (write_report, write_changes):
        html = write(publication, tmp_path).read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", html)
        assert "http:" not in html
        assert "https:" not in html
        assert "default-src 'none'" in html
        assert "a.xlsx" not in html  # a file's name may hold a person's


def test_the_same_edition_gives_the_same_bytes(publication: Publication, tmp_path: Path) -> None:
    first = write_report(publication, tmp_path / "가").read_bytes()
    assert write_report(publication, tmp_path / "나").read_bytes() == first
    assert sorted(path.name for path in (tmp_path / "가").iterdir()) == [REPORT_NAME]


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, pytest.param(300, marks=pytest.mark.slow)])
def test_few_and_many_pledges(make_world: Callable[[], World], tmp_path: Path, count: int) -> None:
    world = make_world()
    for number in range(count):
        world.pledge(f"P-{number}", field_name=f"분야{number % 9}")
        world.report(f"P-{number}", "2021Q4", rate=number % 101, money=[secured(2021, 1)])
    publication = publication_of(world)
    root = page(publication, tmp_path)
    listed = table_rows(root, "pledge-list")
    assert len(listed) == max(count, 1)
    assert len(root.xpath("//div[@id='cells']//tbody/tr[@data-pledge]")) == len(
        publication.evidence
    )
    write_changes(publication, tmp_path)
    assert (tmp_path / CHANGES_NAME).stat().st_size > 1000
