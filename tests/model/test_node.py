"""What a node says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.node import NodeKind
from tests.builders.fleet import an_instance


@pytest.mark.parametrize(("address", "has"), [("52.47.1.1", True), (None, False)])
def test_an_instance_has_a_public_address_where_ec2_tells_one(address: str | None, has: object) -> None:
    assert replace(an_instance("i-0000000000000001a"), public_ip=address).has_public_ip is has


@pytest.mark.parametrize(
    ("node_id", "kind"),
    [("i-0123456789abcdef0", NodeKind.EC2), ("i-01234567", NodeKind.EC2), ("mi-0123456789abcdef0", NodeKind.HYBRID)],
)
def test_the_id_of_a_node_says_its_kind(node_id: str, kind: NodeKind) -> None:
    assert NodeKind.of_id(node_id) is kind
