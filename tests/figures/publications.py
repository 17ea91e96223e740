"""Editions made of plain rows, without a database: what the marts would hold, said in few words."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from etl.publish.publication import Publication, Published, Release
from etl.quarter import SEOUL, Quarter

GOVERNMENT = "3400000"
DAY = date(2021, 12, 31)
FIRST = Release(
    1, datetime(2022, 1, 20, 10, tzinfo=SEOUL), datetime(2022, 1, 19, 18, tzinfo=SEOUL), False, None
)
NAMES = {"R1": "평균 이행률", "R2": "이행완료율", "B1": "재정확보율", "PLAN": "계획액",
         "SECURED": "확보액", "EXECUTED": "집행액"}  # fmt: skip
HOSTILE = (
    "=1+1",
    "+82 전화",
    "-3 %",
    "@SUM(A1)",
    "\t=cmd",
    "\r=cmd",
    " =1+1",
    "＝1+1",
    "'따옴표",
    "''둘",
    '"쌍따옴표", 쉼표; 세미콜론',
    "줄\n바꿈\r\n둘\r셋",
    "<b>&amp;</b><script>alert(1)</script>",
    "\u202e거꾸로\u202c \u200f표시",
    "이모지 👩‍👩‍👧‍👦🇰🇷",
    "\x01\x1f제어",
    "NULL",
    "nan",
    "길" * 400,
    "  빈칸  ",
    "\ufeff머리",
    "한글",  # decomposed
)


def pledge(number: str, name: str = "", **more: Any) -> SimpleNamespace:
    """Return a row of `mart.pledge_status`."""
    return SimpleNamespace(
        **{
            "quarter_id": "2021Q4", "government_id": GOVERNMENT, "term_number": 7,
            "pledge_id": number, "as_of_date": DAY, "pledge_name": name or f"공약 {number}",
            "field_name": "경제", "department_code": "A", "department_name": "경제과",
            "department_current_code": "A", "department_current_name": "경제과",
            "due_code": "IN_TERM", "due_year": 2021, "novelty_code": "NEW", "actor_code": "OWN",
            "delivery_code": "FACILITY", "budget_class_code": "BUDGET",
            "declared_total_krw": Decimal(40_500_000), "status_code": "COMPLETED",
            "status_name": "완료", "declared_rate_pct": Decimal("99.5"), "is_target_met": True,
            "report_state": "reported", "reported_quarter_id": "2021Q4", "is_late": False,
            "owes_report": True, "decision_code": None, "is_counted": True,
            "pledge_plan_krw": Decimal(22_000_000), "pledge_secured_krw": Decimal(15_000_000),
            "pledge_executed_krw": Decimal(4_000_000), "submission_id": 1,
            "grade_code": None, "grade_name": None,
        } | more
    )  # fmt: skip


def silent(number: str, name: str = "") -> SimpleNamespace:
    """Return a pledge that never reported: all that may be blank is blank."""
    blank = (
        "field_name", "due_code", "due_year", "novelty_code", "actor_code", "delivery_code",
        "budget_class_code", "declared_total_krw", "declared_rate_pct", "is_target_met",
        "reported_quarter_id", "is_late", "pledge_plan_krw", "pledge_secured_krw", "pledge_executed_krw",
    )  # fmt: skip
    return pledge(
        number, name, status_code="NOT_REPORTED", status_name="미보고",
        report_state="not_reported", **dict.fromkeys(blank),
    )  # fmt: skip


def money(number: str, year: str, plan: int, secured: int, executed: int, **more: Any) -> Any:
    """Return a row of `mart.pledge_budget`."""
    return SimpleNamespace(
        **{
            "quarter_id": "2021Q4", "government_id": GOVERNMENT, "term_number": 7,
            "pledge_id": number, "subproject_name": "세부사업", "funding_source_code": "OWN",
            "fiscal_year": year, "plan_krw": Decimal(plan), "secured_krw": Decimal(secured),
            "executed_krw": Decimal(executed),
        } | more
    )  # fmt: skip


def figure(
    code: str,
    numerator: str,
    denominator: str | None,
    value: str | None,
    shown: str,
    scope: tuple[str, str, str] = ("all", "", "전체"),
    **more: Any,
) -> SimpleNamespace:
    """Return a row of the figures of a quarter, which `mart.released_figure` also has."""
    scope_type, scope_id, scope_name = scope
    return SimpleNamespace(
        **{
            "quarter_id": "2021Q4", "government_id": GOVERNMENT, "revision": 1,
            "figure_code": code, "figure_name": NAMES.get(code, code), "scope_type": scope_type,
            "scope_id": scope_id, "scope_name": scope_name, "numerator": Decimal(numerator),
            "denominator": None if denominator is None else Decimal(denominator),
            "value_pct": None if value is None else Decimal(value), "shown": shown,
            "no_value_reason": "분모가 0입니다." if shown == "해당 없음" else None,
            "denominator_rule": "기준일 현재의 모든 공약", "pledge_count": 2, "reported_count": 1,
            "carried_forward_count": 0, "with_amount_count": 1, "owing_count": 2,
            "coverage_pct": Decimal(50), "waiver_count": 0, "is_small_denominator": True,
        } | more
    )  # fmt: skip


def count(code: str, name: str, number: int, scope: tuple[str, str, str]) -> SimpleNamespace:
    """Return a row of `mart.status_count`."""
    return SimpleNamespace(
        quarter_id="2021Q4", government_id=GOVERNMENT, scope_type=scope[0], scope_id=scope[1],
        scope_name=scope[2], status_code=code, status_name=name, pledge_count=number,
    )  # fmt: skip


def said(number: str, code: str, name: str, content: str, **more: Any) -> SimpleNamespace:
    """Return a row of `mart.pledge_narrative`."""
    return SimpleNamespace(
        **{
            "quarter_id": "2021Q4", "government_id": GOVERNMENT, "pledge_id": number,
            "kind_code": code, "kind_name": name, "entry_number": 1, "subproject_name": None,
            "label": None, "content": content, "reported_quarter_id": "2021Q4",
        } | more
    )  # fmt: skip


def missing(number: str, state: str = "missing") -> SimpleNamespace:
    return SimpleNamespace(
        department_code="A", department_name="경제과", pledge_id=number,
        pledge_name=f"공약 {number}", state=state,
    )  # fmt: skip


def publication(pledges: Sequence[Any] = (), **more: Any) -> Publication:
    """Return a publication of 2021Q4, first revision, with the rows that are given."""
    rows: dict[str, Any] = {
        "government_id": GOVERNMENT, "government_name": "가람구", "quarter": Quarter(2021, 4),
        "term_number": 7, "release": FIRST, "pledges": list(pledges), "budget": [], "figures": [],
        "counts": [], "missing": [], "waived": [], "denominators": [],
    }  # fmt: skip
    return Publication(**rows | more)


WHOLE, FIELD, DEPARTMENT = (
    ("all", "", "전체"),
    ("field", "경제", "경제"),
    ("department", "A", "경제과"),
)


def two_pledges() -> Publication:
    """Return one pledge that reported and one that did not, after a quarter in which both had.

    R1 went from (80 + 60) / 2 = 70 to 99.5 / 1; B1 = 15 / 22 = 68.1818…
    """
    before = Published(
        "2021Q3", 2,
        figures=[figure("R1", "140", "2", "70", "70.0", quarter_id="2021Q3", revision=2)],
        pledges=[
            pledge("1-2", declared_rate_pct=Decimal(80), status_name="정상추진"),
            pledge("1-10", declared_rate_pct=Decimal(60), status_name="정상추진"),
        ],
    )  # fmt: skip
    return publication(
        [pledge("1-2"), silent("1-10", "=1+1")],
        budget=[
            money("1-2", "pre_term", 5_000_000, 5_000_000, 0),
            money("1-2", "2021", 10_000_000, 10_000_000, 4_000_000),
            money("1-2", "post_term", 7_000_000, 0, 0, funding_source_code="UPPER"),
        ],
        figures=[
            figure("R1", "99.5", "1", "99.5", "99.5"),
            figure("B1", "15000000", "22000000", "68.181818181818181818", "68.18"),
            figure("PLAN", "22000000", None, None, "22,000,000"),
            figure("SECURED", "15000000", None, None, "15,000,000"),
            figure("EXECUTED", "4000000", None, None, "4,000,000"),
            figure("R1", "99.5", "1", "99.5", "99.5", FIELD),
            figure("R2", "0", "0", None, "해당 없음", DEPARTMENT),
        ],
        counts=[
            count(code, name, 1, scope)
            for scope in (WHOLE, FIELD, DEPARTMENT)
            for code, name in (("COMPLETED", "완료"), ("NOT_REPORTED", "미보고"))
        ],
        missing=[missing("1-10")],
        narrative=[
            said("1-2", "GOAL", "정책목표", "살기 좋은 구"),
            said("1-2", "PROGRESS", "추진내용", "=문을 열었다\n○ 하루 120명"),
            said("1-2", "PLAN_AHEAD", "향후계획", "2관 착공"),
            said("1-2", "ACHIEVEMENT", "추진실적", "착공", label="2021-03-02"),
            said("1-2", "ACHIEVEMENT", "추진실적", "개관", label="2021-11-02", entry_number=2),
        ],
        history=list(before.figures),
        earlier=before,
    )
