from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.plan import Ownership, owner_from_tags


@pytest.mark.parametrize(
    ("key", "value", "tool"),
    [
        ("aws:cloudformation:stack-name", "web", "CloudFormation"),
        ("aws-cdk:auto-delete-objects", "true", "CDK"),
        ("aws:cdk:path", "Web/Role", "CDK"),
        ("ManagedBy", "terraform", "Terraform"),
        ("managed-by", "Terraform Cloud", "Terraform"),
        ("acme:managed_by", "OpenTofu", "OpenTofu"),
        ("IaC", "CloudFormation", "CloudFormation"),
        ("Provisioner", "aws-cdk", "CDK"),
        ("terraform-workspace", "prod", "Terraform"),
    ],
)
def test_a_tag_tells_the_owner(key: str, value: str, tool: str) -> None:
    assert owner_from_tags([("Name", "web"), (key, value)]) == Ownership(tool, f"{key}={value}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Name", "terraform-host"),
        ("ManagedBy", "platform team"),
        ("Owner", "alex"),
        ("aws:cloudformation:logical-id", "x"),
    ],
)
def test_other_tags_tell_none(key: str, value: str) -> None:
    assert owner_from_tags([(key, value)]) == Ownership()


def test_cdk_deploys_by_cloudformation_and_is_named_itself() -> None:
    tags = [("aws:cloudformation:stack-name", "web"), ("aws-cdk:cr-owned:x", "true")]
    assert owner_from_tags(tags).tool == "CDK"


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=5))
def test_the_order_of_tags_says_nothing(tags: list[tuple[str, str]]) -> None:
    assert owner_from_tags(tags) == owner_from_tags(reversed(tags))
