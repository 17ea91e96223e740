"""The page of all rules: what each finds, what to do, and why; answers link to its anchors."""

from functools import cache
from html import escape
from itertools import groupby

from etl.check.catalogue import LEVELS, rules


@cache
def rules_page() -> str:
    """Return the catalogue as one HTML page; each rule is the anchor of its id. No network."""
    # Only who shows the page waits for this library.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("etl.check"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    # Quotes are written as the standard library writes them.
    environment.filters["written"] = escape
    categories = [(name, list(of)) for name, of in groupby(rules(), lambda rule: rule.category)]
    return environment.get_template("rules.html.j2").render(
        rules=rules(), categories=categories, levels=LEVELS
    )
