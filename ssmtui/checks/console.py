"""What a node's console tells, line by line: every line that SSM Agent is known to write there.

The lines: docs/facts/failure-texts.md §5.
A line of the agent counts while the agent has not started again after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status
from ssmtui.model.moment import Now
from ssmtui.model.subject import Subject
from ssmtui.model.system import ConsoleAsked, ConsoleOutput, SilentConsole

STARTED = ("amazon ssm agent v", "is running")
SKEWED = ("signature expired", "signature not yet current")
HIBERNATES = ("entering ssm agent hibernate", "agent is in hibernate mode", "ssm agent hibernation")
OUT_OF_WATCHES = ("failed to create channel: too many open files", "limit of inotify instances reached")
NO_METADATA = ("failed to make ec2metadata request", "failed to query imds", "imds request timeout")
NO_PROFILE = ("no ec2 instance role found", "instance management role is not configured for account")
NO_USER = ("failed to create ssm-user",)
NOT_RUNNING = ("unable to find ssm agent on this instance", "but is not running", "agent service is not running")
UNREACHED = (
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
UNTRUSTED = tuple(
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
CHANGED_MACHINE = ("machinefingerprint", "machine fingerprint")
_REFUSED = ("accessdenied", "not authorized")
_COMPLAINTS = (*UNREACHED, *UNTRUSTED, *CHANGED_MACHINE, *NO_METADATA, *NO_PROFILE, *HIBERNATES, *NOT_RUNNING)

NO_SPACE = "no space left on device"
_BEGINNING = ("linux version", "booting linux")
_READY = ("cloud-init v.", " login:", "reached target multi-user", "started getty")
_AGENT = ("ssm agent", "ssm-agent")
_TELLING = (
    *BOOT_FAILED,
    *(*SKEWED, *OUT_OF_WATCHES, *NO_USER, *_COMPLAINTS, *_REFUSED, NO_SPACE),
    *(*_BEGINNING, *_READY, *_AGENT),
)
_SHOWN = 200
_NEWS = timedelta(days=1)
SOURCE = "ec2:GetConsoleOutput"


def telling_lines(text: str) -> tuple[str, ...]:
    """The lines of a console that anything is told by. The others may hold whatever a machine writes at its start."""
    return tuple(line for line in text.splitlines() if any(word in line.casefold() for word in _TELLING))


def last_line(console: ConsoleOutput | Absent, *wanted: Sequence[str]) -> str | None:
    """The last line since the agent's start that holds a fragment of each of the sequences; None where none does."""
    if isinstance(console, Absent):
        return None
    for line in reversed(telling_lines(console.text)):
        plain = line.casefold()
        if all(any(fragment in plain for fragment in fragments) for fragments in wanted):
            return line.strip()
        if all(part in plain for part in STARTED):
            return None
    return None


def line_since_boot(console: ConsoleOutput | Absent, *fragments: str) -> str | None:
    """The last line with one of the fragments since the kernel began to start; None where there is none."""
    if isinstance(console, Absent):
        return None
    for line in reversed(telling_lines(console.text)):
        plain = line.casefold()
        if any(fragment in plain for fragment in fragments):
            return line.strip()
        if any(word in plain for word in _BEGINNING):
            return None
    return None


def refused_line(console: ConsoleOutput | Absent, *words: str) -> str | None:
    """The last line by which the agent says that it was refused something that one of the words names."""
    return last_line(console, _REFUSED, tuple(word.casefold() for word in words))


def booted_without_agent(console: ConsoleOutput | Absent) -> bool:
    """Whether the console shows a whole start of a Linux, from the kernel to the end, and no word of the agent."""
    if isinstance(console, Absent):
        return False
    plain = console.text.casefold()
    whole = any(word in plain for word in _BEGINNING) and any(word in plain for word in _READY)
    return whole and not any(word in plain for word in _AGENT)


def complaint(console: SilentConsole | Absent | Moot | Unreadable) -> tuple[Evidence, ...]:
    """The agent's last word on why it is not connected, where it has one."""
    line = last_line(console.output, _COMPLAINTS) if isinstance(console, SilentConsole) else None
    return (says(line),) if line is not None else ()


def failed_start(console: SilentConsole | Absent | Moot | Unreadable) -> tuple[Evidence, ...]:
    """What the operating system said of its start, or of its memory, before it answered no more."""
    line = line_since_boot(console.output, *BOOT_FAILED) if isinstance(console, SilentConsole) else None
    return (says(line),) if line is not None else ()


def says(line: str) -> Evidence:
    """A line of the console as an observed fact."""
    return Evidence(say("the console says: {line}", line=line[:_SHOWN]), SOURCE)


def still_holds(asked: ConsoleAsked, console: ConsoleOutput | Absent, now: Now) -> bool:
    """Whether what a console says can be taken for the present: always of a node that is away, else for a day.

    A node that is connected may have been mended since. A time before the launch is not the output's own.
    """
    if not asked.connected or isinstance(console, Absent):
        return True
    captured = console.captured
    return captured is None or captured < asked.instance.launched or now.at - captured <= _NEWS


def as_of(console: ConsoleOutput | Absent) -> tuple[Evidence, ...]:
    """When the console's output is from, where EC2 says it."""
    if isinstance(console, Absent) or console.captured is None:
        return ()
    fact = say("the newest output is from {captured} UTC", captured=f"{console.captured:%Y-%m-%d %H:%M}")
    return (Evidence(fact, SOURCE),)


def console_unread(cause: str, subject: Subject, summary: str, asked: ConsoleAsked, console: Unreadable) -> Finding:
    """It could not be told: a note of a node that is connected, which the fleet is not asked about at all."""
    return Finding(
        cause=cause,
        status=Status.INFO if asked.connected else Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        subject=subject,
        summary=summary,
        evidence=(Evidence(console.why, console.action or SOURCE),),
        needs=(console.action,) if console.action else (),
    )
