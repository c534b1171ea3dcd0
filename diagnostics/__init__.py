"""How the system is doing, and what to do about it."""
