from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from ssmtui.analysis.finding_parts import the_log_group, the_role
from ssmtui.checks.registry import Check, CheckFunction
from ssmtui.diagnosis.check_runner import CheckFindings, CheckNotApplicable, CheckRunner
from ssmtui.evidence.aws.reader_api import Answer
from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable, needs_of
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status, Subject, SubjectKind
from ssmtui.model.identity import NodeRole
from ssmtui.model.plan import FactChange
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.storage import Key, LogGroup
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


def resolver(*facts: tuple[type, object]) -> FactResolver:
    store = FactStore(NoAws(), a_scope(), Now(NOON))
    return store.with_fact_changes([FactChange(kind, value) for kind, value in facts]).resolver(a_node())


def check_of(judge: CheckFunction) -> Check:
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
    judged = await CheckRunner().judge(check_of(encrypted), resolver((LogGroup, GROUP)))
    assert judged == CheckFindings((a_finding("log-group-unencrypted"),))


async def test_unreadable_need_gives_unknown_that_names_the_action_and_the_subject() -> None:
    judged = await CheckRunner().judge(
        check_of(encrypted), resolver((LogGroup, REFUSED), (SessionPreferences, PREFERENCES))
    )
    assert judged == CheckFindings(
        (
            Finding(
                cause="log-group-unencrypted",
                status=Status.UNKNOWN,
                confidence=Confidence.POSSIBLE,
                subject=Subject(SubjectKind.LOG_GROUP, "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm/sessions"),
                summary="Whether the log group is encrypted: the result is unknown. AccessDenied",
                evidence=(Evidence("AccessDenied", "logs:DescribeLogGroups"),),
                needs=("logs:DescribeLogGroups",),
            ),
        )
    )


async def test_every_unreadable_need_is_named() -> None:
    def both(group: LogGroup, key: Key) -> Findings:
        return ()

    judged = await CheckRunner().judge(
        check_of(both),
        resolver(
            (LogGroup, REFUSED),
            (Key, Unreadable("kms:DescribeKey", "AccessDenied")),
            (SessionPreferences, PREFERENCES),
        ),
    )
    assert isinstance(judged, CheckFindings)
    assert judged.findings[0].needs == ("logs:DescribeLogGroups", "kms:DescribeKey")


async def test_unknown_is_about_the_region_where_not_even_the_subject_can_be_told() -> None:
    check = replace(check_of(encrypted), subject=the_role, subject_needs=needs_of(the_role))
    judged = await CheckRunner().judge(check, resolver((LogGroup, REFUSED), (NodeRole, REFUSED)))
    assert isinstance(judged, CheckFindings)
    assert judged.findings[0].subject == Subject(SubjectKind.REGION, "eu-west-3")


async def test_absent_need_that_the_check_does_not_admit_makes_it_moot() -> None:
    judged = await CheckRunner().judge(check_of(encrypted), resolver((LogGroup, Absent("the log group", "logs"))))
    assert judged == CheckNotApplicable("the log group")


async def test_absent_need_that_the_check_admits_is_judged() -> None:
    def there(group: LogGroup | Absent) -> Findings:
        return (a_finding("log-group-missing"),) if isinstance(group, Absent) else ()

    judged = await CheckRunner().judge(check_of(there), resolver((LogGroup, Absent("the log group", "logs"))))
    assert judged == CheckFindings((a_finding("log-group-missing"),))


async def test_moot_need_makes_the_check_moot_and_later_needs_are_not_asked_for() -> None:
    def guarded(group: LogGroup, key: Key) -> Findings:
        raise AssertionError

    judged = await CheckRunner().judge(
        check_of(guarded), resolver((LogGroup, NotApplicable("no log group is configured")))
    )
    assert judged == CheckNotApplicable("no log group is configured")


async def test_the_same_facts_are_judged_once() -> None:
    calls = []

    def counting(group: LogGroup) -> Findings:
        calls.append(group)
        return ()

    check_runner, path = CheckRunner(), resolver((LogGroup, GROUP))
    check = check_of(counting)
    await check_runner.judge(check, path)
    await check_runner.judge(check, path)
    assert calls == [GROUP]


async def test_skipped_check_is_unknown_and_never_ok() -> None:
    check_runner = CheckRunner(skipped=frozenset({"log-group-encryption"}))
    judged = await check_runner.judge(check_of(encrypted), resolver((SessionPreferences, PREFERENCES)))
    assert isinstance(judged, CheckFindings)
    assert (judged.findings[0].status, judged.findings[0].needs) == (Status.UNKNOWN, ())
