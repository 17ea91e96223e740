"""Alembic's entry: runs the migrations in one transaction on the warehouse."""

from alembic import context

from etl.warehouse import engine

with engine().begin() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
