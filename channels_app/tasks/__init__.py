"""The only place that knows the task queue."""
