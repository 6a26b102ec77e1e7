"""Broken files through the real readers, steps and PostgreSQL, each judged, told as a table (``make faults``)."""
