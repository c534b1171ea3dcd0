"""The signature of a request: made, checked, and examined when it is wrong."""
