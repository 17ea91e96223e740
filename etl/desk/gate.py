"""The door of the pages: it turns away what need not be read, and loads the pages when asked first.

Plain ASGI without a library, because every process of Airflow loads it.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from etl.logs import log

NAME = "제출 현황"
PREFIX = "/gongyak"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Gate:
    """An ASGI application that becomes `create_app`'s at the first request.

    Where the pages cannot be loaded, that is an error of every request and stands in the log:
    Airflow itself would answer with its own page, as if nothing were wrong.
    """

    def __init__(self, load: Callable[[], Application] | None = None) -> None:
        self._load = load or _under_airflow
        self._loaded: Application | None = None
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if self._loaded is None:
            async with self._loading:
                if self._loaded is None:
                    self._loaded = await asyncio.to_thread(self._load)
        await self._loaded(scope, receive, send)


def _under_airflow() -> Application:
    try:
        from airflow.configuration import conf

        from etl.desk.app import create_app
        from etl.desk.login import airflow_identity

        base_url: str = conf.get("api", "base_url", fallback="")
        return create_app(airflow_identity, base_url)
    except Exception:
        log.exception("제출 현황 | 화면을 불러오지 못했습니다")
        raise
