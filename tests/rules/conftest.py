"""Every case's workbooks in one batch, as a quarter's files come: written, staged, checked once."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest

from etl import pipeline
from tests.conftest import fresh_home
from tests.factories import register_workbook, return_workbook
from tests.rules import (
    attachment_cases,
    budget_cases,
    card_cases,
    cross_table_cases,
    form_gate_cases,
    history_cases,
    narrative_cases,
    progress_cases,
    register_cases,
    subproject_cases,
)
from tests.rules.cases import (
    ACCEPTED,
    CHANGES,
    EARLIER,
    EARLIER_LINES,
    EARLIER_MONEY,
    IN_TIME,
    LINE,
    PLEDGES,
    Case,
    money,
)


@pytest.fixture
def judge() -> None:
    """Great Expectations itself."""


SUITES = (
    form_gate_cases,
    progress_cases,
    budget_cases,
    cross_table_cases,
    history_cases,
    narrative_cases,
    attachment_cases,
    subproject_cases,
    register_cases,
    card_cases,
)
ALL_CASES: list[Case] = [case for suite in SUITES for case in suite.CASES]

# A day after what is in force already.
CHECKED = IN_TIME + timedelta(days=1)


def write_all(folder: Path) -> list[str]:
    """Write the workbooks of every case: `<case>-fail.xlsx` and `<case>-pass.xlsx`."""
    files = []
    for case in ALL_CASES:
        for kind, arguments in (("fail", case.fails), ("pass", case.passes)):
            path = case.write(folder / f"{case}-{kind}.xlsx", **arguments)
            edit = case.edit if kind == "fail" else case.edit_passing
            if edit:
                edit(path)
            # The same bytes are one file: a mark that no reader sees keeps every case its own.
            if is_zipfile(path) and case.write is not card_cases.second_card:
                _mark(path, f"{case} {kind}")
            files.append(str(path))
    return files


def _mark(path: Path, text: str) -> None:
    with ZipFile(path, "a") as package:
        package.comment = text.encode()


def load_history(folder: Path) -> None:
    """Load the register, the quarter before and what is in force for the present one."""
    register = register_workbook(folder / "register.xlsx", pledges=PLEDGES, changes=CHANGES)
    pipeline.register(str(register), at=EARLIER)
    earlier = return_workbook(folder / "earlier.xlsx", quarter="2021Q3", **money(LINE))
    history = return_workbook(
        folder / "history.xlsx", quarter="2021Q3", department="D03",
        progress=EARLIER_LINES, budget=EARLIER_MONEY,
        subprojects=subproject_cases.EARLIER_SUBPROJECTS,
    )  # fmt: skip
    assert pipeline.collect([str(earlier), str(history)], at=EARLIER).accepted == 11
    present = return_workbook(folder / "present.xlsx", department="D03", **ACCEPTED)
    assert pipeline.collect([str(present)], at=IN_TIME).accepted == 1


@pytest.fixture(scope="module")
def findings(server: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Findings of every case's workbook, by file name; all of one batch."""
    folder = tmp_path_factory.mktemp("rules")
    with fresh_home(server, folder / "home"):
        load_history(folder)
        batch_id = pipeline.receive(write_all(folder / "cases"), CHECKED, "check").batch_id
        assert batch_id is not None
        pipeline.read(batch_id)
        pipeline.check(batch_id, CHECKED)
        groups = pipeline.department_groups(batch_id)
        ids = [number for group in groups for number in group.members]
        by_file: dict[str, Any] = {}
        for finding in pipeline.findings_of(ids):
            by_file.setdefault(finding.file_name, []).append(finding)
    return by_file
