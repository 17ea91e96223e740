"""The pledge card (공약관리카드) as it goes out: what one card is laid out from, and how.

`card_blocks` is a pure function of one `OutgoingCard`. Its headings and labels are the first words
of the lists in the edition of its quarter, so that a card comes back as it went out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from itertools import groupby
from typing import NamedTuple

from etl.cells import label_key
from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock, numbered
from etl.form import CardForm
from etl.invite.invitation import POST_TERM, PRE_TERM, Frame, InvitedLine
from etl.period import parse_period

_UNIT = "백만원"
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
    grade_name: str | None = None
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
    blocks = (item if isinstance(item, TableBlock) else Paragraph(0, item) for item in _items(card))
    return numbered(blocks, counts_blank=True)


def _items(card: OutgoingCard) -> Iterator[Item]:
    frame, form = card.frame, card.frame.card_form
    yield (f"{frame.quarter.title} {form.title} · {frame.government_name}({frame.government_id})")
    yield _header_table(card)
    yield from _text_section(form, "goal", card.goal)
    yield from _text_section(form, "overview", card.overview)
    yield _heading(form, "yearly_plan")
    yield _plan_table(card)
    yield _heading(form, "budget")
    if card.budget:
        yield f"(단위 : {_UNIT})"
        yield _budget_table(frame, card.budget)
        yield from _budget_notes(form, card.budget)
    else:
        yield "- 비예산 사업"
    yield _heading(form, "achievement")
    yield from _achievements(card)
    yield from _text_section(form, "problem", card.problem)
    yield from _text_section(form, "plan", card.plan)
    roles = [row for row in card.cooperation if _is_role(form, row[0])]
    others = (filter(None, row[1:]) for row in card.cooperation if not _is_role(form, row[0]))
    told = "\n".join(f"- {' : '.join(row)}" for row in others)
    yield from _text_section(form, "cooperation", told)
    yield _people_table(form, card.contacts, roles)


# Texts


def _heading(form: CardForm, section: str) -> str:
    return f"{form.heading_boxes[0]} {form.sections[section][0]}"


def _text_section(form: CardForm, section: str, text: str | None) -> Iterator[str]:
    """Yield a heading and the lines below it; an empty line to write on where there is none."""
    yield _heading(form, section)
    yield from _lines(form, text) or [""]


def _lines(form: CardForm, text: str | None) -> list[str]:
    lines = (line.strip() for line in (text or "").splitlines())
    return [_as_text(form, line) for line in lines if line]


def _as_text(form: CardForm, line: str) -> str:
    """Return a line so that nobody takes it for the heading of a section."""
    boxes, names = _headings(form)
    words = re.split(r"[(\[]", line)[0].removesuffix(":")
    is_heading = line.startswith(boxes) or label_key(words) in names
    return f"- {line}" if is_heading else line


def _achievements(card: OutgoingCard) -> Iterator[str]:
    """Yield the entries of the earlier quarters, and a place for those of this one."""
    form, this = card.frame.card_form, str(card.frame.quarter)
    for quarter_id, entries in groupby(card.achievements, key=lambda one: one.quarter_id):
        if quarter_id != this:
            yield from _quarter(form, quarter_id, entries)
    yield from _quarter(form, this, (one for one in card.achievements if one.quarter_id == this))


def _quarter(
    form: CardForm, quarter_id: str, entries: Iterable[OutgoingAchievement]
) -> Iterator[str]:
    yield f"【{parse_period(quarter_id).title[2:]}】"
    lines = [line for entry in entries for line in _entry(form, entry)]
    yield from lines or [""]


def _entry(form: CardForm, entry: OutgoingAchievement) -> Iterator[str]:
    day = entry.achieved_on
    first, *others = (entry.content or "").strip().splitlines() or [""]
    yield f"- {day.year}. {day.month}. {day.day}. : {first}" if day else f"- {first}"
    yield from (f"  {line}" for other in others for line in _lines(form, other))


# Tables


class _Span(NamedTuple):
    text: str | None
    across: int = 1
    down: int = 1
    is_label: bool = False


_Rows = list[list[_Span | str | None]]


def _label(form: CardForm, field: str, down: int = 1) -> _Span:
    return _Span(form.labels[field][0], down=down, is_label=True)


def _spaced(words: Sequence[str]) -> str:
    """Return the first word as the head of a column: two syllables stand apart."""
    return " ".join(words[0]) if len(words[0]) == 2 else words[0]


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
            taken.update(cells[-1].places)
    return TableBlock(0, tuple(cells))


def _header_table(card: OutgoingCard) -> TableBlock:
    due = card.due_name or ""
    if card.due_year is not None:
        due = f"{due} ({card.due_year})".strip()
    rate = None if card.rate_pct is None else f"{card.rate_pct}%"
    total = None if card.declared_total is None else f"{card.declared_total:,}{_UNIT}"
    if total is None and not card.budget:
        total = "비예산"
    label = partial(_label, card.frame.card_form)
    graded = [[label("grade"), _Span(card.grade_name, across=5)]]
    return _table([
        [_Span(card.pledge_id, is_label=True), _Span(card.pledge_name, across=5, is_label=True)],
        [label("status"), card.status_name, label("rate"), rate, label("due"), due],
        [label("declared_total"), total, label("project_type"), card.project_type,
         label("department_name"), card.department_name],
        [label("target"), card.target_name, label("correction_reason"), _Span(None, across=3)],
        *(graded if "grade" in card.frame.used else []),
    ])  # fmt: skip


def _plan_table(card: OutgoingCard) -> TableBlock:
    """Lay out what is planned, a row per sub-project; texts for the same year stand in two rows."""
    form, years = card.frame.card_form, [f"{year}" for year in card.frame.fiscal_years]
    columns = [*years, POST_TERM]
    heads = {PRE_TERM: form.table("yearly_plan").by_name["is_pre_term"].header}
    if any(one.first_year == PRE_TERM for one in card.planned):
        columns.insert(0, PRE_TERM)
    names = [line.subproject_name or "" for line in card.budget] or [*card.subproject_names]
    names += [one.subproject_name for one in card.planned]
    rows: _Rows = [
        [_spaced(form.money.fields["any"]), *(heads.get(c) or _year_name(form, c) for c in columns)]
    ]
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


def _year_name(form: CardForm, year: str) -> str:
    return form.money.years[year][0] if year in form.money.years else f"{year}년"


def _budget_table(frame: Frame, lines: Sequence[InvitedLine]) -> TableBlock:
    """Lay out the money: three header rows, a row of totals, a row per sub-project × source."""
    form, years = frame.card_form, [f"{year}" for year in frame.fiscal_years]
    money = form.money
    fields = [f"{year}.{measure}" for year, measure in frame.money]
    measures = ["plan", "executed", *(measure for _, measure in frame.money[1:-1])]
    rows: _Rows = [
        [
            _Span(_spaced(money.fields["any"]), down=3),
            _Span(_spaced(money.fields["source"]), down=3),
            _Span(_spaced(money.years["total"]), across=2, down=2),
            _Span(_year_name(form, PRE_TERM), down=3),
            _Span(form.sections["budget"][0], across=2 * len(years)),
            _Span(_year_name(form, POST_TERM), down=3),
        ],
        [_Span(_year_name(form, year), across=2) for year in years],
        [money.measures[name][0] for name in measures],
        ["", money.totals[0], *_amounts(lines, fields)],
    ]
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


def _budget_notes(form: CardForm, lines: Iterable[InvitedLine]) -> Iterator[str]:
    """Yield what an officer has to know of amounts, each once with the lines that it is about."""
    about: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        name = " ".join(filter(None, (line.subproject_name, line.source)))
        for field, texts in line.notes.items():
            for text in texts:
                about.setdefault((field, text), []).append(name)
    for (field, text), names in about.items():
        year, _, measure = field.partition(".")
        what = f"{_year_name(form, year)} {form.money.measures[measure][0]}"
        yield f"※ {what}({', '.join(names)}): {text}"


def _people_table(
    form: CardForm,
    contacts: Sequence[tuple[str | None, ...]],
    roles: Sequence[tuple[str | None, ...]],
) -> TableBlock:
    people = [_person(*contact) for contact in contacts] or [""]
    rows: _Rows = [[_Span(person, across=3)] for person in people]
    rows[0].insert(0, _label(form, "contact", down=len(people)))
    partner, content_label = form.labels["role"][0], _label(form, "cooperation_content")
    if not any(role == partner for role, *_ in roles):
        roles = [(partner, None, None), *roles]
    rows += [
        [_Span(role, is_label=True), body, content_label, content] for role, body, content in roles
    ]
    return _table(rows)


def _person(position: str | None, name: str | None, phone: str | None) -> str:
    said = " : ".join(filter(None, (position, name)))
    return f"{said}({phone})" if phone else said


# The words of the form


@cache
def _headings(form: CardForm) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the boxes that stand before a heading, and the names of all sections as compared."""
    names = (name for texts in form.sections.values() for name in texts)
    return tuple(form.heading_boxes), frozenset(map(label_key, names))


def _is_role(form: CardForm, text: str | None) -> bool:
    """Tell whether a 구분 of 협업 is one that stands before a body in the last table."""
    key = label_key(text or "")
    known = (label_key(name) for name in (*form.labels["role"], *form.labels["partner"]))
    return key in known or bool(form.role_pattern.fullmatch(key))
