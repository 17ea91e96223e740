"""Documents for tests: a made-up card, any document that Hypothesis likes, and damage to a file.

Nothing here knows how a format is written or read.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence

from hypothesis import strategies as st

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock, numbered
from etl.documents.package import DocumentError

LEFT, ABOVE = "<", "^"


def table(*rows: str) -> TableBlock:
    """Return a table drawn as text: cells between bars, `<` and `^` where one reaches to."""
    drawn = [[text.strip() for text in row.split("|")] for row in rows]
    cells = []
    for row, texts in enumerate(drawn):
        for column, text in enumerate(texts):
            if text not in (LEFT, ABOVE):
                width = 1
                while texts[column + width : column + width + 1] == [LEFT]:
                    width += 1
                height = 1
                while row + height < len(drawn) and drawn[row + height][column] == ABOVE:
                    height += 1
                cells.append(GridCell(row + 1, column + 1, text, height, width))
    return TableBlock(0, tuple(cells))


def document(*parts: str | TableBlock) -> list[Block]:
    """Return paragraphs and tables as a numbered document."""
    return numbered(Paragraph(0, part) if isinstance(part, str) else part for part in parts)


CARD = document(
    table(
        "2-1 | 작은도서관 열 곳 짓기 | < | < | < | <",
        "추진상황 | 정상추진 | 이행률(%) | 60% | 완료시기 (완료연도) | 임기내 (2022)",
        "총사업비 | 1,200백만원 | 사업유형 | 신규/자체/시설 | 추진부서 | 가온과",
    ),
    "□ 정책목표",
    "- 걸어서 10분 안에 닿는 작은도서관을 만들고자 함",
    "□ 연차별 추진계획",
    table(
        "구 분 | 2018년 | 2019년 | 2020년 | 2021년 | 2022년 | 임기후",
        "도서관 짓기 | - | 터 고르기 | 설계 및 착공 | < | 문 열기 | 운영",
    ),
    "□ 연차별 투자수요 및 집행액",
    "(단위 : 백만원)",
    table(
        "구 분 | 재원별 | 합 계 | < | 연차별 투자수요 및 집행액 | < | < | <",
        "^ | ^ | ^ | < | 2021년 | < | 2022년 | <",
        "^ | ^ | 확보액 및 투자수요 | 집행액 | 확보액 | 집행액 | 투자 수요 | 집행액",
        "계 | < | 1,200 | 310 | 700 | 310 | 500 | 0",
        "도서관 짓기 | 국 비 | 400 | 110 | 200 | 110 | 200 | 0",
        "^ | 구 비 | 800 | 200 | 500 | 200 | 300 | 0",
    ),
    "□ 추진실적",
    "【21년 3분기】",
    "- '21. 8. 17. : 설계를 마치고 공사를 시작함",
    table("작성자 | 가온과장 : 가나다(0001) | < | <", "협업부서 | 나래과 | 협업내용 | 터 내주기"),
)
"""One card as departments draw it: 8 paragraphs, 4 tables, a budget with three header rows."""


_TEXT = st.text(st.sampled_from("가나다라마㎡①□ㆍ'()%- 1230,.AZaz<&>\"㈜市"), max_size=12).map(
    lambda text: " ".join(text.split())
)
_LINES = st.lists(_TEXT.filter(bool), max_size=2).map("\n".join)


@st.composite
def tables(draw: st.DrawFn, texts: st.SearchStrategy[str] = _LINES) -> TableBlock:
    """Any table whose cells cover every place once."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    free = {(row, column) for row in range(1, rows + 1) for column in range(1, columns + 1)}
    cells = []
    while free:
        row, column = min(free)
        width = height = 1
        while (row, column + width) in free and draw(st.booleans()):
            width += 1
        while row + height <= rows and draw(st.integers(0, 3)) == 0:
            height += 1
        cells.append(GridCell(row, column, draw(texts), height, width))
        free -= {(row + r, column + c) for r in range(height) for c in range(width)}
    return TableBlock(0, tuple(cells))


def documents() -> st.SearchStrategy[list[Block]]:
    """Any short document of paragraphs and tables."""
    return st.lists(st.one_of(_TEXT, tables()), max_size=5).map(lambda parts: document(*parts))


def texts(blocks: Sequence[Block]) -> list[str]:
    """Return the texts of paragraphs and cells in order, without white space and blank ones."""
    found = [
        text
        for block in blocks
        for text in (
            [block.text] if isinstance(block, Paragraph) else [cell.text for cell in block.cells]
        )
    ]
    return [key for text in found if (key := "".join(text.split()))]


def damaged(content: bytes, count: int) -> Iterator[bytes]:
    """Yield copies with some bytes lost, doubled or replaced; the same ones every time."""
    chance = random.Random(2021)  # noqa: S311
    for _ in range(count):
        copy = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(copy))
            length = chance.choice((1, 1, 8, 64))
            doubled = copy[start : start + length] * 2
            copy[start : start + length] = chance.choice((b"", b"\0", b"<", b"9999999", doubled))
        yield bytes(copy)


def outcomes(read: Callable[[bytes], list[Block]], copies: Iterable[bytes]) -> set[str]:
    """Read every copy; return what came of them. Any error but DocumentError is a failure."""
    found = set()
    for copy in copies:
        try:
            found.add("blocks" if isinstance(read(copy), list) else "something else")
        except DocumentError:
            found.add("refused")
    return found
