from __future__ import annotations

import ipaddress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.analysis.network.packet_filters import (
    PacketPeer,
    acl_passes_answers,
    acl_passes_https,
    addresses_of,
    groups_admit,
    network_of,
)
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.fact import Unreadable
from ssmtui.model.network import AclEntry, GroupRule, NetworkAcl, PrefixLists
from tests.builders.network import ALL_OUT, entry, https
from tools.aws_ranges import coarse, ranges_in

YES, PERHAPS, NO = Truth.YES, Truth.PERHAPS, Truth.NO
SUBNET = network_of("10.0.2.0/24")
ENDPOINT = PacketPeer(SUBNET, ("sg-endpoints",))
OF_S3 = PacketPeer(network_of("52.94.0.1/32"), (), ("pl-s3",))

LISTS = PrefixLists(
    {"pl-vpc": ("10.0.0.0/16",), "pl-office": ("192.0.2.0/24", "203.0.113.0/24"), "pl-half": ("10.0.2.0/25",)}
)


@pytest.mark.parametrize(
    ("rule", "place", "admits"),
    [
        pytest.param(ALL_OUT, ENDPOINT, YES, id="everything"),
        pytest.param(https("10.0.0.0/16"), ENDPOINT, YES, id="a network around it"),
        pytest.param(https("10.0.2.25/32"), ENDPOINT, PERHAPS, id="one address in it"),
        pytest.param(https("10.0.3.0/24"), ENDPOINT, NO, id="a network beside it"),
        pytest.param(https("::/0"), ENDPOINT, NO, id="IPv6"),
        pytest.param(https(groups=("sg-endpoints",)), ENDPOINT, YES, id="its group"),
        pytest.param(https(groups=("sg-other",)), ENDPOINT, NO, id="another group"),
        pytest.param(https(lists=("pl-vpc",)), ENDPOINT, YES, id="a prefix list that holds it"),
        pytest.param(https(lists=("pl-office",)), ENDPOINT, NO, id="a prefix list that does not"),
        pytest.param(
            https(lists=("pl-office", "pl-half")), ENDPOINT, PERHAPS, id="a prefix list that holds half of it"
        ),
        pytest.param(https(lists=("pl-gone",)), ENDPOINT, PERHAPS, id="a prefix list that is not there"),
        pytest.param(GroupRule("udp", 443, 443, ("0.0.0.0/0",)), ENDPOINT, NO, id="another protocol"),
        pytest.param(GroupRule("tcp", 80, 442, ("0.0.0.0/0",)), ENDPOINT, NO, id="other ports"),
        pytest.param(GroupRule("tcp", 0, 65535, ("0.0.0.0/0",)), ENDPOINT, YES, id="all ports"),
        pytest.param(https("no network"), ENDPOINT, PERHAPS, id="what is no network"),
        pytest.param(https("10.0.0.0/8"), OF_S3, NO, id="private addresses"),
        pytest.param(https("52.0.0.0/8"), OF_S3, YES, id="a part of the internet with the address"),
        pytest.param(https(lists=("pl-s3",)), OF_S3, YES, id="the service's own prefix list"),
    ],
)
def test_a_group_admits_by_its_rules(rule: GroupRule, place: PacketPeer, admits: Truth) -> None:
    assert groups_admit((rule,), place, LISTS) is admits


def test_a_prefix_list_that_was_not_read_may_hold_anything() -> None:
    unread = Unreadable("ec2:GetManagedPrefixListEntries", "not authorized")
    assert groups_admit((https(lists=("pl-vpc",)),), ENDPOINT, unread) is PERHAPS
    assert groups_admit((https("10.0.0.0/8", lists=("pl-vpc",)),), ENDPOINT, unread) is YES
    assert groups_admit((https(lists=("pl-s3",)),), OF_S3, unread) is YES


@pytest.mark.parametrize(
    ("entries", "passes"),
    [
        pytest.param((entry(100, egress=True),), YES, id="all"),
        pytest.param((entry(100, egress=False),), NO, id="the other direction only"),
        pytest.param((), NO, id="nothing admits it"),
        pytest.param((entry(90, egress=True, allow=False), entry(100, egress=True)), NO, id="the first decides"),
        pytest.param((entry(100, egress=True), entry(110, egress=True, allow=False)), YES, id="the first decides too"),
        pytest.param((entry(110, egress=True), entry(90, egress=True, allow=False)), NO, id="by number, not by place"),
        pytest.param((entry(100, egress=True, ports=(80, 80)),), NO, id="another port"),
        pytest.param((entry(100, egress=True, cidr="10.0.2.128/25"),), PERHAPS, id="half of the subnet"),
        pytest.param((entry(100, egress=True, cidr="::/0"),), NO, id="IPv6"),
    ],
)
def test_an_acl_passes_by_its_first_entry_that_fits(entries: tuple[AclEntry, ...], passes: Truth) -> None:
    assert acl_passes_https(NetworkAcl("acl", "vpc", (), entries), SUBNET, egress=True) is passes


@pytest.mark.parametrize(
    ("ports", "passes"),
    [
        pytest.param([(1024, 65535)], YES, id="all that AWS advises"),
        pytest.param([(1024, 32767), (32768, 65535)], YES, id="in two halves"),
        pytest.param([(32768, 65535)], PERHAPS, id="those of newer systems"),
        pytest.param([(1024, 49151)], PERHAPS, id="those of Linux only"),
        pytest.param([(1024, 5000)], NO, id="none that nodes use"),
        pytest.param([(443, 443)], NO, id="HTTPS only"),
    ],
)
def test_answers_come_back_to_high_ports(ports: list[tuple[int, int]], passes: Truth) -> None:
    entries = tuple(entry(100 + place, egress=False, ports=pair) for place, pair in enumerate(ports))
    assert acl_passes_answers(NetworkAcl("acl", "vpc", (), entries), SUBNET, egress=False) is passes


CIDRS = st.sampled_from(["0.0.0.0/0", "10.0.2.0/24", "10.0.2.0/30", "10.0.2.4/30", "10.0.3.0/24", "10.0.0.0/16"])
SMALL = ipaddress.ip_network("10.0.2.0/29")
entries_of_acl = st.lists(
    st.builds(
        lambda allow, cidr, ports: entry(0, egress=True, allow=allow, cidr=cidr, ports=ports),
        allow=st.booleans(),
        cidr=CIDRS,
        ports=st.sampled_from([None, (443, 443), (1, 500), (1024, 65535)]),
    ),
    max_size=5,
)


@given(found=entries_of_acl)
def test_an_acl_is_as_sure_as_all_its_addresses_agree(found: list[AclEntry]) -> None:
    def passes(address: ipaddress.IPv4Address) -> bool:
        for each in found:
            fits = each.from_port is None or each.from_port <= 443 <= (each.to_port or 0)
            if fits and address in ipaddress.ip_network(each.cidr):
                return each.allow
        return False

    brute = {passes(ipaddress.IPv4Address(address)) for address in map(int, SMALL)}
    verdict = acl_passes_https(NetworkAcl("acl", "vpc", (), tuple(found)), SMALL, egress=True)
    assert verdict is PERHAPS or brute == {verdict is YES}


EDGES = (0, 443, 1023, 1024, 1025, 32767, 32768, 49151, 49152, 65534, 65535)
ports_of_acl = st.lists(
    st.builds(
        lambda allow, ports: entry(0, egress=False, allow=allow, ports=tuple(sorted(ports))),
        allow=st.booleans(),
        ports=st.tuples(*[st.sampled_from(EDGES)] * 2),
    ),
    max_size=5,
)


@given(found=ports_of_acl)
def test_an_acl_passes_answers_as_surely_as_all_ports_agree(found: list[AclEntry]) -> None:
    def passes(port: int) -> bool:
        return next((each.allow for each in found if (each.from_port or 0) <= port <= (each.to_port or 0)), False)

    verdict = acl_passes_answers(NetworkAcl("acl", "vpc", (), tuple(found)), SMALL, egress=False)
    ports = {each + step for each in EDGES for step in (-1, 0, 1)}  # no entry begins or ends elsewhere
    assert (verdict is YES) == all(passes(port) for port in ports if 1024 <= port <= 65535)
    assert (verdict is NO) == (not any(passes(port) for port in ports if 32768 <= port <= 65535))


@given(
    rules=st.lists(st.builds(https, CIDRS), max_size=4),
    extra=st.builds(https, CIDRS),
)
def test_one_more_rule_never_closes_a_group(rules: list[GroupRule], extra: GroupRule) -> None:
    rank = {NO: 0, PERHAPS: 1, YES: 2}
    place = PacketPeer(SMALL)
    assert rank[groups_admit([*rules, extra], place, LISTS)] >= rank[groups_admit(rules, place, LISTS)]


def test_a_block_is_the_network_that_its_address_is_in() -> None:
    assert network_of("10.0.2.25/24") == ipaddress.ip_network("10.0.2.0/24")
    assert network_of("pl-1") is None


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
