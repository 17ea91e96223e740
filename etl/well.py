"""Whether one process of Airflow is well, for a health check: `python -m etl.well NAME`.

The pages are asked, which know how all of them are: nothing is loaded but the standard library, for
it happens every few seconds. Exit 0 where it is well, else 1 and why.
"""

import json
import sys
import urllib.request

_PAGES = "api-server"
_SECONDS = 8
# Past whatever proxy the machine has for the world outside.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def unwell(name: str, pages: str) -> str:
    """Return why a process is not well, empty where it is; `pages` is the address of the pages."""
    try:
        with _OPENER.open(f"{pages}/api/v2/monitor/health", timeout=_SECONDS) as answer:
            parts = json.load(answer)
    except (OSError, ValueError) as error:
        return f"{pages}: {error}"
    part = "metadatabase" if name == _PAGES else name.replace("-", "_")
    status = (parts.get(part) or {}).get("status")
    return "" if status == "healthy" else f"{part}: {status}"


if __name__ == "__main__":
    asked = sys.argv[1]
    host = "127.0.0.1" if asked == _PAGES else _PAGES
    sys.exit(unwell(asked, f"http://{host}:8080") or 0)
