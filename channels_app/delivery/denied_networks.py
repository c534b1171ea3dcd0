"""The networks that are not the public internet, each with the sentence that says so.

Written out because `ipaddress.is_global` of Python 3.11.7 calls some of them public
and changes between patch releases. Source: IANA's special-purpose registries.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_PRIVATE = _("This address belongs to a private network.")
_LOOPBACK = _("This address is the machine itself.")
_LINK_LOCAL = _("This address is only valid on the local link.")
_METADATA = _("This address belongs to the cloud's metadata or platform service.")
_TRANSLATED = _("This IPv6 address stands for an IPv4 address behind a translator.")
_RESERVED = _("This address is reserved and not part of the public internet.")
_MULTICAST = _("This is a multicast address, not a single receiver.")

DENIED: tuple[tuple[IPv4Network | IPv6Network, StrOrPromise], ...] = tuple(
    (ip_network(text), reason)
    for text, reason in (
        # AWS, Google Cloud, Azure, Oracle Cloud and others
        ("169.254.169.254/32", _METADATA),
        ("169.254.170.2/32", _METADATA),  # AWS ECS task credentials
        ("168.63.129.16/32", _METADATA),  # Azure's platform, in a public block
        ("100.100.100.200/32", _METADATA),  # Alibaba Cloud
        ("192.0.0.192/32", _METADATA),  # older Oracle Cloud
        ("fd00:ec2::254/128", _METADATA),  # AWS over IPv6
        ("0.0.0.0/8", _LOOPBACK),  # Linux connects 0.0.0.0 to itself
        ("10.0.0.0/8", _PRIVATE),
        ("100.64.0.0/10", _PRIVATE),  # carrier-grade NAT, also Tailscale
        ("127.0.0.0/8", _LOOPBACK),
        ("169.254.0.0/16", _LINK_LOCAL),
        ("172.16.0.0/12", _PRIVATE),
        ("192.0.0.0/24", _RESERVED),
        ("192.0.2.0/24", _RESERVED),
        ("192.88.99.0/24", _TRANSLATED),  # 6to4 relays
        ("192.168.0.0/16", _PRIVATE),
        ("198.18.0.0/15", _RESERVED),
        ("198.51.100.0/24", _RESERVED),
        ("203.0.113.0/24", _RESERVED),
        ("224.0.0.0/4", _MULTICAST),
        ("240.0.0.0/4", _RESERVED),
        ("::1/128", _LOOPBACK),
        ("::/128", _LOOPBACK),
        ("::/96", _TRANSLATED),  # IPv4-compatible
        ("::ffff:0:0:0/96", _TRANSLATED),  # SIIT
        ("64:ff9b::/96", _TRANSLATED),  # NAT64
        ("64:ff9b:1::/48", _TRANSLATED),  # NAT64, local
        ("100::/64", _RESERVED),
        ("2001::/32", _TRANSLATED),  # Teredo
        ("2001::/23", _RESERVED),
        ("2001:db8::/32", _RESERVED),
        ("2002::/16", _TRANSLATED),  # 6to4
        ("3ffe::/16", _RESERVED),  # the former 6bone
        ("3fff::/20", _RESERVED),
        ("5f00::/16", _RESERVED),  # segment routing
        ("fc00::/7", _PRIVATE),
        ("fe80::/10", _LINK_LOCAL),
        ("fec0::/10", _PRIVATE),  # site-local
        ("ff00::/8", _MULTICAST),
    )
)

# The only IPv6 space that has been given out for use on the internet.
GLOBAL_V6 = IPv6Network("2000::/3")

METADATA_ADDRESSES = frozenset(
    network.network_address for network, reason in DENIED if reason is _METADATA
)
METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog"})

_V4_IN_LAST_BITS = tuple(
    map(
        IPv6Network,
        ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"),
    )
)
_NOT_WRAPPED = frozenset({IPv6Address("::"), IPv6Address("::1")})


def embedded_v4(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that a translator would take out of an IPv6 address."""
    if isinstance(address, IPv4Address) or address in _NOT_WRAPPED:
        return
    if any(address in network for network in _V4_IN_LAST_BITS):
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield address.teredo[1]
