"""Readers: a delivered file becomes raw rows, one after the other, however large it is."""
