"""SQLite, remembering how its statements are written."""
