"""Access-denied messages, AWS's authorization details for them, and refused calls recorded by CloudTrail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import pairwise

from ssmtui.language import say, translatable
from ssmtui.model.finding import Evidence

_ARN = r"arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:[a-z0-9]*:[\w+=,.@/:*-]{0,2048}[\w*/]"
_REFUSED = re.compile(r"\bauthorized to perform:? ?", re.IGNORECASE)
_ACTION = re.compile(r"\bauthorized to perform:? ?([a-z0-9-]+:[A-Za-z0-9]+)", re.ASCII)
_PRINCIPAL = re.compile(rf"\bUser:? ?({_ARN})[^a-z]{{0,3}}is not $", re.ASCII)
_RESOURCE = re.compile(
    rf"\bon resource:? ?\"?({_ARN}|(?:[a-z-]+ ){{1,2}}[\w+=,.@/-]+(?= (?:with|because)\b))", re.ASCII
)
_KIND = re.compile(
    r"(?:(?P<explicit>explicit deny in (?:a|an|the) )|because no )"
    r"(?P<kind>service control policy|resource control policy|permissions boundary|session policy|VPC endpoint policy"
    r"|identity-based policy|resource-based policy)"
    rf"(?::? ?\(?(?P<policy>{_ARN}))?",
    re.IGNORECASE | re.ASCII,
)
_ID = re.compile(r"(?:[Aa]uthorization [Ii][Dd]:? ?|/authorization-details/)([0-9a-z]{6,128})(?![\w/-])", re.ASCII)
# The lookup hint and EC2's encoded message are of no use to a reader of the sentence.
_LOOKUP_HINT = re.compile(
    r"[.\s]{0,8}(?:Go to https?://\S+ for complete details, or call the GetRequestAuthorizationDetails API .*"
    r"|Go to https?://\S*/authorization-details/\S+.*|Encoded authorization failure message: [\w-]+.*)$",
    re.DOTALL,
)

GLOBAL_SERVICES = frozenset({"account", "iam", "organizations"})
"""Services with one endpoint per partition: AWS stores their refusals in that endpoint's Region."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A refusal, from its text; fields that the text does not have are empty.

    `kind` is AWS's word for the policy that denied (`service control policy`, in lower case), `policy` its ARN.
    `explicit` is None if the text does not say whether a policy denies explicitly or no policy allows. `resource` is an
    ARN, or a kind and a name as IAM writes them. `region` is the Region of the resource; the Region in a link to the
    console is not the request's.
    """

    action: str = ""
    resource: str = ""
    principal: str = ""
    kind: str = ""
    explicit: bool | None = None
    policy: str = ""
    authorization_id: str = ""
    region: str = ""

    @property
    def is_global(self) -> bool:
        """Return whether a service with one endpoint per partition refused."""
        return self.action.partition(":")[0] in GLOBAL_SERVICES


def parse_denial(text: str) -> Denial | None:
    """Return the first refusal in a one-line text, or None."""
    return next(iter(parse_denials(text)), None)


def parse_denials(text: str) -> tuple[Denial, ...]:
    """Return all different refusals in a one-line text, in order."""
    starts = [found.start() for found in _REFUSED.finditer(text)]
    pieces = [
        (text[max(0, start - _MAX_CHARS_BEFORE_ACTION) : start], text[start:end])
        for start, end in pairwise((*starts, len(text)))
    ]
    return tuple(dict.fromkeys(_denial(before, said) for before, said in pieces if _ACTION.match(said)))


def strip_lookup_hint(said: str) -> str:
    """Return a refusal without the lookup hint and EC2's encoded message."""
    return _LOOKUP_HINT.sub("", said)


def refused_action(message: str, action: str) -> str:
    """Return the IAM action in a refusal, which can differ from the action of the call (`iam:PassRole`)."""
    named = parse_denial(message)
    return named.action if named else action


_MAX_CHARS_BEFORE_ACTION = 600
"""Maximum number of characters before the refused action that can contain the principal."""


def _denial(before: str, said: str) -> Denial:
    action, principal = _ACTION.match(said), _PRINCIPAL.search(before)
    resource, kind, id_ = _RESOURCE.search(said), _KIND.search(said), _ID.search(said)
    named = resource[1] if resource else ""
    return Denial(
        action=action[1] if action else "",
        resource=named,
        principal=principal[1] if principal else "",
        kind=kind["kind"].casefold() if kind else "",
        explicit=kind["explicit"] is not None if kind else None,
        policy=(kind["policy"] or "") if kind else "",
        authorization_id=id_[1] if id_ else "",
        region=named.split(":")[3] if named.startswith("arn:") else "",
    )


LOOKUP_ACTION = "iam:GetRequestAuthorizationDetails"
"""The IAM action that permits the lookup of a refusal."""

LOOKUP_SOURCE = "iam-toolbox:GetRequestAuthorizationDetails"
"""The operation that looks up a refusal."""


class EvaluationEffect(Enum):
    """The result of an evaluation, as AWS spells it."""

    ALLOW = "ALLOW"
    EXPLICIT_DENY = "EXPLICIT_DENY"
    IMPLICIT_DENY = "IMPLICIT_DENY"


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """A statement that matched the request. AWS makes up a `sid` for a statement without one."""

    sid: str
    denies: bool


@dataclass(frozen=True, slots=True)
class EvaluatedPolicy:
    """An evaluated policy. `uri` is its ARN, or an opaque name if it is `inline`.

    `kind` is AWS's word in lower case (`service control policy`); `attached_to` are ARNs; `matched` is empty if no
    statement matched the request.
    """

    uri: str
    kind: str
    inline: bool
    attached_to: tuple[str, ...] = ()
    matched: tuple[MatchedStatement, ...] = ()

    @property
    def denying(self) -> tuple[MatchedStatement, ...]:
        """Return the statements that denied."""
        return tuple(each for each in self.matched if each.denies)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """AWS's evaluation of one action on one resource, with the policies that matched."""

    action: str
    resource: str
    effect: EvaluationEffect
    matched: tuple[EvaluatedPolicy, ...]


@dataclass(frozen=True, slots=True)
class AuthorizationDetails:
    """AWS's details of a refused request: all evaluations, and the number of evaluated policies."""

    evaluations: tuple[Evaluation, ...]
    policies: int

    def deciding(self, action: str) -> Evaluation | None:
        """Return the evaluation that refused: of several, the one of the action; None if AWS has none."""
        refused = [each for each in self.evaluations if each.effect is not EvaluationEffect.ALLOW]
        of_action = [each for each in refused if each.action.casefold() == action.casefold()]
        return next(iter((*of_action, *refused)), None)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A refusal and the result of its lookup: `details`, or why there are none.

    `needs` is the IAM action that would give more details, or empty.
    """

    denial: Denial
    details: AuthorizationDetails | None = None
    why_not: str = ""
    needs: str = ""

    @property
    def deciding(self) -> Evaluation | None:
        """Return the evaluation that refused the request, if AWS returned it."""
        return self.details.deciding(self.denial.action) if self.details else None


POLICY_KINDS: Mapping[str, str] = {
    "identity-based policy": translatable("identity-based policy"),
    "permissions boundary": translatable("permissions boundary"),
    "resource control policy": translatable("resource control policy"),
    "resource-based policy": translatable("resource-based policy"),
    "service control policy": translatable("service control policy"),
    "session policy": translatable("session policy"),
    "vpc endpoint policy": translatable("VPC endpoint policy"),
}
"""The kinds of policy in AWS's words, by their names in lower case."""


def deciding_sentence(looked_up: LookedUp) -> str:
    """Return a sentence about the statement that refused the request; empty if it is unknown."""
    decided = looked_up.deciding
    if decided is None:
        return ""
    asked = _asked(decided.action or looked_up.denial.action, decided.resource or looked_up.denial.resource)
    denying = [policy for policy in decided.matched if policy.denying]
    if decided.effect is EvaluationEffect.EXPLICIT_DENY and denying:
        return say(
            "AWS reports the statement that denies {asked}: {statements}",
            asked=asked,
            statements="; ".join(_statement(policy) for policy in denying),
        )
    if decided.effect is EvaluationEffect.EXPLICIT_DENY:
        return say("AWS reports that a policy denies {asked}, but does not show the policy", asked=asked)
    kind = policy_kind_text(looked_up.denial.kind) or say("policy")
    return say("AWS reports that no {kind} allows {asked} and that no statement denies it", kind=kind, asked=asked)


def lookup_evidence(looked_up: LookedUp | None) -> tuple[Evidence, ...]:
    """Return the evidence from the lookup of a refusal: AWS's details, or why there are none; else nothing."""
    if looked_up is None:
        return ()
    told = deciding_sentence(looked_up)
    if told:
        return (Evidence(told, LOOKUP_SOURCE),)
    if not looked_up.why_not:
        return ()
    return (
        Evidence(say("AWS did not return the details of this denial: {why}", why=looked_up.why_not), LOOKUP_SOURCE),
    )


def denial_sentence(denial: Denial) -> str:
    """Return a sentence with the information in the text of a refusal."""
    asked, kind = _asked(denial.action, denial.resource), policy_kind_text(denial.kind)
    by = f"{kind} {denial.policy}".rstrip()
    if denial.explicit is None:
        return say("{asked} was denied; the text does not name the policy", asked=asked)
    if denial.explicit:
        return say("{asked} was explicitly denied ({by})", asked=asked, by=by)
    return say("{asked} was denied because no policy allows it ({by})", asked=asked, by=by)


def authorization_sentence(looked_up: LookedUp) -> tuple[str, ...]:
    """Return AWS's details of a refusal, or why there are none and which permission is needed; empty without an ID."""
    told = deciding_sentence(looked_up)
    if told:
        return (say("proved: {fact} ({source})", fact=told, source=LOOKUP_SOURCE),)
    if not looked_up.denial.authorization_id:
        return ()
    needed = say(
        "{action} would show the denying statement: authorization ID {id}",
        action=looked_up.needs or LOOKUP_ACTION,
        id=looked_up.denial.authorization_id,
    )
    return (needed, looked_up.why_not) if looked_up.why_not else (needed,)


def policy_kind_text(kind: str) -> str:
    """Return a kind of policy in readable form."""
    return say(POLICY_KINDS[kind]) if kind in POLICY_KINDS else kind


def _statement(policy: EvaluatedPolicy) -> str:
    sids = ", ".join(each.sid for each in policy.denying)
    kind, where = policy_kind_text(policy.kind), ", ".join(policy.attached_to[:_PLACES_SHOWN])
    if policy.inline:
        return say("{sids} in the inline {kind} of {where}", sids=sids, kind=kind, where=where or policy.uri)
    if not where:
        return say("{sids} in the {kind} {policy}", sids=sids, kind=kind, policy=policy.uri)
    return say(
        "{sids} in the {kind} {policy}, attached to {where}", sids=sids, kind=kind, policy=policy.uri, where=where
    )


_PLACES_SHOWN = 3


def _asked(action: str, resource: str) -> str:
    if resource in {"", "*"}:
        return action
    return say("{action} on {resource}", action=action, resource=resource)


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call that AWS refused: the action, the resource, the time, and AWS's reason.

    `resource` is empty if the record does not have it. `because` is the kind of policy (`service control policy`),
    empty if the record does not have it; `policy` is its ARN, if AWS names it. `in_session`: the call was made for a
    session to the node, according to the encryption context. `looked_up` has AWS's details, if the record contains an
    authorization ID.
    """

    action: str
    resource: str
    at: datetime
    error: str
    because: str = ""
    explicit: bool | None = None
    policy: str = ""
    in_session: bool = False
    looked_up: LookedUp | None = None


@dataclass(frozen=True, slots=True)
class RefusedCalls:
    """The refusals of a node's role in the last hour, newest first.

    `complete` is False if the role made so many calls that only the newest were read.
    """

    calls: tuple[RefusedCall, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class SessionRefusals:
    """The refusals that affect sessions to the node, according to the configuration of its sessions."""

    role: str
    calls: tuple[RefusedCall, ...]
