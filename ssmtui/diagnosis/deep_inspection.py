"""Describe the results of a deep inspection of one node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.analysis.finding_parts import describe_interface
from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.language import say, say_many, translatable
from ssmtui.model.access_denied import RefusedCalls
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import InspectionResult
from ssmtui.model.network import NetworkInterfaces
from ssmtui.model.node_facts import ConsoleOutput
from ssmtui.model.permissions import DataKeyDryRun
from ssmtui.model.ssm_agent import RecentCommands


@dataclass(frozen=True, slots=True)
class _Subject:
    """A kind of fact that is read only for selected nodes, and its description."""

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
    beginning = "" if fact.complete else say("in the newest calls: ")
    if not fact.calls:
        return beginning + say("none within the last hour")
    calls = dict.fromkeys(f"{call.action} {call.at:%H:%M}" for call in fact.calls)
    shown = ", ".join(list(calls)[:_SHOWN]) + (" …" if len(calls) > _SHOWN else "")
    return beginning + say_many(
        "{count} within the last hour: {calls} UTC",
        "{count} within the last hour: {calls} UTC",
        count=len(fact.calls),
        calls=shown,
    )


def _interfaces(fact: object) -> str:
    if not isinstance(fact, NetworkInterfaces):
        return ""
    return ", ".join(describe_interface(each) for each in fact.interfaces) or say("none")


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


def _dry_run(fact: object) -> str:
    if not isinstance(fact, DataKeyDryRun):
        return ""
    return say("KMS refused it: {answer}", answer=fact.refusal) if fact.refusal else say("KMS allows it")


_SHOWN = 4
_SUBJECTS = (
    _Subject(ConsoleOutput, translatable("console output"), "ec2:GetConsoleOutput", _console),
    _Subject(NetworkInterfaces, translatable("network interfaces"), "ec2:DescribeNetworkInterfaces", _interfaces),
    _Subject(
        RecentCommands,
        translatable("recent commands"),
        "ssm:ListCommandInvocations",
        _commands,
        translatable("Run Command keeps the history of 30 days and does not include associations of State Manager."),
    ),
    _Subject(
        RefusedCalls,
        translatable("denied calls of the role"),
        "cloudtrail:LookupEvents",
        _refusals,
        translatable(
            "The event history of CloudTrail contains only management events, with a delay of minutes. It does not "
            "include control channels, objects written to S3, and lines written to a log group."
        ),
    ),
    _Subject(
        DataKeyDryRun,
        translatable("dry run with the session key"),
        "kms:GenerateDataKey",
        _dry_run,
        translatable("KMS charges for the request, and CloudTrail records it. No key is generated."),
    ),
)


async def inspect_deeply(resolver: FactResolver) -> tuple[InspectionResult, ...]:
    """Return the results for the facts that are read only for selected nodes, in the order of the path."""
    return tuple([_result(each, (await resolver.fact(each.kind)).value) for each in _SUBJECTS])


def _result(subject: _Subject, fact: object) -> InspectionResult:
    what = say(subject.what)
    match fact:
        case Unreadable():
            return InspectionResult(what, subject.source, unread=fact)
        case NotApplicable(why):
            return InspectionResult(what, subject.source, not_applicable=why)
        case Absent():
            return InspectionResult(what, subject.source, found=say("none"))
        case _:
            limits = say(subject.limits) if subject.limits else ""
            return InspectionResult(what, subject.source, found=subject.words(fact), limits=limits)
