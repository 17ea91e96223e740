"""Folders in S3 and what is compatible with it: listed anew at each look, and not for ever."""

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from fsspec.asyn import sync_wrapper
from s3fs import S3FileSystem

from etl.problems import UsageError
from etl.storage import Address, Away, Store
from etl.storage.connections import Keys, keys_of

_LIMITS = {
    "connect_timeout": 6,
    "read_timeout": 20,
    "retries": {"max_attempts": 1},
}  # `gongyak doctor` waits for eight
# Servers that are only compatible often know neither buckets as host names nor newer checksums.
_COMPATIBLE = {
    "s3": {"addressing_style": "path"},
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}
_LATER = "서버가 도는지와 네트워크를 확인하십시오. 닿게 되면 다음 실행이 받습니다."
_KEYS = "연결의 login(열쇠 이름)과 password(비밀 열쇠), 서버의 시각을 확인하십시오."
_OF_KEYS = {
    *("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"),
    *("RequestTimeTooSkewed", "InvalidClientTokenId"),
}


def open_bucket(address: Address) -> Store:
    """Return a folder of a bucket; without a connection the keys are those of the environment."""
    if not address.host:
        raise UsageError.refused(
            f"S3 주소에 버킷의 이름이 없습니다: {address.shown}.",
            "s3://연결이름@버킷/폴더 처럼 적으십시오.",
        )
    keys = keys_of(address.connection) if address.connection else Keys()
    files = BucketFiles(address.shown, **_options(keys))
    path = address.path.rstrip("/")
    return Store(files, f"{address.host}{path}", f"{address.shown}{path}")


def _options(keys: Keys) -> dict[str, Any]:
    """Return a connection as s3fs takes it; its extra is called as Airflow's for AWS is."""
    extra = keys.extra
    endpoint = extra.get("endpoint_url") or None
    config = extra.get("config_kwargs") or {}
    told = json.loads(config) if isinstance(config, str) else config
    region = {"region_name": extra["region_name"]} if extra.get("region_name") else {}
    return {
        "key": keys.login or None,
        "secret": keys.password or None,
        "token": extra.get("aws_session_token") or None,
        "endpoint_url": endpoint,
        "client_kwargs": region,
        "config_kwargs": {**_LIMITS, **(_COMPATIBLE if endpoint else {}), **told},
        "use_listings_cache": False,
    }


def _telling(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return a method of BucketFiles whose errors are told by it."""

    @wraps(call)
    async def telling(files: "BucketFiles", *arguments: Any, **named: Any) -> Any:
        try:
            return await call(files, *arguments, **named)
        except Away:
            raise
        except (BotoCoreError, OSError) as error:
            told = files.told(error)
            if told is error:
                raise
            raise told from error

    return telling


class BucketFiles(S3FileSystem):  # type: ignore[misc]
    """Files of a bucket, which say Away where the whole bucket cannot be reached."""

    cachable = False
    retries = 2

    def __init__(self, shown: str, **options: Any) -> None:
        self._shown = shown
        super().__init__(**options)

    _call_s3 = _telling(S3FileSystem._call_s3)
    _lsdir = _telling(S3FileSystem._lsdir)

    async def _exists(self, path: str) -> bool:
        """Tell whether there is something; raises Away where there is no such bucket."""
        bucket, key, _ = self.split_path(path)
        if key:
            return bool(await super()._exists(path))
        await self._call_s3("head_bucket", Bucket=bucket)
        return True

    exists = sync_wrapper(_exists)

    def told(self, error: BotoCoreError | OSError) -> Exception:
        """Return what is raised in the place of an error; itself where it is of one file."""
        if isinstance(error, BotoCoreError):
            return self._away(*_told(error))
        code = _code(error)
        if code in _OF_KEYS:
            return self._away("서버가 이 열쇠를 받아 주지 않았습니다", _KEYS)
        if code == "NoSuchBucket":
            return self._away("그런 버킷이 없습니다", "버킷의 이름과 endpoint_url을 확인하십시오.")
        return error

    def _away(self, happened: str, next_step: str) -> Away:
        endpoint = f"({self.endpoint_url})" if self.endpoint_url else ""
        return Away.told(f"{happened}: {self._shown}{endpoint}.", next_step)


def _code(error: OSError) -> str:
    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return ""
    code = str(cause.response["Error"].get("Code"))
    # An answer without a body has its number alone.
    return "NoSuchBucket" if (cause.operation_name, code) == ("HeadBucket", "404") else code


def _told(error: BotoCoreError) -> tuple[str, str]:
    if isinstance(error, NoCredentialsError):
        return "열쇠가 없습니다", _KEYS
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return "서버가 시간 안에 답하지 않았습니다", _LATER
    if isinstance(error, EndpointConnectionError):
        return "서버에 닿지 않습니다", _LATER
    return f"서버와 이야기하지 못했습니다({type(error).__name__})", _LATER
