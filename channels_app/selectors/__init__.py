"""Read-only views of the tables; nothing here writes."""
