"""The platform on one machine: PostgreSQL, Airflow, the demo. Production needs none of it."""
