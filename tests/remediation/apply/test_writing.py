from __future__ import annotations

import pytest

from ssmtui.model.network import RULES_PATH, GroupRule, SecurityGroup, https_line, rules_text
from ssmtui.model.plan import JSON
from ssmtui.remediation.operations.write_operation import value_at

ANSWER: JSON = {
    "Document": {"LatestVersion": "3", "Count": 4, "Active": True, "Nothing": None},
    "Nodes": [{"Id": "b"}, {"Id": "a"}],
    "None": [],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Document.LatestVersion", "3"),
        ("Document.Count", "4"),
        ("Document.Active", "true"),
        ("Document.Nothing", None),
        ("Document.Missing", None),
        ("Document.LatestVersion.Deeper", None),
        ("Nodes.0.Id", "b"),
        ("Nodes.2.Id", None),
        ("Nodes.Id", None),
        ("Nodes.*.Id", "a\nb"),
        ("None.*.Id", ""),
        ("Missing.*.Id", None),
        ("Document.Count+Missing+LatestVersion", "Count=4 LatestVersion=3"),
        ("Nodes.0", '{\n  "Id": "b"\n}'),
    ],
)
def test_a_path_leads_to_a_text(path: str, found: str | None) -> None:
    assert value_at(ANSWER, path) == found


def test_a_groups_rules_are_the_same_lines_from_both_of_ec2s_answers() -> None:
    group = SecurityGroup(
        "sg-1",
        "nodes",
        "vpc-1",
        ingress=(GroupRule("tcp", 443, 443, ("10.0.0.0/16", "fd00::/8"), ("sg-2",), ("pl-1",)),),
        egress=(GroupRule("-1", None, None, ("0.0.0.0/0",)),),
    )
    https: dict[str, JSON] = {"IsEgress": False, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    told: JSON = {
        "SecurityGroupRules": [
            {"IsEgress": True, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"},
            {**https, "ReferencedGroupInfo": {"GroupId": "sg-2", "UserId": "123456789012"}, "Description": "them"},
            {**https, "PrefixListId": "pl-1"},
            {**https, "CidrIpv6": "fd00::/8"},
            {**https, "CidrIpv4": "10.0.0.0/16"},
        ]
    }
    assert value_at(told, RULES_PATH) == rules_text(group)
    assert https_line("10.0.0.0/16", egress=False) in rules_text(group).splitlines()
