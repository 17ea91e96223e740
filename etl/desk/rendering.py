"""Templates of the pages; they show what they are given, escaped."""

import secrets
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from etl import pipeline
from etl.desk import views
from etl.desk.gate import PREFIX
from etl.logs import log
from etl.problems import FileFault
from etl.quarter import SEOUL

_TITLES = {
    401: "로그인이 필요합니다",
    403: "권한이 없습니다",
    404: "찾을 수 없습니다",
    405: "이 주소는 열 수 없습니다",
    411: "파일의 크기를 알 수 없습니다",
    413: "파일이 너무 큽니다",
    503: "지금은 할 수 없습니다",
}
_SENTENCES = {
    401: "로그인하지 않았거나 로그인이 끝났습니다. 다시 로그인하십시오.",
    403: "이 화면을 볼 권한이 없습니다. 총괄부서에 문의하십시오.",
    404: "찾으시는 것이 없습니다. 주소를 확인하거나 처음으로 가십시오.",
    405: "이 주소는 단추로만 씁니다. 처음으로 가서 다시 하십시오.",
    411: "보내는 파일의 크기를 알리지 않아 받지 않았습니다. 브라우저에서 올려 주십시오.",
}


@cache
def templates() -> Environment:
    """Return the templates; a name that a page lacks is an error, and every text is escaped."""
    made = Environment(
        loader=PackageLoader("etl.desk"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals.update(
        states=views.STATES, file_states=views.FILE_STATES, levels=views.LEVELS,
        most_findings=views.MOST_FINDINGS,
    )  # fmt: skip
    made.filters["moment"] = _moment
    return made


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SEOUL):%Y-%m-%d %H:%M}"


def page(request: Request, template: str, status: int = 200, /, **shown: Any) -> HTMLResponse:
    """Return a page. `root` is the way to our own addresses, `airflow` to Airflow's, or None.

    In Airflow's frame its own pages cannot be opened, neither in the frame nor beside it.
    """
    root = request.scope.get("root_path", "")
    is_framed = request.headers.get("sec-fetch-dest") == "iframe"
    airflow = None if is_framed else root.removesuffix(PREFIX)
    html = templates().get_template(template).render(root=root, airflow=airflow, **shown)
    return HTMLResponse(html, status)


def error_page(request: Request, status: int, told: str | None = None) -> HTMLResponse:
    """Return the page of an error: one sentence in Korean."""
    title = _TITLES.get(status, "할 수 없는 일입니다")
    sentence = told or _SENTENCES.get(status) or HTTPStatus(status).phrase
    return _told(request, status, title, sentence)


def fault_page(request: Request, error: Exception) -> HTMLResponse:
    """Return the page of a fault of ours: a number that stands in the log with what happened."""
    number, fault = secrets.token_hex(4), FileFault.of("page", error)
    log.error(
        "제출 현황 | 오류 %s: %s (%s)\n%s", number, fault.error_type, fault.place, fault.trace
    )
    sentence = (
        f"프로그램의 문제로 하지 못했습니다. 운영자에게 번호 {number}을 알려 주십시오."
        " 이미 접수한 것은 그대로입니다."
    )
    return _told(request, 500, "문제가 생겼습니다", sentence)


def _told(request: Request, status: int, title: str, sentence: str) -> HTMLResponse:
    shown = {"status": status, "title": title, "sentence": sentence}
    return page(request, "error.html.j2", status, **shown)


def levels_of(findings: list[pipeline.AnswerFinding]) -> dict[str, int]:
    """Count findings by the name that their senders read."""
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.shown_level.name] = counts.get(one.shown_level.name, 0) + 1
    return counts
