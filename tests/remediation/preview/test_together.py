"""Whether changes can be made together, and what is so after all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.network import GroupRule, SecurityGroup, SecurityGroups
from ssmtui.model.plan import FactChange, Guard, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.remediation.preview import MergeConflictError, combination_conflict, facts_after
from tests.builders.fleet import a_scope

HTTPS = GroupRule("tcp", 443, 443, ("10.0.0.0/16",), ())


@dataclass(frozen=True)
class Fact:
    """Any fact with places of its own."""

    left: int
    right: int
    names: frozenset[str] = frozenset()


BASE = Fact(0, 0, frozenset({"a"}))


def plan(*changes: FactChange, guards: tuple[Guard, ...] = (), scope: Scope | None = None) -> Plan:
    where = scope or a_scope()
    subject = Subject(SubjectKind.REGION, where.region)
    return Plan(
        fix="some-fix",
        title="Run",
        scope=where,
        subject=subject,
        calls=(),
        before="",
        after="",
        guards=guards,
        way_back=UndoPlan((), ()),
        reach=Reach.SUBJECT,
        undo="",
        facts_after=changes,
        stale=(),
    )


def guard(group: str) -> Guard:
    return Guard("the rules", "ec2", "DescribeSecurityGroupRules", {"GroupIds": [group]}, "Rules", "none")


def after(value: object, replaces: object = BASE) -> Plan:
    return plan(FactChange(type(value), value, replaces))


def test_what_only_one_of_two_changes_is_as_that_one_leaves_it() -> None:
    left, right = after(replace(BASE, left=1)), after(replace(BASE, right=2, names=frozenset({"b"})))
    assert facts_after((left, right)) == (FactChange(Fact, Fact(1, 2, frozenset({"b"})), BASE),)
    assert combination_conflict(left, right) == ""


def test_what_both_change_in_the_same_place_cannot_be_told() -> None:
    one, other = after(replace(BASE, left=1)), after(replace(BASE, left=2))
    with pytest.raises(MergeConflictError):
        facts_after((one, other))
    assert "Run" in combination_conflict(one, other)


def test_two_security_groups_of_a_region_are_opened_together_and_one_is_not_opened_twice() -> None:
    shut = {name: SecurityGroup(name, name, "vpc-1", (), ()) for name in ("sg-1", "sg-2")}
    groups = SecurityGroups(shut)

    def opened(name: str, rule: GroupRule = HTTPS) -> Plan:
        by_id = {**shut, name: replace(shut[name], ingress=(rule,))}
        return plan(FactChange(SecurityGroups, SecurityGroups(by_id), groups), guards=(guard(name),))

    one, other = opened("sg-1"), opened("sg-2")
    assert combination_conflict(one, other) == ""
    [change] = facts_after((one, other))
    assert isinstance(change.value, SecurityGroups)
    assert [group.ingress for group in change.value.by_id.values()] == [(HTTPS,), (HTTPS,)]
    assert combination_conflict(one, opened("sg-1", replace(HTTPS, from_port=0)))


def test_the_same_guard_is_moved_by_the_first_of_the_two() -> None:
    one, other = plan(guards=(guard("sg-1"),)), plan(guards=(guard("sg-1"),))
    assert "apply one of them first" in combination_conflict(one, other)
    assert combination_conflict(one, plan(guards=(guard("sg-2"),))) == ""


def test_changes_in_two_regions_are_never_in_each_others_way() -> None:
    here, there = plan(guards=(guard("sg-1"),)), plan(guards=(guard("sg-1"),), scope=a_scope("us-east-1"))
    assert combination_conflict(here, there) == ""


FACTS = st.builds(Fact, st.integers(0, 2), st.integers(0, 2), st.frozensets(st.sampled_from("abc")))


@given(FACTS, FACTS)
def test_the_order_of_two_changes_makes_no_difference_and_a_change_of_nothing_changes_nothing(
    one: Fact, other: Fact
) -> None:
    def told(*values: Fact) -> tuple[FactChange, ...] | None:
        try:
            return facts_after(after(value) for value in values)
        except MergeConflictError:
            return None

    assert told(one, other) == told(other, one)
    assert told(one, BASE) == told(one) == told(one, one)
