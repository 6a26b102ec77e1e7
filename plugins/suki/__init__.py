"""Everything of Suki that speaks Airflow: operators, connections, the lake, the pages in the UI."""
