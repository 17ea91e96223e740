"""Made-up cards as files: a Hangul document unless another writer is named."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.documents.blocks import Block
from etl.office.hwpx import hwpx_bytes
from tests.card_factory import card_blocks
from tests.card_model import CardModel

Write = Callable[[Sequence[Block]], bytes]
WRITTEN_AT = datetime(2022, 1, 5, tzinfo=UTC)


def as_hwpx(blocks: Sequence[Block]) -> bytes:
    return hwpx_bytes(blocks, written_at=WRITTEN_AT)


def card_file(path: Path, *, write: Write = as_hwpx, **changes: Any) -> Path:
    """Write one card; `changes` are those of its model."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write(card_blocks(CardModel(**changes))))
    return path
