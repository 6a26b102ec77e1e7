"""What Suki does when Airflow says that something happens."""
