"""What the forms of Airflow offer: the codes that the warehouse knows, and what people call them.

A DAG file must not ask the database while it is parsed. So what there is to choose lies in a file
of the home, kept up to date by the watch; without it a form takes what is typed.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from etl.desk.rights import APPROVER
from etl.problems import OutageError
from etl.settings import settings
from etl.whole import whole

LISTS = ("governments", "quarters", "departments", "submissions", "waivers", "releases")
RULES = "rules"  # that may be waived
APPROVERS = "approvers"  # users of Airflow's pages, by their number
_MOST_NAMED = 20
Choices = Mapping[str, list[tuple[Any, str]]]


def _file() -> Path:
    return settings().home.resolve() / "choices.json"


def write() -> None:
    """Write what there is to choose now, where it differs from what is written.

    Raises OutageError where the database is away; what was written stays then.
    """
    told = json.dumps(_known(), ensure_ascii=False)
    path = _file()
    if path.exists() and path.read_text(encoding="utf-8") == told:
        return
    with whole(path) as part:
        part.write_text(told, encoding="utf-8")


def _known() -> Choices:
    from etl import pipeline, warehouse

    listed = {
        name: [(row.value, row.label) for row in warehouse.run_alone(f"choices/{name}.sql")]
        for name in LISTS
    }
    waivable = [rule for rule in pipeline.rules() if rule.waivable]
    return listed | {
        RULES: [(rule.id, f"{rule.id} · {rule.title}") for rule in waivable],
        APPROVERS: list(approvers().items()),
    }


def approvers() -> dict[str, str]:
    """Return who may approve now, by their numbers; nobody where Airflow has no users yet."""
    from sqlalchemy.exc import SQLAlchemyError

    from etl import warehouse

    with suppress(SQLAlchemyError, OutageError), warehouse.looking(warehouse.AIRFLOW) as connection:
        if connection is None:
            return {}
        rows = warehouse.run_file(connection, "choices/approvers.sql", role=APPROVER)
        return {row.value: row.label for row in rows}
    return {}


def names(name: str) -> dict[str, str]:
    """Return what people call each entry of a list, by its value as text."""
    with suppress(OSError, ValueError, KeyError):
        return {str(v): label for v, label in json.loads(_file().read_text(encoding="utf-8"))[name]}
    return {}


def all_governments() -> str:
    """Return the codes of the governments, as an alert of a run about all of them names them."""
    codes = sorted(names("governments"))
    more = f" 외 {len(codes) - _MOST_NAMED}곳" if len(codes) > _MOST_NAMED else ""
    return ", ".join(codes[:_MOST_NAMED]) + more


def offered(name: str) -> dict[str, Any]:
    """Return what makes a parameter of Airflow a drop-down of one list; nothing without one."""
    known: list[list[Any]] = []
    with suppress(OSError, ValueError, KeyError):
        known = json.loads(_file().read_text(encoding="utf-8"))[name]
    if not known:
        return {}
    values = [value for value, _ in known]
    # The page calls the choice of none by this word.
    labels = {"None": "(고르지 않음)"} | {str(value): label for value, label in known}
    return {"enum": [None, *values], "values_display": labels}
