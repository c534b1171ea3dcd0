"""Who gets a notification, and getting it there."""
