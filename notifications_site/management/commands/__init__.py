"""Commands of the frame, by name."""
