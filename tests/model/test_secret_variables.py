"""The environment of programs that need no secret."""

from __future__ import annotations

from ssmtui.model.workstation import SECRET_VARIABLES, without_secrets


def test_variables_that_hold_a_secret_are_left_out_and_no_others() -> None:
    harmless = {"AWS_REGION": "eu-west-3", "PATH": "/usr/bin"}
    assert without_secrets({**harmless, **dict.fromkeys(SECRET_VARIABLES, "secret")}) == harmless
    assert {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SSM_START_SESSION_RESPONSE"} <= SECRET_VARIABLES
