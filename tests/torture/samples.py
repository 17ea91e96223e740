"""Valid files of every kind that departments send, each with what reading it gives undamaged."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from reportlab import rl_config

from etl.documents.blocks import Block
from etl.pipeline.reading import read_submission
from etl.staged import StagedFile
from tests.card_documents import as_hwpx
from tests.card_factory import CardModel, card_blocks
from tests.documents_hwp import hwp_bytes
from tests.documents_samples import CARD
from tests.documents_writers import write_docx, write_pdf, write_text, write_xlsx
from tests.factories import DEPARTMENTS, register_workbook, return_workbook

WRITERS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    "docx": write_docx, "hwpx": as_hwpx, "hwp": hwp_bytes, "txt": write_text, "xlsx": write_xlsx,
    "pdf": write_pdf,
}  # fmt: skip
"""How a card is written in each format."""


@dataclass(frozen=True)
class Sample:
    """One valid file; `kind` is return, register, bundle, or a card's format."""

    kind: str
    name: str
    content: bytes

    @cached_property
    def members(self) -> dict[str, bytes]:
        """The parts of a package by name; none for what is no zip."""
        if not self.content.startswith(b"PK"):
            return {}
        with zipfile.ZipFile(io.BytesIO(self.content)) as package:
            return {name: package.read(name) for name in package.namelist()}

    @cached_property
    def staged(self) -> StagedFile:
        """What it says undamaged."""
        return read_submission(self.content, self.name)


def packed(parts: Sequence[tuple[str, bytes]], *, is_small: bool = False) -> bytes:
    """Return a zip of these parts in their order; a name may come twice."""
    stream = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if is_small else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as package:
        for name, data in parts:
            package.writestr(zipfile.ZipInfo(name), data, method)
    return stream.getvalue()


PROGRESS = ({}, {"공약번호": "1-2", "이행률(%)": 40})
BUDGET = ({"2021 확보액": 10, "2021 집행액": 5}, {"공약번호": "1-2", "2021 확보액": 7})


def settled(content: bytes) -> bytes:
    """Return a package without the moments at which it was written, so that it is always the same."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = [(name, _WRITTEN.sub(_DAY, package.read(name))) for name in package.namelist()]
    return packed(parts, is_small=True)


_DAY = b"2022-01-05T00:00:00Z"
_WRITTEN = re.compile(rb"20\d\d-\d\d-\d\dT[\d:.]+Z?(?=</dcterms:)")


def samples() -> list[Sample]:
    """Return one sample of each kind and size, always the same."""
    rl_config.invariant = 1
    with TemporaryDirectory() as folder:
        books = [
            Sample(path.stem.split("_")[0], path.name, settled(path.read_bytes()))
            for path in _workbooks(Path(folder))
        ]
    cards = [Sample(kind, f"card.{kind}", settled(write(CARD))) for kind, write in WRITERS.items()]
    large = card_blocks(CardModel())
    cards += [
        Sample(kind, f"large.{kind}", settled(WRITERS[kind](large)))
        for kind in ("docx", "hwpx", "hwp")
    ]
    sent = [(one.name, one.content) for one in (*books[:2], cards[0], cards[3])]
    return [*books, *cards, Sample("bundle", "sent.zip", packed(sent, is_small=True))]


def _workbooks(folder: Path) -> Iterator[Path]:
    yield return_workbook(
        folder / "return_whole.xlsx", progress=PROGRESS, budget=BUDGET,
        achievements=[{}], cooperation=[{}], contacts=[{}],
    )  # fmt: skip
    yield return_workbook(folder / "return_small.xlsx")
    many = [f"1-{number}" for number in range(1, 21)]
    yield return_workbook(
        folder / "return_long.xlsx",
        progress=[{"공약번호": one} for one in many],
        budget=[{"공약번호": one, "2021 확보액": n} for n, one in enumerate(many)],
    )
    yield register_workbook(folder / "register_whole.xlsx")
    yield register_workbook(folder / "register_small.xlsx", departments=DEPARTMENTS[:1])
