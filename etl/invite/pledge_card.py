"""The pledge card (공약관리카드) as it goes out: what one card is laid out from, and how.

`card_blocks` is a pure function of one `OutgoingCard`. What it prints is what
`forms/pledge_card.yml` says that a card may say, so that a card comes back as it went out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import NamedTuple

from etl.cells import label_key
from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock
from etl.form import card_text
from etl.invite.invitation import POST_TERM, PRE_TERM, Frame, InvitedLine, plan_measure
from etl.quarter import Quarter

_UNIT = "백만원"
_YEAR_NAMES = {PRE_TERM: "기투자", POST_TERM: "임기후"}
_MEASURE_NAMES = {"secured": "확보액", "demand": "투자수요", "executed": "집행액"}
_PARTNER = "협업부서"

Amount = Decimal | int
Item = str | TableBlock  # a paragraph's text, "" for an empty one; a table not numbered yet


class OutgoingAchievement(NamedTuple):
    """One entry of 추진실적, in the quarter whose report told it."""

    quarter_id: str
    achieved_on: date | None
    content: str | None


class PlannedText(NamedTuple):
    """What is planned for a sub-project; each end is `pre_term`, a fiscal year or `post_term`."""

    subproject_name: str
    first_year: str
    last_year: str
    content: str


@dataclass(frozen=True)
class OutgoingCard:
    """What one pledge's card is filled with; money in 백만원, a value not known yet is None.

    `cooperation` holds (구분, 기관, 내용), `contacts` (직위, 이름, 전화). A pledge without lines of
    `budget` is 비예산.
    """

    frame: Frame
    pledge_id: str
    pledge_name: str
    department_name: str
    status_name: str | None = None
    rate_pct: Amount | None = None
    target_name: str | None = None
    due_name: str | None = None
    due_year: int | None = None
    declared_total: Amount | None = None
    project_type: str | None = None
    goal: str | None = None
    overview: str | None = None
    problem: str | None = None
    plan: str | None = None
    subproject_names: Sequence[str] = ()
    planned: Sequence[PlannedText] = ()
    budget: Sequence[InvitedLine] = ()
    achievements: Sequence[OutgoingAchievement] = ()
    cooperation: Sequence[tuple[str | None, ...]] = ()
    contacts: Sequence[tuple[str | None, ...]] = ()


def card_blocks(card: OutgoingCard) -> list[Block]:
    """Lay out one card: caption, header, the sections in their order, authors and partners."""
    blocks: list[Block] = []
    paragraphs = tables = 0
    for item in _items(card):
        if isinstance(item, TableBlock):
            tables += 1
            blocks.append(replace(item, number=tables))
        else:
            paragraphs += 1
            if item:
                blocks.append(Paragraph(paragraphs, item))
    return blocks


def _items(card: OutgoingCard) -> Iterator[Item]:
    frame = card.frame
    yield (
        f"{frame.quarter.year}년 {frame.quarter.number}분기 공약관리카드"
        f" · {frame.government_name}({frame.government_id})"
    )
    yield _header_table(card)
    yield from _text_section("정책목표", card.goal)
    yield from _text_section("사업개요", card.overview)
    yield "□ 연차별 추진계획"
    yield _plan_table(card)
    yield "□ 연차별 투자수요 및 집행액"
    if card.budget:
        yield f"(단위 : {_UNIT})"
        yield _budget_table(frame, card.budget)
        yield from _budget_notes(card.budget)
    else:
        yield "- 비예산 사업"
    yield "□ 추진실적"
    yield from _achievements(card)
    yield from _text_section("문제점", card.problem)
    yield from _text_section("향후계획", card.plan)
    roles = [row for row in card.cooperation if _is_role(row[0])]
    others = (filter(None, row[1:]) for row in card.cooperation if not _is_role(row[0]))
    yield from _text_section("협업사항", "\n".join(f"- {' : '.join(row)}" for row in others))
    yield _people_table(card.contacts, roles)


# Texts


def _text_section(heading: str, text: str | None) -> Iterator[str]:
    """Yield a heading and the lines below it; an empty line to write on where there is none."""
    yield f"□ {heading}"
    yield from _lines(text) or [""]


def _lines(text: str | None) -> list[str]:
    lines = (line.strip() for line in (text or "").splitlines())
    return [_as_text(line) for line in lines if line]


def _as_text(line: str) -> str:
    """Return a line so that nobody takes it for the heading of a section."""
    boxes, names = _headings()
    words = re.split(r"[(\[]", line)[0].removesuffix(":")
    is_heading = line.startswith(boxes) or label_key(words) in names
    return f"- {line}" if is_heading else line


def _achievements(card: OutgoingCard) -> Iterator[str]:
    """Yield the entries of the earlier quarters, and a place for those of this one."""
    this = str(card.frame.quarter)
    for quarter_id, entries in groupby(card.achievements, key=lambda one: one.quarter_id):
        if quarter_id != this:
            yield from _quarter(quarter_id, entries)
    yield from _quarter(this, (one for one in card.achievements if one.quarter_id == this))


def _quarter(quarter_id: str, entries: Iterable[OutgoingAchievement]) -> Iterator[str]:
    quarter = Quarter.parse(quarter_id)
    yield f"【{quarter.year % 100:02d}년 {quarter.number}분기】"
    lines = [line for entry in entries for line in _entry(entry)]
    yield from lines or [""]


def _entry(entry: OutgoingAchievement) -> Iterator[str]:
    day = entry.achieved_on
    first, *others = (entry.content or "").strip().splitlines() or [""]
    yield f"- {day.year}. {day.month}. {day.day}. : {first}" if day else f"- {first}"
    yield from (f"  {line}" for other in others for line in _lines(other))


# Tables


class _Span(NamedTuple):
    text: str | None
    across: int = 1
    down: int = 1
    is_label: bool = False


_Rows = list[list[_Span | str | None]]


def _label(text: str, down: int = 1) -> _Span:
    return _Span(text, down=down, is_label=True)


def _table(rows: Iterable[Sequence[_Span | str | None]]) -> TableBlock:
    """Place cells row by row, each in the first place that nothing above reaches into."""
    cells: list[GridCell] = []
    taken: set[tuple[int, int]] = set()
    for row, spans in enumerate(rows, start=1):
        column = 1
        for span in spans:
            text, across, down, is_label = span if isinstance(span, _Span) else _Span(span)
            while (row, column) in taken:
                column += 1
            cells.append(GridCell(row, column, text or "", down, across, is_label))
            taken |= {(row + r, column + c) for r in range(down) for c in range(across)}
    return TableBlock(0, tuple(cells))


def _header_table(card: OutgoingCard) -> TableBlock:
    due = card.due_name or ""
    if card.due_year is not None:
        due = f"{due} ({card.due_year})".strip()
    rate = None if card.rate_pct is None else f"{card.rate_pct}%"
    total = None if card.declared_total is None else f"{card.declared_total:,}{_UNIT}"
    if total is None and not card.budget:
        total = "비예산"
    return _table([
        [_label(card.pledge_id), _Span(card.pledge_name, across=5, is_label=True)],
        [_label("추진상황"), card.status_name, _label("이행률(%)"), rate,
         _label("완료시기 (완료연도)"), due],
        [_label("총사업비"), total, _label("사업유형"), card.project_type,
         _label("추진부서"), card.department_name],
        [_label("목표달성"), card.target_name, _label("정정사유"), _Span(None, across=3)],
    ])  # fmt: skip


def _plan_table(card: OutgoingCard) -> TableBlock:
    """Lay out what is planned, a row per sub-project; texts for the same year stand in two rows."""
    years = [f"{year}" for year in card.frame.fiscal_years]
    columns = [*years, POST_TERM]
    if any(one.first_year == PRE_TERM for one in card.planned):
        columns.insert(0, PRE_TERM)
    names = [line.subproject_name or "" for line in card.budget] or [*card.subproject_names]
    names += [one.subproject_name for one in card.planned]
    rows: _Rows = [["구 분", *("임기전" if c == PRE_TERM else _year_name(c) for c in columns)]]
    for name in dict.fromkeys(names or [""]):
        planned = [one for one in card.planned if one.subproject_name == name]
        lanes = _lanes(planned, columns) or [[None] * len(columns)]
        rows += [[_Span(name, down=len(lanes)), *lanes[0]], *lanes[1:]]
    return _table(rows)


def _lanes(planned: Iterable[PlannedText], columns: Sequence[str]) -> _Rows:
    """Return rows of cells in which each text spans its years."""
    lanes: _Rows = []
    ends: list[int] = []
    places = sorted((_place(one.first_year, columns), _place(one.last_year, columns), one.content)
                    for one in planned)  # fmt: skip
    for first, last, content in places:
        lane = next((n for n, end in enumerate(ends) if end <= first), len(lanes))
        if lane == len(lanes):
            lanes.append([])
            ends.append(0)
        lanes[lane] += [*[None] * (first - ends[lane]), _Span(content, across=last - first + 1)]
        ends[lane] = last + 1
    for lane_, end in zip(lanes, ends, strict=True):
        lane_ += [None] * (len(columns) - end)
    return lanes


def _place(year: str, columns: Sequence[str]) -> int:
    """Return where a year stands; a year that the term does not touch stands at its edge."""
    if year in columns:
        return columns.index(year)
    return 0 if year < columns[-2] else len(columns) - 1


def _year_name(year: str) -> str:
    return _YEAR_NAMES.get(year) or f"{year}년"


def _budget_table(frame: Frame, lines: Sequence[InvitedLine]) -> TableBlock:
    """Lay out the money: three header rows, a row of totals, a row per sub-project × source."""
    years = [f"{year}" for year in frame.fiscal_years]
    measures = [plan_measure(frame, year) for year in frame.fiscal_years]
    fields = [f"{PRE_TERM}.secured"]
    for year, measure in zip(years, measures, strict=True):
        fields += [f"{year}.{measure}", f"{year}.executed"]
    fields.append(f"{POST_TERM}.demand")
    rows: _Rows = [
        [
            _Span("구 분", down=3),
            _Span("재원별", down=3),
            _Span("합 계", across=2, down=2),
            _Span(_YEAR_NAMES[PRE_TERM], down=3),
            _Span("연차별 투자수요 및 집행액", across=2 * len(years)),
            _Span(_YEAR_NAMES[POST_TERM], down=3),
        ],
        [_Span(_year_name(year), across=2) for year in years],
        ["확보액 및 투자수요", "집행액"],
    ]
    rows[2] += [name for m in measures for name in (_MEASURE_NAMES[m], _MEASURE_NAMES["executed"])]
    rows.append(["", "계", *_amounts(lines, fields)])
    for name, group in groupby(lines, key=lambda line: line.subproject_name or ""):
        own = list(group)
        if not any(line.source for line in own):
            own.append(InvitedLine(own[0].pledge_id))  # room for a second source
        for number, line in enumerate(own):
            label = [_Span(name, down=len(own))] if number == 0 else []
            rows.append([*label, line.source, *_amounts([line], fields)])
    return _table(rows)


def _amounts(lines: Sequence[InvitedLine], fields: Sequence[str]) -> list[str]:
    """Return the amounts of a row, added up over lines: plan and executed in all, then each year.

    What no line has an amount for is blank.
    """
    executed = [field for field in fields if field.endswith(".executed")]
    planned = [field for field in fields if field not in executed]
    columns = [planned, executed, *([field] for field in fields)]
    return [_sum_text(lines, column) for column in columns]


def _sum_text(lines: Sequence[InvitedLine], fields: Sequence[str]) -> str:
    found = [line.amounts[name] for line in lines for name in fields if name in line.amounts]
    return _money_text(sum(found, Decimal(0))) if found else ""


def _money_text(amount: Amount) -> str:
    """Return an amount exactly; 24.394 with a fourth decimal, lest it be asked about as 24,394."""
    text = f"{Decimal(amount).normalize():,f}"
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _budget_notes(lines: Iterable[InvitedLine]) -> Iterator[str]:
    """Yield what an officer has to know of amounts, each once with the lines that it is about."""
    about: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        name = " ".join(filter(None, (line.subproject_name, line.source)))
        for field, texts in line.notes.items():
            for text in texts:
                about.setdefault((field, text), []).append(name)
    for (field, text), names in about.items():
        year, _, measure = field.partition(".")
        yield f"※ {_year_name(year)} {_MEASURE_NAMES[measure]}({', '.join(names)}): {text}"


def _people_table(
    contacts: Sequence[tuple[str | None, ...]], roles: Sequence[tuple[str | None, ...]]
) -> TableBlock:
    people = [_person(*contact) for contact in contacts] or [""]
    rows: _Rows = [[_Span(person, across=3)] for person in people]
    rows[0].insert(0, _label("작성자", down=len(people)))
    if not any(role == _PARTNER for role, *_ in roles):
        roles = [(_PARTNER, None, None), *roles]
    rows += [
        [_label(f"{role}"), body, _label("협업내용"), content] for role, body, content in roles
    ]
    return _table(rows)


def _person(position: str | None, name: str | None, phone: str | None) -> str:
    said = " : ".join(filter(None, (position, name)))
    return f"{said}({phone})" if phone else said


# The words of the form


@cache
def _headings() -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the boxes that stand before a heading, and the names of all sections as compared."""
    names = (name for texts in card_text().sections.values() for name in texts)
    return tuple(card_text().heading_boxes), frozenset(map(label_key, names))


def _is_role(text: str | None) -> bool:
    """Tell whether a 구분 of 협업 is one that stands before a body in the last table."""
    words, key = card_text(), label_key(text or "")
    known = (label_key(name) for name in (*words.labels["role"], *words.labels["partner"]))
    return key in known or bool(words.role_pattern.fullmatch(key))
