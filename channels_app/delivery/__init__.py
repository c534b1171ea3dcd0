"""The delivery engine: claiming, carrying, recording, and where it may connect."""
