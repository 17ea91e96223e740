"""The page that Great Expectations draws of one run (its Data Docs), readable without a network."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

# An office network may reach nothing outside: what the page would fetch is left out, and the few
# marks that carry meaning are drawn by these lines instead.
_FETCHED = re.compile(
    r"<script[^>]*\ssrc=[\"']https?:[^>]*>\s*</script>|<(?:link|img)[^>]*https?:[^>]*>"
    r"|<footer.*?</footer>|url\([^)]*https?:[^)]*\)",
    re.DOTALL,
)
_STYLE = """<style>
body { font-family: sans-serif; margin: 2rem; line-height: 1.5; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.breadcrumb { display: none; }
.fa-check-circle::before { content: "✔"; color: #1e7e34; }
.fa-times::before, .fa-times-circle::before { content: "✘"; color: #b02a37; }
.fa-exclamation-triangle::before { content: "!"; color: #b06000; }
</style></head>"""


def data_docs(title: str, outcomes: Sequence[Any]) -> str:
    """Return one HTML page of a run: every rule that ran, and what it found, with a sample.

    `outcomes` are the validation results of the run, one per relation (`CheckRecord.outcomes`).
    The sample is at most what Great Expectations shows; all offenders are in `audit.finding`.
    """
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    results = [result for outcome in outcomes for result in outcome.results]
    kept = sum(bool(result.success) for result in results)
    whole = ExpectationSuiteValidationResult(
        success=kept == len(results),
        results=results,
        suite_name=title,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": kept,
            "unsuccessful_expectations": len(results) - kept,
            "success_percent": 100.0 * kept / len(results) if results else None,
        },
        meta=outcomes[0].meta if outcomes else {},
    )
    page = _view().render(ValidationResultsPageRenderer().render(whole))
    return _FETCHED.sub("", page).replace("</head>", _STYLE, 1)


@cache
def _view() -> Any:
    """Return what lays out a page; it compiles its templates once."""
    from great_expectations.render.view import DefaultJinjaPageView

    return DefaultJinjaPageView()
