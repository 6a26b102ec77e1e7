"""Everything of Suki that speaks Airflow: operators, connections, the lake, the pages in the UI."""

import include  # noqa: F401 - settles what numpy may use, before anything loads numpy
