"""A look at a database that changes nothing, starts nothing and waits for nobody."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from etl.warehouse.server import WAREHOUSE, outage_told, running_url

_SECONDS = 3
_OPTIONS = (
    "-c timezone=Asia/Seoul -c default_transaction_read_only=on"
    f" -c statement_timeout={_SECONDS}s -c lock_timeout=1s"
)


@contextmanager
def looking(database: str = WAREHOUSE) -> Iterator[Connection | None]:
    """Give a read-only connection; None where the embedded server does not run.

    Raises OutageError where a server is away.
    """
    url = running_url(database)
    if url is None:
        yield None
        return
    limits = {"connect_timeout": _SECONDS, "options": _OPTIONS}
    other = create_engine(url, poolclass=NullPool, connect_args=limits)
    with outage_told(), other.connect() as connection:
        yield connection
