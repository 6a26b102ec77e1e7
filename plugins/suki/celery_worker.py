"""A Celery worker loads the heavy libraries once, before its pool forks from it; every task then finds them loaded.

Named in Celery's setting ``imports``, whose modules a worker's first process imports when it starts and nobody else does:
``AIRFLOW__CELERY__EXTRA_CELERY_CONFIG='{"imports": ["suki.celery_worker"]}'``.
"""

from suki.listeners.warm_start import OBJECT_STORE, warm_start

warm_start(OBJECT_STORE)  # workers of many machines share no disk, so each of their tasks speaks to a store
