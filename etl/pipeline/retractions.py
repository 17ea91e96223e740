"""Take a published release back: what was published stays, and says that it does not hold."""

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from sqlalchemy import Connection

from etl.common import shown
from etl.period import Period, asked_period, parse_period
from etl.pipeline.journal import happening, journal_of, note, present
from etl.pipeline.publications import (
    Retraction,
    approved,
    folder_of,
    retractions_of,
    tell_retraction,
)
from etl.pipeline.telling import say
from etl.problems import UsageError
from etl.warehouse import run_file, transaction


@dataclass(frozen=True)
class Retracted:
    """What became of a retraction; `current` is the revision that holds now, None where none does.

    `is_repeated` tells that the same was decided before and nothing changed.
    """

    retraction: Retraction
    is_repeated: bool
    current: int | None
    folder: str


def retract(
    quarter_id: str,
    government_id: str,
    revision: int | None,
    by: str,
    reason: str,
    at: datetime | None = None,
) -> Retracted:
    """Take one revision of a quarter's release back.

    An earlier revision does not hold again by itself: until a new release, none does. Raises
    UsageError, with nothing changed, for an unknown revision, without a name or reason, and where
    the release was taken back for another reason before; OutageError where its folder cannot be
    written to: the retraction holds by then, and the same command tells it there.
    """
    started, at, quarter = perf_counter(), at or present(), parse_period(quarter_id)
    by, reason = " ".join(by.split()), " ".join(reason.split())
    _require_told(by, reason)
    with happening(government_id) as connection:
        release = approved(connection, government_id, quarter, _required(
            connection, government_id, quarter, revision))  # fmt: skip
        _require_later(release.decided_at, at)
        wanted = Retraction(release.revision, at, by, reason)
        is_repeated = _is_known(connection, government_id, quarter, wanted)
        if not is_repeated:
            _record(connection, government_id, quarter, wanted)
        told = _of(connection, government_id, quarter, release.revision)
        current = [
            one.revision
            for one in run_file(connection, "release/current.sql", **_ids(government_id, quarter))
        ]
    tell_retraction(government_id, quarter, release.revision)
    say("발표 철회", started, government=government_id, quarter=quarter_id,
        revision=release.revision)  # fmt: skip
    folder = folder_of(government_id, quarter, release.revision)
    return Retracted(told, is_repeated, next(iter(current), None), shown(folder))


def named_release(text: str) -> tuple[str, str, int]:
    """Read which release is meant: government, quarter, revision; raises UsageError."""
    words = text.split()
    if len(words) != 3 or not words[2].isdecimal():
        raise UsageError.refused(
            f"어느 발표인지 읽을 수 없습니다: {text!r}.",
            "기관코드 분기 차수를 3990000 2021Q4 1처럼 쓰십시오.",
        )
    return words[0], str(asked_period(words[1])), int(words[2])


def retractions(quarter_id: str, government_id: str) -> list[Retraction]:
    """Return what was taken back of a quarter, in the order of revisions."""
    with transaction() as connection:
        return retractions_of(connection, government_id, parse_period(quarter_id))


def _require_told(by: str, reason: str) -> None:
    blank = [name for name, told in (("--by", by), ("--reason", reason)) if not told]
    if blank:
        raise UsageError.refused(
            f"{', '.join(blank)}이(가) 비어 있습니다.", "적어서 다시 실행하십시오."
        )


def _required(
    connection: Connection, government_id: str, quarter: Period, revision: int | None
) -> int:
    """Return the revision that is asked for; raises UsageError that names those there are."""
    known = [
        one.revision
        for one in run_file(connection, "release/revisions.sql", **_ids(government_id, quarter))
    ]
    if revision is not None and revision in known:
        return revision
    asked = f"{revision}차 발표가 없습니다" if revision is not None else "몇 차인지 적지 않았습니다"
    there = f"있는 것: {', '.join(f'{one}차' for one in known)}" if known else "발표가 없습니다"
    raise UsageError.refused(
        f"{government_id} {quarter}: {asked}. {there}.",
        "gongyak retract 분기 --revision 차수로 다시 실행하십시오.",
    )


def _require_later(decided_at: datetime, at: datetime) -> None:
    if at < decided_at:
        raise UsageError.refused(
            f"철회 시각({at:%Y-%m-%d %H:%M})이 발표한 시각보다 앞섭니다.",
            "--at을 빼거나 발표 뒤의 시각으로 다시 실행하십시오.",
        )


def _is_known(
    connection: Connection, government_id: str, quarter: Period, wanted: Retraction
) -> bool:
    """Tell whether the same was decided before; raises UsageError where something else was."""
    found = [
        one
        for one in retractions_of(connection, government_id, quarter)
        if one.revision == wanted.revision
    ]
    if found and (found[0].retracted_by, found[0].reason) != (wanted.retracted_by, wanted.reason):
        raise UsageError.refused(
            f"{quarter} {wanted.revision}차는 이미 철회했습니다(까닭: {found[0].reason}).",
            "철회는 한 번만 남습니다. 덧붙일 것은 다음 발표의 근거(--reason)에 적으십시오.",
        )
    return bool(found)


def _record(
    connection: Connection, government_id: str, quarter: Period, wanted: Retraction
) -> None:
    told = {
        **_ids(government_id, quarter),
        "revision": wanted.revision,
        "retracted_by": wanted.retracted_by,
        "reason": wanted.reason,
    }
    run_file(connection, "release/retract.sql", retracted_at=wanted.retracted_at, **told)
    note(connection, "retraction", wanted.retracted_at, [(journal_of(government_id), told)])


def _of(connection: Connection, government_id: str, quarter: Period, revision: int) -> Retraction:
    found = retractions_of(connection, government_id, quarter)
    return next(one for one in found if one.revision == revision)


def _ids(government_id: str, quarter: Period) -> dict[str, str]:
    return {"government_id": government_id, "quarter_id": str(quarter)}
