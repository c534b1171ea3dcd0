"""Where a request comes from: the address that limits count on."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest


def caller_address(request: HttpRequest) -> str:
    """Return who is counted: an IPv4 address, or the /64 network of an IPv6 one."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "local"
    if address.version == 4:
        return text
    return str(ipaddress.ip_network((address, 64), strict=False))
