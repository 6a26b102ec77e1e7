"""The picture of a past day is of that day: golden values and consent too, by both clocks. An address knows that post came back.

Revision: 0049
"""

import re
from pathlib import Path

from alembic import op

revision = "0049"
down_revision = "0047"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent
AS_OF = (HERE / "0049_as_of.sql").read_text(encoding="utf-8")
BODY = (HERE / "0049_profile.sql").read_text(encoding="utf-8")

# What a source says of this record alone: staging.latest_version now, and on a past day what it had said by then. A word
# that bears a date yet to come is one of today.
LATEST = """(
        SELECT *
        FROM staging.record_version AS version
        WHERE version.record_id = place.record_id$by_then
        ORDER BY $said DESC, version.confirmed_on DESC, version.deleted, version.content_hash COLLATE "C" DESC
        LIMIT 1
    )"""
WORD = LATEST.replace("$by_then", "").replace("$said", "version.confirmed_at")
WORD_THEN = LATEST.replace(
    "$by_then",
    """
            AND (version.source_time <= as_of OR as_of >= now()) AND version.recorded_at <= believed""",
).replace("$said", "CASE WHEN version.confirmed_at <= as_of THEN version.confirmed_at ELSE version.source_time END")

ROMANISED = """SELECT proof.customer_id, initcap(concat_ws(' ', record.given_key, record.family_key)) AS name
    FROM golden.proof
    JOIN record ON record.customer_id = proof.customer_id
        AND record.record_id = proof.record_ids[(proof.fields #>> '{full_name,3,0}')::int]"""
ROMANISED_THEN = """SELECT DISTINCT ON (record.customer_id)
        record.customer_id, initcap(concat_ws(' ', record.given_key, record.family_key)) AS name
    FROM record
    JOIN customer ON customer.customer_id = record.customer_id
    LEFT JOIN golden.proof ON proof.customer_id = record.customer_id
        AND record.record_id = proof.record_ids[(proof.fields #>> '{full_name,3,0}')::int]
    WHERE record.full_name = customer.full_name OR proof.customer_id IS NOT NULL
    ORDER BY
        record.customer_id, coalesce(record.full_name = customer.full_name, false) DESC, proof.customer_id IS NULL,
        record.record_id"""

CONFIDENCE = """SELECT place.customer_id, min(coalesce(tie.strongest, 0)) AS weakest
    FROM golden.crosswalk AS place
    CROSS JOIN LATERAL (
        SELECT max(ends.probability) AS strongest
        FROM (
            SELECT edge.record_b AS other, edge.probability FROM identity.edge WHERE edge.record_a = place.record_id
            UNION ALL
            SELECT edge.record_a, edge.probability FROM identity.edge WHERE edge.record_b = place.record_id
        ) AS ends
        JOIN golden.crosswalk AS its ON its.record_id = ends.other AND its.customer_id = place.customer_id
    ) AS tie
    GROUP BY place.customer_id"""
CONFIDENCE_THEN = """SELECT record.customer_id, min(coalesce(tie.strongest, 0)) AS weakest
    FROM record
    LEFT JOIN (
        SELECT ends.own, max(ends.probability) AS strongest
        FROM (
            SELECT edge.record_a AS own, edge.record_b AS other, edge.probability FROM identity.edge
            UNION ALL
            SELECT edge.record_b, edge.record_a, edge.probability FROM identity.edge
        ) AS ends
        JOIN record AS one ON one.record_id = ends.own
        JOIN record AS its ON its.record_id = ends.other AND its.customer_id = one.customer_id
        GROUP BY ends.own
    ) AS tie ON tie.own = record.record_id
    GROUP BY record.customer_id"""

NOW = {
    "places": "golden.crosswalk", "customers": "golden.customer", "interactions": "golden.customer_interaction", "word": WORD,
    "housed": "golden.household_member", "registered": "golden.repeat_registration",
    "romanised": ROMANISED, "confidence": CONFIDENCE, "proof": "fields",
}  # fmt: skip
THEN = {
    "places": "whose", "customers": "customer", "interactions": "happened", "word": WORD_THEN,
    "housed": "(SELECT member.* FROM golden.household_member AS member, run WHERE member.since_sequence <= run.sequence)",
    "registered": "(SELECT one.* FROM golden.repeat_registration AS one, run WHERE one.since_sequence <= run.sequence)",
    "romanised": ROMANISED_THEN, "confidence": CONFIDENCE_THEN, "proof": "fields",
}  # fmt: skip
BELIEVED = """WITH run AS MATERIALIZED (
    SELECT max(sequence) AS sequence FROM ops.resolve_run WHERE status = 'published' AND recorded_at <= believed
),
whose AS MATERIALIZED (SELECT * FROM golden.place_at(as_of, believed)),
customer AS MATERIALIZED (SELECT * FROM golden.customer_at(as_of, believed)),
happened AS (
    SELECT place.customer_id, done.*
    FROM staging.interaction AS done JOIN whose AS place ON place.record_id = done.customer_record_id
    WHERE NOT done.deleted
),
declared AS ("""

# What a WITH gives has no statistics: the planner takes it for a few rows and would look through it once a customer.
FUNCTION = (
    "CREATE {how} FUNCTION golden.{name} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
    " SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $text$ {text} $text$"
)

ABOUT = """{what} on a day (as_of: valid time, the sources'),
as believed on another (believed: recorded time, ours; now where left out). Golden values: those believed then; of whom
something was said after the day, what their records had said by it. Consent: as answered by then. What is bought, seen,
bounced and due: as it had happened by then. Not known as of then, and told as of the last publication: the household, the
score of repeat registrations (none where found after believed), match_confidence, how an order or ticket stands, and what is
declared (rates, periods, tiers)."""

MEANINGS = {
    "v_profile.address_state": "verified, stated, stale or bounced (post came back since it was last told), as of e-mail"
    " addresses; one home however it is spelt",
    "v_profile.household_id": "Who they live with, by the last publication; null: nobody we know of",
    "v_consent.state": "granted, refused, or expired: it was granted and its period is over; null: it bears a date yet to come",
}


def upgrade():
    warehouse = op.get_bind()
    run = warehouse.exec_driver_sql
    returned = {name: _returned(warehouse, name) for name in ("profile_at", "v_profile_at", "v_consent_at")}
    every, seen = _names(returned["profile_at"]), _names(returned["v_profile_at"])

    # What is believed now, reckoned at a moment, is what exports and refreshing go by: who refused since the moment has refused.
    run("ALTER FUNCTION golden.v_consent_at(timestamptz) RENAME TO consent_reckoned_at")
    run("ALTER FUNCTION golden.profile_at(timestamptz) RENAME TO profile_reckoned_at")
    reckoned = _body("as_of", "MATERIALIZED", NOW)
    run(FUNCTION.format(
        how="OR REPLACE", name="profile_reckoned_at(as_of timestamptz)", returns=returned["profile_at"], text=reckoned
    ))  # fmt: skip
    shown = _body("now()", "NOT MATERIALIZED", NOW)
    told = f"SELECT {seen} FROM ({shown}) AS profile ({every})"  # noqa: S608 - our own text, and names of columns
    run(f"CREATE OR REPLACE VIEW golden.v_profile AS {told}")

    run(AS_OF.replace("$word", WORD_THEN))
    then = _body("as_of", "MATERIALIZED", THEN).replace("WITH declared AS (", BELIEVED, 1)
    both = "(as_of timestamptz, believed timestamptz)"
    run(FUNCTION.format(how="", name=f"profile_at{both}", returns=returned["profile_at"], text=then))
    run(FUNCTION.format(
        how="", name=f"v_profile_at{both}", returns=returned["v_profile_at"],
        text=f"SELECT {seen} FROM golden.profile_at(as_of, believed)",  # noqa: S608 - names of columns
    ))  # fmt: skip
    for name, how in (("profile_at", ""), ("v_profile_at", "OR REPLACE"), ("v_consent_at", "")):
        run(FUNCTION.format(
            how=how, name=f"{name}(as_of timestamptz)", returns=returned[name],
            text=f"SELECT * FROM golden.{name}(as_of, now())",  # noqa: S608 - our own names
        ))  # fmt: skip
    for name, readers in (
        ("profile_at", "suki_resolve, suki_steward, suki_privacy"),
        ("v_profile_at", "suki_analyst"),
        ("v_consent_at", "suki_analyst, suki_resolve, suki_steward, suki_privacy"),
    ):
        for given in ("timestamptz", "timestamptz, timestamptz"):
            run(f"REVOKE ALL ON FUNCTION golden.{name}({given}) FROM PUBLIC")
            run(f"GRANT EXECUTE ON FUNCTION golden.{name}({given}) TO {readers}")
    about = {"profile_at": "Everybody's profile", "v_profile_at": "Everybody's profile, without date of birth and free text,"}
    for name, what in about.items():
        for given in ("timestamptz", "timestamptz, timestamptz"):
            told = ABOUT.format(what=what).replace("\n", " ").replace("'", "''")
            run(f"COMMENT ON FUNCTION golden.{name}({given}) IS '{told}'")
    run("COMMENT ON FUNCTION golden.v_consent_at(timestamptz) IS 'What each customer had answered by a day, as believed now'")
    run(
        "COMMENT ON FUNCTION golden.profile_reckoned_at(timestamptz) IS 'What is believed now of everybody, reckoned at a moment'"
    )
    run("COMMENT ON FUNCTION golden.consent_reckoned_at(timestamptz) IS 'The answers that stand now, reckoned at a moment'")
    for column, meaning in MEANINGS.items():
        run(f"COMMENT ON COLUMN golden.{column} IS '{meaning}'")
    _reckon_what_is_due(warehouse)


def _reckon_what_is_due(warehouse):
    """What has gone stale is asked of what is believed now."""
    text = warehouse.exec_driver_sql("SELECT pg_get_functiondef('golden.refresh_at(timestamptz)'::regprocedure)").scalar_one()
    assert text.count("golden.profile_at(as_of)") == 1
    warehouse.exec_driver_sql(text.replace("golden.profile_at(as_of)", "golden.profile_reckoned_at(as_of)"))


def _returned(warehouse, name):
    return warehouse.exec_driver_sql(f"SELECT pg_get_function_result('golden.{name}(timestamptz)'::regprocedure)").scalar_one()


def _names(returned):
    columns = returned.removeprefix("TABLE(").removesuffix(")")
    return ", ".join(column.split()[0] for column in columns.split(", "))


def _body(as_of, kept, parts):
    text = BODY
    for name, part in parts.items():
        text = text.replace(f"${name}", part)
    before = r"\1, " if parts is THEN else ""
    text = re.sub(r"\$told_before\(([a-z_.]+)\)", before, text)
    return text.replace("$as_of", as_of).replace("$kept", kept)


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
