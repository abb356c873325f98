from __future__ import annotations

import ipaddress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.analysis.network.packet_filters import addresses_of
from tools.aws_ranges import coarse, ranges_in


def test_ranges_are_rounded_up_and_joined() -> None:
    assert coarse(["52.94.1.0/24", "52.94.200.0/22", "52.95.0.0/20", "3.0.0.0/15"]) == ["3.0.0.0/15", "52.94.0.0/15"]


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), max_size=20))
def test_no_published_address_is_lost(prefixes: list[tuple[int, int]]) -> None:
    networks = [ipaddress.IPv4Network((address, length), strict=False) for address, length in prefixes]
    rounded = [ipaddress.IPv4Network(each) for each in coarse(map(str, networks))]
    assert all(any(each.subnet_of(other) for other in rounded) for each in networks)
    assert all(not one.overlaps(other) for one, other in pairwise(sorted(rounded)))


def test_services_are_told_apart_as_far_as_aws_does() -> None:
    def published(service: str, region: str, prefix: str) -> dict[str, str]:
        return {"service": service, "region": region, "ip_prefix": prefix}

    found = ranges_in(
        {
            "createDate": "2026-08-22-15-17-05",
            "prefixes": [
                published("AMAZON", "eu-west-3", "52.94.1.0/24"),
                published("S3", "eu-west-3", "3.5.224.0/22"),
                published("EC2", "eu-west-3", "13.36.0.0/14"),
                published("AMAZON", "GLOBAL", "13.32.0.0/15"),
            ],
        }
    )
    assert found["regions"] == {"eu-west-3": {"any": ["52.94.0.0/16"], "s3": ["3.5.0.0/16"]}}


@pytest.mark.parametrize("region", ["eu-west-3", "us-east-1", "cn-north-1", "us-gov-west-1"])
def test_every_region_has_its_ranges(region: str) -> None:
    anything, s3 = addresses_of("ssm", region), addresses_of("s3", region)
    assert anything
    assert s3
    assert addresses_of("kms", region) == anything != s3


def test_a_region_that_was_not_there_has_none() -> None:
    assert addresses_of("ssm", "xx-none-1") is None
