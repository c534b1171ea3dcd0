"""Commands of the diagnostics app."""
