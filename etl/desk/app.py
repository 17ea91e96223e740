"""The pages and what they answer to: `def` endpoints, which run beside each other in threads."""

from collections.abc import AsyncIterator, Callable
from mimetypes import guess_type
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException as StarletteError

from etl import pipeline
from etl.common import content, is_there
from etl.desk import views, waiting, work
from etl.desk.gate import Application, Message, Receive, Send
from etl.desk.guard import is_own_form, limited
from etl.desk.rendering import error_page, fault_page, levels_of, page
from etl.desk.visitors import (
    NOT_YOURS,
    UNKNOWN,
    DepartmentCode,
    GovernmentId,
    Guest,
    Number,
    OfDepartment,
    QuarterId,
    Sender,
    Token,
    identity,
    require_known,
    require_own,
    sender,
)
from etl.problems import GongyakError, OutageError, UsageError
from etl.settings import settings

_TEMPLATES = Path(__file__).parent / "templates"
# A page that others made runs nothing and reaches nothing, whatever stands in it.
_FOREIGN_PAGE = {
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
}
_OTHER_ORIGIN = "다른 화면에서 보낸 것이라 받지 않았습니다. 주소창에 {} 를 열어 다시 올려 주십시오."

router = APIRouter(default_response_class=HTMLResponse)


def create_app(who: Callable[..., Any], base_url: str) -> Application:
    """Return the pages. `who` is the dependency that tells an Identity, or raises 401.

    `base_url` is the address at which Airflow is opened: forms of any other origin are refused.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.base_url = base_url
    app.dependency_overrides[identity] = who
    app.include_router(router)
    app.add_exception_handler(StarletteError, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(GongyakError, _told)
    # Starlette would answer first and then raise the same to Airflow, which logs it again.
    app.add_middleware(_Faults)
    return limited(app, settings().file_limit_mb, _turned_away)


class _Faults:
    """Answers a fault of ours with its page, inside everything that is ours."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            await fault_page(Request(scope), error)(scope, receive, send)


def _turned_away(status: int) -> Application:
    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        told = f"한 번에 올릴 수 있는 크기는 {settings().file_limit_mb}MB입니다. 나누어 올리십시오."
        response = error_page(Request(scope), status, told if status == 413 else None)
        response.headers["connection"] = "close"
        await response(scope, receive, send)

    return answer


async def _refused(request: Request, error: Any) -> Response:
    is_ours = any("가" <= letter <= "힣" for letter in str(error.detail))
    return error_page(request, error.status_code, error.detail if is_ours else None)


async def _not_understood(request: Request, _error: Any) -> Response:
    return error_page(request, 404)


async def _told(request: Request, error: Any) -> Response:
    if isinstance(error, UsageError | OutageError):
        return error_page(request, 400 if isinstance(error, UsageError) else 503, str(error))
    return fault_page(request, error)


# --- what is asked for --------------------------------------------------------------------------


@router.get("/")
def start(
    request: Request, guest: Guest, government: str | None = None, quarter: str | None = None
) -> Response:
    """The quarter of a government: every department that the visitor may see."""
    waiting.sweep()
    governments = views.visible_governments(guest)
    if not governments:
        return page(request, "nothing.html.j2", guest=guest)
    chosen = government or governments[0].government_id
    if chosen not in {one.government_id for one in governments}:
        raise HTTPException(403, NOT_YOURS)
    quarters = pipeline.shown_quarters(chosen)
    if quarter and quarter not in quarters:
        raise HTTPException(404, UNKNOWN)
    found = views.overview(guest, chosen, quarter or quarters[0]) if quarters else None
    return page(
        request, "start.html.j2", guest=guest, governments=governments, chosen=chosen,
        quarters=quarters, found=found,
    )  # fmt: skip


@router.get("/departments/{government_id}/{department_code}")
def department(
    request: Request,
    guest: OfDepartment,
    government_id: GovernmentId,
    department_code: DepartmentCode,
    quarter: str | None = None,
) -> Response:
    """A department: how it stands, what it sent, and where it sends files in."""
    if guest.may_send:
        work.get_ready()  # while its file is chosen
    quarters = pipeline.shown_quarters(government_id)
    if quarter and quarter not in quarters:
        raise HTTPException(404, UNKNOWN)
    chosen = quarter or (quarters[0] if quarters else None)
    files = pipeline.files_of_department(government_id, department_code)
    newest = next((one for one in files if one.quarter_id == chosen), None)
    return page(
        request, "department.html.j2", guest=guest, government_id=government_id,
        department_code=department_code, quarters=quarters, chosen=chosen,
        name=pipeline.department_name(government_id, department_code),
        standing=views.standing(government_id, chosen, department_code) if chosen else None,
        files=files, newest=newest, has_answer=pipeline.answer_file,
        findings=pipeline.sender_findings([newest.submission_id]) if newest else [],
        limit_mb=settings().file_limit_mb,
    )  # fmt: skip


# --- files out ----------------------------------------------------------------------------------


@router.get("/answers/{submission_id}")
def answer(guest: Guest, submission_id: Number) -> Response:
    """The answer to a received file: for its department, and for who sent it."""
    found = pipeline.sent_files([submission_id])
    file = found[0] if found else None
    whose = (file.government_id, file.department_code) if file else (None, None)
    if not guest.sees(*whose) and not pipeline.is_uploaded_by(submission_id, guest.name):
        raise HTTPException(403, NOT_YOURS)
    return _download(pipeline.answer_file(file.answer_path) if file else None)


@router.get("/invitations/{government_id}/{quarter_id}/{department_code}")
def invitation(
    _guest: OfDepartment,
    government_id: GovernmentId,
    quarter_id: QuarterId,
    department_code: DepartmentCode,
) -> Response:
    """The pre-filled return of a department."""
    require_known(government_id, department_code, quarter_id)
    return _download(pipeline.invitation_file(government_id, quarter_id, department_code))


@router.get("/runs/{batch_id}")
def run(guest: Guest, batch_id: Number) -> Response:
    """Great Expectations' page of a run, which holds files of every department."""
    if not guest.sees_all:
        raise HTTPException(403, NOT_YOURS)
    path = pipeline.data_docs_file(batch_id)
    if path is None:
        raise HTTPException(404, UNKNOWN)
    return Response(content(path), media_type="text/html", headers=_FOREIGN_PAGE)


@router.get("/releases/{government_id}/{quarter_id}/{revision}")
def release(
    request: Request,
    guest: Guest,
    government_id: GovernmentId,
    quarter_id: QuarterId,
    revision: Number,
) -> Response:
    """The files of a release, which are published: for everybody of that government."""
    files = _released(guest, government_id, quarter_id, revision)
    folder = settings().published / government_id / quarter_id / f"r{revision}"
    return page(
        request, "release.html.j2", guest=guest, government_id=government_id,
        quarter_id=quarter_id, revision=revision,
        names=[str(path.relative_to(folder)) for path in files],
    )  # fmt: skip


@router.get("/releases/{government_id}/{quarter_id}/{revision}/{number}")
def released_file(
    guest: Guest,
    government_id: GovernmentId,
    quarter_id: QuarterId,
    revision: Number,
    number: Number,
) -> Response:
    """One file of a release, by its place in the list."""
    files = _released(guest, government_id, quarter_id, revision)
    return _download(files[number - 1] if number <= len(files) else None)


def _released(guest: Guest, government_id: str, quarter_id: str, revision: int) -> list[Path]:
    if not guest.sees_all and government_id not in guest.governments():
        raise HTTPException(403, NOT_YOURS)
    require_known(government_id, None, quarter_id)
    if revision not in {one.revision for one in pipeline.revisions(government_id, quarter_id)}:
        raise HTTPException(404, UNKNOWN)
    return pipeline.released_files(government_id, quarter_id, revision)


def _download(path: Path | None) -> Response:
    """Return a file that the warehouse named, as a download under its own name."""
    if path is None or not is_there(path):
        raise HTTPException(404, UNKNOWN)
    kind, _ = guess_type(path.name)
    told = {"content-disposition": f"attachment; filename*=utf-8''{quote(path.name)}"}
    return Response(content(path), media_type=kind or "application/octet-stream", headers=told)


# --- files in -----------------------------------------------------------------------------------


def own_form(request: Request) -> None:
    """Refuse a form that a page of another origin sent."""
    told = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    base_url = request.app.state.base_url
    if not is_own_form(*told, base_url):
        raise HTTPException(403, _OTHER_ORIGIN.format(base_url))


def destination(
    guest: Sender,
    _form: Annotated[None, Depends(own_form)],
    government_id: GovernmentId,
    department_code: DepartmentCode,
    quarter_id: QuarterId,
) -> Guest:
    """Return who uploads for a department of theirs; everything that can refuse it comes first."""
    require_own(guest, government_id, department_code)
    require_known(government_id, department_code, quarter_id)
    return guest


async def uploaded(
    request: Request, guest: Annotated[Guest, Depends(destination)]
) -> AsyncIterator[tuple[Guest, UploadFile]]:
    """Yield who uploads and the file of the form; the body is read once all else is known."""
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise HTTPException(400, "파일을 고르지 않았습니다. 파일을 고른 뒤 다시 누르십시오.")
        yield guest, file


@router.post("/departments/{government_id}/{department_code}/{quarter_id}/files")
def upload(
    request: Request,
    sent: Annotated[tuple[Guest, UploadFile], Depends(uploaded)],
    government_id: GovernmentId,
    department_code: DepartmentCode,
    quarter_id: QuarterId,
) -> Response:
    """Keep a file aside and check it; nothing is received."""
    guest, file = sent
    waiting.sweep()
    department = government_id, department_code
    kept = waiting.keep(file.file, file.filename, guest.name, department, quarter_id)
    try:
        work.carry_out("check", kept.token)
    except BaseException:
        waiting.discard(kept.token)
        raise
    return _see(request, f"/checks/{kept.token}")


def _see(request: Request, place: str) -> Response:
    """Lead to a page that can be loaded again: Airflow's address bar follows the frame."""
    return RedirectResponse(f"{request.scope['root_path']}{place}", 303)


def _waiting(guest: Guest, token: str) -> waiting.Waiting:
    kept = waiting.waiting_file(token)
    if kept is None or kept.user_name != guest.name:
        raise HTTPException(404, "이 파일은 이미 접수했거나 하루가 지나 지웠습니다.")
    require_own(guest, kept.government_id, kept.department_code)
    return kept


@router.get("/checks/{token}")
def check(request: Request, guest: Sender, token: Token) -> Response:
    """What the check of an uploaded file found."""
    kept = _waiting(guest, token)
    found = views.checked(guest, kept)
    return page(
        request, "check.html.j2", guest=guest, found=found, kept=kept,
        name=pipeline.department_name(kept.government_id, kept.department_code),
        counts=levels_of(found.findings),
    )  # fmt: skip


@router.get("/checks/{token}/answers/{number}")
def marked(guest: Sender, token: Token, number: Number) -> Response:
    """A marked workbook of a check, by its place in the list."""
    answers = views.checked(guest, _waiting(guest, token)).answers
    return _download(answers[number - 1] if number <= len(answers) else None)


@router.post("/checks/{token}/send", dependencies=[Depends(sender), Depends(own_form)])
def send(request: Request, guest: Sender, token: Token) -> Response:
    """Send in what was checked: the same bytes, the way of the inbox. Again changes nothing."""
    sent = pipeline.upload_of(token)
    if waiting.waiting_file(token) is None and sent and sent.user_name == guest.name:
        return _see(request, f"/receipts/{token}")
    obstacle = views.checked(guest, _waiting(guest, token)).obstacle
    if obstacle:
        raise HTTPException(403, obstacle)
    work.carry_out("send", token)
    return _see(request, f"/receipts/{token}")


@router.get("/receipts/{token}")
def receipt(request: Request, guest: Guest, token: Token) -> Response:
    """What became of a file that was sent in: for who sent it, and for its department."""
    sent = pipeline.upload_of(token)
    if sent is None:
        raise HTTPException(404, UNKNOWN)
    if sent.user_name != guest.name:
        require_own(guest, sent.government_id, sent.department_code)
    files = [one for one in pipeline.files_of_upload(sent) if _is_readable(guest, sent, one)]
    return page(
        request, "receipt.html.j2", guest=guest, sent=sent, files=files,
        name=pipeline.department_name(sent.government_id, sent.department_code),
        is_news=any(one.source_uri == sent.source_uri for one in files),
        has_answer=pipeline.answer_file,
        findings=pipeline.sender_findings([one.submission_id for one in files]),
    )  # fmt: skip


def _is_readable(guest: Guest, sent: pipeline.Upload, file: pipeline.SentFile) -> bool:
    is_own = sent.user_name == guest.name and file.source_uri == sent.source_uri
    return is_own or guest.sees(file.government_id, file.department_code)


# --- what pages look like -----------------------------------------------------------------------


@router.get("/desk.css")
def style() -> Response:
    return FileResponse(_TEMPLATES / "desk.css", headers={"cache-control": "max-age=3600"})


@router.get("/icon.svg")
def icon() -> Response:
    return FileResponse(_TEMPLATES / "icon.svg", headers={"cache-control": "max-age=3600"})
