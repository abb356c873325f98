"""Credentials, clock, temporary folder, the connection to ssmmessages, where a node is looked for, and the plugin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.checks.workstation import (
    clock_is_right,
    credentials_last,
    messages_endpoint_is_reached,
    node_is_looked_for_where_it_is,
    plugin_is_installed,
    plugin_is_not_known_to_fail,
    plugin_is_supported,
    temporary_folder_leaves_room_for_a_socket,
)
from ssmtui.model.fact import Absent, NotApplicable, Now, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.workstation import (
    ClockDifference,
    CredentialKind,
    NodeElsewhere,
    NodeQuery,
    Obstruction,
    System,
    TemporaryFolder,
)
from tests.builders.fleet import ACCOUNT, NOON, a_node, a_scope
from tests.builders.workstation import MESSAGES, PROXY, WINDOWS_PATH, a_plugin, a_way, credentials
from tests.checks.outcome import Said, judged, said

LEFT_OPEN = (Obstruction.PROXY_FAILS, Obstruction.PROXY_UNTRIED)
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (None, None),
        (timedelta(hours=1), None),
        (timedelta(minutes=59, seconds=59), ("credentials-expire-soon", Status.INFO)),
        (timedelta(minutes=5), ("credentials-expire-soon", Status.INFO)),
        (timedelta(minutes=4, seconds=59), ("credentials-expire-soon", Status.WARN)),
        (timedelta(seconds=1), ("credentials-expire-soon", Status.WARN)),
        (timedelta(0), ("credentials-expired", Status.WARN)),
        (timedelta(hours=-3), ("credentials-expired", Status.WARN)),
    ],
)
def test_credentials_that_end_within_the_hour_are_told_and_within_five_minutes_warned_of(
    left: timedelta | None, expected: tuple[str, Status] | None
) -> None:
    held = credentials(CredentialKind.ROLE, temporary=True, expires=None if left is None else NOON + left)
    found = said(credentials_last(held, Now(NOON)))
    assert found == ([Said(*expected, PROVED, "workstation")] if expected else [])


def test_the_command_that_logs_in_again_stands_beside_it() -> None:
    command = "aws sso login --profile prod"
    held = credentials(CredentialKind.IDENTITY_CENTER, temporary=True, expires=NOON, renewal=command)
    (finding,) = credentials_last(held, Now(NOON))
    assert finding.summary == "The AWS credentials expired at 12:00 UTC and can no longer open a session."
    assert finding.evidence == (
        Evidence(f"the credentials come from IAM Identity Center; renew them with: {command}", "workstation"),
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, None),
        (240, None),
        (-240, None),
        (241, "The clock of this computer is 4 minutes ahead of AWS."),
        (-420, "The clock of this computer is 7 minutes behind AWS."),
    ],
)
def test_a_clock_that_is_more_than_four_minutes_off(seconds: int, words: str | None) -> None:
    found = clock_is_right(ClockDifference(seconds, "sts:GetCallerIdentity"))
    assert [each.summary for each in found] == ([words] if words else [])
    assert said(found) == ([Said("workstation-clock-skewed", Status.WARN, PROVED, "workstation")] if words else [])


@pytest.mark.parametrize(
    ("system", "length", "fits"),
    [
        (System.MACOS, 60, True),
        (System.MACOS, 61, False),
        (System.LINUX, 64, True),
        (System.LINUX, 65, False),
        (System.WINDOWS, 200, True),
    ],
)
def test_the_sockets_path_must_fit_what_the_system_allows(system: System, length: int, *, fits: bool) -> None:
    for end in ("", "/"):
        folder = TemporaryFolder(system, "/" + "t" * (length - 1) + end)
        expected = [] if fits else [Said("socket-path-too-long", Status.WARN, LIKELY, "workstation")]
        assert said(temporary_folder_leaves_room_for_a_socket(folder)) == expected


def test_letters_of_several_bytes_count_as_such() -> None:
    assert temporary_folder_leaves_room_for_a_socket(TemporaryFolder(System.LINUX, "/" + "é" * 31)) == ()
    assert temporary_folder_leaves_room_for_a_socket(TemporaryFolder(System.LINUX, "/" + "é" * 32)) != ()


def test_a_way_that_is_open_has_no_finding() -> None:
    assert messages_endpoint_is_reached(a_way()) == ()
    assert messages_endpoint_is_reached(a_way(proxy=PROXY)) == ()


@pytest.mark.parametrize("obstruction", [each for each in Obstruction if each not in LEFT_OPEN])
def test_what_was_seen_to_be_closed_is_a_warning(obstruction: Obstruction) -> None:
    found = messages_endpoint_is_reached(a_way(obstruction, "what the system said"))
    assert said(found) == [
        Said("messages-endpoint-unreachable", Status.WARN, LIKELY, "workstation", ("steps-network",))
    ]
    assert found[0].summary == f"This computer cannot reach {MESSAGES}."
    assert found[0].evidence[0].fact == f"{obstruction.value} (what the system said)"


def test_a_proxy_in_between_is_named() -> None:
    (finding,) = messages_endpoint_is_reached(a_way(Obstruction.PROXY_REFUSES, "407", PROXY))
    assert finding.summary == f"This computer cannot reach {MESSAGES} through the proxy {PROXY}."


@pytest.mark.parametrize("obstruction", LEFT_OPEN)
def test_what_a_proxy_leaves_open_is_not_guessed(obstruction: Obstruction) -> None:
    found = messages_endpoint_is_reached(a_way(obstruction, "502", PROXY))
    assert said(found) == [Said("messages-endpoint-unreachable", Status.UNKNOWN, POSSIBLE, "workstation")]
    assert PROXY in found[0].summary


def elsewhere(account: str, region: str) -> NodeElsewhere:
    node = a_node()
    return NodeElsewhere(NodeQuery(frozenset({node.id}), account, region))


def test_a_node_in_another_region_is_told_with_the_option_that_goes_there() -> None:
    found = node_is_looked_for_where_it_is(a_scope(), elsewhere(ACCOUNT, "us-east-1"))
    assert said(found) == [Said("wrong-region-or-account", Status.WARN, PROVED, "workstation")]
    assert found[0].summary == ("The nodes are in eu-west-3, but the AWS CLI uses us-east-1: add --region eu-west-3.")


def test_a_node_in_another_account_is_told_with_both_accounts() -> None:
    (finding,) = node_is_looked_for_where_it_is(a_scope(), elsewhere("210987654321", "eu-west-3"))
    assert f"account {ACCOUNT} in eu-west-3" in finding.summary
    assert "account 210987654321 in eu-west-3" in finding.summary


STEPS = ("steps-install-plugin",)
SILENT = Unreadable("", "session-manager-plugin --version did not respond within 5 s", ReadFailure.FAILED, WORKSTATION)
SSO = credentials(CredentialKind.IDENTITY_CENTER, temporary=True)
KEYS = credentials()


def test_a_plugin_that_is_nowhere_is_missing() -> None:
    assert said(plugin_is_installed(Absent("the Session Manager plugin", "PATH"))) == [
        Said("plugin-missing", Status.WARN, PROVED, "workstation", STEPS)
    ]


def test_on_windows_a_plugin_outside_path_is_named_by_where_it_is() -> None:
    plugin = a_plugin(system=System.WINDOWS, path=WINDOWS_PATH, on_path=False)
    assert plugin_is_installed(plugin) == (
        Finding(
            cause="plugin-not-on-path",
            status=Status.WARN,
            confidence=PROVED,
            subject=Subject(SubjectKind.WORKSTATION, "workstation"),
            summary="The Session Manager plugin is installed on this computer, but the AWS CLI does not find it.",
            evidence=(Evidence(f"{WINDOWS_PATH} exists, but its folder is not in PATH", "workstation"),),
            fixes=STEPS,
        ),
    )


def test_a_plugin_of_another_processor_is_none_whatever_else_is_known_of_it() -> None:
    why = "session-manager-plugin cannot run --version: Exec format error"
    plugin = a_plugin(Absent(why, WORKSTATION), on_path=False)
    (finding,) = plugin_is_installed(plugin)
    assert said((finding,)) == [Said("plugin-missing", Status.WARN, PROVED, "workstation", STEPS)]
    assert finding.summary == (
        "The Session Manager plugin on this computer is for another processor, or it is damaged."
    )
    assert finding.evidence == (Evidence(why, WORKSTATION),)
    assert plugin_is_supported(plugin) == NotApplicable(why)
    assert plugin_is_not_known_to_fail(plugin, SSO) == NotApplicable(why)


def test_its_id_names_the_region_since_there_is_one_workstation() -> None:
    (finding,) = plugin_is_installed(Absent("the Session Manager plugin", "PATH"))
    assert finding.id_in("eu-west-3") == "plugin-missing@workstation@eu-west-3"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.2.764.0", []),
        ("1.2.896.0", []),
        ("1.10.0.0", []),
        ("1.2.763.9", [Said("plugin-outdated", Status.WARN, PROVED, "workstation", STEPS)]),
        ("1.1.17.0", [Said("plugin-outdated", Status.WARN, PROVED, "workstation", STEPS)]),
        (SILENT, [Said("plugin-outdated", Status.UNKNOWN, POSSIBLE, "workstation")]),
    ],
)
def test_the_oldest_supported_version_is_told_number_by_number(version: str | Unreadable, expected: list[Said]) -> None:
    assert said(plugin_is_supported(a_plugin(version))) == expected


@pytest.mark.parametrize(
    ("version", "held", "expected"),
    [
        pytest.param("1.2.889.0", KEYS, (Status.WARN, PROVED), id="withdrawn"),
        pytest.param("1.2.889.0", SSO, (Status.WARN, PROVED), id="withdrawn, whatever the credentials"),
        pytest.param("1.2.688.0", KEYS, (Status.WARN, PROVED), id="withdrawn in 2024"),
        pytest.param("1.2.896.0", SSO, (Status.INFO, POSSIBLE), id="temporary credentials"),
        pytest.param("1.2.792.0", SSO, (Status.INFO, POSSIBLE), id="the first that is reported"),
        pytest.param("1.2.779.0", SSO, None, id="before it"),
        pytest.param("1.2.896.0", KEYS, None, id="keys that do not end"),
        pytest.param("1.2.896.0", SILENT, None, id="credentials that could not be read"),
        pytest.param(SILENT, SSO, None, id="a version that is not known is told by another check"),
    ],
)
def test_a_version_that_is_known_to_fail(
    version: str | Unreadable, held: object, expected: tuple[Status, Confidence] | None
) -> None:
    assert isinstance(held, type(SSO) | Unreadable)
    found = said(plugin_is_not_known_to_fail(a_plugin(version), held))
    assert found == ([Said("plugin-known-bad", *expected, "workstation", STEPS)] if expected else [])


@given(st.tuples(*[st.integers(0, 2000)] * 4))
def test_no_version_of_the_plugin_is_more_than_a_warning(numbers: tuple[int, ...]) -> None:
    plugin = a_plugin(".".join(map(str, numbers)))
    found = (*judged(plugin_is_supported, plugin), *judged(plugin_is_not_known_to_fail, plugin, SSO))
    assert {each.status for each in found} <= {Status.WARN, Status.INFO}
    assert bool(plugin_is_supported(plugin)) == (numbers < (1, 2, 764, 0))
