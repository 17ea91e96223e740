"""Cases of the rules that only cards (공약관리카드) can break; the card is a Hangul document.

Its header table is 표1: 이행률 in 2행4열, 총사업비 in 3행2열, 추진부서 in 3행6열.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from etl.documents.blocks import Block
from tests.card_documents import card_file
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


PLAIN: dict[str, Any] = {}
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
    Case("D-09", {"write": picture}, {"write": write_pdf}, None, write=second_card, name="no_text"),
]  # fmt: skip
