"""What Airflow finds: the pages under /gongyak, their entry in the navigation, the notes of runs.

Every process of Airflow loads this file, so that nothing heavy is imported: the pages are loaded
by their first request.
"""

from airflow.plugins_manager import AirflowPlugin

from etl.desk import stories
from etl.desk.gate import NAME, PREFIX, Gate


class DeskPlugin(AirflowPlugin):  # type: ignore[misc]
    """The page 제출 현황; addresses are relative, so that a prefix of Airflow's own is kept."""

    name = "gongyak"
    fastapi_apps = [{"app": Gate(), "url_prefix": PREFIX, "name": NAME}]  # noqa: RUF012
    listeners = [stories]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": NAME,
            "href": f"{PREFIX[1:]}/",
            "url_route": PREFIX[1:],
            "icon": f"{PREFIX[1:]}/icon.svg",
            "destination": "nav",
            "nav_top_level": True,
        }
    ]
