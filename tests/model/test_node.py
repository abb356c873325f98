"""What a node says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders.fleet import an_instance


@pytest.mark.parametrize(("address", "has"), [("52.47.1.1", True), (None, False)])
def test_an_instance_has_a_public_address_where_ec2_tells_one(address: str | None, has: object) -> None:
    assert replace(an_instance("i-0000000000000001a"), public_ip=address).has_public_ip is has
