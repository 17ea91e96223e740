"""What is turned away before it is read: bodies that are too large, and forms of other pages."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from etl.desk.gate import Application, Message, Receive, Send

_ROOM_FOR_FORM = 64 * 1024
_MEGABYTE = 1024 * 1024
_OWN_SITES = (None, "same-origin", "none")

HEADERS = (
    # Nothing but our own style and pictures is loaded, and only Airflow frames a page.
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        b" base-uri 'none'; frame-ancestors 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


def limited(
    application: Application, limit_mb: int, refuse: Callable[[int], Application]
) -> Application:
    """Return an application that refuses a body by what its headers say, before a byte of it.

    413 for one over the limit, 411 for one that does not say how long it is.
    """
    most = limit_mb * _MEGABYTE + _ROOM_FOR_FORM

    async def guarded(scope: Message, receive: Receive, send: Send) -> None:
        status = _refusal(scope, most) if scope["type"] == "http" else None
        chosen = refuse(status) if status else application
        await chosen(scope, receive, _with_headers(send))

    return guarded


def _refusal(scope: Message, most: int) -> int | None:
    told = {name.lower(): value for name, value in scope["headers"]}
    length: bytes | None = told.get(b"content-length")
    if length is not None:
        return None if length.isdigit() and int(length) <= most else 413
    has_body = b"transfer-encoding" in told or scope["method"] not in ("GET", "HEAD")
    return 411 if has_body else None


def _with_headers(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *_missing(HEADERS, given)]
        await send(message)

    return told


def _missing(
    headers: Iterable[tuple[bytes, bytes]], given: set[bytes]
) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name not in given]


def is_own_form(origin: str | None, site: str | None, base_url: str) -> bool:
    """Tell whether a form was sent by a page of this address.

    Another port of this machine is the same site for a cookie, not the same origin. Who is no
    browser sends neither header, and no cookie that it was not given.
    """
    if site not in _OWN_SITES:
        return False
    return origin is None or _origin(origin) == _origin(base_url)


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port
