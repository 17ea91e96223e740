"""The users and roles of the web pages, in Flask-AppBuilder's tables of Airflow's database.

What Airflow must be loaded for runs in a process of its own, which is told what to do on stdin: a
password stands on no command line and in no list of processes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from etl.desk.rights import NOT_FOR, ON_TOP_OF, OWN_RIGHTS, Right
from etl.problems import SystemFault, UsageError
from etl.settings import settings

ADMIN = "admin"


class Account(NamedTuple):
    """One user of the web pages."""

    name: str
    mail: str
    roles: list[str]


def prepare_accounts(environment: Mapping[str, str], password: str, is_new: bool) -> None:
    """Bring roles and their rights up to date, and make the first user where there is none.

    `is_new`: that password was made just now, so that an earlier one of this user holds no more.
    """
    _ask(environment, "prepare", name=ADMIN, password=password, is_new=is_new)


def add_account(
    environment: Mapping[str, str], name: str, role: str, mail: str | None, password: str
) -> None:
    """Make a user; raises UsageError for a name or mail that another one has."""
    told = {"name": name, "role": role, "mail": mail or f"{name}@localhost", "password": password}
    if problem := _ask(environment, "add", **told):
        raise UsageError.refused(problem, "gongyak user list로 사용자를 확인하십시오.")


def remove_account(environment: Mapping[str, str], name: str) -> None:
    """Remove a user; raises UsageError for one that there is not."""
    if problem := _ask(environment, "remove", name=name):
        raise UsageError.refused(problem, "gongyak user list로 사용자를 확인하십시오.")


def accounts(environment: Mapping[str, str]) -> list[Account]:
    """Return every user, by name."""
    return [Account(*one) for one in _ask(environment, "list")]


def password_path(name: str) -> Path:
    """Return where the generated password of a user lies; the first user's lies elsewhere."""
    return settings().home.resolve() / "airflow" / "passwords" / f"{name}.json"


def keep_password(name: str, password: str) -> Path:
    """Write the password of a user into a file that its owner alone reads; return it."""
    path = password_path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({name: password}, file)
    return path


def _ask(environment: Mapping[str, str], task: str, **told: Any) -> Any:
    """Have another process do a task; return what it answers."""
    log = settings().logs / "accounts.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        done = subprocess.run(
            [sys.executable, "-m", "etl.desk.accounts"],
            input=json.dumps({"task": task, **told}).encode(),
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=file,
            check=False,
        )
    if done.returncode:
        raise SystemFault(
            "웹 화면의 사용자를 다루지 못했습니다.",
            "공약 자료는 그대로입니다.",
            f"{log}의 마지막 줄을 확인하십시오.",
        )
    return json.loads(done.stdout)


# --- in the process of its own ------------------------------------------------------------------


def rights_of(role: str, lists: Any) -> list[Right]:
    """Return every right of a role; `lists` has Airflow's own lists as attributes."""
    standard = [right for name in ON_TOP_OF.get(role, ()) for right in getattr(lists, name)]
    refused = NOT_FOR.get(role, frozenset())
    every: Sequence[Right] = [*dict.fromkeys([*standard, *OWN_RIGHTS[role]])]
    return [right for right in every if right not in refused]


def _prepare(manager: Any, name: str, password: str, is_new: bool) -> None:
    manager.bulk_sync_roles(
        [{"role": role, "perms": rights_of(role, manager)} for role in OWN_RIGHTS]
    )
    known = manager.find_user(username=name)
    if known is None:
        role = manager.find_role("Admin")
        manager.add_user(name, "gongyak", name, f"{name}@localhost", role, password)
    elif is_new:
        manager.reset_password(known.id, password)


def _add(manager: Any, name: str, role: str, mail: str, password: str) -> str:
    if manager.find_user(username=name):
        return f"이미 있는 사용자입니다: {name}."
    if manager.find_user(email=mail):
        return f"다른 사용자의 메일입니다: {mail}."
    manager.bulk_sync_roles([{"role": role, "perms": rights_of(role, manager)}])
    # Real names are not asked for: the page shows the user's name, and the log too.
    manager.add_user(name, name, role, mail, manager.find_role(role), password)
    return ""


def _remove(manager: Any, name: str) -> str:
    known = manager.find_user(username=name)
    if known is None:
        return f"모르는 사용자입니다: {name}."
    known.roles.clear()
    return "" if manager.del_register_user(known) else f"사용자를 지우지 못했습니다: {name}."


def _list(manager: Any) -> list[tuple[str, str, list[str]]]:
    return sorted(
        (user.username, user.email, sorted(role.name for role in user.roles))
        for user in manager.get_all_users()
    )


def main() -> None:
    """Do what stdin asks for; what libraries print goes to the log, the answer alone to stdout."""
    answer = os.dup(1)
    os.dup2(2, 1)
    told = json.load(sys.stdin)
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
    from airflow.utils.providers_configuration_loader import providers_configuration_loaded

    tasks: dict[str, Any] = {"prepare": _prepare, "add": _add, "remove": _remove, "list": _list}

    def done() -> Any:
        with get_application_builder() as builder:
            return tasks[told.pop("task")](builder.sm, **told)

    os.write(answer, json.dumps(providers_configuration_loaded(done)()).encode())


if __name__ == "__main__":
    main()
