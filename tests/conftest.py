"""What every test may use."""

from hypothesis import settings

import include  # noqa: F401 - settles what numpy may use, before a test loads numpy: as in every process of the project

pytest_plugins = ["tests.postgres_fixture", "tests.object_store_fixture"]

settings.register_profile("untimed", deadline=None)  # how long an example takes tells of the machine, not of the code
settings.load_profile("untimed")
