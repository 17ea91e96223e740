"""The PostgreSQL warehouse: its server, connections, schema, the analyst's session and backups.

No other package opens `sql/`.
"""

from etl.warehouse.analyst import analyst_query, mart_diagram
from etl.warehouse.backup import dump
from etl.warehouse.connection import (
    MANY_ROWS,
    copy_rows,
    engine,
    records,
    rows_of,
    run_alone,
    run_as_it_is,
    run_file,
    sql_text,
    statement,
    transaction,
    values_of,
)
from etl.warehouse.schema import dictionary, migrate, scratch_warehouse
from etl.warehouse.server import AIRFLOW, WAREHOUSE, database_url, outage_of, stop_embedded
from etl.warehouse.turns import at_work, left_alone, turn
from etl.warehouse.watchdog import end_overdue, watch
