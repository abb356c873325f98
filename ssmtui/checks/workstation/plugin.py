"""Check the Session Manager plugin: installed, supported, and able to create its socket."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import the_workstation, unknown_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.ssm_agent import is_older_version
from ssmtui.model.workstation import (
    DROPS_TEMPORARY_CREDENTIALS,
    OLDEST_SUPPORTED,
    WITHDRAWN,
    Credentials,
    Plugin,
    System,
    TemporaryFolder,
)

_STEPS = ("steps-install-plugin",)


@check(link=Link.WORKSTATION, causes=("plugin-missing", "plugin-not-on-path"), subject=the_workstation)
def plugin_is_installed(plugin: Plugin | Absent) -> Findings:
    """Whether the Session Manager plugin is installed where the AWS CLI finds it."""
    if isinstance(plugin, Absent):
        nowhere = say("session-manager-plugin is in no folder of PATH, and in none that its installers use")
        return (
            _warning(
                "plugin-missing",
                say("The Session Manager plugin is not installed on this computer: the AWS CLI opens no session."),
                Evidence(nowhere, WORKSTATION),
            ),
        )
    if isinstance(plugin.version, Absent):
        return (
            _warning(
                "plugin-missing",
                say("The Session Manager plugin of this computer was made for another processor, or is broken."),
                Evidence(plugin.version.what, WORKSTATION),
            ),
        )
    if plugin.on_path:
        return ()
    found = say("{path} is there, and its folder is not in PATH", path=plugin.path)
    return (
        _warning(
            "plugin-not-on-path",
            say("The Session Manager plugin is installed on this computer where the AWS CLI does not find it."),
            Evidence(found, WORKSTATION),
        ),
    )


@check(link=Link.WORKSTATION, causes=("plugin-outdated",), subject=the_workstation, after=("plugin-is-installed",))
def plugin_is_supported(plugin: Plugin) -> Findings:
    """Whether the Session Manager plugin is a version that AWS supports."""
    if isinstance(plugin.version, Absent):
        return ()  # told already, by the check before this one
    if isinstance(plugin.version, Unreadable):
        summary = say("Which version of the Session Manager plugin this computer has is not known.")
        return (
            unknown_finding(
                "plugin-outdated", the_workstation(), summary, (Evidence(plugin.version.why, WORKSTATION),)
            ),
        )
    if not is_older_version(plugin.version, OLDEST_SUPPORTED):
        return ()
    summary = say(
        "The Session Manager plugin of this computer is older than {floor}, the oldest that AWS supports.",
        floor=OLDEST_SUPPORTED,
    )
    return (_warning("plugin-outdated", summary, _is(plugin.version)),)


@check(
    link=Link.WORKSTATION,
    causes=("plugin-known-bad",),
    subject=the_workstation,
    after=("plugin-is-supported",),
    without={Credentials: "the workstation's, and no verdict"},
)
def plugin_is_not_known_to_fail(plugin: Plugin, credentials: Credentials | Unreadable) -> Findings:
    """Whether the Session Manager plugin is a version that is known to fail."""
    if not isinstance(plugin.version, str):
        return ()  # told already, by the checks before this one
    if plugin.version in WITHDRAWN:
        summary = say(
            "AWS withdrew version {version} of the Session Manager plugin, which this computer has: {next_version} "
            "took back what it had changed.",
            version=plugin.version,
            next_version=WITHDRAWN[plugin.version],
        )
        return (_warning("plugin-known-bad", summary, _is(plugin.version)),)
    if isinstance(credentials, Unreadable) or not credentials.temporary:
        return ()
    if is_older_version(plugin.version, DROPS_TEMPORARY_CREDENTIALS):
        return ()
    summary = say(
        "Sessions of more than an hour may break off: that is reported of this plugin with temporary credentials.",
    )
    kind = say("the credentials are temporary, by {kind}", kind=say(credentials.kind.value))
    return (
        Finding(
            cause="plugin-known-bad",
            status=Status.INFO,
            confidence=Confidence.POSSIBLE,
            subject=the_workstation(),
            summary=summary,
            evidence=(_is(plugin.version), Evidence(kind, WORKSTATION)),
            fixes=_STEPS,
        ),
    )


def _is(version: str) -> Evidence:
    return Evidence(say("the plugin is version {version}", version=version), WORKSTATION)


def _warning(cause: str, summary: str, evidence: Evidence) -> Finding:
    return Finding(cause, Status.WARN, Confidence.PROVED, the_workstation(), summary, (evidence,), fixes=_STEPS)


# unix(7), and sys/un.h of Darwin: the bytes of a socket's path, without the one that ends it.
_ROOM = {System.LINUX: 107, System.MACOS: 103}
# `/<hash of the session>_session_manager_plugin_mux.sock`, the hash of 32 bits in decimal (docs/facts/sessions.md §8).
_NAME = len("/4294967295_session_manager_plugin_mux.sock")


@check(
    link=Link.WORKSTATION,
    causes=("socket-path-too-long",),
    subject=the_workstation,
    after=("node-is-looked-for-where-it-is",),
)
def temporary_folder_leaves_room_for_a_socket(folder: TemporaryFolder) -> Findings:
    """Whether the plugin's socket has a path that is short enough."""
    room = _ROOM.get(folder.system)
    length = len(folder.path.rstrip("/").encode("utf-8", errors="surrogateescape"))
    if room is None or length + _NAME <= room:
        return ()
    evidence = Evidence(
        say(
            "its path has {length} bytes and the socket's name {name}; {system} allows {room}",
            length=length,
            name=_NAME,
            system=folder.system.value,
            room=room,
        ),
        WORKSTATION,
    )
    return (
        Finding(
            "socket-path-too-long",
            Status.WARN,
            Confidence.LIKELY,
            the_workstation(),
            say("The path of the temporary folder is too long for the socket of port forwarding."),
            (evidence,),
        ),
    )
