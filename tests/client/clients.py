"""Clients for tests: they wait for almost nothing."""

from typing import Any

from notifications_client import Client, Notification, Options, RetryPolicy

SECRET = "test-secret-key-0123456789abcdef"
HELLO = Notification("u1", content="Hello")
QUICK = RetryPolicy(tries=3, total_seconds=20, first_wait=0.01)


def client(url: str, retries: RetryPolicy = QUICK, **options: Any) -> Client:
    """Return a client that tries three times, with hardly a wait between."""
    return Client(url, SECRET, options=Options(retries=retries, **options))
