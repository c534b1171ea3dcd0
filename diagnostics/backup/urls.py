"""The address of a database, from Django's description of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode


def database_url(described: Mapping[str, Any]) -> str:
    """Return what DATABASE_URL must be to use a database; it may hold a password."""
    if described["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{described['NAME']}"
    user, password = described.get("USER") or "", described.get("PASSWORD") or ""
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    host, port = described.get("HOST") or "", described.get("PORT") or ""
    options = {
        name: value
        for name, value in described.get("OPTIONS", {}).items()
        if isinstance(value, str | int) and name != "application_name"
    }
    if host.startswith("/"):
        options["host"], host = host, ""
    place = f"{login}@{host}" if login else host
    place += f":{port}" if port else ""
    return f"postgres://{place}/{described['NAME']}?{urlencode(options, safe='/')}"
