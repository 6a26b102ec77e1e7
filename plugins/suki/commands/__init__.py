"""The commands of ``suki``: one module each, found by itself.

A module's docstring begins with the line that ``suki --help`` shows. It defines ``add_arguments(parser)`` and
``run(arguments) -> int`` (the exit code), and imports what is heavy inside ``run``: ``--help`` must not load Airflow.
``ANYWHERE = True`` lets it run where there is neither a deployment nor a local platform.
"""
