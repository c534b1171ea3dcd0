"""What the service is measured against: the same work done the usual way, or barely."""
