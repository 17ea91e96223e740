"""Lines of the register's sheets → rows of core: pure, from the present and the dated changes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from etl.cells import RawCell, label_key, money
from etl.form import labels_for
from etl.period import parse_period

FOREVER = date.max
_SEPARATORS = re.compile(r"\s*[,，、]\s*")
Line = Mapping[str, Any]


def government_class(kind_code: str, upper_label: str | None) -> str:
    """Return which column of the funding-source table an office reads (design: source labels)."""
    if kind_code != "COUNTY":
        return kind_code
    key = label_key(upper_label or "")
    if key in labels_for("upper_government", "METROPOLITAN"):
        return "DISTRICT"
    return "COUNTY_IN_PROVINCE" if key in labels_for("upper_government", "PROVINCE") else "COUNTY"


def _code(list_code: str, label: str | None) -> str | None:
    return labels_for(list_code, "*").get(label_key(label)) if label else None


def _owners(written: str | None) -> list[str]:
    return [code for code in _SEPARATORS.split((written or "").strip()) if code]


def project_axes(written: str | None) -> dict[str, str | None]:
    """Return the three axes of 사업유형; an axis that is not named stays None."""
    axes: dict[str, str | None] = {"novelty": None, "actor": None, "delivery": None}
    for part in re.split(r"[/／·,]", written or ""):
        for axis in axes:
            axes[axis] = axes[axis] or _code(axis, part.strip())
    return axes


def _year(written: str | None) -> int | None:
    found = re.search(r"\d{4}", written or "")
    return int(found[0]) if found else None


def _krw(written: str | None) -> Any:
    return money(RawCell(written), 1_000_000).value if written else None


def _as_written(written: str | None) -> str | None:
    return written


# How an item is read from what is written: by these in the register's own line too, by the others
# only in a dated change.
_CODED: dict[str, Callable[[str | None], Any]] = {
    "department_codes": _owners,
    "due": partial(_code, "due"),
    "budget_class": partial(_code, "budget_class"),
}
_CHANGEABLE: dict[str, Callable[[str | None], Any]] = {
    "pledge_name": _as_written,
    "field_name": _as_written,
    "cooperating": _as_written,
    "project_type": _as_written,
    "due_year": _year,
    "declared_total": _krw,
    **_CODED,
}


def value_on(item: str, present: Any, changes: Sequence[Line], day: date) -> Any:
    """Return what one attribute of a pledge was on a day.

    `changes` are the dated changes of that item in order. Before a change its 변경전 held; after
    the last one the register's own value does, unless the sheet still shows that 변경전.
    """
    parse = _CHANGEABLE[item]
    for change in changes:
        if day < change["change_date"] and change["before_text"] is not None:
            return parse(change["before_text"])
    last = changes[-1] if changes else None
    if last and last["after_text"] is not None and present == parse(last["before_text"]):
        return parse(last["after_text"])
    return present


def slices(line: Line, changes: Sequence[Line], first_day: date) -> list[dict[str, Any]]:
    """One row per stretch of days in which nothing about a pledge changed, oldest first."""
    by_item: dict[str, list[Line]] = {item: [] for item in _CHANGEABLE}
    for change in sorted(changes, key=lambda c: c["change_date"]):
        if change["change_code"] == "CHANGED" and change["item_code"] in by_item:
            by_item[change["item_code"]].append(change)
    days = {c["change_date"] for known in by_item.values() for c in known}
    starts = [first_day, *sorted(day for day in days if day > first_day)]
    present = {i: _CODED[i](line[i]) if i in _CODED else line[i] for i in _CHANGEABLE}
    rows: list[dict[str, Any]] = []
    for start in starts:
        attributes = {i: value_on(i, present[i], by_item[i], start) for i in _CHANGEABLE}
        if rows and rows[-1]["attributes"] == attributes:
            continue
        if rows:
            rows[-1]["valid_to"] = start
        rows.append({"valid_from": start, "valid_to": FOREVER, "attributes": attributes})
    return rows


def _pledge_rows(line: Line, changes: Sequence[Line], term_start: date) -> Iterable[dict[str, Any]]:
    confirmed = line["confirmed_date"] or term_start
    for piece in slices(line, changes, confirmed):
        known = piece["attributes"]
        yield {
            "term_number": line["term_number"],
            "pledge_id": line["pledge_id"],
            "valid_from": piece["valid_from"],
            "valid_to": piece["valid_to"],
            "confirmed_date": confirmed,
            "due_code": known["due"],
            "budget_class_code": known["budget_class"],
            "declared_total_krw": known["declared_total"],
            **{f"{axis}_code": c for axis, c in project_axes(known["project_type"]).items()},
            **{n: known[n] for n in ("pledge_name", "field_name", "department_codes",
                                     "cooperating", "due_year", "project_type")},
            "_row": line["_row"],
        }  # fmt: skip


def window_row(line: Line) -> dict[str, Any]:
    """One quarter, or other period, of the calendar with its blanks resolved.

    Blank: the window opens the day after the period, closes on the 10th of the next month without
    grace; the reference date is the period's last day; the budget voted is that of the period's
    year, at the end of December also that of the year after it.
    """
    quarter = parse_period(line["quarter_id"])
    due = line["due_date"] or quarter.usual_due
    return {
        "quarter_id": str(quarter),
        "start_date": line["start_date"] or quarter.usual_start,
        "due_date": due,
        "grace_date": line["grace_date"] or due,
        "reference_date": line["reference_date"] or quarter.last_day,
        "voted_year": line["voted_year"] or quarter.usual_voted_year,
        "_row": line["_row"],
    }


def department_window_row(line: Line, everyone: Line) -> dict[str, Any]:
    """One department's own deadlines of a quarter, with its blanks resolved.

    Blank: 마감일 is everyone's; 유예일 is everyone's too, but never before the department's 마감일.
    """
    due = line["due_date"] or everyone["due_date"]
    return {
        **line,
        "quarter_id": everyone["quarter_id"],
        "due_date": due,
        "grace_date": line["grace_date"] or max(everyone["grace_date"], due),
    }


def _department_row(line: Line, opening: date) -> dict[str, Any]:
    end = line["end_date"]
    return {
        **line,
        "valid_from": line["start_date"] or opening,
        "valid_to": end + timedelta(days=1) if end else FOREVER,
    }


def _with_department_codes(change: Line, codes: Mapping[str, str]) -> Line:
    """Read a change of owner whose 변경전 and 변경후 name departments instead of their codes."""
    if change["item_code"] != "department_codes":
        return change
    texts = {
        name: ",".join(codes.get(label_key(owner), owner) for owner in _owners(change[name]))
        for name in ("before_text", "after_text")
        if change[name]
    }
    return {**change, **texts}


def _department_windows(lines: Iterable[Line], windows: Iterable[Line]) -> list[dict[str, Any]]:
    """Return the deadlines of single departments; without a line for everyone the usual ones."""
    known = {window["quarter_id"]: window for window in windows}
    return [
        department_window_row(
            line,
            known.get(str(parse_period(line["quarter_id"])))
            or window_row(dict.fromkeys(line) | {"quarter_id": line["quarter_id"],
                                                 "_row": line["_row"]}),
        )
        for line in lines
        if line["department_code"] is not None
    ]  # fmt: skip


def published_row(line: Line) -> dict[str, Any]:
    """One printed value with its blanks resolved: it is of all pledges where no scope is said."""
    scope_type = _code("scope_type", line["scope_type"]) or "all"
    label = "" if scope_type == "all" else line["scope_label"]
    code = line["figure_code"].upper()
    return {**line, "figure_code": code, "scope_type": scope_type, "scope_label": label}


def _status_word_row(line: Line) -> dict[str, Any]:
    """One word of an office's own, as words of that list are compared."""
    code = _code("status", line["status"])
    return {**line, "word_key": label_key(line["word"]), "status_code": code}


def core_rows(
    sheets: Mapping[str, Sequence[Line]], kept: Mapping[str, Sequence[Line]]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every register table in core, from the accepted lines of one register.

    `kept` are the terms and changes that stay as they were known though it does not have them:
    they bound and cut its pledges too.
    """
    office = sheets["institution"][0]
    terms = {line["term_number"]: line for line in (*kept["term"], *sheets["term"])}
    opening = min((line["start_date"] for line in terms.values()), default=date.min)
    kind = _code("government_kind", office["government_kind"]) or ""
    changes: dict[tuple[int, str], list[Line]] = {}
    codes = {label_key(line["department_name"]): line["department_code"]
             for line in sheets["department"]}  # fmt: skip
    decided = (*kept["change"], *sheets["change"])
    for change in (_with_department_codes(line, codes) for line in decided):
        changes.setdefault((change["term_number"], change["pledge_id"]), []).append(change)
    pledges = [
        row
        for line in sheets["pledge"]
        if line["term_number"] in terms
        for row in _pledge_rows(
            line,
            changes.get((line["term_number"], line["pledge_id"]), []),
            terms[line["term_number"]]["start_date"],
        )
    ]
    windows = [window_row(line) for line in sheets["window"] if line["department_code"] is None]
    rows: dict[str, Iterable[Line]] = {
        "core.dim_government": [
            {
                **office,
                "government_kind": office["government_kind_raw"],
                "government_class": government_class(kind, office["upper_government_id"]),
            }
        ],
        "core.dim_term": sheets["term"],
        "core.dim_department": (_department_row(line, opening) for line in sheets["department"]),
        "core.dim_pledge": pledges,
        "core.dim_subproject": sheets["subproject"],
        "core.pledge_change": (
            {**line, "item_code": line["item_code"] or ""} for line in sheets["change"]
        ),
        "core.submission_window": windows,
        "core.department_window": _department_windows(sheets["window"], windows),
        "audit.waiver": sheets["waiver"],
        "core.status_word": map(_status_word_row, sheets["status_word"]),
        "core.published_figure": map(published_row, sheets["published"]),
    }
    return {
        name: [{**row, "government_id": office["government_id"]} for row in of_table]
        for name, of_table in rows.items()
    }
