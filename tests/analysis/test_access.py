from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest

from ssmtui.analysis.access import Access, ResourceDecision, access, evaluate_resource_policy
from ssmtui.iam_policy.document import Statement
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.key_requests import KeyRequest
from ssmtui.model.permissions import Decision, Denier, DenyingPolicy, EvaluationResult, Question
from tests.builders.fleet import a_scope
from tests.builders.identity import ROLE_ARN, a_role
from tests.builders.policies import a_policy, allow, deny
from tests.builders.storage import KEY_ARN, ROOT
from tests.checks.outcome import is_source

QUESTION = Question("kms:Decrypt", KEY_ARN)
ALLOWED = EvaluationResult(QUESTION, Decision.ALLOWED)
SILENT = EvaluationResult(QUESTION, Decision.IMPLICIT_DENY, Denier.IDENTITY)
DENIED = EvaluationResult(QUESTION, Decision.EXPLICIT_DENY, Denier.IDENTITY)
BOUNDED = EvaluationResult(QUESTION, Decision.IMPLICIT_DENY, Denier.BOUNDARY)
FORBIDDEN = EvaluationResult(QUESTION, Decision.EXPLICIT_DENY, Denier.ORGANIZATION)
CONDITIONAL = EvaluationResult(QUESTION, Decision.IMPLICIT_DENY, Denier.IDENTITY, ("aws:SourceVpc",), undecided=True)
MAYBE_BARRED = EvaluationResult(
    QUESTION, Decision.ALLOWED, None, ("aws:SourceVpc",), undecided=True, may_be_barred=True
)
SILENT_MAYBE_BARRED = EvaluationResult(
    QUESTION, Decision.IMPLICIT_DENY, Denier.IDENTITY, ("aws:SourceVpc",), may_be_barred=True
)
NO_SIMULATION = Unreadable("iam:SimulatePrincipalPolicy", "refused")
NO_POLICY = Unreadable("kms:GetKeyPolicy", "refused")
NO_GRANTS = Unreadable("kms:ListGrants", "refused")

Granted = Truth | Unreadable
YES, PERHAPS, NO = Truth.YES, Truth.PERHAPS, Truth.NO
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE


def policy(
    names_role: Truth = NO, leaves_to_account: Truth = NO, denies: Truth = NO, past_boundary: Truth = NO
) -> ResourceDecision:
    return ResourceDecision("the policy", "kms:GetKeyPolicy", names_role, leaves_to_account, denies, past_boundary)


NAMES_ROLE, LEAVES_TO_ACCOUNT, NAMES_NOBODY = policy(YES, YES), policy(NO, YES), policy()
DENIES = policy(YES, YES, YES)
GIVEN_DIRECTLY, PERHAPS_DIRECTLY = policy(YES, NO, NO, YES), policy(YES, NO, NO, PERHAPS)


def test_what_hangs_on_a_tag_that_was_not_read_names_the_read_that_tells_it() -> None:
    tags = Unreadable("iam:ListRoleTags", "iam:ListRoleTags: no answer", source="iam:ListRoleTags")
    answer = replace(MAYBE_BARRED, unread=(tags,))
    told = access(answer, NAMES_ROLE, same_account=True)
    assert (told.allowed, told.needs) == (PERHAPS, ("iam:ListRoleTags",))
    assert ("iam:ListRoleTags: no answer", "iam:ListRoleTags") in [(each.fact, each.source) for each in told.evidence]


def test_a_further_denial_that_depends_on_a_key_is_told_with_the_key_where_it_decides() -> None:
    perhaps = DenyingPolicy(Denier.IDENTITY, explicit=True, hangs_on=("aws:UserAgent",))
    answer = replace(SILENT, also=(perhaps,), may_be_barred=True)
    silent = f"kms:Decrypt on {KEY_ARN} is implicitly denied by the identity-based policies"
    on_key = f"the result for kms:Decrypt on {KEY_ARN} depends on conditions on aws:UserAgent"
    open_, denied = (access(answer, each, same_account=True) for each in (NAMES_ROLE, LEAVES_TO_ACCOUNT))
    assert (open_.allowed, [each.fact for each in open_.evidence]) == (
        PERHAPS,
        [silent, "the policy allows the role", on_key],
    )
    assert (denied.allowed, [each.fact for each in denied.evidence]) == (
        NO,
        [silent, "the policy delegates the decision to the account and does not name the role"],
    )


@pytest.mark.parametrize(
    ("answer", "resource", "granted", "expected"),
    [
        pytest.param(ALLOWED, LEAVES_TO_ACCOUNT, NO, (YES, LIKELY), id="identity and account"),
        pytest.param(CONDITIONAL, LEAVES_TO_ACCOUNT, NO, (PERHAPS, POSSIBLE), id="the identity, on conditions"),
        pytest.param(CONDITIONAL, NAMES_ROLE, NO, (YES, LIKELY), id="the resource, whatever the identity's conditions"),
        pytest.param(MAYBE_BARRED, NAMES_ROLE, NO, (PERHAPS, POSSIBLE), id="a denial on conditions is not overruled"),
        pytest.param(SILENT_MAYBE_BARRED, NAMES_ROLE, NO, (PERHAPS, POSSIBLE), id="nor where nothing else is said"),
        pytest.param(SILENT_MAYBE_BARRED, LEAVES_TO_ACCOUNT, NO, (NO, LIKELY), id="nothing allows it in any case"),
        pytest.param(SILENT, LEAVES_TO_ACCOUNT, PERHAPS, (PERHAPS, POSSIBLE), id="a grant for some contexts only"),
        pytest.param(SILENT, NAMES_ROLE, NO, (YES, LIKELY), id="the policy names the role"),
        pytest.param(SILENT, LEAVES_TO_ACCOUNT, NO, (NO, PROVED), id="the account alone is not enough"),
        pytest.param(SILENT, LEAVES_TO_ACCOUNT, YES, (YES, LIKELY), id="a grant is enough"),
        pytest.param(SILENT, LEAVES_TO_ACCOUNT, NO_GRANTS, (PERHAPS, POSSIBLE), id="a grant is not to be ruled out"),
        pytest.param(ALLOWED, LEAVES_TO_ACCOUNT, NO_GRANTS, (YES, LIKELY), id="no grant is needed"),
        pytest.param(ALLOWED, DENIES, NO_GRANTS, (NO, PROVED), id="no grant overrules the policy"),
        pytest.param(DENIED, LEAVES_TO_ACCOUNT, NO_GRANTS, (NO, PROVED), id="nor the identity's denial"),
        pytest.param(ALLOWED, NAMES_NOBODY, NO, (NO, PROVED), id="the policy leaves it to nobody"),
        pytest.param(ALLOWED, NAMES_NOBODY, YES, (YES, LIKELY), id="the policy leaves it to grants"),
        pytest.param(ALLOWED, DENIES, YES, (NO, PROVED), id="the policy denies"),
        pytest.param(NO_SIMULATION, DENIES, NO, (NO, PROVED), id="the policy denies whatever the identity says"),
        pytest.param(DENIED, NAMES_ROLE, YES, (NO, PROVED), id="the identity denies"),
        pytest.param(BOUNDED, NAMES_ROLE, NO, (NO, PROVED), id="a boundary limits what is given to the role"),
        pytest.param(BOUNDED, NAMES_ROLE, YES, (PERHAPS, POSSIBLE), id="of a grant that is not documented"),
        pytest.param(BOUNDED, GIVEN_DIRECTLY, NO, (YES, LIKELY), id="a boundary does not limit what is given directly"),
        pytest.param(BOUNDED, PERHAPS_DIRECTLY, NO, (PERHAPS, POSSIBLE), id="where it may be given directly"),
        pytest.param(BOUNDED, NO_POLICY, NO, (PERHAPS, POSSIBLE), id="where the policy may give it directly"),
        pytest.param(DENIED, GIVEN_DIRECTLY, NO, (NO, PROVED), id="an explicit denial wins over that too"),
        pytest.param(FORBIDDEN, NAMES_ROLE, YES, (NO, LIKELY), id="nor the organization"),
        pytest.param(SILENT, NO_POLICY, NO, (PERHAPS, POSSIBLE), id="silent, and the policy unread"),
        pytest.param(DENIED, NO_POLICY, NO, (NO, PROVED), id="denied, whatever the policy says"),
        pytest.param(ALLOWED, NO_POLICY, NO, (PERHAPS, POSSIBLE), id="allowed, and the policy unread"),
        pytest.param(NO_SIMULATION, NAMES_ROLE, NO, (PERHAPS, POSSIBLE), id="it may be denied by the identity"),
        pytest.param(NO_SIMULATION, NAMES_NOBODY, NO, (NO, PROVED), id="nobody is admitted anyway"),
        pytest.param(NO_SIMULATION, NO_POLICY, NO, (PERHAPS, POSSIBLE), id="nothing is known"),
        pytest.param(ALLOWED, policy(NO, YES, PERHAPS), NO, (PERHAPS, POSSIBLE), id="a denial on conditions"),
        pytest.param(SILENT, policy(PERHAPS, YES), NO, (PERHAPS, POSSIBLE), id="an allowance on conditions"),
    ],
)
def test_within_one_account_either_side_may_allow(
    answer: EvaluationResult | Unreadable,
    resource: ResourceDecision | Unreadable,
    granted: Granted,
    expected: tuple[Truth, Confidence],
) -> None:
    judged = access(answer, resource, same_account=True, granted=granted)
    assert (judged.allowed, judged.confidence) == expected


@pytest.mark.parametrize(
    ("answer", "resource", "expected"),
    [
        pytest.param(ALLOWED, NAMES_ROLE, (YES, LIKELY), id="both allow"),
        pytest.param(ALLOWED, LEAVES_TO_ACCOUNT, (YES, LIKELY), id="the policy leaves it to the role's account"),
        pytest.param(SILENT, NAMES_ROLE, (NO, PROVED), id="the role's account says nothing"),
        pytest.param(ALLOWED, NAMES_NOBODY, (NO, PROVED), id="the policy says nothing"),
        pytest.param(SILENT, NO_POLICY, (NO, PROVED), id="silent is enough"),
        pytest.param(BOUNDED, GIVEN_DIRECTLY, (NO, PROVED), id="a boundary limits the role's own account"),
        pytest.param(ALLOWED, NO_POLICY, (PERHAPS, POSSIBLE), id="the policy is not to be read"),
    ],
)
def test_between_two_accounts_both_sides_must_allow(
    answer: EvaluationResult, resource: ResourceDecision | Unreadable, expected: tuple[Truth, Confidence]
) -> None:
    judged = access(answer, resource, same_account=False)
    assert (judged.allowed, judged.confidence) == expected


def test_what_could_not_be_told_names_every_action_that_would_settle_it() -> None:
    assert access(ALLOWED, NO_POLICY, same_account=True).needs == ("kms:GetKeyPolicy",)
    assert access(NO_SIMULATION, NAMES_ROLE, same_account=True).needs == ("iam:SimulatePrincipalPolicy",)
    assert access(NO_SIMULATION, NO_POLICY, same_account=True).needs == (
        "iam:SimulatePrincipalPolicy",
        "kms:GetKeyPolicy",
    )
    assert access(SILENT, NO_POLICY, same_account=True, granted=NO_GRANTS).needs == (
        "kms:GetKeyPolicy",
        "kms:ListGrants",
    )


def test_what_no_action_would_settle_names_none() -> None:
    illegible = Unreadable("", "it is no policy", source="kms:GetKeyPolicy")
    assert access(ALLOWED, illegible, same_account=True).needs == ()
    assert access(NO_SIMULATION, illegible, same_account=True).needs == ("iam:SimulatePrincipalPolicy",)


def test_what_was_not_read_and_would_change_nothing_is_not_named() -> None:
    needs = access(CONDITIONAL, policy(NO, YES, PERHAPS), same_account=True, granted=YES).needs
    assert needs == ()
    assert access(ALLOWED, policy(NO, YES, PERHAPS), same_account=True, granted=NO_GRANTS).needs == ()


def test_a_statement_in_the_role_helps_only_where_nothing_else_denies() -> None:
    def would_do(answer: EvaluationResult, resource: ResourceDecision) -> bool:
        return access(answer, resource, same_account=True).identity_would_do

    assert would_do(SILENT, LEAVES_TO_ACCOUNT)
    assert not any(
        would_do(*each)
        for each in ((ALLOWED, NAMES_NOBODY), (SILENT, DENIES), (DENIED, NAMES_ROLE), (BOUNDED, NAMES_ROLE))
    )


DECIDED = (ALLOWED, SILENT, DENIED, BOUNDED, FORBIDDEN)


@dataclass(frozen=True)
class Case:
    answer: EvaluationResult | Unreadable
    resource: ResourceDecision | Unreadable
    same_account: bool
    granted: Granted

    @property
    def judged(self) -> Access:
        return access(self.answer, self.resource, same_account=self.same_account, granted=self.granted)


EVERY_POLICY: list[ResourceDecision | Unreadable] = [*(policy(*says) for says in product(Truth, repeat=4)), NO_POLICY]
EVERY_CASE = [
    Case(answer, resource, same_account, granted)
    for answer in (*DECIDED, CONDITIONAL, MAYBE_BARRED, SILENT_MAYBE_BARRED, NO_SIMULATION)
    for resource in EVERY_POLICY
    for same_account in (True, False)
    for granted in (*Truth, NO_GRANTS)
]


def test_nothing_unread_is_ever_taken_for_an_allowance() -> None:
    unread = [case for case in EVERY_CASE if isinstance(case.answer, Unreadable) or case.resource is NO_POLICY]
    assert unread
    assert all(case.judged.allowed is not YES for case in unread)


def completed(case: Case) -> Iterator[Case]:
    """The case with all that could have been read in the place of what was not."""
    for answer, resource, granted in product(
        DECIDED if isinstance(case.answer, Unreadable) else [case.answer],
        EVERY_POLICY[:-1] if isinstance(case.resource, Unreadable) else [case.resource],
        Truth if isinstance(case.granted, Unreadable) else [case.granted],
    ):
        yield Case(answer, resource, case.same_account, granted)


def test_what_was_not_read_never_decides() -> None:
    unread = [case for case in EVERY_CASE if Unreadable in map(type, (case.answer, case.resource, case.granted))]
    assert unread
    for case in unread:
        words = {each.judged.allowed for each in completed(case)}
        if case.judged.allowed is not PERHAPS:
            assert words == {case.judged.allowed}, case
        elif len(words) > 1:
            assert case.judged.needs, case


def test_what_may_be_denied_is_never_taken_for_an_allowance() -> None:
    unsure = [case for case in EVERY_CASE if case.answer in (MAYBE_BARRED, SILENT_MAYBE_BARRED)]
    assert unsure
    assert all(case.judged.allowed is not YES for case in unsure)


def test_an_explicit_denial_is_never_overruled() -> None:
    denied = [
        case
        for case in EVERY_CASE
        if case.answer in (DENIED, FORBIDDEN)
        or (isinstance(case.resource, ResourceDecision) and case.resource.denies is YES)
    ]
    assert denied
    assert all(case.judged.allowed is NO for case in denied)


def test_every_denial_and_doubt_comes_with_its_evidence() -> None:
    judged = [case.judged for case in EVERY_CASE]
    assert all(each.evidence for each in judged if each.allowed is not YES)
    assert [told for each in judged for told in each.evidence if not told.fact or not is_source(told.source)] == []


def test_a_key_policy_is_read_for_the_role_and_for_its_account() -> None:
    def says(statement: Statement, session: str = "") -> tuple[Truth, Truth, Truth]:
        read = evaluate_resource_policy(
            a_policy(statement),
            "the key policy",
            "kms:GetKeyPolicy",
            scope=a_scope(),
            role=a_role(),
            question=Question("kms:Decrypt", KEY_ARN),
            key_request=KeyRequest((), session, None),
        )
        return read.names_role, read.leaves_to_account, read.denies

    via_secrets = ("StringEquals", "kms:ViaService", "secretsmanager.eu-west-3.amazonaws.com")
    assert says(allow("kms:*", "*", ROOT)) == (NO, YES, NO)
    assert says(allow("kms:Decrypt", "*", ROLE_ARN)) == (YES, NO, NO)
    assert says(allow("kms:*", "*", "*", via_secrets)) == (NO, NO, NO)
    assert says(deny("kms:Decrypt", "*", ROLE_ARN)) == (NO, NO, YES)
    assert says(deny("kms:*", "*", ROOT)) == (NO, NO, YES)
    assert says(deny("kms:*", "*", "*", ("Bool", "aws:SecureTransport", "false"))) == (NO, NO, NO)
    assert says(deny("kms:*", "*", "*", ("StringNotEquals", "aws:PrincipalOrgID", "o-1"))) == (NO, NO, PERHAPS)
    session = f"arn:aws:sts::123456789012:assumed-role/{a_role().name}/i-0123456789abcdef0"
    assert says(allow("kms:*", "*", session)) == (PERHAPS, NO, NO)
    assert says(allow("kms:*", "*", session), session) == (YES, NO, NO)
    assert says(allow("kms:*", "*", session), f"{session}1") == (NO, NO, NO)
    assert says(deny("kms:*", "*", session), session) == (NO, NO, YES)
    assert says(deny("kms:*", "*", session), f"{session}1") == (NO, NO, NO)
    assert says(allow("kms:*", "*", session.replace(a_role().name, "other"))) == (NO, NO, NO)


USER = "arn:aws:iam::123456789012:user/ada"
SESSION = "arn:aws:sts::123456789012:assumed-role/web/i-0123456789abcdef0"


@pytest.mark.parametrize(
    ("principal", "statement", "past"),
    [
        pytest.param(ROLE_ARN, allow("kms:*", "*", ROLE_ARN), NO, id="the role"),
        pytest.param(ROLE_ARN, allow("kms:*", "*", SESSION), PERHAPS, id="a session of the role, perhaps another one"),
        pytest.param(ROLE_ARN, allow("s3:*", "*", SESSION), NO, id="something else to a session"),
        pytest.param(
            ROLE_ARN,
            replace(allow("kms:*", "*", SESSION), principals=(SESSION, ROLE_ARN)),
            PERHAPS,
            id="the role, and a session that is perhaps another one",
        ),
        pytest.param(
            ROLE_ARN, allow("kms:*", "*", "*", ("ArnLike", "aws:PrincipalArn", ROLE_ARN)), YES, id="by its ARN"
        ),
        pytest.param(
            ROLE_ARN, allow("kms:*", "*", "*", ("ArnLike", "aws:PrincipalArn", USER)), NO, id="by somebody else's ARN"
        ),
        pytest.param(
            ROLE_ARN,
            allow("kms:*", "*", "*", ("ArnNotLike", "aws:PrincipalArn", USER)),
            PERHAPS,
            id="everybody but one",
        ),
        pytest.param(ROLE_ARN, allow("kms:*", "*", "*"), PERHAPS, id="everybody"),
        pytest.param(
            ROLE_ARN,
            allow("kms:*", "*", "*", ("Null", "aws:PrincipalArn", "false")),
            PERHAPS,
            id="everybody who has an ARN",
        ),
        pytest.param(USER, allow("kms:*", "*", USER), YES, id="the user"),
        pytest.param(USER, allow("kms:*", "*", ROOT), NO, id="the user's account"),
    ],
)
def test_what_is_given_to_a_user_a_session_or_by_arn_is_not_limited_by_a_boundary(
    principal: str, statement: Statement, past: Truth
) -> None:
    read = evaluate_resource_policy(
        a_policy(statement),
        "the key policy",
        "kms:GetKeyPolicy",
        scope=a_scope(),
        role=replace(a_role(), arn=principal),
        question=Question("kms:Decrypt", KEY_ARN),
    )
    assert read.past_boundary is past


@pytest.mark.parametrize(("bounded", "denies"), [(YES, YES), (NO, NO), (PERHAPS, PERHAPS)])
def test_whom_not_principal_spares_is_denied_all_the_same_where_a_boundary_is_set(
    bounded: Truth, denies: Truth
) -> None:
    all_but = replace(deny("kms:*", "*"), not_principals=(ROLE_ARN, ROOT))
    read = evaluate_resource_policy(
        a_policy(allow("kms:*", "*", ROOT), all_but),
        "the key policy",
        "kms:GetKeyPolicy",
        scope=a_scope(),
        role=a_role(),
        question=Question("kms:Decrypt", KEY_ARN),
        bounded=bounded,
    )
    assert read.denies is denies


@pytest.mark.parametrize(
    ("spared", "denies"),
    [
        pytest.param((ROLE_ARN, ROOT), PERHAPS, id="role and account, unless a boundary is set on the role"),
        pytest.param((ROLE_ARN,), PERHAPS, id="the role alone: its account may be denied"),
        pytest.param((ROOT,), PERHAPS, id="the account alone: its roles may be denied"),
        pytest.param(("arn:aws:iam::123456789012:role/other",), YES, id="somebody else"),
    ],
)
def test_a_key_policy_that_denies_all_but_some_is_read_with_care(spared: tuple[str, ...], denies: Truth) -> None:
    all_but = replace(deny("kms:*", "*"), not_principals=spared)
    read = evaluate_resource_policy(
        a_policy(allow("kms:*", "*", ROOT), all_but),
        "the key policy",
        "kms:GetKeyPolicy",
        scope=a_scope(),
        role=a_role(),
        question=Question("kms:Decrypt", KEY_ARN),
    )
    assert (read.leaves_to_account, read.denies) == (YES, denies)
