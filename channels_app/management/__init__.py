"""Commands of the channels app."""
