"""The quick part of `make oracle`: some hundred accounts of a new seed, which is told where anything differs."""

from __future__ import annotations

from random import SystemRandom

import pytest

from ssmtui.model.truth import Truth
from tests.policy_cases import CASES as TABLE
from tests.policy_cases import Case, Expected
from tests.policy_cases.case import Values
from tests.trust.oracle.accounts import judged
from tests.trust.oracle.families import FAMILIES, Family
from tests.trust.oracle.policies import of_the_oracle
from tests.trust.oracle.random_policies import CERTAIN
from tests.trust.oracle.reading import every, some
from tests.trust.oracle.running import chance, run
from tests.trust.oracle.shrinking import shrunk
from tests.trust.oracle.trial import Trial

CASES = 400
"""Of all families together."""


@pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.name)
def test_nobody_says_the_contrary_of_what_aws_documents(family: Family) -> None:
    seed = SystemRandom().getrandbits(32)
    told = run(family, seed, CASES * family.share // 100)
    assert not told.differences, f"seed {seed}"
    assert told.unknown + told.undocumented < told.tried / 2


@pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.name)
def test_a_seed_makes_the_same_case_again(family: Family) -> None:
    assert family.made(chance(7)) == family.made(chance(7))


def test_the_oracle_answers_the_table_of_cases_as_aws_documents() -> None:
    wrong = [case.name for case in TABLE if not case.unknown and _answer(case) not in (_expected(case.expected), None)]
    assert wrong == []


def _expected(expected: Expected) -> bool:
    return expected is Expected.ALLOWED


def _answer(case: Case) -> bool | None:
    """The oracle's answer to a case of the table."""
    keys = {key: _texts(value) for key, value in case.context.items()}
    on_resource = case.on_resource
    return of_the_oracle(
        {
            "action": case.action,
            "resource": case.resource,
            "keys": keys,
            "version": case.version,
            "identity": list(case.identity),
            "boundary": None if case.boundary is None else list(case.boundary),
            "organization": [list(level) for level in case.organization],
            "endpoint": None if case.endpoint is None else list(case.endpoint),
            "on_resource": None
            if on_resource is None
            else {
                "statements": list(on_resource.statements),
                "governs": on_resource.governs,
                "granted": list(on_resource.granted),
                "account": on_resource.account,
            },
        },
        {key: values for key, values in CERTAIN.items() if key != "aws:RequestedRegion"},
    )


def _texts(value: Values) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_what_aws_documents_neither_way_is_held_against_nobody() -> None:
    assert [every([True, None]), every([None, False]), some([None, True]), some([False, None])] == [
        None,
        False,
        True,
        None,
    ]
    assert Trial(None, Truth.YES, simulated=False).difference is None
    assert Trial(True, Truth.PERHAPS, simulated=True).difference is None
    assert Trial(True, Truth.NO).difference == "the product says no where the oracle allows"
    assert Trial(False, Truth.YES).difference == "the product says yes where the oracle denies"
    assert Trial(False, Truth.NO, simulated=True).difference == "the simulator allows where the oracle denies"


def test_a_difference_is_told_by_the_smallest_case_that_has_it() -> None:
    case = {
        "identity": [{"Effect": "Allow", "Condition": {"Bool": {"a": "true"}}}, {"Effect": "Deny"}],
        "keys": {"a": ["b"]},
    }
    smallest = shrunk(case, lambda each: any(one["Effect"] == "Deny" for one in each["identity"]))
    assert smallest == {"identity": [{"Effect": "Deny"}], "keys": {}}


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ACCOUNT: dict[str, object] = {
    "way": "nat",
    "elsewhere": {},
    "endpoints": {},
    "managed": [],
    "inline": [[ALL]],
    "boundary": None,
    "organization": [],
    "organization_id": None,
    "tags": {},
    "key_account": "123456789012",
    "key_policy": [],
    "grants": [],
    "bucket_policy": None,
    "agent": "amazon-ssm-agent",
    "simulates": True,
    "unread": [],
    "question": "write objects",
}
"""An account whose role may do everything."""


def denying(**statement: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", **statement}


BY_AGENT = {"StringLike": {"aws:UserAgent": "*ssm*"}}
UNLESS_PRODUCTIVE = {"StringNotEquals": {"aws:PrincipalTag/Env": "prod"}}
ENDING = "arn:aws:s3:::logs/sessions/*.log"
ANY_INSTANCE = "arn:aws:ec2:*:123456789012:instance/*"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        pytest.param({}, Truth.YES, id="everything is allowed"),
        pytest.param({"inline": [[{**ALL, "Resource": ENDING}]]}, Truth.YES, id="objects are allowed by their ending"),
        pytest.param({"inline": [[ALL, denying(Resource=ENDING)]]}, Truth.NO, id="objects are denied by their ending"),
        pytest.param({"inline": [[ALL, denying(Condition=BY_AGENT)]]}, Truth.PERHAPS, id="denied for a key untold"),
        pytest.param(
            {
                "organization": [[ALL, denying(Condition=UNLESS_PRODUCTIVE)]],
                "tags": {"Env": "prod"},
                "unread": ["tags"],
            },
            Truth.PERHAPS,
            id="spared by the organization for a tag that could not be read",
        ),
        pytest.param(
            {"organization": [[ALL, denying(Resource=ANY_INSTANCE)]], "question": "register"},
            Truth.NO,
            id="denied by the organization on the instance and not on everything",
        ),
    ],
)
def test_what_the_oracle_found_is_told_right(case: dict[str, object], said: Truth) -> None:
    trial = judged({**ACCOUNT, **case})
    assert (trial.product, trial.difference) == (said, None)
