"""One file is one file: whatever is wrong with it, all others are received, checked and loaded."""

import io
import os
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from etl import archive, collect, inbox, pipeline
from etl.documents.bundle import is_bundle, members
from etl.documents.package import DocumentError
from etl.load import staging
from etl.pipeline import answers, reading, receiving, submissions
from etl.problems import SystemFault
from etl.quarter import SEOUL
from etl.settings import settings
from etl.staged import StagedFile
from etl.warehouse import transaction
from tests.card_documents import card_file
from tests.factories import register_workbook, return_workbook

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)


def sql(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def states() -> dict[str, str]:
    return dict(sql("SELECT file_name, state FROM audit.submission WHERE form_code IS DISTINCT"
                    " FROM 'register' ORDER BY 1"))  # fmt: skip


@pytest.fixture
def box(world: Path) -> Path:
    """An inbox with one good return of 1-1; tests put something beside it."""
    return_workbook(world / "inbox" / "good.xlsx")
    return world / "inbox"


# --- listing and opening ---------------------------------------------------------------------------


def _dangling(box: Path) -> None:
    (box / "link.xlsx").symlink_to(box / "gone.xlsx")


def _out_of_the_inbox(box: Path) -> None:
    other = return_workbook(box.parent / "other.xlsx", progress=[{"이행률(%)": 99}])
    (box / "out.xlsx").symlink_to(other)


def _pipe(box: Path) -> None:
    os.mkfifo(box / "pipe.xlsx")


def _sparse(box: Path) -> None:
    with (box / "huge.xlsx").open("wb") as file:
        file.truncate(6 * 1024**3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("put", "name", "said"),
    [
        (_dangling, "link.xlsx", "링크"),
        (_out_of_the_inbox, "out.xlsx", "링크"),
        (_pipe, "pipe.xlsx", "보통 파일이 아닙니다"),
        (_sparse, "huge.xlsx", "6,144MB로 한도 50MB"),
    ],
)
def test_what_cannot_be_opened_is_named_and_costs_no_other(
    box: Path, put: Callable[[Path], None], name: str, said: str
) -> None:
    put(box)
    facts = pipeline.collect(at=AT)
    assert states() == {"good.xlsx": "loaded"}
    (told,) = facts.not_taken
    assert told.startswith(f"{name}: ")
    assert said in told
    assert pipeline.collect(at=AT + DAY).batch is None, "and the next run is no other"


def test_a_file_that_vanishes_after_the_listing_costs_no_other(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = return_workbook(box / "gone.xlsx", progress=[{"공약번호": "1-2"}])
    listed = inbox.inbox_arrivals()
    gone.unlink()
    monkeypatch.setattr(receiving, "inbox_arrivals", lambda *_: listed)
    facts = pipeline.collect(at=AT)
    assert (states(), len(facts.not_taken)) == ({"good.xlsx": "loaded"}, 1)


@pytest.mark.slow
def test_a_file_that_still_grows_is_left_for_the_next_run(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = box / "growing.xlsx"
    whole = return_workbook(growing, progress=[{"공약번호": "1-2"}]).read_bytes()
    growing.write_bytes(whole[:1000])
    listed = inbox.inbox_arrivals()
    growing.write_bytes(whole)
    with monkeypatch.context() as patched:
        patched.setattr(receiving, "inbox_arrivals", lambda *_: listed)
        facts = pipeline.collect(at=AT)
    assert "다음 실행에서" in facts.not_taken[0]
    assert states() == {"good.xlsx": "loaded"}
    pipeline.collect(at=AT + DAY)
    assert states() == {"good.xlsx": "loaded", "growing.xlsx": "loaded"}


def test_a_name_in_cp949_is_received_under_its_korean_name(box: Path) -> None:
    content = return_workbook(box.parent / "x.xlsx", progress=[{"공약번호": "1-2"}]).read_bytes()
    raw = os.path.join(os.fsencode(box), "나래과_보고.xlsx".encode("cp949"))
    with open(raw, "wb") as file:
        file.write(content)
    pipeline.collect(at=AT)
    assert states() == {"good.xlsx": "loaded", "나래과_보고.xlsx": "loaded"}
    assert pipeline.collect(at=AT + DAY).batch is None


@pytest.mark.slow
def test_an_odd_name_is_only_a_name(box: Path) -> None:
    names = ["a::b.xlsx", "보고\x07서.xlsx", "a b%20#?.xlsx", "s3:__x.xlsx"]
    for number, name in enumerate(names):
        return_workbook(box / name, progress=[{"공약번호": "1-2", "이행률(%)": 10 + number}])
    facts = pipeline.collect(at=AT)
    assert (facts.accepted, facts.not_taken) == (5, [])
    assert set(states()) == {
        "good.xlsx",
        "a::b.xlsx",
        "보고서.xlsx",
        "a b%20#?.xlsx",
        "s3:__x.xlsx",
    }
    named = pipeline.dry_run([str(box / name) for name in names], at=AT)
    assert (named.blocks, named.not_taken) == (False, [])


def test_litter_is_no_submission(box: Path) -> None:
    for name in (
        "Thumbs.db", "desktop.ini", ".DS_Store", "._good.xlsx", "~$good.xlsx", "THUMBS.DB",
        "good.xlsx:Zone.Identifier", "a.xlsx.crdownload", "b.part", ".~lock.good.xlsx#",
    ):  # fmt: skip
        (box / name).write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    facts = pipeline.collect(at=AT)
    assert (states(), facts.not_taken) == ({"good.xlsx": "loaded"}, [])


@pytest.mark.parametrize("name", ["보고.part.xlsx", "desktop.ini.xlsx", "tmp.xlsx", "~보고.xlsx"])
def test_a_name_that_only_resembles_litter_is_received(name: str) -> None:
    assert not inbox.is_litter(name)


# --- faults of ours ----------------------------------------------------------------------------------


def _poisoned(
    monkeypatch: pytest.MonkeyPatch, stage: str, is_bad: Callable[[StagedFile], bool]
) -> None:
    """Let one stage fail on the files that say something, as a fault of the program would."""
    if stage == "read":
        real = reading.read_workbook

        def read(content: bytes, file_name: str, edition: str | None = None) -> StagedFile:
            staged = real(content, file_name, edition)
            if is_bad(staged):
                raise KeyError(file_name)
            return staged

        monkeypatch.setattr(reading, "read_workbook", read)
        return
    real_rows = staging._by_table

    def by_table(found: Sequence[tuple[int, staging.Found]]) -> dict[str, list[tuple[Any, ...]]]:
        rows = real_rows(found)
        rows["staging.problem"] += [
            (submission_id, "nul", None, None, None, None, None, None, "\0", "")
            for submission_id, one in found
            if isinstance(one, StagedFile) and is_bad(one)
        ]
        return rows

    monkeypatch.setattr(staging, "_by_table", by_table)


def _says_99(staged: StagedFile) -> bool:
    rows = staged.rows.get("staging.quarterly_return__progress", [])
    return any(99 in row for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["read", "stage"])
def test_a_fault_of_ours_sets_its_file_aside_and_no_other(
    box: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    bad = {"공약번호": "1-2", "이행률(%)": 99}
    return_workbook(box / "bad.xlsx", progress=[bad])
    with monkeypatch.context() as patched:
        _poisoned(patched, stage, _says_99)
        first = pipeline.collect(at=AT)
        assert states() == {"bad.xlsx": "set_aside", "good.xlsx": "loaded"}
        assert [one.file_name for one in first.faults] == ["bad.xlsx"]
        assert len(first.answers) == 1, "the sender of bad.xlsx is told nothing"
        with pytest.raises(SystemFault, match=r"bad\.xlsx"):
            pipeline.raise_faults(first.faults)
        (one,) = pipeline.open_faults()
        assert (one.stage, one.try_count) == (stage, 1)
        assert "bad.xlsx" not in one.trace, "an exception may quote what a person wrote"
        assert 'File "' in one.trace
        # Three times in all, and no run after that meets it.
        assert len(pipeline.collect(at=AT + DAY).faults) == 1
        assert len(pipeline.collect(at=AT + 2 * DAY).faults) == 1
        assert pipeline.collect(at=AT + 3 * DAY).batch is None
        assert pipeline.open_faults()[0].try_count == 3
    # Mended, and of another version: it is taken up again and loaded.
    monkeypatch.setattr(collect, "__version__", "99")
    assert pipeline.collect(at=AT + 4 * DAY).accepted == 1
    assert (states()["bad.xlsx"], pipeline.open_faults()) == ("loaded", [])


@pytest.mark.slow
def test_a_file_that_breaks_checking_is_found_among_the_others(box: Path) -> None:
    """1-2's money is such that a rule of ours divides by nothing (made so here by a trigger)."""
    for number in range(5):
        return_workbook(box / f"{number}.xlsx", progress=[{"이행률(%)": 50 + number}])
    return_workbook(box / "bad.xlsx", progress=[{"공약번호": "1-2", "이행률(%)": 99}])
    with transaction() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION audit.fails() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.pledge_id = '1-2' THEN RAISE division_by_zero; END IF;"
            " RETURN NEW; END $$;"
            "CREATE TRIGGER fails BEFORE INSERT ON audit.pledge_verdict"
            " FOR EACH ROW EXECUTE FUNCTION audit.fails()"
        )
    facts = pipeline.collect(at=AT)
    assert states() == {
        "0.xlsx": "loaded", "1.xlsx": "loaded", "2.xlsx": "loaded", "3.xlsx": "loaded",
        "4.xlsx": "loaded", "bad.xlsx": "set_aside", "good.xlsx": "loaded",
    }  # fmt: skip
    assert [(one.file_name, one.stage) for one in facts.faults] == [("bad.xlsx", "check")]
    checked = pipeline.dry_run([str(box / "bad.xlsx"), str(box / "good.xlsx")], at=AT)
    assert checked.faults == 1


@pytest.mark.slow
def test_an_answer_that_cannot_be_written_costs_no_other_and_is_tried_again(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    return_workbook(box / "bad.xlsx", progress=[{"공약번호": "1-2"}])
    real = answers.write_answer

    def write(content: bytes, file_name: str, *more: Any) -> Path:
        if file_name == "bad.xlsx":
            raise ZeroDivisionError
        return real(content, file_name, *more)

    with monkeypatch.context() as patched:
        patched.setattr(answers, "write_answer", write)
        facts = pipeline.collect(at=AT)
    assert states() == {"bad.xlsx": "loaded", "good.xlsx": "loaded"}
    assert [one.stage for one in facts.faults] == ["answer"]
    again = pipeline.collect(at=AT + DAY)
    assert (len(again.answers), again.faults, pipeline.open_faults()) == (1, [], [])
    assert pipeline.collect(at=AT + 2 * DAY).batch is None


def test_a_register_that_is_sent_again_finishes_what_a_killed_run_left(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> Any:
        raise Killed

    file = str(register_workbook(home / "register.xlsx"))
    with monkeypatch.context() as patched:
        patched.setattr(submissions, "answer", die)
        with pytest.raises(Killed):
            pipeline.register(file, at=AT)
    again = pipeline.register(file, at=AT + DAY)
    assert (again.batch, again.registers, len(again.answers)) == (None, [], 1)
    assert pipeline.register(file, at=AT + 2 * DAY).answers == []


@pytest.mark.slow
def test_a_batch_of_nothing_but_faults_proves_a_release_no_less(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _poisoned(patched, "read", lambda _: True)
        assert len(pipeline.collect(at=AT).faults) == 1
    from etl import archive
    from etl.pipeline import replay

    pipeline.collect(at=AT + DAY)
    events, damaged = archive.events()
    assert (damaged, replay.gaps(events, [])) == ([], [])
    assert states() == {"good.xlsx": "loaded"}


# --- files sent together -----------------------------------------------------------------------------


def _zip(path: Path, content: dict[str, bytes], encoding: str = "utf-8") -> Path:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            info = zipfile.ZipInfo("x" * len(name.encode(encoding)))
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, data)
    names = [name.encode(encoding) for name in content]
    return _with_names(path, stream.getvalue(), names)


def _with_names(path: Path, packed: bytes, names: list[bytes]) -> Path:
    """Write names as Windows does, without a mark of their encoding, in headers and directory."""
    out = bytearray(packed)
    for mark, offset in ((b"PK\x03\x04", 30), (b"PK\x01\x02", 46)):
        place = 0
        for name in names:
            place = out.index(mark, place)
            out[place + offset : place + offset + len(name)] = name
            place += offset
    path.write_bytes(bytes(out))
    return path


def _two(folder: Path) -> dict[str, bytes]:
    return {
        "가온과.xlsx": return_workbook(folder / "a.xlsx").read_bytes(),
        "둘째/나래과.xlsx": return_workbook(
            folder / "b.xlsx", department="D02", progress=[{"공약번호": "2-1"}]
        ).read_bytes(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_zip_of_returns_is_unpacked(world: Path, encoding: str) -> None:
    (world / "inbox").mkdir()
    _zip(world / "inbox" / "모음.zip", _two(world), encoding)
    facts = pipeline.collect(at=AT)
    assert states() == {
        "모음.zip": "loaded", "모음.zip/가온과.xlsx": "loaded", "모음.zip/둘째/나래과.xlsx": "loaded",
    }  # fmt: skip
    assert facts.accepted == 2
    (own,) = [f for f in pipeline.findings_of(facts.submission_ids) if f.file_name == "모음.zip"]
    assert (own.rule_id, own.level) == ("F-46", "inform")
    assert own.message.startswith("압축 파일에서 2개를 꺼냈습니다: 가온과.xlsx, 둘째/나래과.xlsx")
    assert pipeline.collect(at=AT + DAY).batch is None
    # Named once more, it brings no news either.
    assert pipeline.collect([str(world / "inbox" / "모음.zip")], at=AT + DAY).batch is None


@pytest.mark.slow
def test_litter_in_a_zip_is_left_out(world: Path) -> None:
    content = _two(world) | {"__MACOSX/._가온과.xlsx": b"x", "Thumbs.db": b"x"}
    checked = pipeline.dry_run([str(_zip(world / "m.zip", content))], at=AT)
    assert {f.file_name for f in checked.findings} <= {
        "m.zip", "m.zip/가온과.xlsx", "m.zip/둘째/나래과.xlsx"
    }  # fmt: skip
    assert not checked.blocks


def test_a_zip_of_litter_and_other_archives_are_refused_by_their_kind(world: Path) -> None:
    _zip(world / "빈.zip", {"Thumbs.db": b"x"})
    (world / "a.egg").write_bytes(b"EGGA\x00\x01" + bytes(60))
    found = pipeline.dry_run([str(world / "빈.zip"), str(world / "a.egg")], at=AT).findings
    assert [(f.rule_id, f.seen) for f in found] == [
        ("F-45", "보낸 파일이 들어 있지 않은 압축 파일"), ("F-45", "EGG 형식"),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_folder_in_a_zip_says_the_quarter_of_a_card(world: Path) -> None:
    card_file(world / "c.hwpx", pledge_id="2-1", pledge_name="개울 되살리기", department="나래과")
    _zip(world / "카드.zip", {"2021Q3/카드.hwpx": (world / "c.hwpx").read_bytes()})
    pipeline.dry_run([str(world / "카드.zip")], at=AT)
    pipeline.collect([str(world / "카드.zip")], at=AT)
    assert sql("SELECT quarter_id, quarter_basis FROM audit.submission WHERE form_code ="
               " 'pledge_card'") == [("2021Q3", "folder")]  # fmt: skip


def _nested(folder: Path) -> Path:
    inner = _zip(folder / "inner.zip", _two(folder))
    return _zip(folder / "outer.zip", {"안.zip": inner.read_bytes(), **_two(folder)})


@pytest.mark.slow
def test_a_zip_in_a_zip_is_refused_and_costs_no_other(world: Path) -> None:
    facts = pipeline.collect([str(_nested(world))], at=AT)
    assert states()["outer.zip/안.zip"] == "rejected"
    assert facts.accepted == 2


@pytest.mark.slow
@pytest.mark.parametrize("size", [300 * 1024 * 1024, 40 * 1024 * 1024])
def test_a_bomb_is_not_unpacked(world: Path, size: int) -> None:
    path = _zip(world / "bomb.zip", {"a.xlsx": bytes(size)})
    assert is_bundle(path.read_bytes())
    with pytest.raises(DocumentError):
        members(path.read_bytes())
    pipeline.collect([str(path)], at=AT)
    assert states() == {"bomb.zip": "rejected"}


@pytest.mark.slow
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_damaged_on_its_way_costs_no_other(box: Path, method: int) -> None:
    """Bytes lost inside a member's packed data, whose directory is whole."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        packed.writestr("a.txt", bytes(range(256)) * 40)
    copy = bytearray(stream.getvalue())
    copy[40:90] = bytes(range(50, 0, -1))
    (box / "damaged.zip").write_bytes(copy)
    with pytest.raises(DocumentError):
        members(bytes(copy))
    pipeline.collect(at=AT)
    assert states() == {"damaged.zip": "rejected", "good.xlsx": "loaded"}


def test_names_in_a_zip_never_become_paths(world: Path) -> None:
    content = return_workbook(world / "a.xlsx").read_bytes()
    path = _zip(world / "m.zip", {"../../etc/a.xlsx": content, "/b\\..\\c.xlsx": content + b" "})
    assert [one.name for one in members(path.read_bytes())] == ["etc/a.xlsx", "b/c.xlsx"]


def test_a_document_is_no_bundle(world: Path) -> None:
    assert not is_bundle(return_workbook(world / "a.xlsx").read_bytes())
    assert not is_bundle(b"PK\x03\x04 and nothing behind it")


def test_the_limit_of_a_file_is_a_setting(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "file_limit_mb", 0)
    assert "한도 0MB" in pipeline.collect(at=AT).not_taken[0]


# --- what would run ------------------------------------------------------------------------------

_MACRO = b"a macro that would run"


def _with_macro(path: Path) -> None:
    """Write a workbook again as Excel writes one with macros."""
    with zipfile.ZipFile(path) as package:
        parts = {one: package.read(one) for one in package.namelist()}
    plain, macro = b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
    types = (
        parts["[Content_Types].xml"]
        .replace(b"openxmlformats-officedocument." + plain, macro)
        .replace(
            b"</Types>",
            b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
        )
    )
    assert macro in types
    parts |= {"[Content_Types].xml": types, "xl/vbaProject.bin": _MACRO}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)


@pytest.mark.slow
def test_a_workbook_with_macros_is_read_and_answered_without_them(box: Path) -> None:
    """Nothing here runs them: the cells count, the archive keeps the bytes, no answer holds one."""
    sent = return_workbook(
        box / "macro.xlsm", progress=[{"공약번호": "1-2"}, {"공약번호": "1-1", "이행률(%)": 150}]
    )
    _with_macro(sent)
    pipeline.collect(at=AT)
    assert states()["macro.xlsm"] == "loaded"
    ((sha256, answer),) = sql(
        "SELECT sha256, answer_path FROM audit.submission WHERE file_name = 'macro.xlsm'"
    )
    assert archive.get(sha256) == sent.read_bytes()
    with zipfile.ZipFile(settings().home / answer) as package:
        assert not [name for name in package.namelist() if "vba" in name.lower()]
        content = b"".join(map(package.read, package.namelist()))
    assert _MACRO not in content
    values = [
        one
        for sheet in load_workbook(settings().home / answer)
        for row in sheet.values
        for one in row
    ]
    assert any("매크로" in str(one) for one in values)
