"""deploy/helm-values.yml names only what exists, holds no secret, and says what compose says.

The chart itself is not part of the project: nothing here needs it, and no cluster is asked for.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.settings import Settings
from tests.test_compose import COMPOSE, OURS, option_sections

ROOT = Path(__file__).parent.parent
VALUES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "helm-values.yml").read_text("utf-8"))
WATCHDOG: dict[str, Any] = VALUES["dagProcessor"]["extraContainers"][0]
KNOWN = {f"GONGYAK_{name.upper()}" for name in Settings.model_fields}
SECRET = re.compile("DATABASE_URL|PASSWORD|SECRET|KEY|CONN_")


def environment() -> dict[str, str]:
    return {one["name"]: one["value"] for one in VALUES["env"]}


def test_settings_are_ours() -> None:
    named = {*environment(), *(one["envName"] for one in VALUES["secret"])}
    ours = {name for name in named if name.startswith("GONGYAK_")}
    assert ours <= KNOWN
    assert {name for name in named - ours if not name.startswith("AIRFLOW_CONN_")} == set()
    assert environment()["GONGYAK_HOME"] == OURS["worker"]["environment"]["GONGYAK_HOME"]


def test_what_lies_in_a_home_by_default_has_an_address() -> None:
    """No two containers share a folder."""
    for name in ("INBOX_URL", "ARCHIVE_URL", "COMMON_URL", "BACKUP_URL"):
        assert environment()[f"GONGYAK_{name}"].startswith("s3://bucketeer@")
    assert all("emptyDir" in one for one in VALUES["volumes"])


def test_no_value_is_a_secret() -> None:
    """Where one is needed, the name of a Secret stands."""
    told = [VALUES["env"], [one for one in WATCHDOG["env"] if "value" in one]]
    assert not [one["name"] for some in told for one in some if SECRET.search(one["name"])]
    given = ("fernetKey", "apiSecretKey", "jwtSecret", "webserverSecretKey", "extraSecrets")
    assert not [name for name in given if name in VALUES]
    assert {"metadataConnection", "brokerUrl"}.isdisjoint(VALUES["data"])
    named = (VALUES["fernetKeySecretName"], VALUES["apiSecretKeySecretName"],
             VALUES["jwtSecretName"], VALUES["redis"]["passwordSecretName"],
             *VALUES["data"].values(), *(one["secretName"] for one in VALUES["secret"]))  # fmt: skip
    assert all(re.fullmatch(r"gongyak(-[a-z]+)?", name) for name in named)


def test_the_watchdog_is_told_what_all_are_told() -> None:
    """A container beside another gets nothing from the chart."""
    told = {one["name"]: one["value"] for one in WATCHDOG["env"] if "value" in one}
    assert told.pop("AIRFLOW__API__BASE_URL") == VALUES["config"]["api"]["base_url"]
    assert told == environment()
    secrets = {
        one["name"]: one["valueFrom"]["secretKeyRef"]
        for one in WATCHDOG["env"]
        if "valueFrom" in one
    }
    assert secrets == {
        one["envName"]: {"name": one["secretName"], "key": one["secretKey"]}
        for one in VALUES["secret"]
    }
    image = VALUES["images"]["airflow"]
    assert WATCHDOG["image"] == f"{image['repository']}:{image['tag']}"
    assert WATCHDOG["volumeMounts"] == VALUES["volumeMounts"]
    assert WATCHDOG["args"] == OURS["watchdog"]["command"]


def test_the_image_and_the_commands_are_those_of_compose() -> None:
    repository, tag = OURS["worker"]["image"].split(":")
    assert VALUES["images"]["airflow"]["repository"].endswith(f"/{repository}")
    assert VALUES["images"]["airflow"]["tag"] == tag
    assert VALUES["workers"]["args"] == OURS["worker"]["command"]
    assert VALUES["migrateDatabaseJob"]["args"][2].endswith("exec python -m etl.service prepare")
    lock = (ROOT / "requirements-cluster.lock").read_text(encoding="utf-8")
    assert f"\napache-airflow=={VALUES['airflowVersion']} " in lock
    assert "\napache-airflow-providers-celery==" in lock


def test_containers_are_closed_in_as_those_of_compose() -> None:
    closed = VALUES["securityContexts"]["containers"]
    assert closed == WATCHDOG["securityContext"]
    assert closed["readOnlyRootFilesystem"] is True
    assert closed["allowPrivilegeEscalation"] is False
    assert closed["capabilities"] == {"drop": ["ALL"]}
    assert VALUES["securityContexts"]["pod"]["runAsNonRoot"] is True
    assert {VALUES["uid"], VALUES["gid"]} == {1000}
    parts = ("apiServer", "scheduler", "triggerer", "workers", "dagProcessor")
    assert all(VALUES[part]["resources"]["limits"]["memory"] for part in parts)


@pytest.mark.parametrize("section", sorted(VALUES["config"]))
def test_options_are_those_of_airflow_and_say_what_compose_says(section: str) -> None:
    told = OURS["worker"]["environment"]
    for option, value in VALUES["config"][section].items():
        assert option in option_sections()[section]["options"], f"{section}.{option}"
        said = told.get(f"AIRFLOW__{section.upper()}__{option.upper()}")
        if said is not None and "$" not in said:
            assert value == said, f"{section}.{option}"


def test_there_is_room_for_as_many_tasks_as_workers_take() -> None:
    """A task that waits in a queue for long is taken for lost."""
    config = VALUES["config"]
    at_once = VALUES["workers"]["replicas"] * int(config["celery"]["worker_concurrency"])
    assert int(config["core"]["parallelism"]) == at_once
    assert VALUES["executor"] == "CeleryExecutor"
    assert COMPOSE["services"]["redis"]["profiles"] == ["cluster"]
