"""The page of all rules: what each finds, what to do, and why; answers link to its anchors."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from etl.check.catalogue import LEVELS, Rule, rules

_LEVEL_MEANING = {
    "reject_file": "파일을 받지 않습니다. 고쳐서 다시 보내야 합니다.",
    "block_pledge": "그 공약의 보고만 멈춥니다(공약대장에서는 그 줄). 나머지는 반영됩니다.",
    "acknowledge": "정정사유나 사유를 적으면 반영됩니다. 적기 전에는 그 공약의 보고가 멈춥니다.",
    "inform": "알려 드리기만 합니다. 반영됩니다.",
}
# NanumBarunGothic, not NanumGothic, whose spaces are no spaces in a PDF.
_STYLE = """
body { font-family: "Malgun Gothic", "Apple SD Gothic Neo", NanumBarunGothic, "Noto Sans KR",
  sans-serif; line-height: 1.6; color: #1f2933; word-break: keep-all; overflow-wrap: anywhere;
  max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
a { color: #0b4f9c; }
:focus-visible { outline: 3px solid #0b4f9c; outline-offset: 2px; }
.skip { position: absolute; top: 0; padding: .5rem 1rem; background: #fff;
  transform: translateY(-110%); }
.skip:focus { transform: none; }
h1 { font-size: 1.7rem; line-height: 1.3; }
h2 { margin: 2rem 0 .5rem; }
h3 { margin: .6rem 0 .3rem; }
nav ul { list-style: none; display: grid; gap: .2rem 1rem; padding: 0; margin: 0;
  grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); }
nav a { display: inline-block; padding: .2rem 0; }
section { border-top: 1px solid #c9d1d9; padding: .2rem 0 .8rem; }
section:target { background: #fffceb; outline: 3px solid #d9a400; outline-offset: .3rem; }
p { margin: .3rem 0 .6rem; }
.level { display: inline-block; padding: 0 .5rem; border: 1px solid; border-radius: .3rem;
  font-size: .9rem; font-weight: normal; color: #1f2933; white-space: nowrap; }
.reject_file, .block_pledge { background: #ffc1c6; }
.acknowledge { background: #ffdd94; }
.inform { background: #cde6fb; }
dl { display: grid; grid-template-columns: 5.5rem 1fr; gap: .2rem .8rem; margin: 0; }
dt { color: #55606b; }
dd { margin: 0; }
@page { size: A4; margin: 16mm 15mm; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; line-height: 1.45; }
  .skip { display: none; }
  a { color: inherit; text-decoration: none; }
  nav ul { grid-template-columns: repeat(3, 1fr); }
  nav a { padding: 0; }
  h2, h3 { break-after: avoid; }
  section { break-inside: avoid; }
  section:target { background: none; outline: none; }
}
"""


def rules_page() -> str:
    """Return the catalogue as one HTML page; each rule is the anchor of its id. No network."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    catalogue = rules()
    categories = [
        (name, list(of_category))
        for name, of_category in groupby(catalogue, key=lambda rule: rule.category)
    ]
    yield '<!DOCTYPE html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>공약 점검 규칙</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#rules">목록을 건너뛰고 규칙으로</a>'
    yield f"<header>\n<h1>공약 점검 규칙 {len(catalogue)}개</h1>"
    yield (
        "<p>회신의 규칙 번호를 누르면 이 쪽의 그 규칙으로 옵니다. 글에서 &lt; &gt; 안의 말 자리에는"
        " 파일에서 읽은 값과 기대한 값, 공약번호가 적힙니다.</p>\n<dl>"
    )
    for level, name in LEVELS.items():
        yield f"<dt>{_level(level, name)}</dt><dd>{_LEVEL_MEANING[level]}</dd>"
    yield '</dl>\n</header>\n<nav aria-label="규칙 목록">\n<h2>규칙 목록</h2>'
    for category, of_category in categories:
        yield f"<h3>{escape(category)}</h3>\n<ul>"
        yield from (
            f'<li><a href="#{rule.id}">{rule.id} {escape(rule.title)}</a></li>'
            for rule in of_category
        )
        yield "</ul>"
    yield '</nav>\n<main id="rules">'
    for category, of_category in categories:
        yield f"<h2>{escape(category)}</h2>"
        for rule in of_category:
            yield from _section(rule)
    yield "</main>\n</body>\n</html>"


def _level(level: str, name: str) -> str:
    return f'<span class="level {level}">{name}</span>'


def _section(rule: Rule) -> Iterator[str]:
    yield f'<section id="{rule.id}">'
    yield f"<h3>{rule.id} {escape(rule.title)} {_level(rule.level, LEVELS[rule.level])}</h3>"
    yield f"<p>{escape(rule.shown_message)}</p>\n<dl>"
    facts = {
        "근거": rule.basis,
        "허용 범위": rule.tolerance,
        "점검예외": "둘 수 있음(gongyak waive)" if rule.waivable else None,
        "시험": "결과만 남기고 막지 않음" if rule.shadow else None,
        "알리는 곳": "총괄부서에만" if rule.for_office else None,
        "맡은 곳": rule.owner,
        "시행": rule.since,
    }
    for name, fact in facts.items():
        if fact:
            yield f"<dt>{name}</dt><dd>{escape(fact)}</dd>"
    yield "</dl>\n</section>"
