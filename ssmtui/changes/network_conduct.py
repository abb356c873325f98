"""How security groups and VPCs are opened, and read back where the answer was lost."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.conduct import Conduct, Look, Parameters, Settled, sent_once
from ssmtui.changes.writing import Answer, Writing, value_at
from ssmtui.model.group_rule_text import RULES_PATH, https_line

_ATTRIBUTES = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}


def _rule_is(*, there: bool, egress: bool) -> Look:
    def look(writer: Writing, parameters: Parameters) -> Answer | Settled:
        which = {"Filters": [{"Name": "group-id", "Values": [parameters["GroupId"]]}]}
        rules = value_at(writer.read("ec2", "DescribeSecurityGroupRules", which), RULES_PATH)
        if rules is None:
            return Settled.UNKNOWN
        cidr = value_at(parameters["IpPermissions"], "0.IpRanges.0.CidrIp") or ""
        found = https_line(cidr, egress=egress) in rules.splitlines()
        return {} if found is there else Settled.NOT_MADE

    return look


def _attribute_is_set(writer: Writing, parameters: Parameters) -> Answer | Settled:
    member = next(name for name in _ATTRIBUTES if name in parameters)
    which = {"VpcId": parameters["VpcId"], "Attribute": _ATTRIBUTES[member]}
    found = value_at(writer.read("ec2", "DescribeVpcAttribute", which), f"{member}.Value")
    if found is None:
        return Settled.UNKNOWN
    return {} if found == value_at(parameters[member], "Value") else Settled.NOT_MADE


NETWORK_CONDUCT: Mapping[tuple[str, str], Conduct] = {
    ("ec2", "AuthorizeSecurityGroupIngress"): sent_once(
        "ec2", "AuthorizeSecurityGroupIngress", _rule_is(there=True, egress=False)
    ),
    ("ec2", "AuthorizeSecurityGroupEgress"): sent_once(
        "ec2", "AuthorizeSecurityGroupEgress", _rule_is(there=True, egress=True)
    ),
    ("ec2", "RevokeSecurityGroupIngress"): sent_once(
        "ec2", "RevokeSecurityGroupIngress", _rule_is(there=False, egress=False)
    ),
    ("ec2", "RevokeSecurityGroupEgress"): sent_once(
        "ec2", "RevokeSecurityGroupEgress", _rule_is(there=False, egress=True)
    ),
    ("ec2", "ModifyVpcAttribute"): sent_once("ec2", "ModifyVpcAttribute", _attribute_is_set),
}
