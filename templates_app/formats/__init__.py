"""What a channel's content may look like, and how values are written into it."""
