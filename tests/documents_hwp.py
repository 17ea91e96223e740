"""Hangul documents for tests: section XML by hand, and blocks or packages as HWP 5."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from hwpx.hwp5.cfb import CompoundFile, build_compound_file, read_all_streams
from hwpx.hwp5.fileheader import FLAG_BITS, FileHeader
from hwpx.hwp5.writer import write_hwp5
from hypothesis import strategies as st

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock
from etl.office.hwpx import hwpx_bytes

WRITTEN_AT = datetime(2021, 12, 31, 9, tzinfo=UTC)
SECTION = "Contents/section0.xml"
_NAMESPACES = (
    'xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section"'
    ' xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph"'
)


def section(*paragraphs: str) -> bytes:
    return f"<hs:sec {_NAMESPACES}>{''.join(paragraphs)}</hs:sec>".encode()


def p(*runs: str) -> str:
    """One paragraph; a run that is no markup becomes text."""
    return f"<hp:p>{''.join(run if run.startswith('<') else t(run) for run in runs)}</hp:p>"


def t(inner: str) -> str:
    return f"<hp:run><hp:t>{inner}</hp:t></hp:run>"


def run(*elements: str) -> str:
    return f"<hp:run>{''.join(elements)}</hp:run>"


def tc(row: int, column: int, *paragraphs: str, rows: int = 1, columns: int = 1) -> str:
    """One cell, counted from 0 as the format does."""
    return (
        f"<hp:tc><hp:subList>{''.join(paragraphs)}</hp:subList>"
        f'<hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
        f'<hp:cellSpan colSpan="{columns}" rowSpan="{rows}"/></hp:tc>'
    )


def tbl(*cells: str, rows: int = 1, columns: int = 1, before: str = "") -> str:
    """One table in a run; the rows of the markup do not matter, the cells' addresses do."""
    return run(
        f'<hp:tbl rowCnt="{rows}" colCnt="{columns}">{before}<hp:tr>{"".join(cells)}</hp:tr></hp:tbl>'
    )


def package(*sections: bytes, method: int = zipfile.ZIP_DEFLATED, **others: bytes) -> bytes:
    """A package of these sections without a list of parts; other members by name."""
    members = {f"Contents/section{number}.xml": data for number, data in enumerate(sections)}
    return packed({**members, **others}, method)


def packed(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as target:
        for name, data in members.items():
            target.writestr(name, data)
    return stream.getvalue()


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


def hwp_of(hwpx: bytes) -> bytes:
    """The same document as HWP 5."""
    return write_hwp5(members_of(hwpx))


def hwp_bytes(blocks: Sequence[Block]) -> bytes:
    return hwp_of(hwpx_bytes(blocks, written_at=WRITTEN_AT))


def hwp_streams(content: bytes) -> dict[str, bytes]:
    return dict(read_all_streams(CompoundFile(content)))


def hwp_file(
    *sections: bytes, flags: Sequence[str] = ("compressed",), storage: str = "BodyText"
) -> bytes:
    """A HWP 5 file of these records alone; its sections as they are where none is compressed."""
    bits = sum(1 << FLAG_BITS[flag] for flag in flags)
    pack = deflated if "compressed" in flags else bytes
    streams = {"FileHeader": FileHeader((5, 1, 1, 0), bits).to_bytes(), "DocInfo": pack(b"")}
    for number, data in enumerate(sections):
        streams[f"{storage}/Section{number}"] = pack(data)
    return build_compound_file(streams.items())


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def inflated(data: bytes) -> bytes:
    return zlib.decompress(data, -15)


def record(tag: int, level: int, data: bytes = b"") -> bytes:
    if len(data) < 0xFFF:
        return struct.pack("<I", tag | level << 10 | len(data) << 20) + data
    return struct.pack("<2I", tag | level << 10 | 0xFFF << 20, len(data)) + data


def card() -> list[Block]:
    """A made-up card: a table of facts, a plan, and a budget under three rows of headers."""
    facts = (
        GridCell(1, 1, "환경-3"),
        GridCell(1, 2, "가람천 산책로 <연장> & 정비", 1, 3),
        GridCell(2, 1, "추진상황"),
        GridCell(2, 2, "정상추진"),
        GridCell(2, 3, "이행률(%)"),
        GridCell(2, 4, "65%"),
    )
    budget = (
        GridCell(1, 1, "구 분", 3, 1),
        GridCell(1, 2, "재원별", 3, 1),
        GridCell(1, 3, "연차별 투자수요 및 집행액", 1, 4),
        GridCell(2, 3, "2021년", 1, 2),
        GridCell(2, 5, "2022년", 1, 2),
        *(GridCell(3, 3 + n, ("확보액", "집행액", "투자\n수요", "집행액")[n]) for n in range(4)),
        GridCell(4, 1, "산책로 연장", 2, 1),
        *(GridCell(4, 2 + n, text) for n, text in enumerate(("국 비", "1,200", "800", "", "0"))),
        *(GridCell(5, 2 + n, text) for n, text in enumerate(("구 비", "40", "3", "-", "0.5"))),
    )
    return [
        TableBlock(1, facts),
        Paragraph(2, "□ 정책목표"),
        Paragraph(4, " - 걷기 좋은 가람천을 만들어 '이음길'을 완성"),
        Paragraph(5, "□ 연차별 투자수요 및 집행액"),
        Paragraph(6, "(단위 : 백만원)"),
        TableBlock(2, budget),
        Paragraph(7, "【21년 4분기】"),
        Paragraph(8, "- '21. 12. 3. : 실시설계 용역 착수\t완료\n(계속)"),
    ]


# What an office types, and what only looks like nothing.
texts = st.text(
    st.one_of(
        st.sampled_from("가나 다\t\n<>&\"'□【- a1,%\u3000\xa0\U0001f600"),
        st.characters(
            codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"
        ),
    ),
    max_size=12,
)


@st.composite
def tables(draw: st.DrawFn, number: int) -> TableBlock:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    taken: set[tuple[int, int]] = set()
    cells: list[GridCell] = []
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            if (row, column) in taken:
                continue
            high, wide = (
                draw(st.integers(1, rows - row + 1)),
                draw(st.integers(1, columns - column + 1)),
            )
            places = {(row + y, column + x) for y in range(high) for x in range(wide)}
            if places & taken:
                high = wide = 1
                places = {(row, column)}
            taken |= places
            cells.append(GridCell(row, column, draw(texts), high, wide))
    return TableBlock(number, tuple(cells))


@st.composite
def documents(draw: st.DrawFn) -> list[Block]:
    """Blocks as a reader gives them: paragraphs with gaps between their numbers, whole tables."""
    blocks: list[Block] = []
    paragraphs = tables_so_far = 0
    for is_table in draw(st.lists(st.booleans(), max_size=5)):
        if is_table:
            tables_so_far += 1
            blocks.append(draw(tables(tables_so_far)))
        else:
            paragraphs += draw(st.integers(1, 3))
            blocks.append(Paragraph(paragraphs, draw(texts.filter(bool))))
    return blocks
