"""What a made-up card (공약관리카드) says, and the ways in which offices print it.

A `CardModel` is what `card_factory` makes blocks of. Everything is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Cell = str | tuple[str, int, int]
"""A cell's text, or (text, columns, rows) where it covers more than one place."""

PAIR = ("확보액", "집행액")
TOTAL_PAIR = ("확보액 및 투자수요", "집행액")
GROUP = ("계획", "확보현황", "집행실적")


@dataclass(frozen=True)
class BudgetLine:
    """One sub-project × source: texts by the year as its column is headed, one per column."""

    subproject: str
    source: str
    amounts: Mapping[str, tuple[str, ...]]


LINES = (
    BudgetLine(
        "쉼터 짓기", "국비",
        {"2018년": ("0", "0"), "2019년": ("20", "15"), "2020년": ("30", "30"),
         "2021년": ("40", "0"), "2022년": ("10", "0")},
    ),
    BudgetLine(
        "쉼터 짓기", "구비",
        {"2018년": ("5", "5"), "2019년": ("10", "7.5"), "2020년": ("12", "12"),
         "2021년": ("8", "0"), "2022년": ("-", "-")},
    ),
    BudgetLine(
        "쉼터 꾸미기", "구비",
        {"2018년": ("0", "0"), "2019년": ("0", "0"), "2020년": ("1,000", "900"),
         "2021년": ("2", "0"), "2022년": ("3", "0")},
    ),
)  # fmt: skip


@dataclass(frozen=True)
class CardModel:
    """One card: what it says, and in which of the known ways.

    `merges` is how much a format tells of merged cells: all (`told`), nothing but blanks in their
    place (`blank`), or not even these in the header of the money table (`dropped`).
    """

    pledge_id: str = "나눔-3"
    pledge_name: str = "동네 쉼터 열 곳 만들기"
    status: str = "정상추진"
    status_columns: tuple[str, ...] = ()
    marks: tuple[str, ...] = ("○",)
    rate: str = "60%"
    due: str = "임기내 (2022)"
    declared_total: str = "1,140백만원"
    project_type: str = "신규/자체/시설"
    department: str = "가온과"
    extra_labels: tuple[tuple[str, str], ...] = ()

    goal: tuple[str, ...] = ("- 걸어서 5분 안에 쉴 곳이 있도록 함",)
    overview: tuple[str, ...] = ("- 위 치 : 동마다 한 곳", "- 내 용 : 빈집을 고쳐 쉼터로 씀")
    overview_table: tuple[tuple[str, ...], ...] = ()
    plan_years: tuple[str, ...] = ("2018년", "2019년", "2020년", "2021년", "2022년", "임기후")
    plans: tuple[tuple[str, tuple[Cell, ...]], ...] = (
        ("쉼터 짓기", ("터 찾기", "설계", ("짓기", 2, 1), "열기", "-")),
        ("쉼터 꾸미기", ("-", "-", ("살림 들이기", 4, 1))),
    )

    years: tuple[str, ...] = ("2018년", "2019년", "2020년", "2021년", "2022년")
    voted: int = 3
    pre_term: str = ""
    post_term: str = ""
    subtotal: str = ""
    lines: tuple[BudgetLine, ...] = LINES
    layout: Literal["pairs", "groups", "measures"] = "pairs"
    sources: Literal["rows", "columns"] = "rows"
    has_subtotal_rows: bool = True
    unit_line: str = "(단위 : 백만원)"
    remark_column: tuple[str, ...] = ()
    cut_after: int = 0
    repeats_header: bool = True

    achievements: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("【21년 3분기】", ("- '21. 7. 5. : 터 세 곳 정함",)),
        (
            "【21년 4분기】",
            (
                "- '21. 10. 12. : 설계 마침",
                "- 주민 설명회 두 번",
                "※ 다음 설명회는 봄에 함",
                "- '21. 12. 3. : 첫 삽을 뜸",
            ),
        ),
    )
    plan: tuple[str, ...] = ("- '22. 3월 : 두 곳 열기",)
    problem: tuple[str, ...] = ()
    correction_reason: tuple[str, ...] = ()
    cooperation: tuple[str, ...] = ("- 나래과 : 터 찾기를 도움", "- 누리복지관 : 쉼터 살림")
    annex: tuple[str, ...] = ("※ 쉼터 운영위원회(예시)", "- 모임 : 분기마다")
    annex_table: tuple[tuple[str, ...], ...] = (
        ("위원", "하나", "두리"),
        ("맡은 일", "살림", "청소"),
    )
    authors: str = "가온과장 : 김가온(1001) 팀장 : 이나래(1002) 담당 : 박다솜(1003)"
    roles: tuple[tuple[str, ...], ...] = (
        ("협업부서", "나래과", "협업내용", "터 찾기"),
        ("중앙정부", "쉼터부", "새솔시", "쉼터과"),
    )

    bullet: str = "□ "
    headings: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    more_sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_one_paragraph: bool = False
    is_boxed: bool = False
    is_wrapped: bool = False
    merges: Literal["told", "blank", "dropped"] = "told"


HEADINGS = {
    "goal": "정책목표",
    "overview": "사업개요",
    "yearly_plan": "연차별 추진계획",
    "budget": "연차별 투자수요 및 집행액",
    "achievement": "추진실적",
    "plan": "향후계획",
    "problem": "문제점",
    "correction_reason": "정정사유",
    "cooperation": "협업사항",
}
