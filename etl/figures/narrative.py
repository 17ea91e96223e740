"""What the reports in force say in words, for two derivations of a release to be held together."""

from typing import NamedTuple

from sqlalchemy import Connection, text

from etl.figures import gather_narrative
from etl.warehouse import records


class SaidText(NamedTuple):
    """One text of a pledge; its stamp stands for its words, which no message repeats."""

    pledge_id: str
    kind_code: str
    entry_number: int
    stamp: str


def texts(connection: Connection) -> list[SaidText]:
    """Return the texts of the pledges that `compute` left, in no order."""
    gather_narrative(connection)
    found = connection.execute(
        text(
            "SELECT pledge_id, kind_code, entry_number, left(md5(concat_ws('|', subproject_name,"
            " label, content, reported_quarter_id)), 12) AS stamp FROM pledge_narrative"
        )
    )
    return records(SaidText, found)
