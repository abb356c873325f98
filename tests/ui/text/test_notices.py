"""The states that are designed: each says what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.events import (
    Event,
    FindingChanged,
    InternalErrorMet,
    NodesNotFound,
    ScopeCrashed,
    ScopeDelayed,
    ScopeFailed,
    ScopeOpened,
    ScopeSettled,
)
from ssmtui.model.finding import Link, Status, Subject, SubjectKind
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.notices import fleet_banner, fleet_notice, recovery_command
from ssmtui.ui.widgets.text_pane import wrap_prose
from tests.ui.builders import FRANKFURT, HEALTHY, PARIS, finding, node, told


def board_of(*events: Event) -> FleetView:
    fleet_view = FleetView()
    for event in events:
        fleet_view.apply(event)
    return fleet_view


def said(fleet_view: FleetView) -> str:
    notice = fleet_notice(fleet_view)
    assert notice is not None
    return "\n".join([notice.title, *(line.plain for line in wrap_prose(notice.prose, 200))])


def failed(
    problem: ScopeProblem,
    action: str = "",
    profile: str | None = None,
    message: str = "AWS said no.",
    region: str = "eu-west-3",
) -> Event:
    return ScopeFailed(ScopeError(ScopeName(profile, region), problem, message, "", action))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (failed(ScopeProblem.NO_CREDENTIALS), "ssmtui --profile NAME"),
        (failed(ScopeProblem.EXPIRED_CREDENTIALS, profile="prod"), "aws sso login --profile prod"),
        (failed(ScopeProblem.EXPIRED_CREDENTIALS), "aws sso login\n"),
        (failed(ScopeProblem.NO_REGION), "AWS_REGION"),
        (failed(ScopeProblem.UNKNOWN_PROFILE), "Press a to see which there are"),
        (failed(ScopeProblem.REFUSED, "ssm:DescribeInstanceProperties"), "allows ssm:DescribeInstanceProperties on *"),
        (failed(ScopeProblem.UNREACHABLE), "HTTPS_PROXY"),
        (failed(ScopeProblem.SILENT), "SSMTUI_TIMEOUT=300 ssmtui"),
        (failed(ScopeProblem.THROTTLED), "ctrl+r in a minute or two"),
        (failed(ScopeProblem.FAILED), "ctrl+r"),
        (ScopeCrashed(PARIS.name, "KeyError in judging"), "--log-file"),
    ],
)
def test_every_problem_says_what_to_do(event: Event, words: str) -> None:
    assert words in said(board_of(event)) + "\n"


def test_an_empty_account_says_where_it_looked() -> None:
    text = said(board_of(ScopeOpened(PARIS), ScopeSettled(PARIS.name)))
    assert "No nodes here" in text
    assert "123456789012 in eu-west-3" in text


def test_a_defect_that_left_something_unread_ends_no_listing() -> None:
    assert "Listing" in said(board_of(ScopeOpened(PARIS), InternalErrorMet(PARIS.name, "KeyError at ssmtui/x.py:1")))


def test_nothing_told_yet_is_no_empty_account() -> None:
    assert "Opening" in said(board_of())
    assert "Listing" in said(board_of(ScopeOpened(PARIS)))


def test_what_an_opening_waits_for_is_named() -> None:
    slow = ScopeDelayed(PARIS.name, ("sts:GetCallerIdentity",), throttled=False)
    text = said(board_of(slow))
    assert "Opening" in text
    assert "AWS has yet to answer sts:GetCallerIdentity." in text
    assert "asked more slowly" not in text
    assert "asked more slowly" in said(board_of(replace(slow, throttled=True)))
    assert "yet to answer" not in said(board_of(slow, replace(slow, waiting_for=())))


def test_a_failing_scope_beside_a_working_one_is_a_line_above_the_rows() -> None:
    fleet_view = board_of(
        ScopeOpened(FRANKFURT),
        *told(FRANKFURT, [node("web", 1, FRANKFURT)], verdicts=HEALTHY),
        failed(ScopeProblem.REFUSED, "ec2:DescribeInstances"),
    )
    assert fleet_notice(fleet_view) is None
    assert (
        "".join(text for text, _ in fleet_banner(fleet_view)) == " ? eu-west-3: Not allowed to list nodes  a tells more"
    )


@pytest.mark.parametrize(
    ("action", "title"),
    [
        ("ec2:DescribeInstances", "Not allowed to list nodes"),
        ("ssm:DescribeInstanceInformation", "Not allowed to list nodes"),
        ("", "Not allowed to list nodes"),
        ("sts:GetCallerIdentity", "Not allowed: sts:GetCallerIdentity"),
        ("ec2:DescribeRegions", "Not allowed: ec2:DescribeRegions"),
    ],
)
def test_a_refusal_is_titled_by_what_was_refused(action: str, title: str) -> None:
    fleet_view = board_of(failed(ScopeProblem.REFUSED, action))
    notice = fleet_notice(fleet_view)
    assert notice is not None
    assert notice.title == title


def test_regions_that_fail_alike_are_one_line() -> None:
    fleet_view = board_of(
        ScopeOpened(FRANKFURT),
        *told(FRANKFURT, [node("web", 1, FRANKFURT)], verdicts=HEALTHY),
        *(failed(ScopeProblem.REFUSED, region=f"us-{number}") for number in range(5)),
        failed(ScopeProblem.UNREACHABLE),
    )
    assert "".join(text for text, _ in fleet_banner(fleet_view)) == (
        " ? us-0, us-1, us-2 and 2 more: Not allowed to list nodes  ? eu-west-3: AWS cannot be reached  a tells more"
    )


def test_a_word_that_names_no_node_is_told_above_the_nodes_that_are_there() -> None:
    fleet_view = board_of(
        ScopeOpened(FRANKFURT),
        *told(FRANKFURT, [node("web", 1, FRANKFURT)], verdicts=HEALTHY),
        NodesNotFound(FRANKFURT.name, ("web-9\x1b",), ("web-2", "db-1")),
    )
    said_above = "".join(text for text, _ in fleet_banner(fleet_view))
    assert said_above == " ? web-9\\x1b: no such node (near: web-2) "


def test_a_profile_with_braces_is_no_pattern() -> None:
    assert "--profile {0}" in said(board_of(failed(ScopeProblem.EXPIRED_CREDENTIALS, profile="{0}")))


def test_what_aws_documents_stands_below_with_the_command_to_copy() -> None:
    command = "aws sso login --profile prod"
    error = ScopeError(
        ScopeName("prod", "eu-west-3"),
        ScopeProblem.EXPIRED_CREDENTIALS,
        "The token has expired.",
        f"Log in with: {command}",
        cause="credentials-expired",
        command=command,
    )
    fleet_view = board_of(ScopeFailed(error))
    assert f"Log in with: {command}" in said(fleet_view)
    assert "What AWS documents" in said(fleet_view)
    assert "unset AWS_ACCESS_KEY_ID" in said(fleet_view)
    assert recovery_command(fleet_view) == command
    assert recovery_command(board_of(failed(ScopeProblem.REFUSED))) == ""


def of_this_computer(cause: str, status: Status) -> Event:
    workstation = Subject(SubjectKind.WORKSTATION, "workstation")
    return FindingChanged(finding(cause, Link.WORKSTATION, workstation, [node("web", 1)], status=status))


def test_a_fault_of_this_computer_stands_above_a_fleet_that_is_in_order() -> None:
    fleet_view = board_of(ScopeOpened(PARIS), *told(PARIS, [node("web", 1)], verdicts=HEALTHY))
    fleet_view.causes = catalogue()
    for event in (
        of_this_computer("plugin-outdated", Status.UNKNOWN),
        of_this_computer("plugin-known-bad", Status.INFO),
    ):
        fleet_view.apply(event)
    assert fleet_banner(fleet_view) == ()
    for cause in ("plugin-missing", "credentials-expire-soon"):
        fleet_view.apply(of_this_computer(cause, Status.WARN))
    assert "".join(text for text, _ in fleet_banner(fleet_view)) == (
        " ▲ This computer: AWS credentials expire soon, Session Manager plugin is not installed  Tab tells more"
    )
