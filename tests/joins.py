"""Whether the joins that `sql/dictionary.yml` declares between marts hold, asked as an analyst."""

from collections.abc import Sequence

from etl.warehouse import Join, analyst_query, mart_joins

# All of it are a hundred times the cells that it is joined from.
_A_PART_OF = {"figure_evidence": "part.figure_code IN ('R1', 'B5') AND part.scope_type = 'field'"}


def marts_joined(marts: Sequence[str] = ()) -> set[str]:
    """Run every join of some marts, or of all; return those that had rows to prove it with.

    Each row must find the one row that it belongs to, or one at most where it may lack it.
    """
    return {
        mart
        for mart, joins in mart_joins().items()
        if not marts or mart in marts
        for one in joins
        if _rows_joined(mart, one)
    }


def _rows_joined(mart: str, one: Join) -> int:
    there = [f"part.{column} IS NOT NULL" for column in one.columns]
    where = " AND ".join([*there, _A_PART_OF.get(mart, "TRUE")])
    _, [(own,)] = analyst_query(f"SELECT count(*) FROM mart.{mart} AS part WHERE {where}")
    _, [(rows, alone)] = analyst_query(
        f"SELECT count(*), count(*) FILTER (WHERE whole.{one.columns[0]} IS NULL)"
        f" FROM mart.{mart} AS part"
        f" LEFT JOIN mart.{one.to} AS whole USING ({', '.join(one.columns)}) WHERE {where}"
    )
    assert rows == own, f"{mart} is not one row of {one.to}"
    assert one.may_lack or alone == 0, f"{mart} has rows without {one.to}"
    return int(own)
