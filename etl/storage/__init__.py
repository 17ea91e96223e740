"""Folders anywhere: a path of this machine, or an address that names whose keys open it.

`SCHEME://CONNECTION@HOST:PORT/PATH`: what stands before the `@` is the id of a connection, as
Airflow's own object storage has it, and never a secret. A library is loaded by the address that
needs it.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from etl.problems import OutageError, UsageError


class Away(OutageError, OSError):  # noqa: N818 - what it says of a folder
    """A folder elsewhere cannot be reached or lets nobody in.

    Libraries that stand between it and the caller take it for the OSError it is.
    """

    @classmethod
    def told(cls, happened: str, next_step: str) -> "Away":
        """Return what is told; neither here nor there has anything changed."""
        return cls(happened, "그곳의 파일과 여기의 자료는 그대로입니다.", next_step)


@dataclass(frozen=True)
class Address:
    """What an address says; `path` begins with `/` or is empty."""

    scheme: str
    connection: str
    host: str
    port: int | None
    path: str

    @property
    def shown(self) -> str:
        """The address up to its path."""
        name = f"{self.connection}@" if self.connection else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{name}{self.host}{port}"


def address_of(url: str) -> Address:
    """Read an address; raises UsageError for one that holds a password or a strange port."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    connection, _, host = place.rpartition("@")
    if without_password(url) != url:
        raise UsageError.refused(
            f"주소에 비밀번호가 적혀 있습니다: {without_password(url)}.",
            "비밀번호를 지우고 연결(AIRFLOW_CONN_…)에 적은 뒤 그 이름만 @ 앞에 두십시오.",
        )
    name, _, port = host.partition(":")
    if port and not port.isdecimal():
        raise UsageError.refused(f"주소의 포트가 숫자가 아닙니다: {url}.", "주소를 고치십시오.")
    return Address(scheme, connection, name, int(port) if port else None, slash + path)


@dataclass(frozen=True)
class Store:
    """A folder that can be looked into: its file system, and what that calls it.

    `shown` is its address as people see it, without a secret.
    """

    filesystem: Any = field(compare=False)
    root: str
    shown: str
    close: Callable[[], None] = field(default=lambda: None, compare=False)

    @property
    def is_local(self) -> bool:
        return isinstance(self.filesystem, LocalFileSystem)

    def uri(self, path: str) -> str:
        """Return the address of a file in it: the same whenever and by whomever it is asked."""
        if self.is_local or "@" not in self.shown:
            return str(self.filesystem.unstrip_protocol(path))
        return f"{self.shown}/{path.removeprefix(self.root).lstrip('/')}"


# One session for each process and address: what looks every three seconds logs in once.
_OPENED: dict[tuple[int, str], Store] = {}
_ONE_AT_A_TIME = Lock()


def opened(url: str) -> Store:
    """Return the folder at an address; it is reached at the first look into it.

    Raises UsageError for an address that nothing here can open, or whose connection nobody knows.
    """
    with _ONE_AT_A_TIME:
        key = (os.getpid(), url)
        if key not in _OPENED:
            _OPENED[key] = _open(url)
        return _OPENED[key]


def forget(url: str) -> None:
    """End the session with an address, so that the next one begins with the keys of then."""
    with _ONE_AT_A_TIME:
        store = _OPENED.pop((os.getpid(), url), None)
    if store is not None:
        store.close()


def file_at(url: str) -> tuple[Store, str]:
    """Return the folder in which a file lies, and its path there; files of one share a session."""
    scheme, _, _ = url.partition("://")
    if scheme not in _OURS:
        store = opened(url)
        return store, store.root
    folder, _, name = url.rpartition("/")
    store = opened(folder)
    return store, f"{store.root.rstrip('/')}/{name}"


def _open(url: str) -> Store:
    scheme, is_address, _ = url.partition("://")
    if not is_address:
        path = os.path.abspath(url)
        return Store(LocalFileSystem(), path, path)
    return _OURS.get(scheme, _by_library)(url)


def _sftp(url: str) -> Store:
    from etl.storage.sftp import open_sftp

    return open_sftp(address_of(url))


def _bucket(url: str) -> Store:
    from etl.storage.buckets import open_bucket

    return open_bucket(address_of(url))


_OURS: Mapping[str, Callable[[str], Store]] = {"sftp": _sftp, "s3": _bucket}


def _by_library(url: str) -> Store:
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise UsageError.refused(
            f"이 주소는 쓸 수 없습니다: {without_password(url)}({type(error).__name__}).",
            "폴더의 경로나 sftp://, s3:// 주소로 고쳐 다시 실행하십시오.",
        ) from error
    return Store(filesystem, root.rstrip("/") or root, without_password(url))


def without_password(url: str) -> str:
    """Return an address as it may be shown: without what stands between its user and its host."""
    return re.sub(r"(://[^/@:\s]*):\S*@", r"\1:…@", url)
