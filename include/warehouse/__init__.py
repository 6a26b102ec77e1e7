"""The warehouse: its one schema, and the few functions that write it; each is one transaction, and again is the same."""
