#!/bin/bash
# Runs once, when the postgres container is new: Airflow's database and the warehouse, each with an owner of its own.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres \
  -v airflow_password="$SUKI_AIRFLOW_DB_PASSWORD" -v warehouse_password="$SUKI_WAREHOUSE_DB_PASSWORD" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE airflow OWNER airflow;
REVOKE ALL ON DATABASE airflow FROM PUBLIC;
CREATE ROLE suki_app LOGIN CREATEROLE PASSWORD :'warehouse_password';
CREATE DATABASE warehouse OWNER suki_app;
REVOKE ALL ON DATABASE warehouse FROM PUBLIC;
SQL
