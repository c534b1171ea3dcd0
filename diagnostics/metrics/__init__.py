"""Figures of the running service, as JSON and in Prometheus' text format."""
