"""The core: speaks customers, knows no Airflow."""

from include import heap, processor

processor.settle()  # before anything of ours loads numpy
heap.settle()  # before numpy starts threads
