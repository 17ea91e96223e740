"""Who comes, and whether what they ask for is theirs: every page asks here before it looks."""

from typing import Annotated

from fastapi import Depends, HTTPException, Path

from etl.desk.rights import Identity, Visitor
from etl.period import PERIOD_PATTERN

NOT_YOURS = "맡은 부서의 것이 아니라서 보여 드릴 수 없습니다."
MAY_NOT_READ = "이 화면을 볼 권한이 없습니다."
MAY_NOT_SEND = "파일을 올릴 권한이 없습니다."
UNKNOWN = "찾으시는 것이 없습니다."

GovernmentId = Annotated[str, Path(max_length=20)]
DepartmentCode = Annotated[str, Path(max_length=60)]
QuarterId = Annotated[str, Path(pattern=f"^{PERIOD_PATTERN}$")]
Number = Annotated[int, Path(ge=1, le=2**62)]
Token = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


def identity() -> Identity:
    """The login; `create_app` puts the one in its place that it is given."""
    raise NotImplementedError


def visitor(who: Annotated[Identity, Depends(identity)]) -> Visitor:
    """Return who comes, with their departments; 403 for one who may not see the page."""
    from etl import pipeline

    if not who.may_read:
        raise HTTPException(403, MAY_NOT_READ)
    return Visitor(who, pipeline.departments_of_user(who.name, who.mail))


Guest = Annotated[Visitor, Depends(visitor)]


def sender(guest: Guest) -> Visitor:
    """Return who comes; 403 for one who may not send files in."""
    if not guest.may_send:
        raise HTTPException(403, MAY_NOT_SEND)
    return guest


Sender = Annotated[Visitor, Depends(sender)]


def require_own(guest: Visitor, government_id: str | None, department_code: str | None) -> None:
    """Raise 403 for what is another department's, and for what is nobody's except for the office.

    It comes before any look whether there is such a thing: nobody learns that from the answer.
    """
    if not guest.sees(government_id, department_code):
        raise HTTPException(403, NOT_YOURS)


def require_known(government_id: str, department_code: str | None, quarter_id: str | None) -> None:
    """Raise 404 for a government, department or quarter that the warehouse does not know."""
    from etl import pipeline
    from etl.problems import UsageError

    if government_id not in pipeline.governments():
        raise HTTPException(404, UNKNOWN)
    try:
        pipeline.require_department(department_code, government_id)
        if quarter_id is not None:
            pipeline.require_quarter(quarter_id, government_id)
    except UsageError as error:
        raise HTTPException(404, UNKNOWN) from error


def own_department(
    guest: Guest, government_id: GovernmentId, department_code: DepartmentCode
) -> Visitor:
    """Return who comes to a department of theirs that there is; 403 or 404 else."""
    require_own(guest, government_id, department_code)
    require_known(government_id, department_code, None)
    return guest


OfDepartment = Annotated[Visitor, Depends(own_department)]
