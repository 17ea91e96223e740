"""One card, written in six formats by the project's own writers, gives the same staging rows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from reportlab.lib import pagesizes

from etl.documents.blocks import Block
from etl.office.pdf import print_pdf
from etl.pipeline.reading import read_submission
from etl.staged import StagedFile, stage_columns
from tests.card_documents import as_hwpx
from tests.card_factory import LINES, BudgetLine, CardModel, card_blocks
from tests.card_frames import framed, in_rows, in_strips, outermost
from tests.documents_hwp import hwp_bytes
from tests.documents_writers import write_docx, write_html, write_pdf, write_text, write_xlsx


def wide_pdf(blocks: Sequence[Block]) -> bytes:
    """On a page where no number of the widest table wraps: what wraps is not guessed."""
    return write_pdf(blocks, size=pagesizes.landscape(pagesizes.A3))


def long_pdf(blocks: Sequence[Block]) -> bytes:
    """On one page: the writer breaks no cell across pages."""
    return write_pdf(blocks, size=(1_400, 3_000))


def printed_pdf(blocks: Sequence[Block]) -> bytes:
    """As a browser prints it on A4, across pages."""
    with TemporaryDirectory() as folder:
        page, printed = Path(folder, "card.html"), Path(folder, "card.pdf")
        page.write_text(write_html(blocks), encoding="utf-8")
        print_pdf(page, printed)
        return printed.read_bytes()


WRITERS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    "hwp": hwp_bytes,
    "docx": write_docx,
    "xlsx": write_xlsx,
    "txt": write_text,
    "pdf": wide_pdf,
}
PLAN = "staging.pledge_card__yearly_plan"
# These do not tell which cells are merged, and so not for how many years a plan is.
WITHOUT_SPANS = ("txt", "pdf")
_AROUND = tuple(
    replace(line, amounts={**line.amounts, "기투자": ("7",), "임기후": ("11.5",)}) for line in LINES
)
LAID_OUT: dict[str, Callable[[Sequence[Block]], list[Block]]] = {
    "in a frame": framed,
    "in strips": lambda blocks: in_strips(blocks, "□ ", ("{n}", "", "{}")),
    "in strips in a frame": lambda blocks: framed(in_strips(blocks, "□ ", ("{n}", "", "{}"))),
    "in rows": lambda blocks: in_rows(blocks, "□ "),
}
VARIANTS: dict[str, tuple[CardModel, ...]] = {
    "as printed": (CardModel(),),
    "money before and after the term": (
        CardModel(pre_term="기투자", post_term="임기후", subtotal="임기내 소계", lines=_AROUND),
    ),
    "joined years": (
        CardModel(
            years=("2018년", "2019년", "2020년", "2021년", "2022~2023"), voted=5,
            lines=(BudgetLine("쉼터 짓기", "구비", {"2022~2023": ("30", "1")}),),
        ),
    ),
    "the last year ends in June": (
        CardModel(
            years=("2018년", "2019년", "2020년", "2021년", "2022. 6월"),
            lines=(BudgetLine("쉼터 짓기", "구비", {"2022. 6월": ("30", "1")}),),
        ),
    ),
    "plan, secured, executed": (
        CardModel(
            layout="groups", years=("2020년", "2021년"),
            lines=(BudgetLine("쉼터 짓기", "구비", {"2021년": ("10", "8", "3")}),),
        ),
    ),
    "thousands of won": (CardModel(unit_line="(단위 : 천원)"),),
    "a mark in one of several columns": (
        CardModel(status_columns=("완료", "정상추진", "일부추진"), marks=("○",)),
    ),
    "no bullets": (CardModel(bullet=""),),
    "cut by a page break": (CardModel(cut_after=2),),
    "sources as columns": (CardModel(sources="columns", lines=LINES[:2]),),
    "measures as rows": (
        CardModel(
            layout="measures", years=("2021년",),
            lines=(BudgetLine("쉼터 짓기", "구비", {"2021년": ("10", "8", "3")}),),
        ),
    ),
    "decimals": (
        CardModel(
            unit_line="(단위 : 억원)",
            lines=(BudgetLine("쉼터 짓기", "구비", {"2020년": ("1.25", "0.5")}),),
        ),
    ),
    "every section in a box": (CardModel(is_boxed=True),),
    "money in won": (
        CardModel(
            unit_line="(단위 : 원)",
            lines=(BudgetLine("쉼터 짓기", "구비", {"2020년": ("1,234,567", "1,000,000")}),),
        ),
    ),
    "a table inside the overview": (CardModel(annex_table=(("가", "나"), ("다", "라"))),),
    "two cards": (CardModel(), CardModel(pledge_id="나눔-4", rate="20%")),
}  # fmt: skip


def rows(staged: StagedFile) -> dict[str, list[tuple[Any, ...]]]:
    """What a file says, without places and without the blanks that formats keep or lose."""
    told: dict[str, list[tuple[Any, ...]]] = {}
    for stage, lines in staged.rows.items():
        kept = [n for n, name in enumerate(stage_columns(stage)) if not name.startswith("_")]
        told[stage] = sorted(
            (tuple(_without_blanks(line[n]) for n in kept) for line in lines), key=repr
        )
    return told


def _without_blanks(value: Any) -> Any:
    return "".join(value.split()) if isinstance(value, str) else value


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hangul_document_is_read_without_a_problem(variant: str) -> None:
    staged = read_submission(as_hwpx(card_blocks(*VARIANTS[variant])), "card.hwpx")
    assert staged.problems == []
    assert staged.document_format == "hwpx"
    assert len(staged.rows["staging.quarterly_return__progress"]) == len(VARIANTS[variant])


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_format_says_the_same(variant: str, kind: str) -> None:
    blocks = card_blocks(*VARIANTS[variant])
    expected = rows(read_submission(as_hwpx(blocks), "card.hwpx"))
    staged = read_submission(WRITERS[kind](blocks), f"card.{kind}")
    found = rows(staged)
    if kind in WITHOUT_SPANS:
        assert len(expected.pop(PLAN)) == len(found.pop(PLAN))
    assert found == expected
    assert staged.document_format == ("text" if kind == "txt" else kind)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "write"), [("docx", write_docx), ("pdf", long_pdf)])
@pytest.mark.parametrize("layout", LAID_OUT)
def test_a_card_laid_out_with_tables_says_the_same(
    layout: str, kind: str, write: Callable[[Sequence[Block]], bytes]
) -> None:
    blocks = card_blocks(CardModel())
    staged = read_submission(write(outermost(LAID_OUT[layout](blocks))), f"card.{kind}")
    assert staged.problems == []
    assert rows(staged) == rows(read_submission(as_hwpx(blocks), "card.hwpx"))


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["plain", "in a frame", "in strips"])
def test_a_card_that_a_browser_printed_says_the_same(layout: str) -> None:
    blocks = card_blocks(CardModel())
    laid = outermost(LAID_OUT.get(layout, list)(blocks))
    staged = read_submission(printed_pdf(laid), "card.pdf")
    assert staged.problems == []
    assert rows(staged) == rows(read_submission(as_hwpx(blocks), "card.hwpx"))
