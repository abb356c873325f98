"""The policy that `ssmtui policy` prints is enough, and no action of it is too much.

Whoever may read what that policy says, and nothing else, learns what somebody learns who may read everything. With any
one action taken away, what needs it is unknown and says so; nothing turns green or red.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import get_args, get_type_hints

import pytest

from ssmtui.checks.registry import all_checks
from ssmtui.cli.policy_actions import actions_of
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.scopes import EVERY_REGION, RequestedScopes, list_scope_names
from ssmtui.evidence.facts.sources import Read, sources
from ssmtui.evidence.readers.node_listing import LISTING_ACTIONS
from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Finding, Status, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.permissions import SIMULATION
from ssmtui.model.plan import JSON, FixNotApplicable, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.report.policy import PERMITTED_TO_ALL
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.building_blocks import ENGINEER
from tests.minimal_policy.reading_policy import READ_POLICY, actions, asked, without
from tests.simulated_diagnosis.all_facts import all_facts
from tests.simulated_diagnosis.fixtures import Diagnose, diagnosed
from tests.simulator.clients import administrator

LAST_RESORTS = {cause for check in all_checks() if check.last_resort for cause in check.causes}
ASKED_ELSEWHERE = {
    "ec2:DescribeTags": "where a change is previewed",
    "logs:ListTagsForResource": "where a change is previewed, and where an organization has policies",
    "ssm:ListTagsForResource": "where a change is previewed, and where the caller may start sessions by tag",
    "ssm:ListCommandInvocations": "where a node is named",
    "ec2:GetInstanceMetadataDefaults": "where a change to require IMDSv2 is previewed",
    "ec2:DescribeRegions": "where every Region is asked for",
    "iam:GetRequestAuthorizationDetails": "where a read is refused and the refusal carries an id",
    "iam:ListInstanceProfiles": "where an instance profile is chosen",
    "iam:ListRoles": "where a role is chosen",
    "iam:GetUser": "where a user is named with --for",
    "iam:ListUserTags": "where the caller is a user",
    "kms:ListAliases": "where a key is chosen",
    "kms:ListKeys": "where a key is chosen",
    "s3:GetBucketAbac": "where an organization has policies",
    "s3:GetBucketTagging": "where an organization has policies, and S3 uses the tags of the bucket",
    "s3:ListAllMyBuckets": "where the preferences are edited",
    "s3:GetBucketLocation": "where S3 does not say the Region of a bucket otherwise",
    "organizations:DescribeOrganization": "where a service control policy is said to deny something",
    "ssm:DescribeInstanceInformation": "where ssm:DescribeInstanceProperties is refused",
}
"""What nobody asks for in this world while everything can be read, and when it is."""

POLICY_READS = [
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
]

DiagnoseUnder = Callable[[Mapping[str, JSON]], FleetState]


def verdicts(state: FleetState) -> dict[NodeKey, VerdictStatus]:
    return {key: state.verdict(key).status for key in state.nodes}


def findings(state: FleetState) -> dict[str, Finding]:
    return {id_: held.finding for id_, held in state.findings.items()}


def may_be_moot(action: str) -> bool:
    """Whether all that is read by an action is read of some nodes, keys or Regions only."""
    reading = [each for each in sources().values() if isinstance(each, Read) and action in each.actions]
    return bool(reading) and all(NotApplicable in get_args(get_type_hints(each.function)["return"]) for each in reading)


def statuses(state: FleetState, causes: Collection[str] = ()) -> dict[str, Status]:
    """By the findings' ids; of these causes only, where any are given."""
    return {id_: each.status for id_, each in findings(state).items() if not causes or each.cause in causes}


def root_causes(state: FleetState) -> dict[NodeKey, str | None]:
    return {key: state.verdict(key).root_cause for key in state.nodes}


def without_need_of(action: str) -> set[str]:
    """The causes that are told without an action; not those that only count where nothing else explains a node."""
    needing = {cause for check in all_checks() if action in actions_of(check) for cause in check.causes}
    return {cause for check in all_checks() for cause in check.causes} - needing - LAST_RESORTS


def allow_only(aws: SimulatedAws, policy: Mapping[str, JSON]) -> None:
    """Let the caller read by this policy, and begin a new journal."""
    iam = administrator(aws, "iam")
    iam.put_role_policy(RoleName=ENGINEER.name, PolicyName="read", PolicyDocument=json.dumps(policy))
    aws.journal.clear()


@pytest.fixture(scope="module")
def told_to_the_engineer(simulated_aws: SimulatedAws) -> FleetState:
    """What somebody learns who may read everything. The caller is left with policies that let it read nothing.

    It keeps those for opening sessions and for repairs: whether it may do that is judged too.
    """
    simulated_aws.load(all_facts())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in simulated_aws.environment.items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        told = diagnosed(simulated_aws)
    iam = administrator(simulated_aws, "iam")
    for attached in iam.list_attached_role_policies(RoleName=ENGINEER.name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=ENGINEER.name, PolicyArn=attached["PolicyArn"])
    return told


@pytest.fixture
def diagnose_under(told_to_the_engineer: FleetState, at_simulator: SimulatedAws, diagnose: Diagnose) -> DiagnoseUnder:
    """Diagnoses the same world for the same caller, who may read by this policy alone."""

    def run(policy: Mapping[str, JSON]) -> FleetState:
        allow_only(at_simulator, policy)
        return diagnose()

    return run


def test_with_exactly_the_policy_everything_is_determined(
    told_to_the_engineer: FleetState, at_simulator: SimulatedAws, diagnose_under: DiagnoseUnder
) -> None:
    state = diagnose_under(READ_POLICY)
    assert (state.crashes, state.errors) == ([], {})
    assert verdicts(state) == verdicts(told_to_the_engineer)
    assert root_causes(state) == root_causes(told_to_the_engineer)
    assert statuses(state) == statuses(told_to_the_engineer)
    assert Status.UNKNOWN not in statuses(state).values()
    assert set[int]().union(*asked(at_simulator).values()) <= {200, 404}
    unasked = {*actions(READ_POLICY), *PERMITTED_TO_ALL} - asked(at_simulator).keys()
    assert asked(at_simulator).keys() <= {*actions(READ_POLICY), *PERMITTED_TO_ALL}
    assert unasked >= ASKED_ELSEWHERE.keys()
    assert [each for each in unasked - ASKED_ELSEWHERE.keys() if not may_be_moot(each)] == []


@pytest.mark.parametrize("action", actions(READ_POLICY))
def test_without_one_action_only_what_needs_it_is_unknown_and_names_it(
    action: str, told_to_the_engineer: FleetState, at_simulator: SimulatedAws, diagnose_under: DiagnoseUnder
) -> None:
    state = diagnose_under(without(action))
    assert state.crashes == []
    assert 200 not in asked(at_simulator).get(action, set())
    for error in state.errors.values():
        assert action in f"{error.message} {error.advice}"
    never_a_false_word(state, told_to_the_engineer)
    for finding in findings(state).values():
        assert finding.status is not Status.UNKNOWN or action in finding.needs, finding
    if action not in LISTING_ACTIONS:
        untouched = without_need_of(action)
        assert statuses(state, untouched) == statuses(told_to_the_engineer, untouched)


@pytest.mark.parametrize("action", POLICY_READS)
def test_where_iam_may_not_be_asked_each_action_that_reads_policies_is_needed(
    action: str, told_to_the_engineer: FleetState, at_simulator: SimulatedAws, diagnose_under: DiagnoseUnder
) -> None:
    state = diagnose_under(without(SIMULATION, action))
    assert state.crashes == []
    assert asked(at_simulator)[action].isdisjoint({200})
    never_a_false_word(state, told_to_the_engineer)
    unknown = [finding for finding in findings(state).values() if finding.status is Status.UNKNOWN]
    assert unknown
    assert all({SIMULATION, action} & set(finding.needs) for finding in unknown)


def never_a_false_word(told: FleetState, truth: FleetState) -> None:
    for key, verdict in verdicts(told).items():
        assert verdict in {verdicts(truth)[key], VerdictStatus.UNKNOWN}, told.nodes[key].name
        assert root_causes(told)[key] in {root_causes(truth)[key], None, *LAST_RESORTS}, told.nodes[key].name
    for id_, finding in findings(told).items():
        assert finding.status is not Status.FAIL or id_ in truth.findings or finding.cause in LAST_RESORTS, finding


def test_with_exactly_the_policy_every_fix_can_be_drafted(
    told_to_the_engineer: FleetState, at_simulator: SimulatedAws
) -> None:
    allow_only(at_simulator, READ_POLICY)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        state = follow(live)
        (scope,) = state.scopes
        offered = [(id_, fix) for id_, finding in findings(state).items() for fix in finding.fixes]
        drafts = [live.plan(scope, fix, id_).result() for id_, fix in offered]
    finally:
        live.close()
    hindered = [each for each in drafts if isinstance(each, FixNotApplicable) and "could not be read" in each.why]
    assert hindered == []
    assert any(isinstance(each, Plan) for each in drafts)
    assert asked(at_simulator)["iam:ListRolePolicies"] == {200}
    assert set[int]().union(*asked(at_simulator).values()) <= {200, 404}


async def test_every_region_of_the_account_can_be_listed(
    told_to_the_engineer: FleetState, at_simulator: SimulatedAws
) -> None:
    allow_only(at_simulator, READ_POLICY)
    clients = Clients(ClientSettings(endpoint_url=at_simulator.endpoint_url))
    try:
        names = await list_scope_names(clients, RequestedScopes((None,), (EVERY_REGION,), at_simulator.environment))
    finally:
        await clients.close()
    assert ScopeName(None, at_simulator.regions[0]) in names
    assert asked(at_simulator)["ec2:DescribeRegions"] == {200}
