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
    ProgressChanged,
    ScopeCrashed,
    ScopeDelayed,
    ScopeFailed,
    ScopeOpened,
    ScopeQueued,
    ScopeSettled,
)
from ssmtui.model.finding import Link, Status, Subject, SubjectKind
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.notices import fleet_banner, fleet_notice, progress_pieces, recovery_command
from ssmtui.ui.text.styled_text import plain_text
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
        (failed(ScopeProblem.UNKNOWN_PROFILE), "Press a to list the profiles"),
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
    assert "Waiting for AWS to answer sts:GetCallerIdentity." in text
    assert "AWS throttles the requests" not in text
    assert "AWS throttles the requests" in said(board_of(replace(slow, throttled=True)))
    assert "Waiting for AWS to answer" not in said(board_of(slow, replace(slow, waiting_for=())))


def test_a_failing_scope_beside_a_working_one_is_a_line_above_the_rows() -> None:
    fleet_view = board_of(
        ScopeOpened(FRANKFURT),
        *told(FRANKFURT, [node("web", 1, FRANKFURT)], verdicts=HEALTHY),
        failed(ScopeProblem.REFUSED, "ec2:DescribeInstances"),
    )
    assert fleet_notice(fleet_view) is None
    assert (
        "".join(text for text, _ in fleet_banner(fleet_view))
        == " ? eu-west-3: Not allowed to list nodes  press a for details"
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
        " ? us-0, us-1, us-2 and 2 more: Not allowed to list nodes  ? eu-west-3: Cannot reach AWS  press a for details"
    )


def test_a_word_that_names_no_node_is_told_above_the_nodes_that_are_there() -> None:
    fleet_view = board_of(
        ScopeOpened(FRANKFURT),
        *told(FRANKFURT, [node("web", 1, FRANKFURT)], verdicts=HEALTHY),
        NodesNotFound(FRANKFURT.name, ("web-9\x1b",), ("web-2", "db-1")),
    )
    said_above = "".join(text for text, _ in fleet_banner(fleet_view))
    assert said_above == " ? web-9\\x1b: node not found (similar: web-2) "


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
    assert "AWS documentation" in said(fleet_view)
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
        " ▲ This computer: AWS credentials expire soon, Session Manager plugin is not installed  press Tab for details"
    )


CALLS = (("ssm:GetConnectionStatus", 8_200),)


def fleet_view(*told: ProgressChanged) -> FleetView:
    shown = FleetView()
    for scope in (PARIS, FRANKFURT):
        shown.apply(ScopeOpened(scope))
    for each in told:
        shown.apply(each)
    return shown


def progress_said(shown: FleetView, again: str = "") -> list[str]:
    return [plain_text(pieces).strip() for pieces in progress_pieces(shown, shown.calls, again)]


def test_it_tells_how_many_are_checked_and_how_long_asking_takes_at_the_pace_of_aws() -> None:
    paris = ProgressChanged(PARIS.name, 8_000, 9_000, False, CALLS, False, to_ask=1_000, seconds_of_asking=20.0)
    frankfurt = ProgressChanged(FRANKFURT.name, 200, 1_000, False, (), False, to_ask=800, seconds_of_asking=36.4)
    long, *_, short = progress_said(fleet_view(paris, frankfurt))
    assert long == "━━━━━━━━━━━━ checking 8,200 of 10,000 · 36 s left · 8200 calls"
    assert short == "8,200 of 10,000 · 36 s left"


def test_without_anybody_left_to_ask_no_time_is_told() -> None:
    assert "left" not in progress_said(fleet_view(ProgressChanged(PARIS.name, 5, 10, False, (), False)))[0]


def test_what_hinders_is_the_last_to_be_left_out() -> None:
    told = ProgressChanged(PARIS.name, 5, 10, True, CALLS, True, ("ssm:GetDocument",))
    for words in progress_said(fleet_view(told))[:-2]:
        assert words.startswith("throttled by AWS  waiting for ssm:GetDocument")


def test_regions_that_wait_their_turn_are_counted_until_it_has_come() -> None:
    shown = fleet_view(ProgressChanged(PARIS.name, 5, 10, False, CALLS, False))
    shown.apply(ScopeQueued(replace(PARIS.name, region="eu-north-1")))
    assert progress_said(shown)[0].startswith("1 Region waiting")
    shown.apply(ScopeOpened(replace(PARIS, name=replace(PARIS.name, region="eu-north-1"))))
    assert not progress_said(shown)[0].startswith("1 Region")


def test_each_has_fewer_words_than_the_one_before() -> None:
    told = ProgressChanged(PARIS.name, 5, 10, True, CALLS, True, ("ssm:GetDocument",), to_ask=5, seconds_of_asking=9)
    lengths = [len(words) for words in progress_said(fleet_view(told))]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] <= 34
    assert progress_said(fleet_view(told))[-1].startswith("throttled 5 of 10")


def test_at_rest_it_tells_when_all_is_looked_at_again() -> None:
    shown = fleet_view(ProgressChanged(PARIS.name, 10, 10, False, CALLS, False))
    for each in (PARIS, FRANKFURT):
        shown.apply(ScopeSettled(each.name))
    assert progress_said(shown, "refresh in 42 s")[0] == "10 nodes · refresh in 42 s · 8200 calls"
    assert progress_said(shown)[0] == "10 nodes · 8200 calls"
