"""The unit by which systemd runs this installation: the supervisor that `gongyak up` starts."""

import getpass
import sys
from pathlib import Path

from etl.settings import settings

_TEXT = """\
# gongyak: Airflow와 내장 PostgreSQL을 켜고 지킵니다. 설정은 아래 폴더의 .env에서 읽습니다.
[Unit]
Description=gongyak: quarterly pledge reporting
After=network-online.target
Wants=network-online.target

[Service]
User={user}
WorkingDirectory={folder}
Environment=GONGYAK_HOME={home} GONGYAK_AIRFLOW_PORT={port} PYTHONPATH={folder} PYTHONUNBUFFERED=1
UMask=0077
ExecStartPre={python} -m etl.service ready
ExecStart={python} -m etl.service supervise
ExecStop={python} -m etl down
TimeoutStartSec=300
TimeoutStopSec=90
Restart=always
RestartSec=5
NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
"""


def write_unit(folder: Path) -> Path:
    """Write the unit of this home into it; return the file, which root puts where systemd looks.

    `folder` holds the program. No secret stands in the unit: they are in `.env` or in the home.
    """
    path = settings().home.resolve() / "gongyak.service"
    text = _TEXT.format(
        user=getpass.getuser(),
        folder=_quoted(folder),
        home=_quoted(settings().home.resolve()),
        port=settings().airflow_port,
        python=_quoted(Path(sys.executable)),
    )
    path.write_text(text, encoding="utf-8")
    return path


def _quoted(path: Path) -> str:
    """Return a path as a unit takes it: blanks and per cent signs mean something there."""
    told = str(path).replace("\\", "\\\\").replace("%", "%%")
    return told.replace(" ", "\\x20")
