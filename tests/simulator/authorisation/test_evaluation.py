"""The evaluation logic as AWS documents it, as a table, and the properties that hold for every policy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.simulator.authorisation import (
    AuthorizationRequest,
    Context,
    Decision,
    Outcome,
    Policies,
    Policy,
    PolicyKind,
    Principal,
    ResourcePolicy,
    evaluate,
)

Json = dict[str, object]
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0123456789abcdef0"
KEY = f"arn:aws:kms:eu-west-3:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
WEB = Principal(ROLE, SESSION, ACCOUNT, user_id="AROAEXAMPLE:i-0123456789abcdef0", user_name="alex")


def allow(action: object = "kms:Decrypt", resource: object = KEY, **more: object) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = "kms:Decrypt", resource: object = KEY, **more: object) -> Json:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def policy(*statements: Json) -> Policy:
    return Policy.parse("test", {"Version": "2012-10-17", "Statement": list(statements)})


def judged(
    *identity: Json,
    action: str = "kms:Decrypt",
    resource: str = KEY,
    context: Context | None = None,
    boundary: Policy | None = None,
    service_control: tuple[tuple[Policy, ...], ...] = (),
    on_resource: ResourcePolicy | None = None,
) -> Decision:
    request = AuthorizationRequest(WEB, action, resource, context or Context())
    return evaluate(request, Policies((policy(*identity),), boundary, service_control, on_resource))


@pytest.mark.parametrize(
    ("statement", "action", "resource", "outcome"),
    [
        (allow(), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow("KMS:decrypt"), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow("kms:*"), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow("kms:De?rypt"), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow("*", "*"), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow(["ssm:*", "kms:Decrypt"], ["*"]), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow(resource=KEY[:-1] + "?"), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow(resource="arn:aws:kms:*:*:key/*"), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow(resource="arn:aws:kms"), "kms:Decrypt", KEY, Outcome.ALLOWED),
        (allow(resource="arn:aws:kms:*:key/*"), "kms:Decrypt", KEY, Outcome.IMPLICIT_DENY),
        (allow(resource=KEY), "kms:Decrypt", "*", Outcome.IMPLICIT_DENY),
        (allow("kms:Encrypt"), "kms:Decrypt", KEY, Outcome.IMPLICIT_DENY),
        (allow(resource=KEY + "0"), "kms:Decrypt", KEY, Outcome.IMPLICIT_DENY),
        (deny(), "kms:Decrypt", KEY, Outcome.EXPLICIT_DENY),
        (
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
            "kms:Decrypt",
            KEY,
            Outcome.ALLOWED,
        ),
        (
            {"Effect": "Allow", "NotAction": "kms:*", "Resource": "*"},
            "kms:Decrypt",
            KEY,
            Outcome.IMPLICIT_DENY,
        ),
        (
            {"Effect": "Allow", "Action": "*", "NotResource": KEY},
            "kms:Decrypt",
            KEY,
            Outcome.IMPLICIT_DENY,
        ),
        (
            {"Effect": "Allow", "Action": "*", "NotResource": KEY},
            "kms:Decrypt",
            KEY + "0",
            Outcome.ALLOWED,
        ),
        (
            allow("ssm:TerminateSession", "arn:aws:ssm:*:*:session/${aws:userid}-*"),
            "ssm:TerminateSession",
            f"arn:aws:ssm:eu-west-3:{ACCOUNT}:session/AROAEXAMPLE:i-0123456789abcdef0-0a1",
            Outcome.ALLOWED,
        ),
        (
            allow("ssm:TerminateSession", "arn:aws:ssm:*:*:session/${aws:PrincipalTag/owner}-*"),
            "ssm:TerminateSession",
            f"arn:aws:ssm:eu-west-3:{ACCOUNT}:session/-0a1",
            Outcome.IMPLICIT_DENY,
        ),
    ],
)
def test_identity_policies(statement: Json, action: str, resource: str, outcome: Outcome) -> None:
    assert judged(statement, action=action, resource=resource).outcome is outcome


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "holds"),
    [
        ("StringEquals", "prod", "prod", True),
        ("StringEquals", "pro*", "prod", False),
        ("StringEquals", ["dev", "prod"], "prod", True),
        ("StringEquals", "prod", None, False),
        ("StringEqualsIfExists", "prod", None, True),
        ("StringEqualsIgnoreCase", "PROD", "prod", True),
        ("StringNotEquals", "prod", "dev", True),
        ("StringNotEquals", "prod", None, True),
        ("StringNotEquals", ["prod", "dev"], "dev", False),
        ("StringLike", "pro?", "prod", True),
        ("StringNotLike", "pro*", "prod", False),
        ("ArnLike", "arn:aws:iam::*:role/*", ROLE, True),
        ("ArnEquals", "arn:aws:iam::*:role/*", ROLE, True),
        ("ArnNotLike", "arn:aws:iam::*:role/w*", ROLE, False),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "true", None, False),
        ("BoolIfExists", "true", None, True),
        ("Null", "true", None, True),
        ("Null", "true", "prod", False),
        ("Null", "false", "prod", True),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
        ("NumericLessThan", "10", "9", True),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-11-24T22:00:00Z", True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["b", "c"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["b", "c"], False),
        ("ForAllValues:StringEquals", ["a", "b"], None, True),
    ],
)
def test_conditions(operator: str, wanted: object, actual: str | list[str] | None, *, holds: bool) -> None:
    context = Context.of({} if actual is None else {"test:Key": actual})
    statement = allow(Condition={operator: {"TEST:key": wanted}})
    assert judged(statement, context=context).allowed is holds


def test_a_boundary_limits_what_the_identity_policy_allows() -> None:
    decision = judged(allow(), boundary=policy(allow("ssm:*", "*")))
    assert (decision.outcome, decision.refused_by, decision.allowed_by_boundary) == (
        Outcome.IMPLICIT_DENY,
        PolicyKind.BOUNDARY,
        False,
    )


def test_a_boundary_grants_nothing_by_itself() -> None:
    decision = judged(boundary=policy(allow("*", "*")))
    assert (decision.outcome, decision.refused_by) == (Outcome.IMPLICIT_DENY, PolicyKind.IDENTITY)


def test_a_service_control_policy_that_does_not_allow_refuses() -> None:
    decision = judged(allow(), service_control=((policy(allow("ssm:*", "*")),),))
    assert (decision.refused_by, decision.allowed_by_organizations) == (PolicyKind.SERVICE_CONTROL, False)


@pytest.mark.parametrize(
    ("levels", "outcome", "refused_by"),
    [
        ((policy(allow("*", "*")), policy(allow("kms:*", "*"))), Outcome.ALLOWED, None),
        ((policy(allow("*", "*")), policy(allow("ssm:*", "*"))), Outcome.IMPLICIT_DENY, PolicyKind.SERVICE_CONTROL),
        ((policy(allow("*", "*"), deny()), policy(allow("*", "*"))), Outcome.EXPLICIT_DENY, PolicyKind.SERVICE_CONTROL),
    ],
)
def test_every_level_of_an_organization_must_allow(
    levels: tuple[Policy, ...], outcome: Outcome, refused_by: PolicyKind | None
) -> None:
    decision = judged(allow(), service_control=tuple((level,) for level in levels))
    assert (decision.outcome, decision.refused_by) == (outcome, refused_by)
    assert decision.allowed_by_organizations is decision.allowed


def test_a_resource_control_policy_refuses_as_one() -> None:
    policies = Policies((policy(allow()),), resource_control=((policy(allow("*", "*"), deny("kms:*", "*")),),))
    decision = evaluate(AuthorizationRequest(WEB, "kms:Decrypt", KEY), policies)
    assert (decision.outcome, decision.refused_by) == (Outcome.EXPLICIT_DENY, PolicyKind.RESOURCE_CONTROL)


def test_what_the_boundary_denies_it_does_not_allow() -> None:
    decision = judged(allow(), boundary=policy(allow("*", "*"), deny()))
    assert (decision.outcome, decision.allowed_by_boundary) == (Outcome.EXPLICIT_DENY, False)


def key_policy(*statements: Json, granted: tuple[str, ...] = ()) -> ResourcePolicy:
    return ResourcePolicy(policy(*statements), governs=True, granted=granted)


TO_ACCOUNT = allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
TO_ROLE = allow("kms:Decrypt", "*", Principal={"AWS": ROLE})
TO_OTHER_ROLE = allow("kms:*", "*", Principal={"AWS": ROLE + "-other"})


@pytest.mark.parametrize(
    ("identity", "on_key", "outcome", "refused_by"),
    [
        ([allow()], key_policy(TO_ACCOUNT), Outcome.ALLOWED, None),
        ([], key_policy(TO_ACCOUNT), Outcome.IMPLICIT_DENY, PolicyKind.IDENTITY),
        ([], key_policy(TO_ROLE), Outcome.ALLOWED, None),
        ([allow()], key_policy(TO_OTHER_ROLE), Outcome.IMPLICIT_DENY, PolicyKind.RESOURCE),
        ([], key_policy(TO_OTHER_ROLE, granted=("kms:Decrypt",)), Outcome.ALLOWED, None),
        ([deny()], key_policy(TO_ROLE), Outcome.EXPLICIT_DENY, PolicyKind.IDENTITY),
        (
            [allow()],
            key_policy(TO_ACCOUNT, deny("kms:Decrypt", "*", Principal={"AWS": ROLE})),
            Outcome.EXPLICIT_DENY,
            PolicyKind.RESOURCE,
        ),
        (
            [allow()],
            key_policy(TO_ACCOUNT, deny("kms:Decrypt", "*", NotPrincipal={"AWS": [ROLE, SESSION]})),
            Outcome.ALLOWED,
            None,
        ),
    ],
)
def test_key_policies(
    identity: list[Json], on_key: ResourcePolicy, outcome: Outcome, refused_by: PolicyKind | None
) -> None:
    decision = judged(*identity, on_resource=on_key)
    assert (decision.outcome, decision.refused_by) == (outcome, refused_by)


def test_a_key_policy_that_names_the_role_does_not_lift_its_boundary() -> None:
    decision = judged(boundary=policy(allow("ssm:*", "*")), on_resource=key_policy(TO_ROLE))
    assert (decision.outcome, decision.refused_by) == (Outcome.IMPLICIT_DENY, PolicyKind.BOUNDARY)


def test_a_key_policy_that_names_the_session_is_not_limited_by_a_silent_boundary() -> None:
    to_session = allow("kms:Decrypt", "*", Principal={"AWS": SESSION})
    assert judged(boundary=policy(allow("ssm:*", "*")), on_resource=key_policy(to_session)).allowed
    assert not judged(boundary=policy(deny("*", "*")), on_resource=key_policy(to_session)).allowed


@pytest.mark.parametrize(
    ("spared", "bounded", "allowed"),
    [
        ([ROLE, f"arn:aws:iam::{ACCOUNT}:root"], False, True),
        ([ROLE], False, False),
        ([f"arn:aws:iam::{ACCOUNT}:root"], False, False),
        ([ROLE, f"arn:aws:iam::{ACCOUNT}:root"], True, False),
    ],
)
def test_not_principal_spares_whom_it_names_with_its_account_and_without_a_boundary(
    spared: list[str], *, bounded: bool, allowed: bool
) -> None:
    all_but: Json = {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": spared}}
    boundary = policy(allow("*", "*")) if bounded else None
    assert judged(allow(), boundary=boundary, on_resource=key_policy(TO_ACCOUNT, all_but)).allowed is allowed


def test_a_bucket_policy_for_another_principal_leaves_the_identity_policy_alone() -> None:
    on_bucket = ResourcePolicy(policy(TO_OTHER_ROLE))
    assert judged(allow(), on_resource=on_bucket).allowed


patterns = st.sampled_from(["*", "kms:*", "kms:Decrypt", "kms:D*", "ssm:*", "iam:?etRole"])
resources = st.sampled_from(["*", KEY, "arn:aws:kms:*:*:key/*", ROLE])
statements = st.builds(
    lambda effect, element, action, resource: {"Effect": effect, element: action, "Resource": resource},
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["Action", "NotAction"]),
    patterns,
    resources,
)
some_statements = st.lists(statements, max_size=5)


@given(identity=some_statements, boundary=some_statements)
def test_an_explicit_deny_always_wins(identity: list[Json], boundary: list[Json]) -> None:
    for decision in (
        judged(*identity, deny(), boundary=policy(*boundary), on_resource=key_policy(TO_ROLE)),
        judged(*identity, boundary=policy(*boundary, deny()), on_resource=key_policy(TO_ROLE)),
    ):
        assert decision.outcome is Outcome.EXPLICIT_DENY


@given(identity=some_statements, more=statements.map(lambda statement: {**statement, "Effect": "Allow"}))
def test_adding_an_allow_never_turns_allowed_into_denied(identity: list[Json], more: Json) -> None:
    assert judged(*identity, more).allowed >= judged(*identity).allowed


@given(identity=some_statements, boundary=some_statements)
def test_a_boundary_never_widens(identity: list[Json], boundary: list[Json]) -> None:
    assert judged(*identity, boundary=policy(*boundary)).allowed <= judged(*identity).allowed


@given(identity=some_statements)
def test_the_order_of_statements_does_not_matter(identity: list[Json]) -> None:
    assert judged(*identity).outcome is judged(*reversed(identity)).outcome
