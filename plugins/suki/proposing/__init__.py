"""A new source proposed from a sample of its export: what its fields are, how sure that is, and the folder that says so."""

UNDECIDED = "undecided"
"""Stands in a proposed declaration for what a person has to say."""
