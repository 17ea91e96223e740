"""Who a visitor is, and what Airflow's auth manager lets them do; the only part that asks Airflow.

Tests put another function in the place of `airflow_identity` and nothing else.
"""

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep

from etl.desk.rights import ALL_DEPARTMENTS, PAGE, Identity


def airflow_identity(user: GetUserDep) -> Identity:
    """Return who is logged in to Airflow; raises HTTPException 401 or 403 where nobody is."""
    manager = get_auth_manager()

    def may(method: str, resource: str) -> bool:
        return bool(
            manager.is_authorized_custom_view(method=method, resource_name=resource, user=user)
        )

    return Identity(
        name=user.get_name(),
        mail=getattr(user, "email", None),
        may_read=may("GET", PAGE),
        may_send=may("POST", PAGE),
        sees_all=may("GET", ALL_DEPARTMENTS),
    )
