"""The cause by the text that a session ended with."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.model.probe import ProbeEnd, ProbeStage
from ssmtui.session.probe.conclusions import NamedCauses, named_causes

OUTPUT, STOPPED = ProbeStage.OUTPUT, ProbeEnd.STOPPED
GROUP = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. "
    "Either encrypt the log group or choose an option to enable logging without encryption."
)
AWAY = (
    "An error occurred (TargetNotConnected) when calling the StartSession operation: "
    "i-0123456789abcdef0 is not connected."
)


def test_a_text_that_names_one_cause_is_not_ambiguous() -> None:
    text = "----------ERROR-------\nUnable to start command: failed to start pty since RunAs user bob does not exist"
    assert named_causes(STOPPED, OUTPUT, text) == NamedCauses("run-as-user-absent")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "document process failed unexpectedly: write /var/lib/amazon/ssm/i-1/channels/x/master-1: no space left on "
            "device , check [ssm-document-worker]/[ssm-session-worker] log for crash reason",
            "root-volume-full",
        ),
        ("\n----------ERROR-------\nUnable to start command: invalid uid and gid\n", "run-as-user-absent"),
    ],
)
def test_the_texts_of_a_full_disk_and_of_root_name_one_cause(text: str, cause: str) -> None:
    assert named_causes(STOPPED, OUTPUT, text) == NamedCauses(cause)


def test_a_text_that_collapses_several_causes_names_all_of_them() -> None:
    found = named_causes(STOPPED, ProbeStage.CHECKS, GROUP)
    assert (found.cause, found.ambiguous) == ("log-group-unencrypted", True)
    assert found.also[0] == "log-group-unreadable"


def test_not_connected_is_told_as_such_and_not_by_its_likeliest_reason() -> None:
    found = named_causes(ProbeEnd.REFUSED, ProbeStage.START, AWAY, "TargetNotConnected")
    assert (found.cause, found.ambiguous) == ("control-channel-down", False)
    assert {"instance-profile-missing", "not-registered"} <= set(found.also)


@pytest.mark.parametrize("stage", ProbeStage)
def test_a_silence_has_no_cause_and_what_can_be_behind_it_is_one(stage: ProbeStage) -> None:
    found = named_causes(ProbeEnd.SILENT, stage, "")
    assert found.cause is None
    assert set(found.also) <= catalogue().keys()


def test_a_refusal_of_our_own_websocket_says_nothing_of_the_nodes_role() -> None:
    text = (
        "Failed to dial websocket, status: 403 Forbidden, err: User: x is not authorized to perform: "
        "ssmmessages:OpenDataChannel on resource: y because no identity-based policy allows the action"
    )
    assert named_causes(ProbeEnd.REFUSED, ProbeStage.SOCKET, text) == NamedCauses("caller-open-channel-denied")


@pytest.mark.parametrize("end", [ProbeEnd.STOPPED, ProbeEnd.SILENT])
def test_a_shell_that_leaves_before_it_answers_may_be_ended_by_its_profile(end: ProbeEnd) -> None:
    assert named_causes(end, ProbeStage.ANSWER, "") == NamedCauses(also=("shell-profile-failed",))


@pytest.mark.parametrize("end", ProbeEnd)
def test_without_a_text_or_with_one_that_nobody_knows_there_is_no_cause(end: ProbeEnd) -> None:
    assert (
        named_causes(end, ProbeStage.TOKEN, "")
        == named_causes(end, ProbeStage.TOKEN, "The parrot is no more.")
        == NamedCauses()
    )
