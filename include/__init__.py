"""The core: speaks customers, knows no Airflow."""

from include import processor

processor.settle()  # before anything of ours loads numpy
