"""Where we may dial: resolve once, check every address, dial the one that was checked.

Takes: a host and port, and the allow-list ("CIDR", "CIDR:port", "[v6]:port").
Gives: the address to dial, or OutboundRefused with the remedy.
Knows nothing about: what is sent.

Decided on the resolved address, since 2130706433, 0x7f000001 and rebinding names all reach 127.0.0.1. Link-local,
metadata, multicast and reserved ranges stay shut whatever the list says; private ranges and loopback open by it."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.errors import ConfigError, OutboundRefused, SourceUnreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

#: what cameras need by default: they stand in private networks
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "100.64.0.0/10")

_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "192.0.0.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "fe80::/10",
        "fec0::/10",
        "fd00:ec2::/32",  # metadata over IPv6
        "ff00::/8",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2001::/32",  # Teredo: the same
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry of the list; `port` None means any."""

    network: Network
    port: int | None


def parse_allow(entries: Sequence[str]) -> tuple[Allowed, ...]:
    """Raises ConfigError naming the entry that is not an address, a network, or one of them with a port."""
    return tuple(_parse_entry(entry.strip()) for entry in entries if entry.strip())


def _parse_entry(entry: str) -> Allowed:
    text, port = entry, None
    if entry.startswith("["):
        text, _, rest = entry[1:].partition("]")
        port = rest.lstrip(":") or None
    elif entry.count(":") == 1:
        text, port = entry.split(":")
    try:
        return Allowed(ipaddress.ip_network(text, strict=False), int(port) if port else None)
    except ValueError as error:
        raise ConfigError(
            f"allow-list entry '{entry}' is not a network", "write 192.168.1.0/24 or 192.168.1.20:8123"
        ) from error


def written(allow: Sequence[Allowed]) -> tuple[str, ...]:
    """The inverse of parse_allow, for another process."""
    return tuple(f"[{each.network}]:{each.port}" if each.port else str(each.network) for each in allow)


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, in the system's order."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def pin_address(host: str, port: int, allow: Sequence[Allowed], resolver: Resolver = resolve) -> str:
    """The address to dial. Raises OutboundRefused if any answer is one we may not dial, SourceUnreachable if none."""
    try:
        answers = resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachable(f"host '{host}' does not resolve", "check the name, or use its address") from error
    if not answers:
        raise SourceUnreachable(f"host '{host}' has no address", "check the name, or use its address")
    for answer in answers:
        why = refusal(ipaddress.ip_address(answer.partition("%")[0]), port, allow)
        if why:
            shown = host if host == answer else f"{host} ({answer})"
            raise OutboundRefused(f"target '{shown}' port {port} is {why[0]}", why[1])
    return answers[0]


def refusal(address: Address, port: int, allow: Sequence[Allowed]) -> tuple[str, str] | None:
    """None where it may be dialled, else (what it is, what to do)."""
    address = _unwrap(address)
    if any(address in network for network in _NEVER if network.version == address.version):
        return "a link-local, metadata, multicast or reserved address", "such addresses are never dialled"
    if any(_opens(entry, address, port) for entry in allow):
        return None
    if address.is_loopback:
        return "this machine itself", f"an admin can allow exactly {_entry(address, port)}"
    if not address.is_global or (address.version == 6 and address in ipaddress.ip_network("::/96")):
        return "in a private network", f"an admin can allow {_entry(address, port)}, once"
    return None


def _opens(entry: Allowed, address: Address, port: int) -> bool:
    same = entry.network.version == address.version and address in entry.network
    return same and entry.port in (None, port)


def _unwrap(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _entry(address: Address, port: int) -> str:
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
