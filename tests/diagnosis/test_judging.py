from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from ssmtui.checks.check import Check, Judge
from ssmtui.checks.subjects import the_log_group, the_role
from ssmtui.diagnosis.judging import Judged, Judging, Mooted
from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.wire.answer import Answer
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.identity import NodeRole
from ssmtui.model.moment import Now
from ssmtui.model.need import needs_of
from ssmtui.model.path import Link
from ssmtui.model.plan import FactChange
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.storage import Key, LogGroup
from ssmtui.model.subject import Subject, SubjectKind
from tests.builders.fleet import NOON, a_check, a_finding, a_node, a_scope

PREFERENCES = SessionPreferences("arn:doc", document_exists=True, log_group="/ssm/sessions")
GROUP = LogGroup("arn:group", "/ssm/sessions", None)
REFUSED = Unreadable("logs:DescribeLogGroups", "AccessDenied")


class NoAws:
    """An AWS that nothing may be asked of."""

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        raise AssertionError(f"{service}:{operation} was asked")

    def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        raise AssertionError(f"{service}:{operation} was asked")


def journey(*facts: tuple[type, object]) -> Journey:
    gathering = Gathering(NoAws(), a_scope(), Now(NOON))
    return gathering.supposing([FactChange(kind, value) for kind, value in facts]).journey(a_node())


def check_of(judge: Judge) -> Check:
    return replace(
        a_check("log-group-encryption", Link.PREFERENCES, "log-group-unencrypted", "log-group-missing"),
        judge=judge,
        needs=needs_of(judge),
        title="Whether the log group is encrypted",
        subject=the_log_group,
        subject_needs=needs_of(the_log_group),
    )


def encrypted(group: LogGroup) -> Findings:
    return () if group.key_arn else (a_finding("log-group-unencrypted"),)


async def test_check_is_called_with_its_needs() -> None:
    judged = await Judging().judge(check_of(encrypted), journey((LogGroup, GROUP)))
    assert judged == Judged((a_finding("log-group-unencrypted"),))


async def test_unreadable_need_gives_unknown_that_names_the_action_and_the_subject() -> None:
    judged = await Judging().judge(check_of(encrypted), journey((LogGroup, REFUSED), (SessionPreferences, PREFERENCES)))
    assert judged == Judged(
        (
            Finding(
                cause="log-group-unencrypted",
                status=Status.UNKNOWN,
                confidence=Confidence.POSSIBLE,
                subject=Subject(SubjectKind.LOG_GROUP, "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm/sessions"),
                summary="Whether the log group is encrypted: could not be told. AccessDenied",
                evidence=(Evidence("AccessDenied", "logs:DescribeLogGroups"),),
                needs=("logs:DescribeLogGroups",),
            ),
        )
    )


async def test_every_unreadable_need_is_named() -> None:
    def both(group: LogGroup, key: Key) -> Findings:
        return ()

    judged = await Judging().judge(
        check_of(both),
        journey(
            (LogGroup, REFUSED),
            (Key, Unreadable("kms:DescribeKey", "AccessDenied")),
            (SessionPreferences, PREFERENCES),
        ),
    )
    assert isinstance(judged, Judged)
    assert judged.findings[0].needs == ("logs:DescribeLogGroups", "kms:DescribeKey")


async def test_unknown_is_about_the_region_where_not_even_the_subject_can_be_told() -> None:
    check = replace(check_of(encrypted), subject=the_role, subject_needs=needs_of(the_role))
    judged = await Judging().judge(check, journey((LogGroup, REFUSED), (NodeRole, REFUSED)))
    assert isinstance(judged, Judged)
    assert judged.findings[0].subject == Subject(SubjectKind.REGION, "eu-west-3")


async def test_absent_need_that_the_check_does_not_admit_makes_it_moot() -> None:
    judged = await Judging().judge(check_of(encrypted), journey((LogGroup, Absent("the log group", "logs"))))
    assert judged == Mooted("the log group")


async def test_absent_need_that_the_check_admits_is_judged() -> None:
    def there(group: LogGroup | Absent) -> Findings:
        return (a_finding("log-group-missing"),) if isinstance(group, Absent) else ()

    judged = await Judging().judge(check_of(there), journey((LogGroup, Absent("the log group", "logs"))))
    assert judged == Judged((a_finding("log-group-missing"),))


async def test_moot_need_makes_the_check_moot_and_later_needs_are_not_asked_for() -> None:
    def guarded(group: LogGroup, key: Key) -> Findings:
        raise AssertionError

    judged = await Judging().judge(check_of(guarded), journey((LogGroup, Moot("no log group is configured"))))
    assert judged == Mooted("no log group is configured")


async def test_the_same_facts_are_judged_once() -> None:
    calls = []

    def counting(group: LogGroup) -> Findings:
        calls.append(group)
        return ()

    judging, path = Judging(), journey((LogGroup, GROUP))
    check = check_of(counting)
    await judging.judge(check, path)
    await judging.judge(check, path)
    assert calls == [GROUP]


async def test_skipped_check_is_unknown_and_never_ok() -> None:
    judging = Judging(skipped=frozenset({"log-group-encryption"}))
    judged = await judging.judge(check_of(encrypted), journey((SessionPreferences, PREFERENCES)))
    assert isinstance(judged, Judged)
    assert (judged.findings[0].status, judged.findings[0].needs) == (Status.UNKNOWN, ())
