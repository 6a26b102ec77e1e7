"""What keeps people's data theirs: opaque ids, the list of who must not come back, and which regions may be compared."""
