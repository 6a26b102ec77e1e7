"""Measurements of Suki on the machine at hand. None is a test: a figure belongs to its machine."""
