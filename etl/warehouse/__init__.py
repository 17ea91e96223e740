"""The PostgreSQL warehouse: its server, connections, schema, the analyst's session and backups.

No other package opens `sql/`.
"""

from etl.warehouse.analyst import analyst_query, mart_diagram
from etl.warehouse.backup import dump
from etl.warehouse.connection import (
    collector_lock,
    copy_rows,
    engine,
    run_file,
    sql_text,
    transaction,
)
from etl.warehouse.schema import dictionary, migrate, scratch_warehouse
from etl.warehouse.server import AIRFLOW, WAREHOUSE, database_url, stop_embedded

__all__ = [
    "AIRFLOW",
    "WAREHOUSE",
    "analyst_query",
    "collector_lock",
    "copy_rows",
    "database_url",
    "dictionary",
    "dump",
    "engine",
    "mart_diagram",
    "migrate",
    "run_file",
    "scratch_warehouse",
    "sql_text",
    "stop_embedded",
    "transaction",
]
