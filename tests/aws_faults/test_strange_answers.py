"""Every read with every member of its answers made strange: then it tells what it told before, or which member it is.

A reader that takes an answer apart by hand, and not by the types of its members, shows here as a defect.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeGuard

import pytest

from ssmtui.diagnosis.diagnosis_request import utc_now
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.scopes import OpenScope, open_scope
from ssmtui.evidence.facts.sources import Read, all_reads, sources
from ssmtui.evidence.readers.caller import CallerIdentity
from ssmtui.evidence.readers.node_listing import ListedInstances, ListedRegistrations, list_nodes
from ssmtui.iam_policy.document import Policy
from ssmtui.model.fact import Now, ReadFailure, Unreadable
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import Node
from ssmtui.model.scope import Scope, ScopeError, ScopeName
from ssmtui.simulator.in_thread import SimulatedAws
from tests.aws_faults.every_read import ALEX, WatchedGathering, Wire, asked_of, every_read, opened_in
from tests.aws_faults.strikes import (
    ABSENT,
    FAR_MOMENTS,
    OF_ANOTHER_FORM,
    Path,
    Strike,
    another_text,
    in_any_place,
    left_out,
    of_another_type,
    with_moments,
    with_other_texts,
)
from tests.aws_faults.test_failing_operations import verdicts
from tests.builders.fleet import NOON
from tests.simulated_diagnosis import remembered_aws
from tests.simulated_diagnosis.all_facts import all_facts
from tests.simulated_diagnosis.fixtures import without_source
from tests.simulated_diagnosis.remembered_aws import Fault, Operation, RememberedAws, RememberedClients, refused

ANYBODY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
GRANT = {"GranteePrincipal": ALEX, "Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubset": {"a": "b"}}}
UPDATE = {
    "CommandId": "c-1",
    "InstanceId": "i-0123456789abcdef0",
    "DocumentName": "AWS-UpdateSSMAgent",
    "RequestedDateTime": NOON,
    "Status": "Failed",
    "CommandPlugins": [{"Output": "no space left"}],
}
SESSION = {"SessionId": "alex-1", "Target": "mi-1", "Owner": ALEX, "StartDate": NOON}
INVENTED: Mapping[Operation, Mapping[str, Any]] = {
    ("ec2", "DescribeInstanceStatus"): {"InstanceStatuses": [{"InstanceId": "i-0123456789abcdef0"}]},
    ("iam", "GetUser"): {"User": {"UserId": "AIDA1", "Arn": ALEX}},
    ("iam", "ListRoleTags"): {"Tags": [{"Key": "team", "Value": "red"}]},
    ("iam", "ListUserTags"): {"Tags": [{"Key": "SSMSessionRunAs", "Value": "operator"}]},
    ("kms", "ListGrants"): {"Grants": [GRANT]},
    ("logs", "ListTagsForResource"): {"tags": {"team": "red"}},
    ("organizations", "DescribeOrganization"): {"Organization": {"Id": "o-1"}},
    ("s3", "GetBucketAbac"): {"AbacStatus": {"Status": "Enabled"}},
    ("s3", "GetBucketLocation"): {"LocationConstraint": "eu-west-3"},
    ("s3", "GetBucketPolicy"): {"Policy": json.dumps(ANYBODY)},
    ("s3", "GetBucketTagging"): {"TagSet": [{"Key": "team", "Value": "red"}]},
    ("s3", "HeadBucket"): {},
    ("ssm", "DescribeSessions"): {
        "Sessions": [{"SessionId": "alex-1", "Target": "mi-1", "Owner": ALEX, "StartDate": NOON}]
    },
    ("ssm", "ListCommandInvocations"): {"CommandInvocations": [UPDATE]},
    ("ssm", "ListTagsForResource"): {"TagList": [{"Key": "Env", "Value": "prod"}]},
}
"""Answers to what this world answers by an error or by nothing, or is not asked in it."""

NOT_READ_FOR_A_FACT = {
    ("ec2", "DescribeRegions"): "the scopes are named by it",
    ("iam-toolbox", "GetRequestAuthorizationDetails"): "refusals are explained by it: see test_authorization",
    ("kms", "GenerateDataKey"): "KMS answers a dry run with an error",
    ("organizations", "ListAccounts"): "the accounts of scopes are named by it: see test_other_accounts",
    ("ssm", "DescribeInstanceInformation"): "nodes are listed by it where the quick listing is refused: see below",
}
LISTINGS = {ListedInstances, ListedRegistrations}
"""What nodes are listed by, and what tells of all nodes: a listing of strange records is struck below."""

WRITTEN_BY_A_PERSON = "Content"
"""What a document holds is no form of AWS's: it is judged, and may be anything."""

SAMPLED = 4
"""Every fourth member is struck in a whole diagnosis."""


@pytest.fixture(autouse=True)
def remembered_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "invoke", remembered_aws.invoke)


@pytest.fixture
def world(at_simulator: SimulatedAws) -> RememberedAws:
    at_simulator.load(all_facts())
    return RememberedAws(at_simulator.endpoint_url, at_simulator.regions[0])


def told(value: object) -> object:
    """A value without the texts of policies, which hold members that nobody reads."""
    if isinstance(value, Policy):
        return replace(value, text="")
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), [told(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, tuple | list):
        return [told(each) for each in value]
    return {key: told(each) for key, each in value.items()} if isinstance(value, Mapping) else value


def is_malformed(value: object) -> TypeGuard[Unreadable]:
    return isinstance(value, Unreadable) and value.obstacle is ReadFailure.MALFORMED


def malformed_in(value: object) -> Iterator[Unreadable]:
    """What stands for a strange answer: for all of it, or for one item of a list."""
    if is_malformed(value):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from malformed_in([getattr(value, each.name) for each in fields(value)])
    elif isinstance(value, tuple | list):
        for each in value:
            yield from malformed_in(each)


def is_meant(strike: Strike) -> bool:
    """Whether a strange member may be what somebody meant: another answer, and none of another form."""
    of_a_person = WRITTEN_BY_A_PERSON in strike.names[:-1]
    # IAM takes numbers where a condition compares texts.
    compared = "Condition" in strike.names and strike.made is of_another_type
    return strike.made not in OF_ANOTHER_FORM or of_a_person or compared


def is_wrong(source: Read, operation: Operation, strike: Strike, before: object, found: object) -> bool:
    """Whether a read tells something else than before, and not that the answer is strange, by its call and member."""
    malformed = tuple(malformed_in(found))
    if malformed:
        named = any(name in each.why for each in malformed for name in strike.names)
        return {each.source for each in malformed} != {":".join(operation)} or not (named or is_meant(strike))
    return not is_meant(strike) and told(found) != told(before)


async def struck_reads(clients: RememberedClients, world: RememberedAws) -> list[str]:
    """What is wrong of all reads, each made again and again with one member of its answers made strange."""
    opened, of_alex = await opened_in(clients, world), await opened_in(clients, world, judged=ALEX)
    now, wire = Now(utc_now()), Wire()
    clients.strike = wire
    facts, facts_of_alex = await every_read(opened, now), WatchedGathering(of_alex, now)
    await facts_of_alex.resolver(None).fact(CallerIdentity)
    reads = {**facts.reads, **facts_of_alex.reads}
    assert facts.defects == []
    assert {kind for kind, _ in reads} == {each.kind for each in sources().values() if isinstance(each, Read)}
    assert wire.empty_lists() == set()
    assert {operation for operation, _ in wire.heard} == all_reads().keys() - NOT_READ_FOR_A_FACT.keys()
    found: list[str] = []
    struck: set[tuple[type, Operation, Path]] = set()
    for source, answered in reads.values():
        if source.kind in LISTINGS:
            continue
        wire.heard, wire.strike = [], None
        before = (await WatchedGathering(opened, now).read(source, answered, source.key(**answered.arguments))).value
        for operation, way in wire.members():
            member = (source.kind, operation, in_any_place(way))
            for made in (*ABSENT, *OF_ANOTHER_FORM, another_text) if member not in struck else ():
                wire.operation, wire.strike = operation, (strike := Strike(way, made))
                facts = WatchedGathering(opened, now)
                after = (await facts.read(source, answered, source.key(**answered.arguments))).value
                if facts.defects or is_wrong(source, operation, strike, before, after):
                    found.append(f"{source.kind.__name__}, {':'.join(operation)}, {strike}: {facts.defects or after}")
            struck.add(member)
    return found


def test_a_read_tells_of_a_strange_answer_what_it_told_before_or_which_member_is_strange(world: RememberedAws) -> None:
    world.invented = INVENTED
    assert asked_of(world, struck_reads) == []


async def listed(opened: OpenScope) -> tuple[dict[str, Node], list[ScopeError]]:
    batches = [batch async for batch in list_nodes(opened.aws, opened.scope)]
    nodes = {node.id: node for batch in batches if not isinstance(batch, ScopeError) for node in batch}
    return nodes, [batch for batch in batches if isinstance(batch, ScopeError)]


async def struck_listings(clients: RememberedClients, world: RememberedAws) -> list[str]:
    opened = await opened_in(clients, world)
    before, _ = await listed(opened)
    clients.strike = wire = Wire()
    await listed(opened)
    found: list[str] = []
    for operation, way in wire.members():
        for made in (*ABSENT, *OF_ANOTHER_FORM):
            wire.operation, wire.strike = operation, (strike := Strike(way, made))
            nodes, errors = await listed(opened)
            # Of an item that is not there nothing can be told.
            left_out_of_list = made is left_out and isinstance(way[-1], int)
            missing = before.keys() - nodes.keys() if not (errors or left_out_of_list) else ()
            changed = [
                id_
                for id_, node in nodes.items()
                for was, is_ in (
                    (before[id_].instance, node.instance),
                    (before[id_].registration, node.registration),
                )
                if not (is_ == was or is_malformed(is_) or made in ABSENT)
            ]
            if missing or changed:
                found.append(f"{':'.join(operation)}, {strike}: missing {missing}, changed {changed}")
    return found


@pytest.mark.parametrize("faults", [{}, {("ssm", "DescribeInstanceProperties"): refused}], ids=["quick", "slow"])
def test_a_listing_of_strange_records_leaves_no_node_out_silently(
    faults: Mapping[Operation, Fault], world: RememberedAws
) -> None:
    assert asked_of(world, struck_listings, faults) == []


async def struck_openings(clients: RememberedClients, world: RememberedAws) -> list[str]:
    before = (await opened_in(clients, world)).scope
    clients.strike = wire = Wire()
    await opened_in(clients, world)
    found: list[str] = []
    for operation, way in wire.members():
        for made in OF_ANOTHER_FORM:
            wire.operation, wire.strike = operation, Strike(way, made)
            opened = await open_scope(clients, ScopeName(None, world.region))
            if not isinstance(opened, ScopeError) and opened.scope not in (before, without_path(before)):
                found.append(f"{':'.join(operation)}, {wire.strike}: {opened.scope}")
    return found


def without_path(scope: Scope) -> Scope:
    """A scope whose role could not be looked at: it is taken to have no path."""
    return replace(scope, principal=f"arn:aws:iam::{scope.account}:role/{scope.caller.split('/')[1]}")


def test_a_scope_that_strange_answers_open_is_the_same_or_in_error(world: RememberedAws) -> None:
    assert asked_of(world, struck_openings) == []


def struck_diagnoses(world: RememberedAws, wire: Wire) -> Iterator[tuple[Operation, Strike]]:
    """A sample of what is asked in a whole diagnosis: one strike a member."""
    for place, (operation, way) in enumerate(wire.members()):
        if place % SAMPLED == 0:
            yield operation, Strike(way, (*OF_ANOTHER_FORM, *ABSENT)[place // SAMPLED % 5])


def test_a_diagnosis_by_strange_answers_is_no_defect_and_no_false_word(world: RememberedAws) -> None:
    nodes = sorted(key.id for key in world.diagnosed().state.nodes)
    wire = Wire()
    truth = world.diagnosed(nodes=nodes, strike=wire).state
    found: list[str] = []
    for operation, strike in struck_diagnoses(world, wire):
        state = world.diagnosed(nodes=nodes, strike=Wire(operation, strike)).state
        before, after = verdicts(truth), verdicts(state)
        false = [
            f"{state.nodes[key].name} is {before[key].value} and told as {status.value}"
            for key, status in after.items()
            if not is_meant(strike) and status not in {before[key], VerdictStatus.UNKNOWN}
        ]
        if state.crashes or without_source(state) or false:
            found.append(f"{':'.join(operation)}, {strike}: {state.crashes} {without_source(state)} {false}")
    assert found == []


def test_texts_that_are_other_texts_are_no_defect(world: RememberedAws) -> None:
    world.diagnosed()
    crashes = {
        (operation, text): world.diagnosed(strike=Wire(operation, partial(with_other_texts, text=text))).state.crashes
        for operation in sorted(world.asked)
        for text in ("gar\u202ebage", "half \ud800 of a character", "nul \0")
    }
    assert {told_by: told for told_by, told in crashes.items() if told} == {}


@pytest.mark.parametrize("at", FAR_MOMENTS, ids=str)
def test_points_in_time_that_cannot_be_computed_with_are_no_defect(at: datetime, world: RememberedAws) -> None:
    world.invented = INVENTED
    before = verdicts(world.diagnosed().state)
    nodes = sorted(key.id for key in before)
    state = world.diagnosed(nodes=nodes, strike=lambda _, answer: with_moments(answer, at)).state
    assert (state.crashes, without_source(state), state.errors) == ([], [], {})
    assert verdicts(state).keys() == before.keys()
