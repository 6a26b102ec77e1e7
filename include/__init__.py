"""The core: speaks customers, knows no Airflow."""
