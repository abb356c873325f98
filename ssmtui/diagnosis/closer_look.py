"""What was looked at more closely on a node that somebody points at, and what could not be, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.checks.other_interfaces import interface_words
from ssmtui.evidence.gathering.journey import Journey
from ssmtui.language import marked, say, say_many
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.closer_look import CloserLook
from ssmtui.model.interfaces import NetworkInterfaces
from ssmtui.model.recent_commands import RecentCommands
from ssmtui.model.refused_calls import RefusedCalls
from ssmtui.model.system import ConsoleOutput


@dataclass(frozen=True, slots=True)
class _Subject:
    """A kind of fact that is only read of nodes that are pointed at, and how it is told."""

    kind: type
    what: str
    source: str
    words: Callable[[object], str]
    limits: str = ""


def _console(fact: object) -> str:
    if not isinstance(fact, ConsoleOutput):
        return ""
    lines = say_many("{count} line", "{count} lines", count=len(fact.text.splitlines()))
    if fact.captured is None:
        return lines
    return say("{lines}, the newest of {captured} UTC", lines=lines, captured=f"{fact.captured:%Y-%m-%d %H:%M}")


def _refusals(fact: object) -> str:
    if not isinstance(fact, RefusedCalls):
        return ""
    beginning = "" if fact.complete else say("of its newest calls: ")
    if not fact.calls:
        return beginning + say("none within the last hour")
    told = dict.fromkeys(f"{call.action} {call.at:%H:%M}" for call in fact.calls)
    shown = ", ".join(list(told)[:_SHOWN]) + (" …" if len(told) > _SHOWN else "")
    return beginning + say_many(
        "{count} within the last hour: {calls} UTC",
        "{count} within the last hour: {calls} UTC",
        count=len(fact.calls),
        calls=shown,
    )


def _interfaces(fact: object) -> str:
    if not isinstance(fact, NetworkInterfaces):
        return ""
    return ", ".join(interface_words(each) for each in fact.interfaces) or say("there is none")


def _commands(fact: object) -> str:
    if not isinstance(fact, RecentCommands):
        return ""
    if not fact.commands:
        return say("none within 30 days")
    shown = [
        say(
            "{document} {sent} UTC {status}",
            document=each.document,
            sent=f"{each.sent:%Y-%m-%d %H:%M}",
            status=each.status,
        )
        for each in fact.commands[:_SHOWN]
    ]
    more = len(fact.commands) > _SHOWN or not fact.complete
    return ", ".join(shown) + (" …" if more else "")


_SHOWN = 4
_SUBJECTS = (
    _Subject(ConsoleOutput, marked("console output"), "ec2:GetConsoleOutput", _console),
    _Subject(NetworkInterfaces, marked("network interfaces"), "ec2:DescribeNetworkInterfaces", _interfaces),
    _Subject(
        RecentCommands,
        marked("recent commands"),
        "ssm:ListCommandInvocations",
        _commands,
        marked("Run Command remembers 30 days; associations of State Manager are not among its commands."),
    ),
    _Subject(
        RefusedCalls,
        marked("refusals of its role"),
        "cloudtrail:LookupEvents",
        _refusals,
        marked(
            "CloudTrail's event history holds management events only, and minutes late: control channels, objects "
            "written to S3 and lines written to a log group are not among them."
        ),
    ),
)


async def closer_look(journey: Journey) -> tuple[CloserLook, ...]:
    """The facts that are only asked for on such a node's path, in the order of the path."""
    return tuple([_told(each, (await journey.fact(each.kind)).value) for each in _SUBJECTS])


def _told(subject: _Subject, fact: object) -> CloserLook:
    what = say(subject.what)
    match fact:
        case Unreadable():
            return CloserLook(what, subject.source, unread=fact)
        case Moot(why):
            return CloserLook(what, subject.source, moot=why)
        case Absent():
            return CloserLook(what, subject.source, found=say("there is none"))
        case _:
            limits = say(subject.limits) if subject.limits else ""
            return CloserLook(what, subject.source, found=subject.words(fact), limits=limits)
