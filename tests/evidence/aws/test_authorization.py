"""AWS's own word for a refusal: looked up where the text carries an id, waited for, and never more than is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ssmtui.evidence.aws.authorization_lookup import LOOKUP_DELAYS, RefusalLookups, look_up_denial
from ssmtui.evidence.aws.clients import Clients, ScopeClient
from ssmtui.evidence.aws.failures import classify_error_code
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.aws.reader_api import Answer, AwsError, ReadFailed
from ssmtui.model.access_denied import LOOKUP_ACTION, Denial, LookedUp, lookup_evidence
from ssmtui.model.fact import Unreadable
from ssmtui.model.scope import ScopeName
from ssmtui.simulator import state
from ssmtui.simulator.authorisation.permission import age_refused_requests
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import SETUP_ACCESS_KEY, ControlPolicies
from tests.aws_faults.strikes import OF_ANOTHER_FORM, Strike, paths
from tests.evidence.clock import FakeClock
from tests.simulated_diagnosis.virtual_time import VirtualLoop
from tests.simulator.clients import client

ID = "b5m5v5taprqh3yoluoo4dyw0w"
DENIAL = Denial("iam:GetRole", "role web", kind="identity-based policy", explicit=True, authorization_id=ID)
ROLE = "arn:aws:iam::123456789012:role/web"
SCP = "arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-1"
NOT_FOUND = AwsError("ResourceNotFoundException", "The requested authorization details do not exist")


def _evaluation(effect: str, *matched: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"action": "iam:GetRole", "resource": ROLE, "evaluatedEffect": effect, "matchedPolicies": list(matched)}


def _policy(uri: str, type_: str = "SERVICE_CONTROL_POLICY", *, inline: bool = False) -> Mapping[str, Any]:
    return {"uri": uri, "type": type_, "inline": inline, "attachedTo": [{"arn": ROLE}]}


DENIED = {
    "requestContext": {},
    "evaluations": [
        _evaluation("EXPLICIT_DENY", {"uri": SCP, "matchedStatements": [{"sid": "NoRoles", "evaluatedEffect": "DENY"}]})
    ],
    "policies": [_policy(SCP)],
}


class _Toolbox:
    """Answers to look-ups, one after the other, and what was asked."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, str]] = []
        self.slept: list[float] = []

    async def pages(self, region: str, id_: str) -> AsyncIterator[Answer]:
        self.asked.append((region, id_))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        yield Answer(LOOKUP_ACTION, answer)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


def _said(looked_up: LookedUp) -> str:
    (evidence,) = lookup_evidence(looked_up)
    assert evidence.source == "iam-toolbox:GetRequestAuthorizationDetails"
    return evidence.fact


async def test_the_statement_that_denied_is_the_evidence() -> None:
    looked_up = await look_up_denial(DENIAL, "us-east-1", _Toolbox(DENIED).pages)
    assert _said(looked_up) == (
        f"AWS reports the statement that denies iam:GetRole on {ROLE}: NoRoles in the service control "
        f"policy {SCP}, attached "
        f"to {ROLE}"
    )


async def test_an_inline_policy_is_named_by_who_holds_it() -> None:
    inline = {
        **DENIED,
        "evaluations": [
            _evaluation("EXPLICIT_DENY", {"uri": "x1", "matchedStatements": [{"sid": "No", "evaluatedEffect": "DENY"}]})
        ],
        "policies": [_policy("x1", "IDENTITY_BASED_POLICY", inline=True)],
    }
    looked_up = await look_up_denial(DENIAL, "us-east-1", _Toolbox(inline).pages)
    assert _said(looked_up).endswith(f": No in the inline identity-based policy of {ROLE}")


async def test_what_another_organization_denies_is_not_made_up() -> None:
    hidden = {**DENIED, "evaluations": [_evaluation("EXPLICIT_DENY")], "policies": []}
    looked_up = await look_up_denial(DENIAL, "us-east-1", _Toolbox(hidden).pages)
    assert _said(looked_up) == f"AWS reports that a policy denies iam:GetRole on {ROLE}, but does not show the policy"


async def test_an_implicit_denial_is_told_with_the_kind_that_the_text_names() -> None:
    nothing = {**DENIED, "evaluations": [_evaluation("IMPLICIT_DENY")]}
    looked_up = await look_up_denial(replace(DENIAL, explicit=False), "us-east-1", _Toolbox(nothing).pages)
    assert _said(looked_up) == (
        f"AWS reports that no identity-based policy allows iam:GetRole on {ROLE} and that no statement denies it"
    )


async def test_details_that_are_not_written_yet_are_waited_for() -> None:
    toolbox = _Toolbox(NOT_FOUND, NOT_FOUND, DENIED)
    looked_up = await look_up_denial(DENIAL, "us-east-1", toolbox.pages, sleep=toolbox.sleep, pauses=LOOKUP_DELAYS)
    assert looked_up.deciding is not None
    assert toolbox.slept == [1.0, 2.0]


async def test_an_id_that_has_expired_is_told_as_that() -> None:
    toolbox = _Toolbox(NOT_FOUND)
    looked_up = await look_up_denial(DENIAL, "eu-west-3", toolbox.pages, sleep=toolbox.sleep)
    assert "AWS has no details of this denial in eu-west-3: it is older" in _said(looked_up)
    assert (toolbox.slept, looked_up.needs) == ([], "")


@pytest.mark.parametrize("broken", [{}, {**DENIED, "evaluations": [{"action": 1}]}, {**DENIED, "policies": None}])
async def test_an_answer_of_another_form_tells_nothing(broken: Mapping[str, Any]) -> None:
    looked_up = await look_up_denial(DENIAL, "us-east-1", _Toolbox(broken).pages)
    assert looked_up.details is None
    assert "does not have its documented format" in _said(looked_up)


async def test_details_with_any_strange_member_tell_what_they_told_or_that_they_are_strange() -> None:
    told = await look_up_denial(DENIAL, "us-east-1", _Toolbox(DENIED).pages)
    for way in paths(DENIED):
        for made in OF_ANOTHER_FORM:
            looked_up = await look_up_denial(DENIAL, "us-east-1", _Toolbox(Strike(way, made)(DENIED)).pages)
            strange = "does not have its documented format" in looked_up.why_not and looked_up.details is None
            assert strange or looked_up == told, (way, made)


def _refused(role: str) -> Unreadable:
    said = (
        f"User: {ROLE} is not authorized to perform: iam:GetRole on resource: role {role} because no identity-based "
        f"policy allows the iam:GetRole action. with the following authorization id: {ID}"
    )
    failed = classify_error_code("AccessDenied", said, 403, "iam:GetRole")
    assert isinstance(failed, ReadFailed)
    return failed.unreadable


async def test_each_action_and_resource_is_looked_up_once() -> None:
    toolbox = _Toolbox(DENIED)
    own = RefusalLookups(toolbox.pages, toolbox.sleep)
    explained = [await own.explain(_refused(role), "us-east-1") for role in ("web", "web", "batch")]
    assert all(each.looked_up and each.looked_up.deciding for each in explained)
    assert len(toolbox.asked) == 2


async def test_whoever_may_not_look_up_is_asked_once_and_told_what_it_takes() -> None:
    refusal = classify_error_code(
        "AccessDeniedException", f"User: {ROLE} is not authorized to perform: {LOOKUP_ACTION}", 403, LOOKUP_ACTION
    )
    toolbox = _Toolbox(refusal)
    own = RefusalLookups(toolbox.pages, toolbox.sleep)
    explained = [await own.explain(_refused(role), "us-east-1") for role in ("web", "batch")]
    assert [each.looked_up.needs for each in explained if each.looked_up] == [LOOKUP_ACTION, LOOKUP_ACTION]
    assert len(toolbox.asked) == 1


async def test_a_refusal_without_an_id_is_not_looked_up() -> None:
    toolbox = _Toolbox(DENIED)
    refused = replace(_refused("web"), looked_up=LookedUp(replace(DENIAL, authorization_id="")))
    assert await RefusalLookups(toolbox.pages, toolbox.sleep).explain(refused, "us-east-1") == refused
    assert toolbox.asked == []


async def test_details_are_waited_for_in_a_tenth_of_a_regions_time_at_most() -> None:
    for seconds, pauses in ((120.0, [1.0, 2.0, 3.0]), (30.0, [1.0, 2.0]), (4.0, [])):
        toolbox = _Toolbox(NOT_FOUND)
        with Deadline(seconds).in_force():
            refused = await RefusalLookups(toolbox.pages, toolbox.sleep).explain(_refused("web"), "us-east-1")
        assert toolbox.slept == pauses
        assert refused.looked_up is not None
        assert refused.looked_up.why_not == "AWS has no details of this denial in us-east-1 yet"


def test_details_that_never_come_keep_no_refusal_beyond_the_deadline() -> None:
    async def pages(region: str, id_: str) -> AsyncIterator[Answer]:
        await asyncio.Event().wait()
        yield Answer(LOOKUP_ACTION, DENIED)

    async def explained() -> Unreadable:
        with Deadline(4).in_force():
            return await RefusalLookups(pages, asyncio.sleep).explain(_refused("web"), "us-east-1")

    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        begun = loop.now
        assert runner.run(explained()) == _refused("web")
        assert loop.now - begun == pytest.approx(4)


# Against the simulated AWS, which answers from what it decided itself.

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NO_ROLES = {"Sid": "NoRoles", "Effect": "Deny", "Action": "iam:GetRole", "Resource": "*"}
MAY_LOOK_UP = {"Effect": "Allow", "Action": LOOKUP_ACTION, "Resource": "*"}
ENGINEER = f"arn:aws:sts::{state.ACCOUNT}:assumed-role/Engineer/alex"


def _document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class _Person:
    """Somebody who reads the simulated account, and is refused."""

    def __init__(self, aws: SimulatedAws) -> None:
        self.iam = client(aws, "iam", access_key=SETUP_ACCESS_KEY)
        clock = FakeClock()
        self.clients = Clients(clock=clock, sleep=clock.sleep)

    @property
    def scope(self) -> ScopeClient:
        # Another one each time: what was looked up once is not looked up again.
        self.clients.forget_credentials(None)
        return self.clients.scope(ScopeName(None, "eu-west-3"))

    async def refused(self, service: str, operation: str, **parameters: str) -> Unreadable:
        with pytest.raises(ReadFailed) as failed:
            await self.scope.call(service, operation, **parameters)
        return failed.value.unreadable

    async def told_of_a_role(self) -> str:
        refused = await self.refused("iam", "GetRole", RoleName="web")
        assert refused.action == "iam:GetRole"
        assert "Go to https" not in refused.why
        (evidence,) = lookup_evidence(refused.looked_up)
        return evidence.fact


@pytest.fixture
async def person(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_Person]:
    aws.load("healthy-small")
    state.mark_changed()
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    made = _Person(aws)
    yield made
    await made.clients.close()


async def test_a_refused_read_is_told_in_aws_own_words(person: _Person) -> None:
    person.iam.put_role_policy(RoleName="Engineer", PolicyName="no-roles", PolicyDocument=_document(NO_ROLES))
    assert await person.told_of_a_role() == (
        f"AWS reports the statement that denies iam:GetRole on {ROLE}: NoRoles in the inline identity-based policy of "
        "arn:aws:iam::123456789012:role/Engineer"
    )
    refused = await person.refused("iam", "GetRole", RoleName="web")
    assert refused.looked_up is not None
    age_refused_requests(timedelta(hours=25))
    late = await look_up_denial(refused.looked_up.denial, "us-east-1", person.scope.authorization_pages)
    assert "older than a day" in late.why_not
    person.iam.delete_role_policy(RoleName="Engineer", PolicyName="no-roles")

    state.shared.control_policies[state.ACCOUNT] = ControlPolicies(
        service=((("Guard", _document(ALLOW_ALL, NO_ROLES)),),)
    )
    told = await person.told_of_a_role()
    assert "NoRoles in the service control policy arn:aws:organizations::999999999999:policy/o-simulated01/" in told
    state.shared.control_policies.clear()

    state.shared.session_policies[ENGINEER] = _document(MAY_LOOK_UP)
    assert "no session policy allows iam:GetRole on " in await person.told_of_a_role()
    state.shared.session_policies.clear()

    policy = person.iam.create_policy(PolicyName="Edge", PolicyDocument=_document(ALLOW_ALL, NO_ROLES))["Policy"]["Arn"]
    person.iam.put_role_permissions_boundary(RoleName="Engineer", PermissionsBoundary=policy)
    assert f"NoRoles in the permissions boundary {policy}" in await person.told_of_a_role()


async def test_a_service_without_ids_still_names_the_policy(person: _Person) -> None:
    everybody = {"Principal": "*"}
    perimeter = _document({**ALLOW_ALL, **everybody}, {**NO_ROLES, **everybody, "Action": "s3:*"})
    state.shared.control_policies[state.ACCOUNT] = ControlPolicies(resource=((("Perimeter", perimeter),),))
    refused = await person.refused("s3", "GetBucketPolicy", Bucket="small-session-audit")
    assert refused.looked_up is not None
    assert refused.looked_up.denial.kind == "resource control policy"
    assert "/resource_control_policy/p-" in refused.looked_up.denial.policy
    assert lookup_evidence(refused.looked_up) == ()


async def test_whoever_may_not_look_up_is_told_what_it_takes(person: _Person) -> None:
    state.shared.session_policies[ENGINEER] = _document({**MAY_LOOK_UP, "Action": "sts:*"})
    assert "AWS did not return the details of this denial: AccessDenied" in await person.told_of_a_role()
