"""Which URLs and network addresses an outgoing request may go to."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.delivery.denied_networks import (
    DENIED,
    GLOBAL_V6,
    METADATA_ADDRESSES,
    METADATA_NAMES,
    embedded_v4,
)
from channels_app.delivery.targets import AddressRefusedError, Target, parse_url

__all__ = [
    "Address",
    "AddressPolicy",
    "AddressRefusedError",
    "NameNotFoundError",
    "Network",
    "NetworksError",
    "Target",
    "is_literal",
    "parse_networks",
    "resolve",
]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class NameNotFoundError(Exception):
    """Raised when a host name has no address, or nobody could be asked for it."""


class NetworksError(ValueError):
    """Raised when a list of networks cannot be read. Its text says what to write."""


@dataclass(frozen=True)
class AddressPolicy:
    """Public addresses are open, all others closed unless a network here opens them.

    A cloud's metadata address is opened only by a network of exactly that address.
    """

    allowed_networks: tuple[Network, ...] = ()

    def check_url(self, url: str) -> Target:
        """Return the parts of a URL that may be contacted, or raise AddressRefusedError.

        Asks no name server: the addresses behind a name are checked at each connect.
        """
        target = parse_url(url)
        if target.host in METADATA_NAMES:
            raise _closed(_("This host name belongs to the cloud's metadata service."))
        address = _literal(target.host)
        if address is not None:
            self.check_address(address)
        return target

    def check_address(self, address: Address | str) -> None:
        """Raise AddressRefusedError unless a connection to the address is allowed."""
        real = _unmapped(ip_address(address) if isinstance(address, str) else address)
        if not self._is_allowed(real):
            reason = _denial(real)
            if reason is not None:
                raise _closed(reason)
        for inner in embedded_v4(real):
            self.check_address(inner)

    def check_resolved(self, target: Target) -> tuple[Address, ...]:
        """Return all addresses of the target's host; raise if any is closed.

        Raises AddressRefusedError or NameNotFoundError. A later connect asks again, and is
        checked again.
        """
        addresses = resolve(target.host)
        for address in addresses:
            self.check_address(address)
        return addresses

    def _is_allowed(self, address: Address) -> bool:
        containing = [n for n in self.allowed_networks if address in n]
        if address in METADATA_ADDRESSES:
            return any(n.num_addresses == 1 for n in containing)
        return bool(containing)


def resolve(host: str) -> tuple[Address, ...]:
    """Return every address of a host, as the system resolves it."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameNotFoundError(
            getattr(error, "strerror", "") or "no address"
        ) from error
    texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    return tuple(ip_address(text) for text in texts)


def is_literal(host: str) -> bool:
    """Tell whether a target's host is an address and needs no lookup."""
    return _literal(host) is not None


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read networks in CIDR form, separated by commas or spaces."""
    return tuple(_network(part) for part in re.split(r"[,\s]+", text) if part)


def _network(text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise NetworksError(
            f"{text!r} is not a network. {_suggestion(text)}"
        ) from error
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        raise NetworksError(f"{text!r} wraps IPv4 in IPv6: write the IPv4 network.")
    return network


def _suggestion(text: str) -> str:
    try:
        return f"Did you mean {ip_network(text, strict=False)}?"
    except ValueError:
        return "Write it like 10.0.0.0/8 or fd12:3456::/32."


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _unmapped(address: Address) -> Address:
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))
    return address


def _denial(address: Address) -> StrOrPromise | None:
    for network, reason in DENIED:
        if address in network:
            return reason
    if isinstance(address, IPv6Address) and address not in GLOBAL_V6:
        return _("This address is not part of the public internet.")
    return None


def _closed(reason: StrOrPromise) -> AddressRefusedError:
    return AddressRefusedError(
        "address_refused",
        reason,
        _(
            "Use a public address. If the receiver is meant to be in your own network, "
            "the operator adds that network to OUTBOUND_ALLOWED_NETWORKS."
        ),
    )
