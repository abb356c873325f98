"""Whether the Session Manager plugin is there, is found, and is a version that works."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.checks.workstation import (
    plugin_is_installed,
    plugin_is_not_known_to_fail,
    plugin_is_supported,
)
from ssmtui.model.fact import Absent, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.workstation import CredentialKind, System
from tests.builders.workstation import WINDOWS_PATH, a_plugin, credentials
from tests.checks.outcome import Said, said

STEPS = ("steps-install-plugin",)
PROVED, POSSIBLE = Confidence.PROVED, Confidence.POSSIBLE
SILENT = Unreadable("", "session-manager-plugin --version did not answer within 5 s", ReadFailure.FAILED, WORKSTATION)
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
            summary="The Session Manager plugin is installed on this computer where the AWS CLI does not find it.",
            evidence=(Evidence(f"{WINDOWS_PATH} is there, and its folder is not in PATH", "workstation"),),
            fixes=STEPS,
        ),
    )


def test_a_plugin_of_another_processor_is_none_whatever_else_is_known_of_it() -> None:
    why = "session-manager-plugin --version cannot be run: Exec format error"
    plugin = a_plugin(Absent(why, WORKSTATION), on_path=False)
    (finding,) = plugin_is_installed(plugin)
    assert said((finding,)) == [Said("plugin-missing", Status.WARN, PROVED, "workstation", STEPS)]
    assert finding.summary == (
        "The Session Manager plugin of this computer was made for another processor, or is broken."
    )
    assert finding.evidence == (Evidence(why, WORKSTATION),)
    assert plugin_is_supported(plugin) == ()
    assert plugin_is_not_known_to_fail(plugin, SSO) == ()


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
        pytest.param("1.2.896.0", SILENT, None, id="credentials that could not be looked at"),
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
    found = (*plugin_is_supported(plugin), *plugin_is_not_known_to_fail(plugin, SSO))
    assert {each.status for each in found} <= {Status.WARN, Status.INFO}
    assert bool(plugin_is_supported(plugin)) == (numbers < (1, 2, 764, 0))
