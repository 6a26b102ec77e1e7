"""Values as they were meant, by the customs of the country they come from: one module a field, each a set of pure functions.

Nothing is imported here, as a Dag file may import a neighbour of this room; ``include.cleaning.frames`` is where whole frames go.
"""
