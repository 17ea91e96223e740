"""Where each part lies; `__init__.py` loads it from there on its first use."""

from .analyst import (
    ANALYST as ANALYST,
    analyst_dsn as analyst_dsn,
    analyst_query as analyst_query,
)
from .backup import (
    dumped as dumped,
    emptied as emptied,
    frozen as frozen,
    has_tables as has_tables,
    is_empty as is_empty,
    read_back as read_back,
)
from .connection import (
    MANY_ROWS as MANY_ROWS,
    copy_rows as copy_rows,
    engine as engine,
    for_many_rows as for_many_rows,
    no_cycle_search as no_cycle_search,
    records as records,
    rows_of as rows_of,
    run_alone as run_alone,
    run_as_it_is as run_as_it_is,
    run_file as run_file,
    sql_text as sql_text,
    statement as statement,
    transaction as transaction,
    values_of as values_of,
)
from .contents import (
    Join as Join,
    dictionary as dictionary,
    mart_joins as mart_joins,
    table_comment as table_comment,
    write_roles as write_roles,
)
from .looking import (
    looking as looking,
)
from .marts import (
    mart_diagram as mart_diagram,
)
from .schema import (
    Schema as Schema,
    knows as knows,
    migrate as migrate,
    schema_of as schema_of,
    scratch_warehouse as scratch_warehouse,
    shipped_schema as shipped_schema,
)
from .server import (
    AIRFLOW as AIRFLOW,
    CREATE_DATABASE as CREATE_DATABASE,
    WAREHOUSE as WAREHOUSE,
    create_databases as create_databases,
    database_url as database_url,
    has_server as has_server,
    make_airflow_database as make_airflow_database,
    outage_of as outage_of,
    outage_told as outage_told,
    running_url as running_url,
    stop_embedded as stop_embedded,
)
from .turns import (
    at_work as at_work,
    left_alone as left_alone,
    turn as turn,
)
from .watchdog import (
    end_overdue as end_overdue,
    watch as watch,
)
