"""The systems `make bench` compares, each run in a process of its own: frame in, cluster ids out.

Each is a module that is given the set's name and a folder. It reads ``raw.parquet`` (the rows as delivered, all texts, with
``record_id`` and ``source``) or ``snapshot.parquet`` (cleaned by Suki), times itself from the frame in memory to the cluster ids,
writes ``<system>.parquet`` (``record_id``, ``cluster``) and prints a line of JSON.
"""
