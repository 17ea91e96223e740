"""Hostile documents among good ones: each costs itself, in bounded time, and nothing is written."""

import io
import random
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import cells, pipeline
from etl.cells import RawCell
from etl.documents.blocks import MAX_TEXT
from etl.documents.isolation import read_each
from etl.pipeline.reading import read_submission
from etl.problems import CellProblem
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import rows_of, transaction, values_of
from tests.card_documents import as_hwpx
from tests.card_factory import CardModel, card_blocks
from tests.conftest import fresh_home
from tests.documents_hwp import hwp_bytes, hwp_file, members_of, package, record, section, tbl, tc
from tests.documents_writers import write_docx, write_pdf, write_text, write_xlsx
from tests.factories import register_workbook, return_workbook

pytestmark = pytest.mark.slow

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
REFUSED = {"F-01", "F-02", "F-03", "F-04", "F-05", "D-09"}
CARD = card_blocks(CardModel())
GOOD = as_hwpx(CARD)


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def rewritten(content: bytes, **changed: bytes) -> bytes:
    """The package with other bytes in some members, named `Contents__section0` and the like."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members_of(content).items():
            key = name.removesuffix(".xml").replace("/", "__")
            packed.writestr(name, changed.get(key, data))
    return stream.getvalue()


def hostile() -> Iterator[tuple[str, bytes]]:
    body = members_of(GOOD)["Contents/section0.xml"]
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"z" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]>'
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    yield "truncated.hwpx", GOOD[: len(GOOD) // 2]
    yield "no_zip.hwpx", b"PK\x03\x04" + bytes(400)
    yield "zip_bomb.hwpx", rewritten(GOOD, Contents__section0=bytes(100 * 1024 * 1024))
    yield "entity_bomb.hwpx", rewritten(GOOD, Contents__section0=bomb + b"<x>&b;</x>")
    yield "other_file.hwpx", rewritten(GOOD, Contents__section0=outside + b"<x>&a;</x>")
    yield "deep.hwpx", rewritten(GOOD, Contents__section0=b"<a>" * 100_000 + b"</a>" * 100_000)
    yield (
        "many.hwpx",
        zipped(mimetype=b"application/hwp+zip", **{f"m{n}": b"" for n in range(3000)}),
    )
    yield "upwards.hwpx", zipped(**{"mimetype": b"application/hwp+zip", "..__..__up.xml": body})
    yield (
        "wide_span.hwpx",
        package(section(tbl(tc(0, 0, "가", rows=60000, columns=60000), rows=60000, columns=60000))),
    )
    yield "no_section.hwpx", rewritten(GOOD, Contents__section0=b"")
    yield "cut_xml.hwpx", rewritten(GOOD, Contents__section0=body[: len(body) // 2])
    yield "records.hwp", hwp_file(record(66, 0) * 200_000)
    yield "truncated.hwp", hwp_bytes(CARD)[:4096]
    yield "empty.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)
    yield "truncated.docx", write_docx(CARD)[:3000]
    yield "deep.docx", zipped(**{"word__document.xml": b"<a>" * 100_000})
    yield "entity.docx", zipped(**{"word__document.xml": bomb + b"<x>&b;</x>"})
    yield "truncated.pdf", write_pdf(CARD)[:3000]
    yield "secret.pdf", write_pdf(CARD, password="1234")  # noqa: S106
    yield "nothing.pdf", b"%PDF-1.7\n%%EOF\n"
    yield "mixed.txt", write_text(CARD) + "끝".encode("cp949")
    yield "zeros.txt", bytes(1000)
    yield "long.txt", b"a" * (3 * 1024 * 1024)
    yield "empty.txt", b""
    yield "words.txt", "공약과 아무 상관이 없는 글입니다.\n".encode()
    yield "page.html", b"<html><body>card</body></html>"


@pytest.fixture(scope="module")
def batch(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Every hostile file between two good ones, collected in one batch."""
    folder = tmp_path_factory.mktemp("hostile")
    with fresh_home(server, folder / "home") as home:
        pledges = [
            {"공약번호": number, "공약명": "동네 쉼터 열 곳 만들기"}
            for number in ("나눔-1", "나눔-2")
        ]
        register = register_workbook(folder / "register.xlsx", pledges=pledges)
        pipeline.register(str(register), at=datetime(2021, 1, 4, tzinfo=SEOUL))
        good = [as_hwpx(card_blocks(CardModel(pledge_id=p["공약번호"]))) for p in pledges]
        inbox = home / "inbox"
        inbox.mkdir()
        files = [("0.hwpx", good[0]), *hostile(), ("z.hwpx", good[1])]
        for name, content in files:
            (inbox / name).write_bytes(content)
        before = {path for path in folder.parent.rglob("*") if home not in path.parents}
        facts = pipeline.collect(at=AT)
        after = {path for path in folder.parent.rglob("*") if home not in path.parents}
        found: dict[str, Any] = {
            "facts": facts,
            "written": after - before,
            "names": [n for n, _ in files],
        }
        for finding in pipeline.findings_of(facts.submission_ids):
            found.setdefault(finding.file_name, []).append(finding)
        with transaction() as connection:
            found["states"] = dict(connection.execute(
                text("SELECT file_name, state FROM audit.submission")
            ).tuples().all())  # fmt: skip
        yield found


def test_the_good_files_load_and_nothing_is_written_outside(batch: dict[str, Any]) -> None:
    assert batch["facts"].accepted == 2
    assert len(batch["facts"].answers) == len(batch["names"])
    assert batch["written"] == set()


@pytest.mark.parametrize("name", [name for name, _ in hostile()])
def test_each_hostile_file_is_refused_with_one_finding(batch: dict[str, Any], name: str) -> None:
    assert batch["states"][name] == "rejected"
    (finding,) = batch[name]
    assert finding.level == "reject_file"
    assert finding.rule_id in REFUSED


# Bytes and XML changed at random: read in workers as a collection does, thousands in all.
def mutated(content: bytes, source: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(source.randint(1, 8)):
        place = source.randrange(len(data))
        match source.randrange(4):
            case 0:
                data[place] = source.randrange(256)
            case 1:
                del data[place : place + source.randint(1, 40)]
            case 2:
                data[place:place] = data[place : place + source.randint(1, 40)]
            case _:
                data[place] ^= 1 << source.randrange(8)
    return bytes(data)


def inside(content: bytes, name: str, source: random.Random) -> bytes:
    """Change the XML of one member, and pack it soundly."""
    members = members_of(content)
    members[name] = mutated(members[name], source)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for member, data in members.items():
            packed.writestr(member, data)
    return stream.getvalue()


def damaged_cards(count: int) -> Iterator[tuple[int, bytes, str]]:
    source = random.Random(20211231)  # noqa: S311 - a seed, no secret
    docx, book, plain = write_docx(CARD), write_xlsx(CARD), write_text(CARD)
    binary = hwp_bytes(CARD)
    for number in range(count):
        match number % 8:
            case 0 | 1 | 2:
                yield number, inside(GOOD, "Contents/section0.xml", source), "card.hwpx"
            case 3:
                yield number, mutated(GOOD, source), "card.hwpx"
            case 4:
                yield number, mutated(binary, source), "card.hwp"
            case 5:
                yield number, inside(docx, "word/document.xml", source), "card.docx"
            case 6:
                yield number, inside(book, "xl/worksheets/sheet1.xml", source), "card.xlsx"
            case _:
                yield number, mutated(plain, source), "card.txt"


@pytest.mark.torture
@pytest.mark.slow
def test_thousands_of_damaged_cards_end_in_rows_or_problems() -> None:
    """Never a crash, never a hang; an amount is one that stands in the file, or is a problem."""
    count, read = 4000, 0
    results = read_each(
        damaged_cards(count), read_submission, workers=2, seconds=20, memory_mb=1024
    )
    for _, found in results:
        read += 1
        if isinstance(found, CellProblem):
            assert found.code == "unreadable", found
            continue
        assert found.form_code or found.problems
        for row in found.rows.get("staging.quarterly_return__budget", ()):
            amount, raw, kind = row[-3:]
            # The unit may be damaged too: 백만원, 천원, 억원 and 원 are what it can become.
            assert kind != "value" or _is_of(amount, raw), row
    assert read == count


def _is_of(amount: Any, raw: str) -> bool:
    return any(
        (read := cells.money(RawCell(raw), unit=unit)).kind == "value"
        and read.value == Decimal(amount)
        for unit in (1, 1_000, 10_000, 1_000_000, 100_000_000)
    )


def test_a_file_that_needs_more_memory_than_a_reader_has(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen megabytes of lines of one letter: its sender is told, and the others are loaded."""
    monkeypatch.setenv("GONGYAK_READER_MEMORY_MB", "256")
    settings.cache_clear()
    inbox = world / "inbox"
    inbox.mkdir()
    return_workbook(inbox / "a.xlsx", progress=[{"공약번호": "1-1"}])
    (inbox / "b.txt").write_bytes("ㄱ\n".encode() * (MAX_TEXT // 4))
    return_workbook(inbox / "c.xlsx", department="D02", progress=[{"공약번호": "2-1"}])
    done = pipeline.collect()
    assert (done.accepted, done.faults) == (2, [])
    rejected = rows_of("SELECT file_name FROM audit.submission WHERE state = 'rejected'")
    assert [row.file_name for row in rejected] == ["b.txt"]
    assert len(done.answers) == 3
    assert values_of("SELECT seen FROM staging.problem WHERE code = 'unreadable'") == [
        "메모리 초과"
    ]
