"""What every test may use."""

pytest_plugins = ["tests.postgres_fixture", "tests.object_store_fixture"]
