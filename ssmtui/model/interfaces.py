"""The network interfaces of an instance: the one that its path is judged by, and others that its system may use."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.network import Placement


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """One interface. The `device` of the primary one is 0; `public_ip` is None where it has none."""

    id: str
    device: int
    subnet_id: str
    vpc_id: str
    security_group_ids: tuple[str, ...]
    private_ip: str
    public_ip: str | None

    @property
    def placement(self) -> Placement:
        """Where a packet is that leaves by it."""
        return Placement(self.subnet_id, self.vpc_id, self.security_group_ids, self.public_ip is not None)


@dataclass(frozen=True, slots=True)
class NetworkInterfaces:
    """An instance's interfaces, in the order of their devices."""

    interfaces: tuple[NetworkInterface, ...]

    @property
    def primary(self) -> NetworkInterface | None:
        """The one that the instance was launched with, and cannot be without."""
        return next((each for each in self.interfaces if each.device == 0), None)

    @property
    def others(self) -> tuple[NetworkInterface, ...]:
        """Those besides: which of all its system sends by is for its own routes to say."""
        return tuple(each for each in self.interfaces if each.device != 0)
