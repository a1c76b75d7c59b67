"""Which network addresses the app may talk to on behalf of somebody. Pure.

Everything that is not a public address of one machine is refused: names are typed by people, and
the server stands where they do not. An operator may allow hosts inside (`allowed`); the addresses
at which clouds tell their machines secrets stay refused even then.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_METADATA = [
    ip_network(net)
    for net in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::/32",
        "fd20:ce::/32",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
    )
]
_NOWHERE = [ip_network(net) for net in ("0.0.0.0/8", "::/128", "224.0.0.0/4", "ff00::/8")]
# Python takes these for global: they lead through translators to any IPv4 address, or are obsolete.
_DETOURS = [
    ip_network(net)
    for net in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "100.64.0.0/10",
        "240.0.0.0/4",
        "::ffff:0:0:0/96",
        "::/96",
    )
]


def may_reach(address: str, *, allowed: bool = False) -> bool:
    """Whether a connection to an address may be made; `allowed`: the operator named its host."""
    try:
        ip = _plain(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if "%" in address or _is_in(ip, _METADATA) or _is_in(ip, _NOWHERE):
        return False
    if allowed:
        return True
    return ip.is_global and not ip.is_multicast and not _is_in(ip, _DETOURS)


def _plain(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address written as IPv6 is what it stands for."""
    return (ip.version == 6 and ip.ipv4_mapped) or ip


def _is_in(ip: IPv4Address | IPv6Address, nets: list) -> bool:
    return any(ip.version == net.version and ip in net for net in nets)
