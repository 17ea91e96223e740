"""Folders by SFTP: one session that is begun again when it ended, host keys that are known only.

fsspec's own takes any host key at the first sight of it, waits for an answer without an end, and
stumbles over a name that is not UTF-8: what differs here is that.
"""

import os
import socket
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from io import StringIO
from pathlib import Path
from threading import RLock
from typing import Any

import paramiko
from fsspec import AbstractFileSystem
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko.hostkeys import HostKeyEntry
from paramiko.ssh_exception import NoValidConnectionsError

from etl.problems import UsageError
from etl.settings import settings
from etl.storage import Address, Away, Store
from etl.storage.connections import Keys, keys_of

_CONNECT_SECONDS = 6.0  # `gongyak doctor` waits for eight
_ANSWER_SECONDS = 20.0
_KEEPALIVE_SECONDS = 15
_PORT = 22


def open_sftp(address: Address) -> Store:
    """Return a folder by SFTP; its connection is looked up now, its server reached later."""
    if not address.connection:
        raise UsageError.refused(
            f"SFTP 주소에 연결의 이름이 없습니다: {address.shown}.",
            "sftp://연결이름@/폴더 처럼 @ 앞에 연결의 이름을 적으십시오.",
        )
    keys = keys_of(address.connection)
    if not (address.host or keys.host):
        raise UsageError.refused(
            f"연결 {address.connection}에 서버의 주소(host)가 없습니다.",
            "연결에 host를 적으십시오.",
        )
    files = SftpFiles(address, keys)
    return Store(files, address.path.rstrip("/") or "/", address.shown + address.path.rstrip("/"),
                 files.close)  # fmt: skip


class _UnknownHostError(Exception):
    """The server's key is in no list; carries the key that it showed."""


class _Refusing(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    def missing_host_key(self, _client: Any, _hostname: str, key: paramiko.PKey) -> None:
        raise _UnknownHostError(key)


class _TolerantMessage(paramiko.Message):  # type: ignore[misc]
    """An answer whose names may be of any encoding: bytes that are no UTF-8 stay what they are."""

    def get_text(self) -> str:
        return str(self.get_string(), "utf-8", "surrogateescape")


class _Session(paramiko.SFTPClient):  # type: ignore[misc]
    """A session whose end is told as Away, wherever it is noticed."""

    def __init__(self, channel: paramiko.Channel, ended: Callable[[Exception], Away]) -> None:
        self._ended = ended
        super().__init__(channel)

    def _request(self, kind: Any, *arguments: Any) -> Any:
        answer, message = super()._request(kind, *arguments)
        message.__class__ = _TolerantMessage  # paramiko makes it, and offers no other way
        return answer, message

    def _adjust_cwd(self, path: str | bytes) -> bytes:
        return path if isinstance(path, bytes) else path.encode("utf-8", "surrogateescape")

    def _send_packet(self, kind: Any, packet: Any) -> None:
        try:
            super()._send_packet(kind, packet)
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._ended(error) from error

    def _read_packet(self) -> Any:
        try:
            return super()._read_packet()
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._ended(error) from error


class SftpFiles(SFTPFileSystem):  # type: ignore[misc]
    """Files of an SFTP server. Links are told as such and not followed."""

    cachable = False

    def __init__(self, address: Address, keys: Keys) -> None:
        AbstractFileSystem.__init__(self)
        self._address, self._keys = address, keys
        self._host = address.host or keys.host
        self._port = address.port or keys.port or _PORT
        self._client: paramiko.SSHClient | None = None
        self._session: _Session | None = None
        self._lock = RLock()

    @property
    def ftp(self) -> _Session:
        """The session; begun where there is none or the server ended it. Raises Away."""
        with self._lock:
            transport = self._client.get_transport() if self._client else None
            if self._session is None or transport is None or not transport.is_active():
                self.close()
                self._session = self._begun()
            return self._session

    def close(self) -> None:
        """End the session; the next use begins another."""
        with self._lock:
            client, self._client, self._session = self._client, None, None
        if client is not None:
            with suppress(Exception):
                client.close()

    def _begun(self) -> _Session:
        client = self._client = paramiko.SSHClient()
        client.set_missing_host_key_policy(_Refusing())
        try:
            self._know_hosts(client)
            client.connect(self._host, self._port, **self._credentials())
            transport = client.get_transport()
            assert transport is not None  # noqa: S101 - connect has returned
            transport.set_keepalive(_KEEPALIVE_SECONDS)
            channel = transport.open_session(timeout=_CONNECT_SECONDS)
            channel.settimeout(_ANSWER_SECONDS)
            channel.invoke_subsystem("sftp")
            return _Session(channel, self._ended)
        except Away:
            raise
        except Exception as error:
            raise self._ended(error) from error

    def _credentials(self) -> dict[str, Any]:
        extra, password = self._keys.extra, self._keys.password or None
        phrase = extra.get("private_key_passphrase") or None
        text = extra.get("private_key")
        key = paramiko.PKey.from_private_key(StringIO(text), phrase) if text else None
        return {
            "username": self._keys.login or None,
            "password": password,
            "pkey": key,
            "key_filename": extra.get("key_file") or None,
            "passphrase": phrase,
            "timeout": _CONNECT_SECONDS,
            "banner_timeout": _CONNECT_SECONDS,
            "auth_timeout": _CONNECT_SECONDS,
            "channel_timeout": _CONNECT_SECONDS,
            "allow_agent": False,
            "look_for_keys": False,
        }

    @property
    def _known_name(self) -> str:
        return self._host if self._port == _PORT else f"[{self._host}]:{self._port}"

    def _know_hosts(self, client: paramiko.SSHClient) -> None:
        known = _known_hosts()
        if known.exists():
            client.load_system_host_keys(str(known))
        if said := self._keys.extra.get("host_key"):
            line = said if len(said.split()) > 1 else f"ssh-rsa {said}"  # as Airflow's SSH has it
            entry = HostKeyEntry.from_line(f"{self._known_name} {line}")
            if entry is None or entry.key is None:
                raise ValueError("host_key")
            client.get_host_keys().add(self._known_name, entry.key.get_name(), entry.key)

    def _ended(self, error: Exception) -> Away:
        """End the session; return what is told of its end, in no words of a library."""
        self.close()
        where = f"{self._address.shown}({self._host}:{self._port})"
        if isinstance(error, _UnknownHostError):
            return Away.told(*_unknown_host(where, self._known_name, error.args[0]))
        if isinstance(error, paramiko.BadHostKeyException):
            return Away.told(
                f"서버의 호스트 키가 알던 것과 다릅니다: {where}, 지금의 지문"
                f" {_fingerprint(error.key)}. 접속하지 않았습니다.",
                "다른 서버가 끼어들었을 수 있으니 서버 담당자에게 확인하고, 정말 바뀌었으면"
                f" {_known_hosts()}의 그 줄이나 연결의 host_key를 고치십시오.",
            )
        for kinds, happened, remedy in _TOLD:
            if isinstance(error, kinds):
                return Away.told(f"{happened}: {where}.", remedy)
        return Away.told(
            f"SFTP 접속이 끊겼거나 이루어지지 않았습니다({type(error).__name__}): {where}.", _LATER
        )

    def info(self, path: str) -> dict[str, Any]:
        """Return what is known of a path itself, not of what a link leads to."""
        path = self._strip_protocol(path)
        return {**self._decode_stat(self.ftp.lstat(path)), "name": path}

    def exists(self, path: str, **_: Any) -> bool:
        """Tell whether there is something; raises Away where nobody can tell."""
        try:
            self.info(path)
        except FileNotFoundError:
            return False
        return True

    def ls(self, path: str, detail: bool = False, **_: Any) -> list[Any]:
        """List a folder, whole or not at all."""
        found = [self._decode_stat(one, path) for one in self.ftp.listdir_attr(path)]
        return found if detail else sorted(one["name"] for one in found)

    def find(self, path: str, detail: bool = False, **_: Any) -> Any:
        """List every entry below a folder that is none; a folder that is closed to us is one."""
        found: dict[str, Any] = {}
        left = self.ls(path, detail=True)
        while left:
            entry = left.pop()
            if entry["type"] == "directory":
                left += self._inside(entry)
            else:
                found[entry["name"]] = entry
        return found if detail else sorted(found)

    def makedirs(self, path: str, exist_ok: bool = False, mode: int = 0o700) -> None:
        """Make a folder that is its owner's alone."""
        super().makedirs(path, exist_ok, mode)

    def _inside(self, folder: dict[str, Any]) -> list[Any]:
        try:
            return self.ls(folder["name"], detail=True)
        except PermissionError:
            return [folder | {"type": "closed"}]
        except FileNotFoundError:
            return []

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return os.fspath(path)


def _known_hosts() -> Path:
    return settings().home.resolve() / "known_hosts"


def _fingerprint(key: paramiko.PKey) -> str:
    digest = b64encode(sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _unknown_host(where: str, name: str, key: paramiko.PKey) -> tuple[str, str]:
    return (
        f"호스트 키를 모르는 서버라서 접속하지 않았습니다: {where}, 서버가 보인 지문"
        f" {_fingerprint(key)}.",
        "서버 담당자에게 지문을 물어 같으면 다음 한 줄을"
        f" {_known_hosts()}에 넣거나 @ 뒤의 것을 연결의 host_key에 적으십시오:"
        f" {name} {key.get_name()} {key.get_base64()}",
    )


_LATER = "서버가 도는지와 네트워크를 확인하십시오. 닿게 되면 다음 실행이 받습니다."
_KEYS = (
    "연결의 사용자, 비밀번호나 열쇠 파일(key_file)을 확인하고, 서버에 이 열쇠가 등록되어 있는지"
    " 담당자에게 물으십시오."
)

# What ends a session, what is told of it, and what to do; the first that fits.
_TOLD: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    (
        (paramiko.PasswordRequiredException,),
        "열쇠 파일에 암호가 걸려 있습니다",
        "연결의 extra에 private_key_passphrase를 적으십시오.",
    ),
    ((paramiko.AuthenticationException,), "서버가 로그인을 받아 주지 않았습니다", _KEYS),
    (
        (FileNotFoundError, PermissionError, ValueError, paramiko.hostkeys.InvalidHostKey,
         paramiko.UnknownKeyType),
        "연결에 적힌 열쇠(key_file, private_key, host_key)를 읽을 수 없습니다",
        "열쇠 파일의 자리와 권한, 연결의 extra를 확인하십시오.",
    ),
    ((TimeoutError,), "서버가 시간 안에 답하지 않았습니다", _LATER),
    ((socket.gaierror,), "서버의 이름을 찾을 수 없습니다", "연결의 host를 확인하십시오."),
    ((ConnectionError, NoValidConnectionsError), "서버가 접속을 받지 않습니다", _LATER),
)  # fmt: skip
