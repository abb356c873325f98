"""Values for keys that every request of a node has."""

from __future__ import annotations

from ssmtui.model.request_context import placeholder_values

ALWAYS = {"aws:MultiFactorAuthPresent", "aws:TokenIssueTime", "aws:UserAgent"}
OF_A_MEMBER = {"aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"}


def test_every_key_that_is_neither_known_nor_lacking_has_one_value() -> None:
    told = placeholder_values({}, (), "o-1", by_metadata=True)
    assert told.keys() == ALWAYS | OF_A_MEMBER | {"ec2:RoleDelivery"}
    assert {len(values) for values in told.values()} == {1}
    assert {told[key] for key in OF_A_MEMBER} == {("o-1/r-0000/ou-0000-00000000/",)}


def test_what_is_known_or_lacking_has_no_stand_in_whatever_its_case() -> None:
    told = placeholder_values({"AWS:UserAgent": ("me",)}, ("aws:principalorgpaths",), None, by_metadata=False)
    assert told.keys() == (ALWAYS | OF_A_MEMBER) - {"aws:UserAgent", "aws:PrincipalOrgPaths"}
