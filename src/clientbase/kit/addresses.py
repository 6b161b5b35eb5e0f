"""Which network addresses lie in the open internet: what a URL that a user gives may lead to."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_UNICAST = IPv6Network("2000::/3")
"""All that is given out of IPv6 (https://www.iana.org/assignments/ipv6-address-space); mapped and translated
forms of IPv4 (`::ffff:0:0/96`, NAT64 `64:ff9b::/96`) lie outside of it."""
_CLOSED = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv6Network("2001::/23"),  # Teredo, benchmarks, ORCHID: special uses
    IPv6Network("2002::/16"),  # 6to4, with an IPv4 address inside
    IPv6Network("3fff::/20"),  # documentation
)
"""What Python's table, which is older in older versions, calls global and leads elsewhere
(https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry)."""


def is_open(address: str) -> bool:
    """Whether an address is one of the open internet: not private, loopback, link-local, CGNAT, multicast,
    reserved, nor another form of such a one. A scope (`%eth0`) makes it a local one."""
    if "%" in address:
        return False
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed not in _UNICAST:
        return False
    return parsed.is_global and not parsed.is_multicast and not _is_closed(parsed)


def _is_closed(address: IPv4Address | IPv6Address) -> bool:
    return any(address.version == network.version and address in network for network in _CLOSED)
