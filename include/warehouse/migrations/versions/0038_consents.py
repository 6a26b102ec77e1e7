"""Consent to calls, to post and to profiling beside that to e-mail and text messages; the profile tells of each.

Revision: 0038
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0036"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
BODY = (HERE / "0038_profile.sql").read_text(encoding="utf-8")

ASKED = {
    "phone_consent": "Agreed to marketing by telephone call; null when never asked",
    "post_consent": "Agreed to marketing by post; null when never asked",
    "profiling_consent": "Agreed to be judged by what they do and buy; null when never asked",
}
MEANINGS = {
    "phone_consent": "Marketing by telephone call, as of e-mail",
    "phone_consent_state": "The same of calls",
    "phone_consent_at": "The same of calls",
    "post_consent": "Marketing by post, as of e-mail",
    "post_consent_state": "The same of post",
    "post_consent_at": "The same of post",
    "profiling_consent": "To be judged by what they do and buy, as of e-mail; segments by what was bought leave out who refused",
    "profiling_consent_state": "The same of profiling",
    "profiling_consent_at": "The same of profiling",
}
BEFORE = "household_id uuid"


def upgrade():
    for schema, table in (("staging", "record_version"), ("golden", "customer")):
        for name, comment in ASKED.items():
            op.add_column(table, sa.Column(name, sa.Boolean(), comment=comment), schema=schema)
            said = sa.Column(f"{name}_at", sa.DateTime(timezone=True), comment="When that answer was given")
            op.add_column(table, said, schema=schema)
    warehouse = op.get_bind()
    warehouse.exec_driver_sql((HERE / "0038_consents.sql").read_text(encoding="utf-8"))
    _tell_profile(warehouse)


def _tell_profile(warehouse):
    """The profile and its views anew, for a column more is another function; what they mean and who may read them stays."""
    returned = {name: _returned(warehouse, name) for name in ("profile_at", "v_profile_at")}
    about = warehouse.exec_driver_sql("SELECT obj_description('golden.v_profile'::regclass)").scalar_one()
    meant = warehouse.exec_driver_sql(
        "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = 'golden.v_profile'::regclass AND attnum > 0 AND NOT attisdropped"
    ).all()
    for gone in ("VIEW golden.v_profile", "FUNCTION golden.v_profile_at(timestamptz)", "FUNCTION golden.profile_at(timestamptz)"):
        warehouse.exec_driver_sql(f"DROP {gone}")

    every, seen = _names(returned["profile_at"]), _names(returned["v_profile_at"])
    warehouse.exec_driver_sql(
        f"CREATE FUNCTION golden.profile_at(as_of timestamptz) RETURNS {returned['profile_at']}"
        " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
        # What a WITH gives has no statistics: the planner takes it for a few rows and would look through it once a customer.
        f" SET enable_nestloop = off AS $text$ {_body('as_of', 'MATERIALIZED')} $text$"
    )
    warehouse.exec_driver_sql(
        f"CREATE FUNCTION golden.v_profile_at(as_of timestamptz) RETURNS {returned['v_profile_at']}"  # noqa: S608 - names of columns
        " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
        f" AS $text$ SELECT {seen} FROM golden.profile_at(as_of) $text$"
    )
    now = _body("now()", "NOT MATERIALIZED")
    told = f"SELECT {seen} FROM ({now}) AS profile ({every})"  # noqa: S608 - our own text, and names of columns
    warehouse.exec_driver_sql(f"CREATE VIEW golden.v_profile AS {told}")

    both = "golden.profile_at(timestamptz), golden.v_profile_at(timestamptz)"
    warehouse.exec_driver_sql(f"REVOKE ALL ON FUNCTION {both} FROM PUBLIC")
    warehouse.exec_driver_sql(
        "GRANT EXECUTE ON FUNCTION golden.profile_at(timestamptz) TO suki_resolve, suki_steward, suki_privacy"
    )
    warehouse.exec_driver_sql("GRANT EXECUTE ON FUNCTION golden.v_profile_at(timestamptz) TO suki_analyst")
    warehouse.exec_driver_sql("GRANT SELECT ON golden.v_profile TO suki_analyst")
    warehouse.exec_driver_sql(f"COMMENT ON VIEW golden.v_profile IS '{about}'")
    for name, meaning in {**dict(tuple(row) for row in meant), **MEANINGS}.items():
        warehouse.exec_driver_sql(f"COMMENT ON COLUMN golden.v_profile.{name} IS '{meaning}'")


def _returned(warehouse, name):
    """What the function gave, with the answers that came behind those there were."""
    told = warehouse.exec_driver_sql(f"SELECT pg_get_function_result('golden.{name}(timestamptz)'::regprocedure)").scalar_one()
    came = "".join(f"{one} boolean, {one}_state text, {one}_at timestamptz, " for one in ASKED)
    assert told.count(BEFORE) == 1
    return told.replace(BEFORE, came + BEFORE)


def _names(returned):
    columns = returned.removeprefix("TABLE(").removesuffix(")")
    return ", ".join(column.split()[0] for column in columns.split(", "))


def _body(as_of, kept):
    return BODY.replace("$as_of", as_of).replace("$kept", kept)


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
