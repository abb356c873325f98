"""What IAM says of a node's own requests, where what it goes by was not read."""

from __future__ import annotations

from typing import Any

from ssmtui.evidence.readers.permissions.answers_for_node import KeyAnswersForNode, key_answers_for_node
from ssmtui.evidence.readers.permissions.node_requests import NodeAtItsWay
from ssmtui.evidence.readers.permissions.open_questions import OpenOnKey
from ssmtui.model.answers import Moot, Unreadable
from ssmtui.model.identity import OrganizationId, RoleTags
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Question
from ssmtui.model.request_origin import RequestOrigin
from ssmtui.model.standing import RunningNode
from tests.builders.fleet import a_node, a_scope
from tests.evidence.fake_aws import FakeAws
from tests.evidence.readers.permissions.simulation_results import a_result

ROLE = "arn:aws:iam::123456789012:role/web"
DECRYPT = Question("kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/1")
NO_TAGS = Unreadable("iam:ListRoleTags", "iam:ListRoleTags: refused", source="iam:ListRoleTags")


def silent_role_that_the_organization_denies() -> FakeAws:
    """The role's own policies say nothing; of a key, its policy may say all the same who may use it."""

    def answer(**asked: Any) -> dict[str, Any]:
        alone = bool(asked.get("PolicyExclusionList"))
        more = {"EvalDecision": "implicitDeny" if alone else "explicitDeny"}
        detail = {} if alone else {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
        results = [a_result(each, asked["ResourceArns"][0], **more, **detail) for each in asked["ActionNames"]]
        return {"EvaluationResults": results}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


async def told(tags: RoleTags | Unreadable) -> EvaluationResult:
    node = NodeAtItsWay(RunningNode(a_node()), ROLE, RequestOrigin(None), OrganizationId("o-1"), tags, None)
    nothing = Moot("IAM may be asked")
    told = await key_answers_for_node(
        silent_role_that_the_organization_denies(),
        a_scope(),
        OpenOnKey((DECRYPT,), (), (DECRYPT,)),
        node,
        nothing,
        nothing,
    )
    assert isinstance(told, KeyAnswersForNode)
    return told.answers[DECRYPT]


def hangs_on_tags(answer: EvaluationResult) -> bool:
    (by_organization,) = (each for each in answer.denials if each.denier is Denier.ORGANIZATION)
    return "aws:PrincipalTag/*" in by_organization.hangs_on


async def test_what_the_organization_denies_is_not_in_doubt_for_tags_that_were_read() -> None:
    answer = await told(RoleTags(()))
    assert (hangs_on_tags(answer), answer.unread) == (False, ())


async def test_where_the_tags_were_not_read_the_organization_may_deny_for_one_and_a_resources_policy_may_allow() -> (
    None
):
    answer = await told(NO_TAGS)
    assert (answer.decision, answer.denier, answer.is_final) == (Decision.IMPLICIT_DENY, Denier.IDENTITY, False)
    assert (hangs_on_tags(answer), answer.may_be_barred, answer.unread) == (True, True, (NO_TAGS,))
