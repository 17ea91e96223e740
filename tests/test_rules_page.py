"""The page of all rules: as new as the catalogue, an anchor for every rule, readable anywhere."""

from pathlib import Path

from lxml import html
from typer.testing import CliRunner

from etl.check import rules, rules_page
from etl.cli.commands import app

PAGE = Path(__file__).parents[1] / "docs" / "rules.html"


def _page() -> html.HtmlElement:
    return html.document_fromstring(PAGE.read_text(encoding="utf-8"))


def test_the_page_is_as_new_as_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "run: make rules"


def test_every_rule_is_an_anchor_with_its_own_words_and_nothing_else_is() -> None:
    sections = {one.get("id"): one for one in _page().iter("section")}
    assert list(sections) == [rule.id for rule in rules()]
    for rule in rules():
        told = " ".join(sections[rule.id].text_content().split())
        for words in (rule.title, rule.shown_message, rule.basis, rule.tolerance, rule.owner):
            assert not words or " ".join(words.split()) in told, rule.id


def test_links_lead_to_anchors_and_nothing_is_fetched() -> None:
    page = _page()
    targets = {link.get("href") for link in page.iter("a")}
    assert targets == {"#rules"} | {f"#{rule.id}" for rule in rules()}
    assert not [one for one in page.iter("script", "link", "img")]


def test_the_shell_shows_one_rule_and_refuses_an_unknown_one() -> None:
    shown = CliRunner().invoke(app, ["rules", "P-09"])
    assert shown.exit_code == 0
    assert "완료인데 100 % 미만" in shown.stdout
    assert CliRunner().invoke(app, ["rules", "X-99"]).exit_code != 0
