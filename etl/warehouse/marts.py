"""The marts as their catalogue and dictionary tell of them: one picture of all."""

from etl.warehouse.analyst import analyst_query
from etl.warehouse.contents import mart_joins
from etl.warehouse.diagram import TableBox, diagram


def mart_diagram() -> str:
    """Return a picture of the marts as an analyst sees them, from the catalogue: one SVG."""
    _, rows = analyst_query(
        "SELECT table_name, table_comment, column_name, data_type, is_key"
        " FROM mart.data_dictionary ORDER BY table_name, column_number"
    )
    boxes: dict[str, TableBox] = {}
    for name, comment, column, data_type, is_key in rows:
        boxes.setdefault(name, TableBox(name, comment)).columns.append((column, data_type, is_key))
    joined = {
        name: [(one.to, one.may_lack) for one in joins] for name, joins in mart_joins().items()
    }
    return diagram(list(boxes.values()), joined, "mart의 표와 그 이어짐")
