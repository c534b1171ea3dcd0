"""The signed API."""
