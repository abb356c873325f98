"""What a Region's network says of one of its things."""

from __future__ import annotations

from ssmtui.model.network import Endpoints
from tests.builders.network import VPC, interface


def test_an_endpoint_is_found_by_its_id_and_by_what_it_stands_for() -> None:
    ssm, kms = interface("ssm"), interface("kms")
    both = Endpoints((ssm, kms))
    assert (both.get(kms.id), both.get("vpce-none")) == (kms, None)
    assert (both.of(VPC, "ssm"), both.of("vpc-other", "ssm"), both.of(VPC, "logs")) == ((ssm,), (), ())
