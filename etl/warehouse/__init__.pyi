"""Where each part lies; `__init__.py` loads it from there on its first use."""

from .analyst import (
    analyst_query as analyst_query,
    mart_diagram as mart_diagram,
)
from .backup import (
    dump as dump,
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
    dictionary as dictionary,
)
from .schema import (
    migrate as migrate,
    scratch_warehouse as scratch_warehouse,
)
from .server import (
    AIRFLOW as AIRFLOW,
    WAREHOUSE as WAREHOUSE,
    database_url as database_url,
    outage_of as outage_of,
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
