"""What is believed now is kept once: a row of history is written when it ends. Proofs are kept as they are told, half as long.

Revision: 0042
"""

from pathlib import Path

from alembic import op

revision = "0042"
down_revision = "0039"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
BODY = (HERE / "0042_profile.sql").read_text(encoding="utf-8")


def upgrade():
    warehouse = op.get_bind()
    for part in ("0042_history.sql", "0042_proof.sql"):
        warehouse.exec_driver_sql((HERE / part).read_text(encoding="utf-8"))
    returned = {name: _returned(warehouse, name) for name in ("profile_at", "v_profile_at")}
    every, seen = _names(returned["profile_at"]), _names(returned["v_profile_at"])
    now = _body("now()", "NOT MATERIALIZED", "told")
    told = f"SELECT {seen} FROM ({now}) AS profile ({every})"  # noqa: S608 - our own text, and names of columns
    warehouse.exec_driver_sql(f"CREATE OR REPLACE VIEW golden.v_profile AS {told}")
    # No view reads the longer form any more, and views go on with a column that gets another name.
    warehouse.exec_driver_sql("ALTER TABLE golden.proof DROP COLUMN fields")
    warehouse.exec_driver_sql("ALTER TABLE golden.proof RENAME COLUMN told TO fields")
    warehouse.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION golden.profile_at(as_of timestamptz) RETURNS {returned['profile_at']}"
        " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
        # What a WITH gives has no statistics: the planner takes it for a few rows and would look through it once a customer.
        f" SET enable_nestloop = off AS $text$ {_body('as_of', 'MATERIALIZED', 'fields')} $text$"
    )


def _returned(warehouse, name):
    return warehouse.exec_driver_sql(f"SELECT pg_get_function_result('golden.{name}(timestamptz)'::regprocedure)").scalar_one()


def _names(returned):
    columns = returned.removeprefix("TABLE(").removesuffix(")")
    return ", ".join(column.split()[0] for column in columns.split(", "))


def _body(as_of, kept, proof):
    return BODY.replace("$as_of", as_of).replace("$kept", kept).replace("$proof", proof)


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
