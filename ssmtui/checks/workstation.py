"""Checks of the workstation that opens sessions. Each finding is a warning at most, and never an error of a node."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.analysis.finding_parts import the_workstation, unknown_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import is_older_version
from ssmtui.model.workstation import (
    DROPS_TEMPORARY_CREDENTIALS,
    OLDEST_SUPPORTED,
    WITHDRAWN,
    ClockDifference,
    Credentials,
    MessagesConnection,
    NodeElsewhere,
    Obstruction,
    Plugin,
    System,
    TemporaryFolder,
)


@check(
    link=Link.WORKSTATION, causes=("workstation-clock-skewed",), subject=the_workstation, after=("credentials-last",)
)
def clock_is_right(difference: ClockDifference) -> Findings:
    """Whether the clock of this computer is correct."""
    if not difference.matters:
        return ()
    minutes = difference.minutes
    summary = (
        say("The clock of this computer is {minutes} minutes ahead of AWS.", minutes=minutes)
        if difference.seconds > 0
        else say("The clock of this computer is {minutes} minutes behind AWS.", minutes=minutes)
    )
    evidence = Evidence(
        say(
            "the Date header of the response differs from this clock by {seconds} seconds",
            seconds=abs(difference.seconds),
        ),
        difference.answer,
    )
    return (
        Finding("workstation-clock-skewed", Status.WARN, Confidence.PROVED, the_workstation(), summary, (evidence,)),
    )


_SOON = timedelta(minutes=60)
_VERY_SOON = timedelta(minutes=5)


@check(
    link=Link.WORKSTATION,
    causes=("credentials-expire-soon", "credentials-expired"),
    subject=the_workstation,
    after=("plugin-is-not-known-to-fail",),
)
def credentials_last(credentials: Credentials, now: Now) -> Findings:
    """Whether the credentials are valid for the next hour."""
    if credentials.expires is None or credentials.expires - now.at >= _SOON:
        return ()
    end = f"{credentials.expires:%H:%M}"
    if credentials.expires <= now.at:
        summary = say("The AWS credentials expired at {end} UTC and can no longer open a session.", end=end)
        return (_finding("credentials-expired", Status.WARN, summary, credentials),)
    summary = say(
        "The AWS credentials expire at {end} UTC: sessions that are open at that time cannot be resumed.", end=end
    )
    status = Status.WARN if credentials.expires - now.at < _VERY_SOON else Status.INFO
    return (_finding("credentials-expire-soon", status, summary, credentials),)


def _finding(cause: str, status: Status, summary: str, credentials: Credentials) -> Finding:
    kind = say(credentials.kind.value)
    told = say("the credentials come from {kind}", kind=kind)
    if credentials.renewal:
        told = say(
            "the credentials come from {kind}; renew them with: {command}", kind=kind, command=credentials.renewal
        )
    return Finding(cause, status, Confidence.PROVED, the_workstation(), summary, (Evidence(told, WORKSTATION),))


@check(
    link=Link.WORKSTATION,
    causes=("wrong-region-or-account",),
    subject=the_workstation,
    after=("credentials-last", "clock-is-right"),
)
def node_is_looked_for_where_it_is(scope: Scope, asked: NodeElsewhere) -> Findings:
    """Whether a named node is in the account and Region that the AWS CLI would use."""
    node_query = asked.node_query
    if node_query.account == scope.account:
        summary = say(
            "The nodes are in {region}, but the AWS CLI uses {home}: add --region {region}.",
            region=scope.region,
            home=node_query.region,
        )
    else:
        summary = say(
            "The nodes are in the account {account} in {region}, but the AWS CLI uses the account {home_account} in "
            "{home}: add --profile and --region.",
            account=scope.account,
            region=scope.region,
            home_account=node_query.account,
            home=node_query.region,
        )
    # The same text for every node, because the nodes share the finding.
    listed = say("the nodes are listed in {region} of account {account}", region=scope.region, account=scope.account)
    return (
        Finding(
            "wrong-region-or-account",
            Status.WARN,
            Confidence.PROVED,
            the_workstation(),
            summary,
            (Evidence(listed, "ssm:DescribeInstanceProperties"),),
        ),
    )


_UNREACHABLE_CAUSE = "messages-endpoint-unreachable"
# A connection that a proxy could not make, or that was not tried, proves nothing.
_TELLS_NOTHING = frozenset({Obstruction.PROXY_FAILS, Obstruction.PROXY_UNTRIED})


@check(
    link=Link.WORKSTATION,
    causes=(_UNREACHABLE_CAUSE,),
    subject=the_workstation,
    after=("temporary-folder-leaves-room-for-a-socket",),
)
def messages_endpoint_is_reached(way: MessagesConnection) -> Findings:
    """Whether this computer can reach the ssmmessages endpoint."""
    if way.obstruction is None:
        return ()
    evidence = _evidence(way, way.obstruction)
    if way.obstruction in _TELLS_NOTHING:
        summary = say(
            "Cannot determine whether this computer can reach {endpoint} through the proxy {proxy}.",
            endpoint=way.endpoint,
            proxy=way.proxy,
        )
        return (unknown_finding(_UNREACHABLE_CAUSE, the_workstation(), summary, (evidence,)),)
    summary = (
        say("This computer cannot reach {endpoint} through the proxy {proxy}.", endpoint=way.endpoint, proxy=way.proxy)
        if way.proxy
        else say("This computer cannot reach {endpoint}.", endpoint=way.endpoint)
    )
    return (
        Finding(
            _UNREACHABLE_CAUSE,
            Status.WARN,
            Confidence.LIKELY,
            the_workstation(),
            summary,
            (evidence,),
            fixes=("steps-network",),
        ),
    )


def _evidence(way: MessagesConnection, obstruction: Obstruction) -> Evidence:
    words = say(obstruction.value)
    fact = say("{words} ({told})", words=words, told=way.told) if way.told else words
    return Evidence(fact, WORKSTATION)


_STEPS = ("steps-install-plugin",)


@check(link=Link.WORKSTATION, causes=("plugin-missing", "plugin-not-on-path"), subject=the_workstation)
def plugin_is_installed(plugin: Plugin | Absent) -> Findings:
    """Whether the Session Manager plugin is installed on the PATH of the AWS CLI."""
    if isinstance(plugin, Absent):
        nowhere = say("session-manager-plugin is neither in a folder of PATH nor in a folder that its installers use")
        return (
            _warning(
                "plugin-missing",
                say("The Session Manager plugin is not installed on this computer: the AWS CLI cannot open sessions."),
                Evidence(nowhere, WORKSTATION),
            ),
        )
    if isinstance(plugin.version, Absent):
        return (
            _warning(
                "plugin-missing",
                say("The Session Manager plugin on this computer is for another processor, or it is damaged."),
                Evidence(plugin.version.what, WORKSTATION),
            ),
        )
    if plugin.on_path:
        return ()
    found = say("{path} exists, but its folder is not in PATH", path=plugin.path)
    return (
        _warning(
            "plugin-not-on-path",
            say("The Session Manager plugin is installed on this computer, but the AWS CLI does not find it."),
            Evidence(found, WORKSTATION),
        ),
    )


@check(link=Link.WORKSTATION, causes=("plugin-outdated",), subject=the_workstation, after=("plugin-is-installed",))
def plugin_is_supported(plugin: Plugin) -> Findings | NotApplicable:
    """Whether AWS supports the version of the Session Manager plugin."""
    if isinstance(plugin.version, Absent):
        return NotApplicable(plugin.version.what)  # already reported by the check before this one
    if isinstance(plugin.version, Unreadable):
        summary = say("Cannot determine the version of the Session Manager plugin on this computer.")
        return (
            unknown_finding(
                "plugin-outdated", the_workstation(), summary, (Evidence(plugin.version.why, WORKSTATION),)
            ),
        )
    if not is_older_version(plugin.version, OLDEST_SUPPORTED):
        return ()
    summary = say(
        "The Session Manager plugin on this computer is older than {floor}, the oldest version that AWS supports.",
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
def plugin_is_not_known_to_fail(plugin: Plugin, credentials: Credentials | Unreadable) -> Findings | NotApplicable:
    """Whether the version of the Session Manager plugin is known to fail."""
    if not isinstance(plugin.version, str):
        # Already reported by the checks before this one.
        return NotApplicable(plugin.version.what if isinstance(plugin.version, Absent) else plugin.version.why)
    if plugin.version in WITHDRAWN:
        summary = say(
            "This computer has version {version} of the Session Manager plugin, which AWS withdrew; {next_version} "
            "reverts its changes.",
            version=plugin.version,
            next_version=WITHDRAWN[plugin.version],
        )
        return (_warning("plugin-known-bad", summary, _is(plugin.version)),)
    if isinstance(credentials, Unreadable) or not credentials.temporary:
        return ()
    if is_older_version(plugin.version, DROPS_TEMPORARY_CREDENTIALS):
        return ()
    summary = say(
        "Sessions longer than an hour can be interrupted: this is a known problem of this plugin with temporary "
        "credentials.",
    )
    kind = say("the credentials are temporary, from {kind}", kind=say(credentials.kind.value))
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
    return Evidence(say("the version of the plugin is {version}", version=version), WORKSTATION)


def _warning(cause: str, summary: str, evidence: Evidence) -> Finding:
    return Finding(cause, Status.WARN, Confidence.PROVED, the_workstation(), summary, (evidence,), fixes=_STEPS)


# unix(7), and sys/un.h of Darwin: the maximum bytes of a socket's path, without the terminating one.
_ROOM = {System.LINUX: 107, System.MACOS: 103}
# `/<hash of the session>_session_manager_plugin_mux.sock`; the hash has 32 bits, in decimal (docs/facts/sessions.md
# §8).
_NAME = len("/4294967295_session_manager_plugin_mux.sock")


@check(
    link=Link.WORKSTATION,
    causes=("socket-path-too-long",),
    subject=the_workstation,
    after=("node-is-looked-for-where-it-is",),
)
def temporary_folder_leaves_room_for_a_socket(folder: TemporaryFolder) -> Findings:
    """Whether the path of the plugin's socket is short enough."""
    room = _ROOM.get(folder.system)
    length = len(folder.path.rstrip("/").encode("utf-8", errors="surrogateescape"))
    if room is None or length + _NAME <= room:
        return ()
    evidence = Evidence(
        say(
            "its path has {length} bytes and the socket name {name}; {system} allows {room}",
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
            say("The path of the temporary folder is too long for the port forwarding socket."),
            (evidence,),
        ),
    )
