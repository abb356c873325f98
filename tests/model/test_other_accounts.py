"""Which accounts are looked at besides one's own, and what is wrong in how they are named."""

from __future__ import annotations

import pytest

from ssmtui.model.scope_request import OWN_ACCOUNTS, OtherAccounts, find_account_mistake

ROLE, OTHER = "arn:aws:iam::111122223333:role/ops/Reader", "arn:aws-cn:iam::444455556666:role/Reader"


@pytest.mark.parametrize(
    ("others", "is_one"),
    [
        (OWN_ACCOUNTS, True),
        (OtherAccounts((ROLE,)), True),
        (OtherAccounts((ROLE, OTHER)), False),
        (OtherAccounts(organization="Reader"), False),
    ],
)
def test_a_profile_has_one_account_unless_several_roles_or_an_organization_are_named(
    others: OtherAccounts, is_one: object
) -> None:
    assert others.is_one is is_one


def test_the_role_of_an_organization_is_the_same_in_each_account() -> None:
    assert OtherAccounts(organization="ops/Reader").role_in("aws", "111122223333") == ROLE


@pytest.mark.parametrize(
    ("others", "why"),
    [
        (OtherAccounts((ROLE, OTHER), "ops/Reader", ("111122223333",), "agreed:1"), ""),
        (OtherAccounts((ROLE, "Reader")), "Reader is not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)"),
        (
            OtherAccounts(organization="no role"),
            "for an organization, name a role that its accounts have, such as OrganizationAccountAccessRole, "
            "not no role",
        ),
        (OtherAccounts(accounts=("111122223333", "1111")), "1111 is not a 12-digit account ID"),
        (OtherAccounts(external_id="x"), "x is not an external ID"),
        (OtherAccounts(external_id=""), " is not an external ID"),
    ],
)
def test_what_is_wrong_is_named(others: OtherAccounts, why: str) -> None:
    assert find_account_mistake(others) == why
