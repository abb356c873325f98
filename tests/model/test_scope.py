"""What a scope says of who asks, and of why it could not be opened."""

from __future__ import annotations

import pytest

from ssmtui.model.scope import OtherPrincipal, ScopeError, ScopeName, ScopeProblem

ROLE = "arn:aws:iam::123456789012:role/Engineer"


@pytest.mark.parametrize(
    ("arn", "session"),
    [
        ("arn:aws:sts::123456789012:assumed-role/Engineer/alex", "alex"),
        (ROLE, None),
        ("arn:aws:iam::123456789012:user/alex", None),
    ],
)
def test_a_session_is_named_by_the_arn_of_an_assumed_role_alone(arn: str, session: str | None) -> None:
    assert OtherPrincipal(arn, ROLE).session == session


@pytest.mark.parametrize(
    ("role", "account"),
    [
        ("arn:aws:iam::111122223333:role/ops/Reader", "111122223333"),
        ("arn:aws:iam::*:role/Reader", ""),
        (None, ""),
    ],
)
def test_a_role_is_of_the_account_in_its_arn_unless_it_stands_for_all(role: str | None, account: str) -> None:
    assert ScopeName("prod", "eu-west-3", role).role_account == account


@pytest.mark.parametrize(
    ("command", "login"),
    [
        ("aws sso login --profile 'the prod'", ("aws", "sso", "login", "--profile", "the prod")),
        ("aws login", ("aws", "login")),
        ("aws sso logout", ()),
        ("aws configure", ()),
        ("", ()),
    ],
)
def test_only_a_command_that_logs_in_is_offered_to_log_in(command: str, login: tuple[str, ...]) -> None:
    name = ScopeName("prod", "eu-west-3")
    error = ScopeError(name, ScopeProblem.EXPIRED_CREDENTIALS, "they have expired", "log in", command=command)
    assert error.login == login
