"""Receive files: archive first, then register the receipt.

Nothing here judges content. A file that is already in force as it is, is recognised by its bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from etl import __version__
from etl.form import form_version
from etl.inbox import Arrival, NotTaken
from etl.problems import FileFault
from etl.warehouse import left_alone, records, run_file

MOST_TRIES = 3
"""How often a file is tried that a fault of ours sets aside, by one version of the code."""


@dataclass(frozen=True)
class Kept:
    """One arrival whose bytes are kept under their sha256; a bundle's own, or one of its members.

    A picture is known by its name too: a return asks for it by that. `bundle` is the sha256 of the
    bundle that a member was taken from, or of the bundle itself.
    """

    arrival: Arrival
    sha256: str
    size: int
    bundle: str | None = None
    is_picture: bool = False

    @property
    def is_bundle(self) -> bool:
        return self.bundle == self.sha256

    @property
    def news(self) -> tuple[str, ...]:
        """What makes it another file than the others that came with it."""
        place = (self.arrival.uri, self.arrival.name) if self.is_picture else ()
        return self.sha256, *place


@dataclass(frozen=True)
class Asked:
    """What the caller says of documents that cannot say it themselves; None: nobody said."""

    government_id: str | None = None
    quarter_id: str | None = None


NOBODY_SAID = Asked()


@dataclass(frozen=True)
class Receipt:
    """One registered file: its row in `audit.submission`.

    `form_edition` is what it was read by before; None for a file that nobody has read.
    """

    submission_id: int
    file_name: str
    sha256: str
    source_uri: str
    received_at: datetime
    form_edition: str | None = None


@dataclass
class ReceiveRecord:
    """What receiving did: the batch, its receipts, what was no news and what was not taken."""

    batch_id: int | None = None
    receipts: list[Receipt] = field(default_factory=list)
    recognised: list[Kept] = field(default_factory=list)
    not_taken: Sequence[NotTaken] = ()


def unseen(connection: Connection, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Keep the arrivals of the inbox that no receipt has settled yet.

    A file is settled once received, unless something in it was blocked and a register was loaded or
    one of its rules was waived since: it may be accepted now, if its department sent nothing newer.
    One that was recognised is settled too: its bytes came before whatever came since.
    """
    rows = run_file(connection, "receive/settled_arrivals.sql")
    settled = {(row.source_uri, row.source_stamp) for row in rows}
    return [a for a in arrivals if (a.uri, a.stamp) not in settled]


def open_batch(connection: Connection, purpose: str, rule_version: str, at: datetime) -> int:
    """Open a batch and return its id; it records the versions of rules, forms and code."""
    return int(
        connection.execute(
            text(
                "INSERT INTO audit.batch"
                " (purpose, started_at, code_version, rule_version, form_version)"
                " VALUES (:p, :at, :code, :rules, :forms) RETURNING batch_id"
            ),
            {"p": purpose, "at": at, "code": __version__, "rules": rule_version,
             "forms": form_version()},
        ).scalar_one()
    )  # fmt: skip


def note_recognised(connection: Connection, recognised: Sequence[Kept], at: datetime) -> None:
    """Note which files of the inbox were no news, so that they are none once others have come."""
    stamped = [one for one in recognised if one.arrival.stamp is not None]
    run_file(
        connection,
        "receive/note_recognised.sql",
        source_uris=[one.arrival.uri for one in stamped],
        source_stamps=[one.arrival.stamp for one in stamped],
        hashes=[one.sha256 for one in stamped],
        at=at,
    )


def in_force(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Return the hashes of files whose whole content is in force: the same bytes change nothing."""
    rows = run_file(connection, "receive/content_in_force.sql", hashes=list(hashes))
    return {row.sha256 for row in rows}


def register_receipts(
    connection: Connection,
    batch_id: int,
    kept: Sequence[Kept],
    at: datetime,
    asked: Asked = NOBODY_SAID,
) -> list[Receipt]:
    """Write the receipts of archived files in `audit.submission`, in their order."""
    rows = run_file(
        connection,
        "receive/register_receipts.sql",
        batch_id=batch_id,
        at=at,
        names=[one.arrival.name for one in kept],
        uris=[one.arrival.uri for one in kept],
        stamps=[one.arrival.stamp for one in kept],
        hashes=[one.sha256 for one in kept],
        sizes=[one.size for one in kept],
        asked_government_id=asked.government_id,
        asked_quarter_id=asked.quarter_id,
    )
    return sorted(records(Receipt, rows), key=lambda receipt: receipt.submission_id)


class LeftOver(NamedTuple):
    """One receipt that a run left before its end: what came, and where from."""

    submission_id: int
    batch_id: int
    sha256: str
    source_uri: str


def unfinished(connection: Connection, purpose: str) -> list[LeftOver]:
    """Return the receipts of earlier runs that are to be taken up again, oldest first.

    Their run broke off before they were loaded or rejected, or a fault of ours set them aside fewer
    than MOST_TRIES times. Those that somebody works on now are not among them; until `connection`
    ends, nobody begins to.
    """
    if purpose == "check":
        return []
    rows = run_file(
        connection, "receive/unfinished.sql", purpose=purpose, most_tries=MOST_TRIES,
        code_version=__version__,
    )  # fmt: skip
    return _left_over(connection, records(LeftOver, rows))


def _left_over(connection: Connection, rows: Sequence[Any]) -> list[Any]:
    """Return the rows whose batches nobody works on now."""
    free = left_alone(connection, {row.batch_id for row in rows})
    return [row for row in rows if row.batch_id in free]


def unanswered(connection: Connection) -> list[int]:
    """Return the files of earlier runs without an answer; by faults of ours less than MOST_TRIES.

    Those that somebody works on now are not among them.
    """
    rows = run_file(
        connection, "receive/unanswered.sql", most_tries=MOST_TRIES, code_version=__version__
    )
    return [row.submission_id for row in _left_over(connection, rows)]


def uncounted(connection: Connection) -> list[int]:
    """Return the batches of earlier runs that changed what is in force without writing the marts.

    Those that somebody works on now are not among them.
    """
    found = [row.batch_id for row in run_file(connection, "receive/uncounted.sql")]
    return sorted(left_alone(connection, found))


def governments_of(connection: Connection, batch_ids: Sequence[int]) -> list[str]:
    """Return the governments that the files of batches say they are of, known or not."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT government_id FROM audit.submission"
            " WHERE batch_id = ANY(:ids) AND government_id IS NOT NULL"
        ),
        {"ids": list(batch_ids)},
    )
    return list(rows.scalars())


def record_faults(
    connection: Connection, batch_id: int, faults: Mapping[int, FileFault], at: datetime
) -> None:
    """Write down faults of ours by submission."""
    for submission_id, fault in faults.items():
        run_file(
            connection, "receive/record_fault.sql", submission_id=submission_id, batch_id=batch_id,
            happened_at=at, code_version=__version__, **asdict(fault),
        )  # fmt: skip


def adopt(connection: Connection, batch_id: int, submission_ids: Sequence[int]) -> None:
    """Take unfinished receipts into a new batch, to be read again from the start."""
    connection.execute(
        text(
            "UPDATE audit.submission SET batch_id = :b, state = 'received'"
            " WHERE submission_id = ANY(:ids)"
        ),
        {"b": batch_id, "ids": list(submission_ids)},
    )


def received(connection: Connection, batch_id: int) -> list[Receipt]:
    """Return the receipts of a batch that nobody has read yet, oldest first."""
    rows = connection.execute(
        text(
            "SELECT submission_id, file_name, sha256, source_uri, received_at, form_edition"
            " FROM audit.submission WHERE batch_id = :b AND state = 'received'"
            " ORDER BY received_at, submission_id"
        ),
        {"b": batch_id},
    )
    return records(Receipt, rows)
