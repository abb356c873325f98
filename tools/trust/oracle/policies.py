"""Compare policies around one request: the answers of the oracle, the product and the simulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.policy_cases.answers import of_the_product, of_the_simulator
from tests.policy_cases.case import ALLOWED
from tests.policy_cases.case import Case as TableCase
from tests.policy_cases.case import OnResource as TableResource
from tools.trust.oracle.policy_language import Account, Document, Grant, OnResource, Reading, Request
from tools.trust.oracle.random_policies import (
    ACCOUNT,
    CERTAIN,
    OTHER,
    ROLE,
    SESSION,
    VALUES,
    a_request,
    named,
    statements,
)
from tools.trust.oracle.trial import Case, Trial


def made(random: Random) -> Case:
    """Return one request with all its policies, and the keys that the product does not know."""
    kind = random.choice(["none", "none", "key", "key", "bucket"])
    account = OTHER if kind != "none" and random.random() < 0.25 else ACCOUNT
    asked = a_request(random, kind, account)
    action, resource = asked["action"], asked["resource"]
    case: Case = {
        **asked,
        "version": random.choice(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None]),
        "identity": statements(random, action, resource, whole=0.45),
        "boundary": statements(random, action, resource, whole=0.6) if random.random() < 0.3 else None,
        "organization": [],
        "endpoint": None,
        "on_resource": None,
        "hidden": random.sample(sorted(VALUES), random.choice([0, 0, 1, 2])),
    }
    if kind == "none":
        levels = random.choice([0, 0, 1, 2])
        case["organization"] = [statements(random, action, resource, whole=0.85) for _ in range(levels)]
        if random.random() < 0.4:
            case["endpoint"] = named(random, statements(random, action, resource, whole=0.7))
        return case
    granted = [action] if kind == "key" and random.random() < 0.2 else []
    case["on_resource"] = {
        "statements": named(random, statements(random, action, resource, whole=0.4)),
        "governs": kind == "key",
        "granted": granted,
        "account": account,
    }
    return case


def judged(case: Case) -> Trial:
    """Return the oracle's answer, and the programs that differ."""
    says = of_the_oracle(case)
    table = _as_table(case)
    permits, _ = of_the_product(table)
    told = {key: values[0] if len(values) == 1 else tuple(values) for key, values in case["keys"].items()}
    simulated = of_the_simulator(table, {key: value for key, value in told.items() if key in case["hidden"]})
    return Trial(says, permits, simulated is ALLOWED)


def of_the_oracle(case: Case, certain: Mapping[str, Sequence[str]] = CERTAIN) -> Reading:
    """Return whether AWS allows the request, by its documentation; `certain` are keys that are always present."""
    version = case.get("version")

    def document(found: Sequence[Mapping[str, object]]) -> Document:
        return Document(tuple(found), version)

    on_resource = case.get("on_resource")
    boundary, endpoint = case.get("boundary"), case.get("endpoint")
    account = Account(
        identity=(document(case["identity"]),),
        boundary=None if boundary is None else document(boundary),
        levels=tuple((document(level),) for level in case["organization"]),
        endpoint=None if endpoint is None else document(endpoint),
        resource=None
        if on_resource is None
        else OnResource(
            document(on_resource["statements"]),
            on_resource["account"],
            on_resource["governs"],
            (Grant(ROLE, tuple(on_resource["granted"])),),
        ),
    )
    has = {key.lower(): tuple(values) for key, values in {**certain, **case["keys"]}.items()}
    return account.allows(Request(case["action"], case["resource"], has, ROLE, SESSION))


def _as_table(case: Case) -> TableCase:
    on_resource = case.get("on_resource")
    known: dict[str, Any] = {
        key: values[0] if len(values) == 1 else tuple(values)
        for key, values in {**CERTAIN, **case["keys"]}.items()
        if key not in case["hidden"]
    }
    boundary, endpoint = case.get("boundary"), case.get("endpoint")
    return TableCase(
        "random",
        "",
        ALLOWED,
        identity=tuple(case["identity"]),
        action=case["action"],
        resource=case["resource"],
        context=known,
        unknown=tuple(case["hidden"]),
        version=case.get("version"),
        boundary=None if boundary is None else tuple(boundary),
        organization=tuple(tuple(level) for level in case["organization"]),
        endpoint=None if endpoint is None else tuple(endpoint),
        on_resource=None
        if on_resource is None
        else TableResource(
            tuple(on_resource["statements"]),
            on_resource["governs"],
            tuple(on_resource["granted"]),
            on_resource["account"],
        ),
    )
