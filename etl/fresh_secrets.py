"""`make env`: what `docker-compose.yml` needs and nobody should think up: `.env` and `secrets/`.

Only the standard library, for a server has nothing else yet. What is there already stays.
"""

import base64
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

USER = 1000
"""The number under which the containers' processes run, and to which the files must belong."""

_HEX_BYTES = 24  # letters and digits alone: an address may hold them as they are


def _word() -> str:
    return secrets.token_hex(_HEX_BYTES)


def _address(driver: str, login: str, database: str) -> str:
    return f"{driver}://{login}:{_word()}@postgres:5432/{database}"


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


MADE: dict[str, Callable[[], str]] = {
    "postgres_password": _word,
    "gongyak_database_url": lambda: _address("postgresql", "gongyak", "warehouse"),
    "gongyak_airflow_database_url": lambda: _address("postgresql+psycopg2", "airflow", "airflow"),
    "airflow_fernet_key": _fernet_key,
    "airflow_secret_key": _word,
    "airflow_jwt_secret": _word,
    "celery_broker_url": lambda: f"redis://:{_word()}@redis:6379/0",
    "airflow_admin_password": lambda: secrets.token_hex(8),
}
"""Every secret by the name of its file."""


def make(folder: Path) -> Iterator[str]:
    """Make `.env`, `secrets/` and `var/` below a folder where they are missing; yield what it did.

    The last line says who must own them, where that cannot be done from here.
    """
    env = folder / ".env"
    if _written(env, (folder / ".env.example").read_text(encoding="utf-8")):
        yield f"{env}: 만들었습니다(설정, 모두 기본값)."
    else:
        yield f"{env}: 이미 있어 그대로 두었습니다."
    places = folder / "secrets", folder / "var"
    for place in places:
        place.mkdir(mode=0o700, exist_ok=True)
    if not os.access(places[0], os.W_OK | os.X_OK):
        yield f"{places[0]}: 이미 컨테이너의 것이라 그대로 두었습니다."
        return
    made = [name for name, new in MADE.items() if _written(places[0] / name, new())]
    yield f"{places[0]}: 비밀 {len(made)}개를 만들고 {len(MADE) - len(made)}개는 그대로 두었습니다."
    yield from _given_away(*places)


def _written(path: Path, content: str) -> bool:
    """Write a file that its owner alone may read; return whether it was missing."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return True


def _given_away(*places: Path) -> Iterator[str]:
    """Give what is new to the containers' user; yield what to do where we may not."""
    if os.geteuid() == USER:
        return
    if os.geteuid() == 0:
        for path in (*places, *places[0].iterdir()):
            shutil.chown(path, USER, USER)
        return
    yield f"컨테이너가 읽도록 이어서 실행하십시오: sudo chown -R {USER} {places[0]} {places[1]}"


if __name__ == "__main__":
    for line in make(Path.cwd()):
        sys.stdout.write(f"{line}\n")
