"""One customer's profile is looked up by indexes, where it took reckoning everybody's; what it tells is the same.

Revision: 0034
"""

from pathlib import Path

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BODY = (Path(__file__).parent / "0034_profile.sql").read_text(encoding="utf-8")


def upgrade():
    warehouse = op.get_bind()
    returns, every = warehouse.exec_driver_sql(
        "SELECT pg_get_function_result(oid), array_to_string(proargnames[2:], ', ')"
        " FROM pg_proc WHERE oid = 'golden.profile_at(timestamptz)'::regprocedure"
    ).one()
    seen = warehouse.exec_driver_sql(
        "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = 'golden.v_profile'::regclass AND attnum > 0 AND NOT attisdropped"
    ).scalar_one()
    warehouse.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION golden.profile_at(as_of timestamptz) RETURNS {returns}"
        " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
        # What a WITH gives has no statistics: the planner takes it for a few rows and would look through it once a customer.
        f" SET enable_nestloop = off AS $text$ {_body('as_of', 'MATERIALIZED')} $text$"
    )
    now = _body("now()", "NOT MATERIALIZED")
    told = f"SELECT {seen} FROM ({now}) AS profile ({every})"  # noqa: S608 - our own text, and names of columns
    warehouse.exec_driver_sql(f"CREATE OR REPLACE VIEW golden.v_profile AS {told}")


def _body(as_of, kept):
    return BODY.replace("$as_of", as_of).replace("$kept", kept)


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
