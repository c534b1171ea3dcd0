"""Commands of the diagnostics app, by name."""
