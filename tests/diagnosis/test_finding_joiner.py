from __future__ import annotations

from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone, ScopeSettled
from ssmtui.diagnosis.finding_joiner import FindingJoiner
from ssmtui.model.finding import Status, Subject, SubjectKind
from tests.builders.fleet import a_finding, a_node, a_scope, held

BUCKET = Subject(SubjectKind.BUCKET, "arn:aws:s3:::audit")
PARIS, FRANKFURT = a_scope("eu-west-3"), a_scope("eu-central-1")
WEB, SHOP = a_node("i-a", region="eu-west-3"), a_node("i-b", region="eu-central-1")
IN_PARIS = held(a_finding("s3-bucket-missing", Status.WARN, subject=BUCKET), WEB, scope=PARIS)
IN_FRANKFURT = held(a_finding("s3-bucket-missing", Status.FAIL, subject=BUCKET), SHOP, scope=FRANKFURT)


def test_a_thing_that_two_regions_share_is_one_finding_as_bad_as_the_worst() -> None:
    told: list[Event] = []
    joining = FindingJoiner(told.append)
    joining.take(PARIS.name, FindingChanged(IN_PARIS))
    joining.take(FRANKFURT.name, FindingChanged(IN_FRANKFURT))
    assert isinstance(told[-1], FindingChanged)
    joined = told[-1].finding
    assert (joined.finding.status, joined.nodes) == (Status.FAIL, frozenset({WEB.key, SHOP.key}))


def test_it_is_gone_when_it_is_gone_everywhere() -> None:
    told: list[Event] = []
    joining = FindingJoiner(told.append)
    joining.take(PARIS.name, FindingChanged(IN_PARIS))
    joining.take(FRANKFURT.name, FindingChanged(IN_FRANKFURT))
    joining.take(FRANKFURT.name, FindingGone(IN_FRANKFURT.id))
    assert told[-1:] == [FindingChanged(IN_PARIS)]
    joining.take(PARIS.name, FindingGone(IN_PARIS.id))
    assert told[-1:] == [FindingGone(IN_PARIS.id)]


def test_everything_else_is_passed_on() -> None:
    told: list[Event] = []
    FindingJoiner(told.append).take(PARIS.name, ScopeSettled(PARIS.name))
    assert told == [ScopeSettled(PARIS.name)]


def test_what_is_put_away_holds_no_finding_until_it_is_taken_up() -> None:
    told: list[Event] = []
    joining = FindingJoiner(told.append)
    joining.take(PARIS.name, FindingChanged(IN_PARIS))
    joining.take(FRANKFURT.name, FindingChanged(IN_FRANKFURT))
    both = told[-1]
    joining.store_scope(FRANKFURT.name)
    assert told[-1:] == [FindingChanged(IN_PARIS)]
    joining.store_scope(PARIS.name)
    assert told[-1:] == [FindingGone(IN_PARIS.id)]
    joining.restore_scope(FRANKFURT.name)
    joining.restore_scope(PARIS.name)
    assert told[-2:] == [FindingChanged(IN_FRANKFURT), both]
