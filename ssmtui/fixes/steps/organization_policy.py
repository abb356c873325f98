"""`steps-organization-policy`: the question for those who keep the policies of the organization."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.finding import Finding
from ssmtui.model.plain_text import printable
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-organization-policy"

_ASK = marked("Ask the administrators of the organization this. It says what is denied, to whom, and where.")
_FIND = marked(
    "They find the service control policies that hold for this account by this command, in the management account or "
    "in one that it delegates to."
)
_READ = marked("And read each of them. A statement that denies wins, whatever else allows.")
_WITHIN = marked(
    "Policies of this account cannot overrule it. IAM's simulation does not look at the conditions of service control "
    "policies: a call may still go through where a condition lets it."
)

_QUESTION = marked(
    "In account {account}, Region {region}, this does not work: {summary}\n"
    "IAM's simulation says:\n"
    "{facts}\n"
    "Which service control policy denies it, and may an exception be made, for these actions and this principal only?"
)


@by_hand(_SLUG)
def organization_policy(scope: Scope, finding: Finding) -> Steps | NotApplicable:
    """What IAM's simulation said, in a form that can be sent."""
    facts = "\n".join(f"- {printable(each.fact)} ({each.source})" for each in finding.evidence)
    question = say(
        _QUESTION,
        account=scope.account,
        region=scope.region,
        summary=printable(finding.summary),
        facts=facts,
    )
    account = word(scope.account, "ACCOUNT_ID")
    find = (
        f"aws organizations list-policies-for-target --target-id {account} \\\n"
        "  --filter SERVICE_CONTROL_POLICY --query 'Policies[].[Id,Name]' --output table"
    )
    read = "aws organizations describe-policy --policy-id POLICY_ID --query Policy.Content --output text"
    return Steps(
        _SLUG,
        say("Ask the administrators of the organization"),
        (
            Step(say(_ASK), question, Form.TEXT),
            Step(say(_FIND), find),
            Step(say(_READ), read),
            Step(say(_WITHIN)),
        ),
    )
