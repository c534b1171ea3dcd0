"""Where the service is: its base URL taken apart, and the proxy on the way to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from notifications_client.words import say

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """The service's address; `base_path` has no slash at its end."""

    scheme: str
    host: str
    port: int
    base_path: str = ""

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@dataclass(frozen=True)
class Proxy:
    """A proxy that speaks plain HTTP, and what it wants to be told."""

    host: str
    port: int
    headers: dict[str, str] = field(default_factory=dict, repr=False)


def origin_of(base_url: str) -> Origin:
    """Return the parts of a base URL. Raises ValueError, saying what is wrong."""
    parts = urlsplit(base_url.strip())
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            say(
                "“{url}” is no address of a service: write it like {example}.",
                url=base_url,
                example="https://notifications.example.com",
            )
        )
    if parts.username or parts.query or parts.fragment:
        raise ValueError(
            say(
                "The address must have no user, query or fragment: give scheme, host, "
                "port and path only."
            )
        )
    path = quote(unquote(parts.path.rstrip("/")), safe="/~")
    port = parts.port or _PORTS[parts.scheme]
    return Origin(parts.scheme, parts.hostname, port, path)


def proxy_for(origin: Origin) -> Proxy | None:
    """Return the proxy that the environment names for an address, if there is one."""
    address = getproxies().get(origin.scheme)
    if not address or proxy_bypass(f"{origin.host}:{origin.port}"):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(
            say(
                "The proxy of the environment is not an http:// proxy: set another, or "
                "name the service in NO_PROXY."
            )
        )
    headers = {}
    if parts.username:
        given = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        coded = base64.b64encode(given.encode()).decode()
        headers["Proxy-Authorization"] = f"Basic {coded}"
    return Proxy(parts.hostname, parts.port or 8080, headers)
