"""Texts of updates that went wrong, of roles of AWS's own, and of containers: each has its cause first."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from tests.causes.texts import Text, refused, told

CAUSES = tuple(catalogue().values())
UPDATES_AND_CONTAINERS = (
    told(
        'Failed to create update info object: exec: "wmic": executable file not found in %PATH%',
        "agent-needs-wmic",
    ),
    told(
        "failed to update amazon-ssm-agent to 3.3.4108.0, failed to start the agent, ErrorMessage=checking svc and "
        "agent worker running err, The specified service does not exist as an installed service.",
        "agent-service-disabled",
    ),
    told("amazon-ssm-agent  Amazon.com -> SUSE LLC <https://www.suse.com/>", "agent-unit-removed"),
    told(
        "UnmodifiableEntity: Cannot perform the operation on the protected role "
        "'AWSReservedSSO_RestrictedAdmin_01b9b74ca528d470' - this role is only modifiable by AWS",
        "role-protected",
    ),
    told(
        refused("TargetNotConnected", "StartSession", "ecs:shop_0a1b2c_0a1b2c-38 is not connected."), "ecs-exec-failed"
    ),
    told(
        refused(
            "TargetNotConnectedException",
            "ExecuteCommand",
            "The execute command failed due to an internal error. Try again later.",
        ),
        "ecs-exec-failed",
    ),
    told(
        refused(
            "InvalidParameterException",
            "ExecuteCommand",
            "The execute command failed because execute command was not enabled when the task was run or the execute "
            "command agent isn't running. Wait and try again or run a new task with execute command enabled and try "
            "again.",
        ),
        "ecs-exec-failed",
    ),
)


@pytest.mark.parametrize("each", UPDATES_AND_CONTAINERS, ids=lambda each: each.text.strip()[-40:])
def test_the_cause_comes_first(each: Text) -> None:
    assert match_text(each.text, CAUSES)[0].cause in each.causes


@pytest.mark.parametrize(
    "text", ["The specified service does not exist as an installed service.", "exec: node: executable file not found"]
)
def test_what_any_program_may_say_is_not_told_of_the_agent(text: str) -> None:
    assert match_text(text, CAUSES) == ()
