"""Whether the page answers: a plugin that cannot be loaded leaves everything else healthy."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from etl.desk.gate import PREFIX

_SECONDS = 30


def page_fault(port: int, user: str, password: str) -> str | None:
    """Return in one line why our page does not answer on a port; None where it does.

    Airflow answers an address that no plugin has with 200 and its own page: the kind of what
    comes back tells them apart.
    """
    address = f"http://127.0.0.1:{port}{PREFIX}/icon.svg"
    try:
        with urlopen(address, timeout=_SECONDS) as answer:
            kind = answer.headers.get_content_type()
        broken = _import_errors(port, user, password)
    except (OSError, ValueError) as error:
        return f"{error}. logs/airflow_api-server.log의 마지막 줄을 확인하십시오."
    if broken:
        return f"{broken}. 고친 뒤 gongyak down과 gongyak up을 다시 실행하십시오."
    if kind != "image/svg+xml":
        return "Airflow가 플러그인을 찾지 못했습니다. AIRFLOW__CORE__PLUGINS_FOLDER를 확인하십시오."
    return None


def _import_errors(port: int, user: str, password: str) -> str:
    """Return what Airflow says of plugins it could not load; nothing where it may not be asked.

    The first user may have another password by now, and Airflow says it to those who log in only.
    """
    asked = json.dumps({"username": user, "password": password}).encode()
    try:
        token = _json(port, "/auth/token", {"content-type": "application/json"}, asked)
        bearer = {"authorization": f"Bearer {token['access_token']}"}
        told = _json(port, "/api/v2/plugins/importErrors", bearer)
    except HTTPError as error:
        if error.code in (400, 401, 403):
            return ""
        raise
    return "; ".join(f"{one['source']}: {one['error']}" for one in told["import_errors"])


def _json(port: int, path: str, headers: dict[str, str], body: bytes | None = None) -> Any:
    request = Request(f"http://127.0.0.1:{port}{path}", body, headers)
    with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - the address stands above
        return json.load(answer)
