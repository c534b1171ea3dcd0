"""Commands of the channels app, by name."""
