"""A session that failed, explained: the first step of what resolves it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.connect import ConnectRequest, causes_without_contradiction, explain_ending, first_step
from ssmtui.cli.node_selection import DiagnosisWatcher, SelectedNode
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.exit_code import ExitCode
from tests.builders.fleet import a_node, a_scope


@pytest.mark.parametrize(
    ("resolution", "step"),
    [
        ("1. One.\n\n   ```sh\n   two\n   ```\n\n2. Three.", "One.\n\n   ```sh\n   two\n   ```"),
        ("1. One, and\n   no other.", "One, and\n   no other."),
        ("This change cannot be undone.", "This change cannot be undone."),
    ],
)
def test_the_first_step_is_told_whole(resolution: str, step: str) -> None:
    assert first_step(resolution) == step


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_every_cause_has_a_first_step(slug: str) -> None:
    step = first_step(catalogue()[slug].how_to_resolve)
    assert step
    assert not step.startswith("1.")


def test_beside_a_cause_that_is_true_the_others_may_be_told_not_to_be() -> None:
    here = {"log-group-missing": False, "log-group-unreadable": True, "role-core-denied": None}
    assert causes_without_contradiction(here) == here


def test_checks_that_find_none_of_the_causes_say_nothing_against_what_has_just_been_met() -> None:
    here = {"caller-start-denied": False, "caller-needs-access-request": None}
    assert causes_without_contradiction(here) == {"caller-start-denied": None, "caller-needs-access-request": None}


class WaitedError(Exception):
    """Somebody waited for the checks."""


class Impatient(DiagnosisWatcher):
    """Checks that never end."""

    def __init__(self) -> None:
        self.state = FleetState()

    def until(self, enough: Callable[[FleetState], bool], seconds: float | None = None) -> NoReturn:
        raise WaitedError


NODE = SelectedNode(a_scope(), "i-0123456789abcdef0")


def test_a_cause_that_no_check_finds_is_told_without_the_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_ending("Cannot perform start session: EOF", NODE, Impatient()) is ExitCode.FOUND
    assert "90%  no-terminal: " in capsys.readouterr().err


def test_causes_that_checks_tell_apart_wait_for_them() -> None:
    text = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0 is not connected."
    with pytest.raises(WaitedError):
        explain_ending(text, NODE, Impatient())


class Unread(DiagnosisWatcher):
    """Nothing is known of the node."""

    def __init__(self) -> None:
        self.state = FleetState()

    def until(self, enough: Callable[[FleetState], bool], seconds: float | None = None) -> bool:
        return False


def test_a_listed_node_is_not_in_another_account_or_region(capsys: pytest.CaptureFixture[str]) -> None:
    text = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0 is not connected."
    watcher = Unread()
    explain_ending(text, NODE, watcher)
    assert "wrong-region-or-account" in capsys.readouterr().err
    watcher.state.nodes[NODE.key] = a_node(NODE.id)
    explain_ending(text, NODE, watcher)
    assert "wrong-region-or-account" not in capsys.readouterr().err


CHALLENGE = "client does not support required encryption context random challenge"
START = "ssmtui connect i-0123456789abcdef0 --region eu-west-3 --builtin"


@pytest.mark.skipif(sys.platform == "win32", reason="the built-in client needs a POSIX terminal")
@pytest.mark.parametrize(
    ("text", "by_plugin", "proposed"),
    [
        (CHALLENGE, ConnectRequest("web-1"), START),
        (
            CHALLENGE,
            ConnectRequest("web-1", "AWS-StartNonInteractiveCommand", reason="a b", command=("df", "-h")),
            f"{START} --reason 'a b' -- df -h",
        ),
        (
            CHALLENGE,
            ConnectRequest("web-1", "Acme-Shell", (("shell", ("zsh",)),)),
            f"{START} --document-name Acme-Shell --parameter shell=zsh",
        ),
        (CHALLENGE, None, None),
        ("Cannot perform start session: EOF", ConnectRequest("web-1"), None),
    ],
    ids=["shell", "command", "document", "built-in client", "another cause"],
)
def test_the_built_in_client_is_proposed_for_what_the_plugin_cannot_do(
    text: str, by_plugin: ConnectRequest | None, proposed: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    explain_ending(text, NODE, Unread(), by_plugin=by_plugin)
    lines = capsys.readouterr().err.splitlines()
    found = [line.removeprefix("Without the plugin: ") for line in lines if line.startswith("Without the plugin: ")]
    assert found == ([] if proposed is None else [proposed])
