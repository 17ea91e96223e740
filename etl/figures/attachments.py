"""The pictures of a quarter, for two derivations of a release to be held together."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from etl.figures import gather_attachments
from etl.warehouse import records


class ShownPicture(NamedTuple):
    """One picture of a pledge: its words, its name as the return says it, its published bytes."""

    pledge_id: str
    entry_number: int
    description: str
    file_name: str
    sha256: str
    submission_id: int


_ROWS = text(f"SELECT {', '.join(ShownPicture._fields)} FROM pledge_attachment ORDER BY 1, 2")
_RELEASED = text(
    f"SELECT {', '.join(ShownPicture._fields)} FROM mart.released_attachment"
    " WHERE government_id = :g AND quarter_id = :q AND revision = :r ORDER BY 1, 2"
)


def pictures(connection: Connection, as_of: datetime) -> list[ShownPicture]:
    """Return the pictures of the pledges that `compute` left, as they stood at its moment."""
    gather_attachments(connection, as_of)
    return records(ShownPicture, connection.execute(_ROWS))


def released_pictures(
    connection: Connection, government_id: str, quarter_id: str, revision: int
) -> list[ShownPicture]:
    """Return the pictures of a release."""
    asked = {"g": government_id, "q": quarter_id, "r": revision}
    return records(ShownPicture, connection.execute(_RELEASED, asked))
