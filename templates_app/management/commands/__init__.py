"""Commands of the templates app, by name."""
