"""What an office does with the containers, for `.ci/containers`: returns to send, pages to press.

`office.py register FILE` and `office.py returns COUNT INVITATIONS FOLDER` write what 보령시 sent;
`office.py run ADDRESS PASSWORD_FILE DAG CONF` logs in, runs a DAG to its end and prints its state;
`office.py beat ADDRESS PROCESS` prints when the pages last heard of a process.
"""

import json
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

_SECONDS = 300.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _asked(url: str, token: str | None = None, body: Any = None) -> Any:
    """Ask the pages, with a body by POST; return what they answer."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310
    with _OPENER.open(request, timeout=60) as answer:
        return json.load(answer)


def run(address: str, password_file: str, dag_id: str, conf: str) -> str:
    """Run a DAG and return the state in which it ended, or `too slow`."""
    password = Path(password_file).read_text(encoding="utf-8").strip()
    login = {"username": "admin", "password": password}
    token = _asked(f"{address}/auth/token", body=login)["access_token"]
    runs = f"{address}/api/v2/dags/{dag_id}/dagRuns"
    begun = _asked(runs, token, {"logical_date": None, "conf": json.loads(conf)})
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        with suppress(TimeoutError):  # asked again: a busy machine may take a minute for an answer
            state = str(_asked(f"{runs}/{begun['dag_run_id']}", token)["state"])
            if state in ("success", "failed"):
                return state
        time.sleep(1)
    return "too slow"


def beat(address: str, process: str) -> str:
    told = _asked(f"{address}/api/v2/monitor/health")
    return str(told[process][f"latest_{process}_heartbeat"] or "")


def write_register(file: str) -> str:
    from etl.demo import play

    return str(play.write_register(play.boryeong(), Path(file)))


def write_returns(count: str, invitations: str, folder: str) -> str:
    from etl.demo import play

    forms = {path.name.split("_")[0]: path for path in sorted(Path(invitations).glob("*.xlsx"))}
    sent = play.boryeong().quarters[0].sent[: int(count)]
    for one in sent:
        play.write_sent(one, forms[one.department_code], Path(folder) / one.file_name)
    return f"{len(sent)} returns"


if __name__ == "__main__":
    does = {"register": write_register, "returns": write_returns, "run": run, "beat": beat}
    sys.stdout.write(does[sys.argv[1]](*sys.argv[2:]) + "\n")
