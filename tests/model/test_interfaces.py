"""The interfaces of an instance: the primary one, and those besides."""

from __future__ import annotations

from ssmtui.model.network import NetworkInterface, NetworkInterfaces, Placement


def an_interface(device: int, public_ip: str | None = None) -> NetworkInterface:
    return NetworkInterface(f"eni-{device}", device, "subnet-1", "vpc-1", ("sg-1",), "10.0.0.10", public_ip)


def test_the_primary_interface_is_device_zero_and_all_others_are_besides() -> None:
    first, second, third = (an_interface(device) for device in range(3))
    both = NetworkInterfaces((first, second, third))
    assert (both.primary, both.others) == (first, (second, third))
    assert NetworkInterfaces((second,)).primary is None


def test_a_packet_leaves_from_where_its_interface_is() -> None:
    assert an_interface(1).placement == Placement("subnet-1", "vpc-1", ("sg-1",), False)
    assert an_interface(1, "52.47.1.1").placement == Placement("subnet-1", "vpc-1", ("sg-1",), True)
