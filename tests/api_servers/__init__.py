"""Servers that answer as the services do whose exports Suki reads, as real processes on real sockets.

They were written from the services' public documentation, before the reader and apart from it: they import nothing of it.
"""
