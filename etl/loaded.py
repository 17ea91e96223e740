"""Importing this loads every stage, and Great Expectations: what is forked then has them there.

That takes seconds; only processes that others are forked from do it.
"""

from etl import check, pipeline

for _stage in dir(pipeline):
    getattr(pipeline, _stage)
check.load_expectations()
