"""How requests go out: what libcurl may and may not do for every one of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import certifi
import pycurl

# Kept connections go well before receivers and the middle of the network drop
# them silently (60 s is common); all go in time to follow a change of address.
_IDLE_SECONDS = 30
_CONNECTION_SECONDS = 300


@dataclass(frozen=True)
class WireOptions:
    """How the requests of one carrier go out. Time limits are in seconds."""

    connect_timeout: float = 5.0
    total_timeout: float = 15.0
    ca_file: str = field(default_factory=certifi.where)
    user_agent: str = "notifications"


def new_handle(options: WireOptions) -> pycurl.Curl:
    """Return a libcurl handle with everything set that is the same for all requests."""
    curl = pycurl.Curl()
    for option, value in (
        (pycurl.NOSIGNAL, 1),
        (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
        (pycurl.FOLLOWLOCATION, 0),
        (pycurl.PROXY, ""),
        (pycurl.NETRC, pycurl.NETRC_IGNORED),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
        (pycurl.PATH_AS_IS, 1),
        (pycurl.SSL_VERIFYPEER, 1),
        (pycurl.SSL_VERIFYHOST, 2),
        (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
        (pycurl.CAINFO, options.ca_file),
        (pycurl.USERAGENT, options.user_agent),
        (pycurl.MAXAGE_CONN, _IDLE_SECONDS),
        (pycurl.MAXLIFETIME_CONN, _CONNECTION_SECONDS),
    ):
        curl.setopt(option, value)
    return curl
