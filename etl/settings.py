"""Every setting, read once from the environment, `.env` or a container's secrets.

`.env.example` lists them.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from etl.problems import UsageError

_BETWEEN_PLACES = re.compile(r"\n|\s+(?=/|[A-Za-z][A-Za-z0-9+.-]*://)")

# Where a container finds its secrets, a file each, called like the setting in small letters.
SECRETS = Path("/run/secrets")


class Settings(BaseSettings):
    """Settings of one installation; each comes from the variable `GONGYAK_` + its name."""

    model_config = SettingsConfigDict(
        env_prefix="GONGYAK_",
        env_file=".env",
        extra="ignore",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
    )

    home: Path = Field(Path("var"), description="Where all state lives")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL server of the warehouse; empty: the embedded server"
    )
    airflow_database_url: SecretStr | None = Field(
        None, description="Airflow's own database there; empty: `airflow`, by the same login"
    )
    inbox_url: str | None = Field(
        None, description="Where files arrive: folders or addresses (etl.storage), one or several"
    )
    archive_url: str | None = Field(
        None, description="Where files are kept: a folder or an address (etl.storage)"
    )
    outbox_folder: str | None = Field(
        None, description="Where answers and invitations lie; empty: in the home"
    )
    published_folder: str | None = Field(
        None, description="Where published files lie; empty: in the home"
    )
    common_url: str | None = Field(
        None,
        description="Where machines without a common folder keep what they write for others: an"
        " address (etl.storage); empty: each in its outbox and published",
    )
    backup_url: str | None = Field(
        None,
        description="Where backups lie: a folder, best of another disk, or an address; empty: home",
    )
    backup_days: int = Field(35, ge=1, description="Days that a daily backup is kept")
    personal_data_days: Annotated[int | None, BeforeValidator(lambda said: said or None)] = Field(
        None,
        ge=1,
        description="Days after which received files and names in them are erased; empty: never",
    )
    reader_workers: int = Field(2, ge=1, description="Processes that read files")
    reader_seconds: float = Field(20.0, gt=0, description="Time limit for one file")
    reader_memory_mb: int = Field(1024, ge=256, description="Memory limit of one reading process")
    analyst_seconds: int = Field(
        60, ge=1, description="Longest that an analyst's statement or open transaction may last"
    )
    file_limit_mb: int = Field(50, ge=1, description="Largest file that is read")
    picture_limit_mb: int = Field(
        10, ge=1, description="Largest picture that is taken in, of those that returns name"
    )
    completed_ongoing_counts: bool = Field(
        True, description="이행후계속추진 counts as completed in R2 and R4"
    )
    held_and_dropped_count: bool = Field(
        True, description="보류 and 폐기 stay in the denominators of R1 to R4"
    )
    manifesto_decimals: int = Field(2, ge=0, le=6, description="Decimals of R2, R3, B1, B2, B3")
    other_decimals: int = Field(1, ge=0, le=6, description="Decimals of all other rates")
    small_denominator: int = Field(
        10,
        ge=0,
        description="Below this many pledges a rate is marked: one pledge moves it by over 10 %p",
    )
    open_data_licence: Literal["", "KOGL-1", "KOGL-2", "KOGL-3", "KOGL-4"] = Field(
        "", description="Licence of the open data (공공누리 제1~4유형); empty: none is stated"
    )
    browser: str | None = Field(
        None,
        description="Browser that prints the PDF (path or name); empty: the first Chromium on PATH",
    )
    alert_mail: str = Field("", description="Who gets alerts by mail: addresses, comma separated")
    alert_webhook_url: SecretStr | None = Field(
        None, description="Where alerts are posted as JSON (http or https)"
    )
    smtp_url: SecretStr | None = Field(
        None, description="Mail server: smtp://user:password@host:port, or smtps://"
    )
    mail_from: str = Field("", description="Address that mail comes from")
    mail_departments: bool = Field(
        False, description="Whether departments get mail: of answers, and reminders"
    )
    mail_test: bool = Field(
        False, description="Mail to departments is written into the outbox instead of sent"
    )
    lineage: str = Field(
        "", description="Where OpenLineage events go: a file, or the http(s) address of a backend"
    )
    airflow_port: int = Field(8080, ge=1, le=65535, description="Port of Airflow's web pages")
    departments_per_task: int = Field(
        40, ge=1, description="Above this many departments a mapped task takes several"
    )

    @property
    def inboxes(self) -> list[str]:
        """Where files arrive, each once, in the order in which they were said.

        Between two stands a line's end, or a blank before what can only be another: a path may
        have blanks.
        """
        said = self.inbox_url or str(self.home.resolve() / "inbox")
        return list(dict.fromkeys(filter(None, map(str.strip, _BETWEEN_PLACES.split(said)))))

    @property
    def archive(self) -> str:
        return self.archive_url or str(self.home.resolve() / "archive")

    @property
    def backup(self) -> str:
        return self.backup_url or str(self.home.resolve() / "backup")

    @property
    def outbox(self) -> Path:
        return Path(self.outbox_folder or self.home / "outbox").resolve()

    @property
    def logs(self) -> Path:
        return self.home.resolve() / "logs"

    @property
    def data_docs(self) -> Path:
        return self.logs / "data_docs"

    @property
    def pages(self) -> str:
        """Where Airflow's web pages are: as Airflow was told, else on this machine."""
        told = os.environ.get("AIRFLOW__API__BASE_URL", "").rstrip("/")
        return told or f"http://127.0.0.1:{self.airflow_port}"

    @property
    def published(self) -> Path:
        return Path(self.published_folder or self.home / "published").resolve()


class SettingsError(UsageError):
    """A setting has a value that it cannot have."""


# What to write instead, by pydantic's name of what was wrong.
_INSTEAD = {
    "int_parsing": "정수를",
    "int_from_float": "정수를",
    "float_parsing": "수를",
    "bool_parsing": "true나 false를",
    "greater_than": "{gt:g}보다 큰 수를",
    "greater_than_equal": "{ge:g} 이상의 수를",
    "less_than_equal": "{le:g} 이하의 수를",
    "literal_error": "{expected} 가운데 하나를",
}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process; raises SettingsError where one cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        # Pydantic's own error would show every value, secrets too, to whoever prints it.
        raise _unusable([dict(one) for one in error.errors()]) from None


def _unusable(found: list[dict[str, Any]]) -> SettingsError:
    wrong, instead = [], []
    for one in found:
        name, kind = str(one["loc"][0]).lower(), str(one["type"])
        wanted = _INSTEAD.get(kind, "맞는 값을").format(**one.get("ctx", {})).replace(" or ", ", ")
        wrong.append(f"GONGYAK_{name.upper()}{_value_told(name, one['input'])}")
        instead.append(f"GONGYAK_{name.upper()}에는 {wanted}")
    return SettingsError.refused(
        f"값을 쓸 수 없는 설정: {', '.join(wrong)}.",
        f"환경변수나 .env에서 고치십시오. {', '.join(instead)} 적거나, 지우면 기본값을 씁니다.",
    )


def _value_told(name: str, value: object) -> str:
    """Return a value as it is told; of what may hold a secret only that there is one."""
    field = Settings.model_fields.get(name)
    is_plain = field is not None and field.annotation in (int, float, bool)
    is_choice = field is not None and "Literal" in str(field.annotation)
    return f"={str(value)[:40]!r}" if is_plain or is_choice else "(값은 감춤)"


def secrets() -> set[str]:
    """Return what no log may show: the settings that are secrets, and the passwords in them.

    A password is there as it is written, and as it is meant (`%40` for `@`); of an address that is
    a secret by its path, the path.
    """
    kept = [value for _, value in settings() if isinstance(value, SecretStr)]
    found: set[str] = set()
    for url in (one.get_secret_value() for one in kept):
        parts = urlsplit(url)
        path = parts.path if parts.scheme in ("http", "https") else ""
        found |= {url, parts.password or "", unquote(parts.password or ""), path.strip("/")}
    return found - {""}


# What may lead out of a home: empty means that it all lies below `GONGYAK_HOME`, and that nobody
# outside is told anything.
_OUTWARD = (
    "database_url", "airflow_database_url", "inbox_url", "archive_url", "backup_url",
    "outbox_folder", "published_folder", "common_url", "alert_mail", "alert_webhook_url",
    "smtp_url", "lineage",
)  # fmt: skip


def alone_in(home: Path) -> dict[str, str]:
    """Return the environment with which everything lies below a home, and nothing outside it."""
    led_out = [name for name in _OUTWARD if getattr(settings(), name)]
    emptied = {f"GONGYAK_{name.upper()}": "" for name in led_out}
    return {"GONGYAK_HOME": str(home.resolve()), **emptied}


@contextmanager
def another_home(environment: Mapping[str, str]) -> Iterator[None]:
    """Give this process and its children other settings, for as long as the block lasts."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        settings.cache_clear()
