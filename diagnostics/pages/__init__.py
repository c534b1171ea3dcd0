"""Pages of the admin that look at the whole system."""
