"""Find the lines that SSM Agent writes to a node's console, and what they prove."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ssmtui.analysis.finding_parts import the_role
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import NodeRole
from ssmtui.model.node import Instance, Node
from ssmtui.model.node_facts import ConsoleOutput, ConsoleOutputQuery, SilentConsole
from ssmtui.model.plan import ChangeDelay

STARTED = ("amazon ssm agent v", "is running")
SKEWED = ("signature expired", "signature not yet current")
HIBERNATES = ("entering ssm agent hibernate", "agent is in hibernate mode", "ssm agent hibernation")
OUT_OF_INOTIFY_INSTANCES = ("failed to create channel: too many open files", "limit of inotify instances reached")
NO_METADATA = ("failed to make ec2metadata request", "failed to query imds", "imds request timeout")
NO_PROFILE = ("no ec2 instance role found", "instance management role is not configured for account")
NO_SSM_USER = ("failed to create ssm-user",)
NOT_RUNNING = ("unable to find ssm agent on this instance", "but is not running", "agent service is not running")
CHANNEL_UNREACHABLE = (
    "failed to connect controlchannel with error",
    "createcontrolchannel failed with error",
    "failed to find agent identity",
    "unable to fetch credentials",
    "failed to connect to systems manager with instance profile role credentials",
    "error fetching config",
    "is not reachable:",
    "connection timed out for",
    "no credentials available",
    "failed call sts endpoint",
)
CERTIFICATE_UNTRUSTED = tuple(
    f"amazonaws.com{domain}/{quote}: {said}"
    for domain in ("", ".cn")
    for quote in ("", '"')
    for said in ("x509: ", "tls: failed to verify certificate")
)
BOOT_FAILED = (
    "kernel panic",
    "unable to mount root fs",
    "you are in emergency mode",
    "give root password for maintenance",
    "unexpected inconsistency",
    "general error mounting filesystems",
    "kernel too old",
    "out of memory: kill",
)
CHANGED_FINGERPRINT = ("machinefingerprint", "machine fingerprint")
_REFUSED = ("accessdenied", "not authorized")
_COMPLAINTS = (
    *CHANNEL_UNREACHABLE,
    *CERTIFICATE_UNTRUSTED,
    *CHANGED_FINGERPRINT,
    *NO_METADATA,
    *NO_PROFILE,
    *HIBERNATES,
    *NOT_RUNNING,
)

NO_SPACE = "no space left on device"
_BEGINNING = ("linux version", "booting linux")
_READY = ("cloud-init v.", " login:", "reached target multi-user", "started getty")
_AGENT = ("ssm agent", "ssm-agent")
_TELLING = (
    *BOOT_FAILED,
    *(*SKEWED, *OUT_OF_INOTIFY_INSTANCES, *NO_SSM_USER, *_COMPLAINTS, *_REFUSED, NO_SPACE),
    *(*_BEGINNING, *_READY, *_AGENT),
)
_SHOWN = 200
_NEWS = timedelta(days=1)
SOURCE = "ec2:GetConsoleOutput"


def relevant_lines(text: str) -> tuple[str, ...]:
    """Return the console lines that can be evidence. Other lines may contain anything from the machine's start."""
    return tuple(line for line in text.splitlines() if any(word in line.casefold() for word in _TELLING))


def last_line(console: ConsoleOutput | Absent, *wanted: Sequence[str]) -> str | None:
    """Return the last line since the agent's start that contains a fragment of each sequence; None if there is none."""
    if isinstance(console, Absent):
        return None
    for line in reversed(relevant_lines(console.text)):
        plain = line.casefold()
        if all(any(fragment in plain for fragment in fragments) for fragments in wanted):
            return line.strip()
        if all(part in plain for part in STARTED):
            return None
    return None


def line_since_boot(console: ConsoleOutput | Absent, *fragments: str) -> str | None:
    """Return the last line with one of the fragments since the kernel's start; None if there is none."""
    if isinstance(console, Absent):
        return None
    for line in reversed(relevant_lines(console.text)):
        plain = line.casefold()
        if any(fragment in plain for fragment in fragments):
            return line.strip()
        if any(word in plain for word in _BEGINNING):
            return None
    return None


def refused_line(console: ConsoleOutput | Absent, *words: str) -> str | None:
    """Return the last line in which the agent reports a refusal of something that one of the words names."""
    return last_line(console, _REFUSED, tuple(word.casefold() for word in words))


def booted_without_agent(console: ConsoleOutput | Absent) -> bool:
    """Return whether the console shows a complete start of a Linux, and no line of the agent."""
    if isinstance(console, Absent):
        return False
    plain = console.text.casefold()
    whole = any(word in plain for word in _BEGINNING) and any(word in plain for word in _READY)
    return whole and not any(word in plain for word in _AGENT)


def last_agent_error(console: SilentConsole | Absent | NotApplicable | Unreadable) -> tuple[Evidence, ...]:
    """Return the agent's last line about why it is not connected, if any."""
    line = last_line(console.output, _COMPLAINTS) if isinstance(console, SilentConsole) else None
    return (console_evidence(line),) if line is not None else ()


def boot_failure(console: SilentConsole | Absent | NotApplicable | Unreadable) -> tuple[Evidence, ...]:
    """Return the operating system's last line about a failed start, or about its memory, if any."""
    line = line_since_boot(console.output, *BOOT_FAILED) if isinstance(console, SilentConsole) else None
    return (console_evidence(line),) if line is not None else ()


def console_evidence(line: str) -> Evidence:
    """Return a console line as evidence."""
    return Evidence(say("the console shows: {line}", line=line[:_SHOWN]), SOURCE)


def is_current(asked: ConsoleOutputQuery, node: Node, console: ConsoleOutput | Absent, now: Now) -> bool:
    """Return whether the console output describes the present: always if the node is not connected, else for a day.

    A connected node may have been fixed since then. A time before the launch is not that of the output.
    """
    if not asked.connected or isinstance(console, Absent):
        return True
    captured, instance = console.captured, node.instance
    if captured is None or (isinstance(instance, Instance) and captured < instance.launched):
        return True
    return now.at - captured <= _NEWS


def captured_at(console: ConsoleOutput | Absent) -> tuple[Evidence, ...]:
    """Return the time of the console output as evidence, if EC2 gives it."""
    if isinstance(console, Absent) or console.captured is None:
        return ()
    fact = say("the newest output is from {captured} UTC", captured=f"{console.captured:%Y-%m-%d %H:%M}")
    return (Evidence(fact, SOURCE),)


def unread_console_finding(
    cause: str, subject: Subject, summary: str, asked: ConsoleOutputQuery, console: Unreadable
) -> Finding:
    """Return an unknown finding; a note for a connected node, because the console of the fleet is not read."""
    return Finding(
        cause=cause,
        status=Status.INFO if asked.connected else Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        subject=subject,
        summary=summary,
        evidence=(Evidence(console.why, console.action or SOURCE),),
        needs=(console.action,) if console.action else (),
    )


_CHANNEL = ("ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel", "createControlChannel request failed")


Console = SilentConsole | Absent | NotApplicable | Unreadable


def registration_refusal(node_role: NodeRole, console: Console, change: ChangeDelay | NotApplicable) -> Findings:
    """Return the finding that the agent was refused ssm:UpdateInstanceInformation, from its console line."""
    line = _refusal(console, change, UPDATE_INSTANCE_INFORMATION)
    summary = say(
        "The SSM Agent of a node with the role {role} logs that its registration was refused.", role=node_role.role.name
    )
    return _refused("role-core-denied", node_role, summary, line)


def channel_refusal(node_role: NodeRole, console: Console, change: ChangeDelay | NotApplicable) -> Findings:
    """Return the finding that the agent was refused its control channel, from its console line."""
    line = _refusal(console, change, *_CHANNEL)
    summary = say(
        "The SSM Agent of a node with the role {role} logs that its control channel was refused.",
        role=node_role.role.name,
    )
    return _refused("role-channels-denied", node_role, summary, line)


def _refusal(console: Console, change: ChangeDelay | NotApplicable, *words: str) -> str | None:
    """Return the refusal in the console; None while a change takes effect, because older lines prove nothing."""
    if isinstance(change, ChangeDelay) or not isinstance(console, SilentConsole):
        return None
    return refused_line(console.output, *words)


def _refused(cause: str, node_role: NodeRole, summary: str, line: str | None) -> Findings:
    if line is None:
        return ()
    return (
        Finding(
            cause=cause,
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_role(node_role),
            summary=summary,
            evidence=(console_evidence(line),),
            # The role's own policies allow it, so something outside the role denies it.
            fixes=("steps-organization-policy",),
        ),
    )
