"""Renders templates safely: pure functions and values, no models."""
