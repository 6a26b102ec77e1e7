"""Tables of cases, one a job of cleaning, and what runs them over the pipeline's own functions.

A table has the columns ``input,hint,expected,note``; its file's name is the job's. ``runner`` reads and judges, ``jobs`` says
which function does a job and writes its answer the way the tables do. The tables beside this file are the project's own.
"""
