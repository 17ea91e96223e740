"""How long a quarter takes from file to figures, beside the plain way and beside a floor.

    .venv/bin/python -m benchmarks.quarter [N ...]        # default: 250 500 1000

Every N gets a warehouse of its own and N invited returns of one department each: 3 pledges, 9
budget rows of 5 fiscal years × 2 amounts, 9 achievements, about 230 cells. In the same run:

ours    archive, read, check with every rule, load, figures: `etl.pipeline`, stage by stage
plain   a sample of the same files: `pandas.read_excel` (openpyxl), Great Expectations on each
        frame, `to_sql`
floor   `python-calamine` and one COPY of all cells as text, nothing else

Importing Great Expectations is printed apart. Answers to senders come after the figures and are
printed apart too. Times are of one run: compare them with each other, not with another machine's.
"""

import io
import logging
import os
import random
import re
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from etl import pipeline, warehouse
from etl.quarter import SEOUL
from etl.settings import settings
from tests.factories import GOVERNMENT, fill, register_workbook

QUARTER = "2021Q4"
REGISTERED_AT = datetime(2021, 6, 1, 9, 0, tzinfo=SEOUL)
INVITED_AT = datetime(2021, 12, 20, 9, 0, tzinfo=SEOUL)
RECEIVED_AT = datetime(2022, 1, 7, 10, 0, tzinfo=SEOUL)
SOURCES = ("국비", "시비", "구비")
SAMPLE = 40
# Numbers that stand for "secured" and "executed" in the pattern that every return is made from.
_TOKENS = (b"D00000", b"P00000-")
_AMOUNT = re.compile(rb"<v>(7[12])(\d{4})</v>")
Stages = dict[str, float]


@contextmanager
def home() -> Iterator[Path]:
    """Give a warehouse of its own, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        before = settings().home
        _move_to(Path(folder))
        warehouse.migrate()
        try:
            yield Path(folder)
        finally:
            warehouse.engine().dispose()
            warehouse.stop_embedded()
            _move_to(before)


def _move_to(folder: Path) -> None:
    os.environ["GONGYAK_HOME"] = str(folder)
    settings.cache_clear()


def register(path: Path, departments: int, cards: int = 0, **government: str) -> Path:
    """Write a register of so many departments with 3 pledges each; they are numbered from 0.

    The first has so many more, each for a card. `government` says what its row tells that is not
    가람구's, by column.
    """
    codes = [f"D{number:05d}" for number in range(departments)]
    pledges = [
        {
            "공약번호": f"P{code[1:]}-{number}",
            "공약명": f"공약 P{code[1:]}-{number}",
            "분야": f"분야{int(code[1:]) % 7}",
            "주관부서코드": code,
        }
        for code in codes
        for number in (1, 2, 3)
    ]
    of_cards = [
        {"공약번호": f"나눔-{number}", "공약명": "동네 쉼터 열 곳 만들기", "주관부서코드": codes[0]}
        for number in range(cards)
    ]
    return register_workbook(
        path,
        government=government,
        departments=[{"부서코드": code, "부서명": f"부서 {code}"} for code in codes],
        pledges=[*pledges, *of_cards],
        subprojects=[{"공약번호": row["공약번호"], "세부사업": "본사업"} for row in pledges],
    )


@cache
def pattern(year: int) -> bytes:
    """Return the invited return of department D00000, filled in as an officer would that year."""
    with home() as folder:
        pipeline.register(str(register(folder / "register.xlsx", 1)), at=REGISTERED_AT)
        pipeline.invite(QUARTER, GOVERNMENT, at=INVITED_AT)
        invitation = next((folder / "outbox").rglob("*.xlsx"))
        return fill(invitation, folder / "filled.xlsx", dict(_typed(year))).read_bytes()


def _typed(now: int) -> Iterator[tuple[tuple[str, Any, str], Any]]:
    line = 0
    for pledge in ("P00000-1", "P00000-2", "P00000-3"):
        for header, value in (("추진상황", "정상추진"), ("이행률(%)", 65), ("목표달성", "달성")):
            yield ("공약현황", pledge, header), value
        yield ("공약현황", pledge, "추진내용"), f"{pledge} 2단계 공사를 마치고 운영 준비 중"
        for source in SOURCES:
            for year in range(2018, 2023):
                key = ("예산", (pledge, "본사업", source))
                yield (*key, f"{year} 확보액"), 710000 + line
                yield (*key, f"{year} 집행액"), 720000 + line if year <= now else 0
                line += 1
        for month in (10, 11, 12):
            day = datetime(2021, month, 15)  # noqa: DTZ001  a date as Excel keeps it
            yield ("추진실적", (pledge, day), "내용"), f"{month}월 공정 회의와 현장 점검"


def make_returns(
    folder: Path, count: int, quarter: str = QUARTER, government_id: str = GOVERNMENT
) -> list[Path]:
    """Write one return per department: the pattern with its own ids and amounts."""
    members = members_of(quarter, government_id)
    return [
        write_return(folder / f"D{number:05d}.xlsx", members, number, number)
        for number in range(count)
    ]


def members_of(quarter: str = QUARTER, government_id: str = GOVERNMENT) -> dict[str, bytes]:
    """Return the parts of the pattern for a quarter and a government."""
    return {
        name: content.replace(QUARTER.encode(), quarter.encode()).replace(
            GOVERNMENT.encode(), government_id.encode()
        )
        for name, content in _members(pattern(int(quarter[:4]))).items()
    }


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_return(path: Path, members: dict[str, bytes], number: int, seed: int) -> Path:
    """Write the return of a department, its amounts by a seed."""
    chance = random.Random(seed)  # noqa: S311
    secured = [chance.randint(50, 900) for _ in range(45)]
    own = f"{number:05d}".encode()

    def amount(match: re.Match[bytes]) -> bytes:
        value = secured[int(match[2])]
        return b"<v>%d</v>" % (value if match[1] == b"71" else value * 9 // 10)

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            for token in _TOKENS:
                content = content.replace(token, token.replace(b"00000", own))
            archive.writestr(name, _AMOUNT.sub(amount, content))
    return path


def timed(stages: Stages, name: str, work: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    result = work()
    stages[name] = time.perf_counter() - begun
    return result


def ours(files: list[Path]) -> Stages:
    """Run the product's way, stage by stage; return seconds by stage."""
    stages: Stages = {}
    names = [str(path) for path in files]
    batch = timed(
        stages, "receive (archive)", lambda: pipeline.receive(names, RECEIVED_AT).batch_id
    )
    timed(stages, "read (guard, calamine, cells, COPY)", lambda: pipeline.read(batch))
    timed(stages, "check (all rules)", lambda: pipeline.check(batch))
    timed(stages, "load", lambda: pipeline.load(batch, RECEIVED_AT))
    timed(stages, "figures", lambda: pipeline.refresh_batch(batch, RECEIVED_AT))
    return stages


def answers(batch_id: int) -> float:
    """Return the seconds it takes to write every answer of a batch."""
    ids = [i for group in pipeline.department_groups(batch_id) for i in group.members]
    begun = time.perf_counter()
    pipeline.answer(ids)
    return time.perf_counter() - begun


def plain(files: list[Path]) -> Stages:
    """Run the plain way: every sheet a frame, every frame validated, every frame `to_sql`."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    import pandas

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("plain")
    suites, batches = {}, {}
    for sheet, expectations in _plain_rules(gxe).items():
        asset = source.add_dataframe_asset(sheet)
        batches[sheet] = asset.add_batch_definition_whole_dataframe(sheet)
        suites[sheet] = context.suites.add(
            gx.ExpectationSuite(name=sheet, expectations=expectations)
        )
    stages: Stages = dict.fromkeys(("read_excel", "GX on frames", "to_sql"), 0.0)
    engine = warehouse.engine()
    for path in files:
        begun = time.perf_counter()
        raw = pandas.read_excel(path, sheet_name=list(suites), header=None, engine="openpyxl")
        frames = {sheet: _headed(frame) for sheet, frame in raw.items()}
        read = time.perf_counter()
        for sheet, frame in frames.items():
            batch = batches[sheet].get_batch(batch_parameters={"dataframe": frame})
            assert batch.validate(suites[sheet]).success, (path, sheet)
        checked = time.perf_counter()
        for sheet, frame in frames.items():
            frame.assign(file=path.name).to_sql(
                f"plain_{sheet}", engine, if_exists="append", index=False
            )
        stages["read_excel"] += read - begun
        stages["GX on frames"] += checked - read
        stages["to_sql"] += time.perf_counter() - checked
    return stages


def _plain_rules(gxe: Any) -> dict[str, list[Any]]:
    """Return 17 of the questions that our rules ask: those with a ready-made expectation."""
    statuses = ["완료", "이행후계속추진", "정상추진", "일부추진", "시기미도래", "장기추진", "보류"]
    return {
        "공약현황": [
            gxe.ExpectColumnValuesToNotBeNull(column="공약번호"),
            gxe.ExpectColumnValuesToBeUnique(column="공약번호"),
            gxe.ExpectColumnValuesToNotBeNull(column="추진상황"),
            gxe.ExpectColumnValuesToBeInSet(column="추진상황", value_set=statuses),
            gxe.ExpectColumnValuesToBeBetween(column="이행률(%)", min_value=0, max_value=100),
            gxe.ExpectColumnValuesToBeInSet(column="목표달성", value_set=["달성", "미달성"]),
            gxe.ExpectColumnValuesToBeInSet(column="완료시기", value_set=["임기내", "임기후"]),
            gxe.ExpectColumnValuesToBeBetween(column="완료연도", min_value=2018, max_value=2040),
        ],
        "예산": [
            gxe.ExpectColumnValuesToNotBeNull(column="공약번호"),
            gxe.ExpectColumnValuesToNotBeNull(column="세부사업"),
            gxe.ExpectColumnValuesToBeInSet(column="재원", value_set=list(SOURCES)),
            gxe.ExpectCompoundColumnsToBeUnique(column_list=["공약번호", "세부사업", "재원"]),
            gxe.ExpectColumnValuesToBeBetween(column="2021 확보액", min_value=0),
            gxe.ExpectColumnValuesToBeBetween(column="2021 집행액", min_value=0),
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="2021 확보액", column_B="2021 집행액", or_equal=True
            ),
        ],
        "추진실적": [
            gxe.ExpectColumnValuesToNotBeNull(column="공약번호"),
            gxe.ExpectColumnValuesToNotBeNull(column="내용"),
        ],
    }


def _headed(frame: Any) -> Any:
    """Return a frame whose columns are the header row, as one more line of plain code would."""
    row = next(n for n, value in enumerate(frame[0]) if value == "공약번호")
    body = frame.iloc[row + 1 :].dropna(how="all")
    body.columns = list(frame.iloc[row])
    return body.loc[:, body.columns.notna()].infer_objects().convert_dtypes().astype(object)


def floor(files: list[Path]) -> Stages:
    """Read every cell with calamine and COPY it as text: what no checking system can beat.

    Of a card every text.
    """
    from sqlalchemy import text

    stages: Stages = {}

    def cells() -> Iterator[tuple[str, str, int, int, str]]:
        for path in files:
            yield from _texts(path) if path.suffix == ".hwpx" else _cells(path)

    def copy() -> None:
        with warehouse.transaction() as connection:
            connection.execute(
                text("CREATE TABLE public.floor (f text, s text, r int, c int, v text)")
            )
            warehouse.copy_rows(connection, "public.floor", ("f", "s", "r", "c", "v"), cells())

    timed(stages, "calamine + COPY", copy)
    return stages


def _cells(path: Path) -> Iterator[tuple[str, str, int, int, str]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    for sheet in book.sheet_names:
        for row, values in enumerate(book.get_sheet_by_name(sheet).to_python()):
            for column, value in enumerate(values):
                if value != "":
                    yield path.name, sheet, row, column, str(value)


def _texts(path: Path) -> Iterator[tuple[str, str, int, int, str]]:
    part = "Contents/section0.xml"
    with zipfile.ZipFile(path) as package:
        root = ElementTree.fromstring(package.read(part))  # noqa: S314  written here
    for number, told in enumerate(root.itertext()):
        yield path.name, part, number, 0, told


def measure(count: int, with_rivals: bool) -> dict[str, tuple[int, Stages]]:
    """Run one size; return what ran → (files, seconds by stage)."""
    with home() as folder:
        inbox = folder / "made"
        inbox.mkdir()
        files = make_returns(inbox, count)
        pipeline.register(str(register(folder / "register.xlsx", count)), at=REGISTERED_AT)
        runs = {"ours": (count, ours(files))}
        _all_accepted(count)
        runs["answers"] = (count, {"answers to senders": answers(_newest_batch())})
        if with_rivals:
            runs["plain"] = (SAMPLE, plain(files[:SAMPLE]))
            runs["floor"] = (count, floor(files))
        return runs


def _newest_batch() -> int:
    from sqlalchemy import text

    with warehouse.transaction() as connection:
        query = text("SELECT max(batch_id) FROM audit.submission WHERE state = 'loaded'")
        return int(connection.execute(query).scalar_one())


def _all_accepted(count: int) -> None:
    """A run that refused its input would be quick and worth nothing."""
    from sqlalchemy import text

    with warehouse.transaction() as connection:
        reports = connection.execute(text("SELECT count(*) FROM core.pledge_report")).scalar_one()
        amounts = connection.execute(text("SELECT count(*) FROM core.fct_quarterly_budget"))
        rows = amounts.scalar_one()
    assert (reports, rows) == (3 * count, 45 * count), (reports, rows)


def import_expectations() -> float:
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    begun = time.perf_counter()
    import great_expectations  # noqa: F401

    return time.perf_counter() - begun


def per_file(run: tuple[int, Stages]) -> float:
    count, stages = run
    return 1000 * sum(stages.values()) / count


def show(console: Console, runs: dict[str, tuple[int, Stages]]) -> None:
    """Print the stages of one size in ms a file."""
    table = Table(title=f"{runs['ours'][0]} returns, ms a file", title_justify="left")
    table.add_column("way")
    table.add_column("stage")
    table.add_column("ms a file", justify="right")
    for way, (count, stages) in runs.items():
        for stage, seconds in stages.items():
            table.add_row(way, stage, f"{1000 * seconds / count:.2f}")
        if len(stages) > 1:
            table.add_row(way, "[bold]all[/]", f"[bold]{per_file((count, stages)):.2f}[/]")
        table.add_section()
    console.print(table)


def ratios(count: int) -> dict[str, float]:
    """Return what a file costs beside the plain way and beside the floor."""
    warnings.filterwarnings("ignore")
    import_expectations()
    runs = measure(count, with_rivals=True)
    own, rival, least = (per_file(runs[way]) for way in ("ours", "plain", "floor"))
    return {"a file: ours / plain": own / rival, "a file: ours / floor": own / least}


def main(sizes: list[int]) -> None:
    warnings.filterwarnings("ignore")
    console = Console(width=100, highlight=False)
    console.print(f"importing Great Expectations: {import_expectations():.1f} s, once a process")
    every = {size: measure(size, with_rivals=size == max(sizes)) for size in sizes}
    runs = every[max(sizes)]
    show(console, runs)
    own, rival, least = (per_file(runs[way]) for way in ("ours", "plain", "floor"))
    console.print(f"plain / ours  {rival / own:.1f}   (target: 60 or more)")
    console.print(f"ours          {own:.2f} ms a file")
    console.print(f"ours / floor  {own / least:.1f}   (target: 3.5 or less)")
    growth = ", ".join(f"{n}: {per_file(of_size['ours']):.2f}" for n, of_size in every.items())
    console.print(f"growth, ms a file by number of files: {growth}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [250, 500, 1000])
