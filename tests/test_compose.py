"""docker-compose.yml names only what exists: commands, variables, mounts; and hides its secrets.

No container engine is needed, so none is asked for.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.settings import Settings

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
WITHOUT_HEALTH = {"prepare", "watchdog"}
SECRET = re.compile("PASSWORD|SECRET|KEY|DATABASE_URL|CONN")


def test_the_services_are_those_of_airflow_and_one_server() -> None:
    airflow = {"api-server", "scheduler", "dag-processor", "triggerer"}
    assert set(OURS) == {"prepare", *airflow, "watchdog"}
    assert set(SERVICES) - set(OURS) == {"postgres"}
    assert SERVICES["postgres"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", OURS)
def test_commands_exist(name: str) -> None:
    command = OURS[name]["command"]
    if command[0] == "python":
        assert command[1] == "-m"
        assert importlib.util.find_spec(command[2]) is not None
        source = (ROOT / command[2].replace(".", "/")).with_suffix(".py")
        assert f'"{command[3]}"' in source.read_text(encoding="utf-8")
        return
    assert command[0] == "airflow"


@pytest.mark.parametrize("name", SERVICES)
def test_health_checks_exist(name: str) -> None:
    if name in WITHOUT_HEALTH:
        assert "healthcheck" not in SERVICES[name]
        return
    test = SERVICES[name]["healthcheck"]["test"]
    assert test[0] == "CMD"


@pytest.mark.slow
def test_airflow_understands_every_command() -> None:
    """Each command and health check goes through the parser of the installed Airflow."""
    commands = [service["command"] for service in OURS.values()]
    commands += [service["healthcheck"]["test"][1:] for name, service in SERVICES.items()
                 if name not in WITHOUT_HEALTH]  # fmt: skip
    asked = [command[1:] for command in commands if command[0] == "airflow"]
    assert len(asked) == 6  # the scheduler is started by ours
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


@pytest.mark.parametrize("name", OURS)
def test_variables_are_settings(name: str) -> None:
    ours = {key for key in OURS[name]["environment"] if key.startswith("GONGYAK_")}
    assert {"GONGYAK_HOME", "GONGYAK_DATABASE_URL"} <= ours
    assert {key.removeprefix("GONGYAK_").lower() for key in ours} <= set(Settings.model_fields)


def test_airflow_variables_are_options() -> None:
    """Every AIRFLOW__SECTION__OPTION is an option that the installed Airflow describes."""
    airflow = importlib.util.find_spec("airflow")
    assert airflow is not None
    assert airflow.origin is not None
    described = Path(airflow.origin).parent / "config_templates" / "config.yml"
    sections = yaml.safe_load(described.read_text(encoding="utf-8"))
    for service in OURS.values():
        for key in service["environment"]:
            if key.startswith("AIRFLOW__"):
                _, section, option = key.lower().split("__", 2)
                assert option in sections[section]["options"], key


def test_secrets_have_no_default_and_are_listed() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name, service in SERVICES.items():
        for key, value in service["environment"].items():
            if not SECRET.search(key):
                continue
            assert "${" in value, f"{name}: {key} is written out"
            asked = re.findall(r"\$\{(\w+)(:?[-?])?", value)
            assert all(mark != ":-" for _, mark in asked), f"{name}: {key} has a default"
            assert all(f"# {variable}=\n" in example for variable, _ in asked), key
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert required == set(re.findall(r"^# ((?:POSTGRES|AIRFLOW)_\w+)=", example, re.MULTILINE))


def test_ports_are_open_on_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_mounts_exist() -> None:
    """A mount is a named volume, or the folder where state lives by default."""
    state = f"./{Settings.model_fields['home'].default}"
    for service in SERVICES.values():
        for mount in service["volumes"]:
            source, target = mount.split(":")[:2]
            assert source == state or source in COMPOSE["volumes"], mount
            if source == state:
                assert service["environment"]["GONGYAK_HOME"] == target


def test_image_is_built_from_the_lock_file() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in text
    copied = re.findall(r"^COPY (\S+) ", text, re.MULTILINE)
    assert {"etl", "dags", "sql", "expectations", "requirements.lock"} <= set(copied)
    assert all((ROOT / source).exists() for source in copied)
    assert "\nUSER gongyak" in text
