"""Cases of the rules that only cards (공약관리카드) can break; the card is a Hangul document.

Its header table is 표1: 이행률 in 2행4열, 총사업비 in 3행2열, 추진부서 in 3행6열.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from etl.documents.blocks import Block
from tests.card_documents import as_hwpx, card_file
from tests.card_factory import with_rows
from tests.card_model import GROUP, BudgetLine
from tests.documents_writers import write_pdf
from tests.rules.cases import Case


def second_card(path: Path, **changes: Any) -> Path:
    """Write one card of D02, which has its pledge in the world of the cases."""
    return card_file(path, **{"department": "나래과", **changes})


def picture(_: Sequence[Block]) -> bytes:
    """A scanned page: a picture, and not one letter."""
    content = io.BytesIO()
    Image.new("L", (60, 80), 255).save(content, "PDF")
    return content.getvalue()


def grouped(plan: str, secured: str) -> dict[str, Any]:
    """A money table with 계획, 확보현황 and 집행실적 for one year."""
    assert GROUP == ("계획", "확보현황", "집행실적")
    line = BudgetLine("쉼터 짓기", "구비", {"2021년": (plan, secured, "0")})
    return {"layout": "groups", "years": ("2021년",), "lines": (line,), "plan_years": ("2021년",),
            "plans": (("쉼터 짓기", ("짓기",)),)}  # fmt: skip


def with_money(*table: Sequence[str], name: str) -> dict[str, Any]:
    """A card whose money table, the third of the document, has these rows; each file its own."""

    def write(blocks: Sequence[Block]) -> bytes:
        return as_hwpx(with_rows(blocks, 3, table))

    return {"write": write, "pledge_name": name}


def one_amount(header: str, *others: str) -> dict[str, Any]:
    """A card with one amount under a header, and amounts under others."""
    heads, texts = others[::2], others[1::2]
    rows = [["구분", "재원", header, *heads], ["쉼터", "구비", "10", *texts]]
    return with_money(*rows, name=f"쉼터 {header}{''.join(others)}")


PLAIN: dict[str, Any] = {}
HOLLOW = {"left_out": frozenset({"budget", "achievement"})}
LATER = (("【22년 1분기】", ("- '22. 1. 4. : 문을 엶",)),)
CASES = [
    Case("D-03", {"achievements": LATER}, PLAIN, "문단 10", write=second_card),
    Case("D-04", {"department": "없는과"}, PLAIN, "표1 3행6열", write=second_card),
    Case("D-05", {"declared_total": "1,141백만원"}, PLAIN, "표1 3행2열", write=second_card),
    Case("D-06", {"write": write_pdf}, PLAIN, "표1 1행1열", write=second_card),
    Case(
        "D-07", {"more_sections": (("우리 과의 자랑", ("- 상을 받음",)),)}, PLAIN, "문단 19",
        write=second_card, name="unknown_section",
    ),
    Case(
        "D-07", {"extra_labels": (("우리 과의 번호", "7"),)}, PLAIN, "표1 4행1열",
        write=second_card, name="unknown_label",
    ),
    Case(
        "D-07", {"overview_table": (("가", "나"), ("다", "라"))}, PLAIN, "표2 1행1열",
        write=second_card, name="unknown_table",
    ),
    Case(
        "D-08", grouped("10", "11"), grouped("10", "10"), "표3 5행6열",
        write=second_card, name="secured_above_plan",
    ),
    Case("D-10", HOLLOW, {"left_out": frozenset({"budget"})}, None,
         write=second_card, name="sections_missing"),
    Case("D-11", one_amount("2019 예산현액"), one_amount("2019 예산액"), "표3 2행3열",
         write=second_card, name="carried_over_budget"),
    Case("D-12", one_amount("2019 본예산", "2019 최종예산", "12"),
         one_amount("2019 본예산", "2019 최종예산", "10"), "표3 2행3열",
         write=second_card, name="other_budget_differs"),
    # The term is 2018-07 to 2022-06: it touches the years 2018 and 2022.
    Case("D-13", one_amount("2018 이전"), one_amount("2017 이전"), "표3 1행3열",
         write=second_card, name="open_years"),
    Case("D-13", one_amount("2022 이후"), one_amount("2023 이후"), "표3 1행3열",
         write=second_card, name="open_years_after"),
    Case("D-14", one_amount("2019 확보액", "2019 편성액", "7"),
         one_amount("2019 확보액", "2019 집행률", "7"), "표3 1행4열",
         write=second_card, name="unread_amounts"),
    Case("D-09", {"write": picture}, {"write": write_pdf}, None, write=second_card, name="no_text"),
]  # fmt: skip
