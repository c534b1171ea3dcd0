"""Measures the service beside its ceilings and its naive rivals: `make bench`."""
