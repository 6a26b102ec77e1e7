"""Measurements of Suki on the machine at hand. None is a test: a figure belongs to its machine."""

import include  # noqa: F401 - settles what numpy may use, before anything loads numpy; who is measured beside Suki inherits it
