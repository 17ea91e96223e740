"""A rule that is broken on purpose must be noticed by its own cases: all rules, every mutant.

The cases' workbooks are written, read and staged once; each mutant then runs on the rows of its
rule's own cases, in this process. It survives when every case still comes out as it should.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from etl import archive, collect, inbox, pipeline
from etl.check import Rule, rule_version, rules
from etl.check.relations import checked_relations, look_at
from etl.check.validation import CheckRecord, validate
from etl.quarter import SEOUL
from etl.warehouse import transaction
from tests.conftest import fresh_home
from tests.factories import return_workbook
from tests.rules.conftest import ALL_CASES, CHECKED, load_history, write_all
from tests.rules.mutants import Mutant, mutants
from tests.shots import jpeg

pytestmark = pytest.mark.slow

# Rules about the moment of receipt: (rule, when it fires, when it does not), to the minute. The
# forms are of 2021Q4 and D01; that of F-47 lies in the folder of the next quarter.
MOMENTS = (
    (
        "F-17",
        datetime(2022, 1, 18, 0, 0, tzinfo=SEOUL),
        datetime(2022, 1, 17, 23, 59, tzinfo=SEOUL),
    ),
    (
        "F-18",
        datetime(2021, 12, 19, 23, 59, tzinfo=SEOUL),
        datetime(2021, 12, 20, 0, 0, tzinfo=SEOUL),
    ),
    (
        "F-47",
        datetime(2022, 1, 18, 0, 0, tzinfo=SEOUL),
        datetime(2022, 1, 17, 23, 59, tzinfo=SEOUL),
    ),
)
# Rules about the place: (rule, the folder where it fires, that where it does not).
PLACES = (("F-51", "2021Q4/D02", "2021Q4/D01"),)
# Rules about pictures and returns together: the lines of 첨부 by return, and the pictures beside them.
NAMING: dict[str, dict[str, str | None]] = {
    "A-01-fail.xlsx": {"파일": "없음.jpg"},
    "A-01-pass.xlsx": {"파일": "A-04-pass.jpg"},
    "A-01-pass-words.xlsx": {"파일": "없음.jpg", "설명": None},
    "A-01-pass-name.xlsx": {"파일": None},
}
PICTURES = ("A-04-fail.jpg", "A-04-pass.jpg")
# Mutants that no workbook can tell from the rule, each with the reason.
EQUIVALENT: dict[str, str] = {}


@dataclass(frozen=True)
class Expected:
    """What a rule must say of one file: nothing, or one finding, at a cell where one is named."""

    submission_id: int
    fires: bool
    cell: str | None


Plan = dict[str, list[Expected]]


@pytest.fixture(scope="module")
def plan(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plan]:
    """Stage every case and build the relations; yield what each rule must say of its own files."""
    folder = tmp_path_factory.mktemp("mutations")
    with fresh_home(server, folder / "home"):
        load_history(folder)
        files = [(path, CHECKED) for path in write_all(folder / "cases")]
        for rule_id, late, early in MOMENTS:
            for kind, moment in (("fail", late), ("pass", early)):
                place = folder / "cases" / ("2022Q1" if rule_id == "F-47" else "")
                path = return_workbook(place / f"{rule_id}-{kind}.xlsx")
                files.append((str(path), moment))
        for rule_id, wrong, right in PLACES:
            for kind, place in (("fail", wrong), ("pass", right)):
                path = return_workbook(folder / "cases" / place / f"{rule_id}-{kind}.xlsx")
                files.append((str(path), CHECKED))
        files += _with_pictures(folder / "pictures")
        batch_id, ids = stage(files, "check")
        with checked_relations(batch_id, ["quarterly_return", "register", "attachment"]):
            yield _expected(ids)


def _with_pictures(folder: Path) -> list[tuple[str, datetime]]:
    folder.mkdir()
    for name, line in NAMING.items():
        return_workbook(folder / name, attachments=[line])
    for number, name in enumerate(PICTURES):
        (folder / name).write_bytes(jpeg(color=("red", "green")[number]))
    return [(str(folder / name), CHECKED) for name in (*NAMING, *PICTURES)]


def stage(files: list[tuple[str, datetime]], purpose: str) -> tuple[int, dict[str, int]]:
    """Receive and read files, each at its moment; return the batch, and file name → submission."""
    ids: dict[str, int] = {}
    with transaction() as connection:
        batch_id = collect.open_batch(connection, purpose, rule_version(), CHECKED)
        for path, moment in files:
            (arrival,) = inbox.named_arrivals([path])
            content = inbox.content_of(arrival)
            kept = collect.Kept(arrival, archive.put(content), len(content))
            (receipt,) = collect.register_receipts(connection, batch_id, [kept], moment)
            ids[receipt.file_name] = receipt.submission_id
    pipeline.read(batch_id)
    return batch_id, ids


def _expected(ids: dict[str, int]) -> Plan:
    found: Plan = {}
    for case in ALL_CASES:
        found.setdefault(case.rule_id, []).extend(
            (Expected(ids[f"{case}-fail.xlsx"], True, case.cell),
             Expected(ids[f"{case}-pass.xlsx"], False, None))
        )  # fmt: skip
    for rule_id, *_ in (*MOMENTS, *PLACES):
        found[rule_id] = [Expected(ids[f"{rule_id}-fail.xlsx"], True, None),
                          Expected(ids[f"{rule_id}-pass.xlsx"], False, None)]  # fmt: skip
    for name in (*NAMING, *PICTURES):
        fires = "fail" in name
        cell = "B3" if fires and name in NAMING else None
        found.setdefault(name[:4], []).append(Expected(ids[name], fires, cell))
    return found


_FOUND = """
SELECT offender.submission_id,
    core.cell_locator(sheet.columns, offender._column, offender.field, offender._row) AS cell
FROM ({offenders}) AS offender
LEFT JOIN audit.submission_table AS sheet
    ON offender.submission_id = sheet.submission_id AND offender._table = sheet.table_no
WHERE offender.submission_id = ANY(ARRAY[{ids}])
"""


def schema() -> str:
    """The schema of the relations that are built, of the only batch that is checked."""
    with transaction() as connection:
        query = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'checking_')"
        return str(connection.exec_driver_sql(query).scalar_one())


@contextmanager
def relations() -> Iterator[Connection]:
    """A transaction that finds the relations by their names."""
    built = schema()
    with transaction() as connection:
        look_at(connection, built)
        yield connection


def says(rule: Rule, ids: list[int]) -> dict[int, list[str | None]]:
    """Run a rule on its relation: the cells it names, by file, among the files asked for."""
    broken = not rule.expectation or validate([rule], schema(), CheckRecord())
    offenders = [rule.own_query] if broken else []
    named: dict[int, list[str | None]] = {}
    with relations() as connection:
        for query in offenders:
            asked = _FOUND.format(offenders=query, ids=", ".join(map(str, ids)))
            for row in connection.exec_driver_sql(asked.replace("%", "%%")):
                named.setdefault(row.submission_id, []).append(row.cell)
    return named


def keeps(rule: Rule, expected: list[Expected]) -> bool:
    """Tell whether every case comes out as it should."""
    named = says(rule, [one.submission_id for one in expected])
    return all(_as_it_should(named.get(one.submission_id, []), one) for one in expected)


def _as_it_should(cells: list[str | None], expected: Expected) -> bool:
    if not expected.fires:
        return not cells
    return cells == [expected.cell]


def survivors(rule: Rule, expected: list[Expected]) -> list[str]:
    return [str(mutant) for mutant in mutants(rule) if _survives(mutant, expected)]


def _survives(mutant: Mutant, expected: list[Expected]) -> bool:
    try:
        return keeps(mutant.rule, expected)
    except Exception:  # a mutant that is no SQL any more was noticed, too
        return False


# Rules about where, when and beside whom a file comes have worlds of their own.
ELSEWHERE = {"F-23", "D-01", "D-02", "R-46"}
STAGED = [rule for rule in rules() if rule.id not in ELSEWHERE and rule.table != "government"]


@pytest.mark.parametrize("rule", STAGED, ids=lambda rule: rule.id)
def test_no_mutant_of_a_rule_survives_its_cases(rule: Rule, plan: Plan) -> None:
    expected = plan[rule.id]
    assert keeps(rule, expected)
    assert [s for s in survivors(rule, expected) if s not in EQUIVALENT] == []


def test_a_weak_case_lets_mutants_live(plan: Plan) -> None:
    """The test itself can fail: without its case at the bound, P-09 may be shifted unnoticed."""
    rule = next(rule for rule in rules() if rule.id == "P-09")
    fires = [one for one in plan["P-09"] if one.fires]
    assert any("100" in survivor for survivor in survivors(rule, fires))
    assert survivors(rule, plan["P-09"]) == []


def test_equivalent_mutants_are_mutants() -> None:
    every = {str(mutant) for rule in STAGED for mutant in mutants(rule)}
    assert set(EQUIVALENT) <= every
