"""Runs the migrations on the connection that include.warehouse.engine.migrate gives."""

from alembic import context

from include.warehouse.tables import SCHEMAS, metadata


def include_name(name, kind, parents):
    return name in SCHEMAS if kind == "schema" else not (parents.get("schema_name") == "ops" and name == "alembic_version")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    include_name=include_name,
    version_table_schema="ops",
    compare_server_default=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
