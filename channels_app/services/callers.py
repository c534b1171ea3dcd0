"""How callers are told apart by where they come from."""

from __future__ import annotations

import ipaddress


def counted_address(remote: str) -> str:
    """Return who is counted: an IPv4 address, or the /64 network of an IPv6 one."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return "local"
    if address.version == 4:
        return remote
    return str(ipaddress.ip_network((address, 64), strict=False))
