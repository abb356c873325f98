"""AWS's own word for a denial, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.language import marked, say
from ssmtui.model.authorization import LOOK_UP, SOURCE, EvaluatedPolicy, EvaluationEffect, LookedUp
from ssmtui.model.denial import Denial
from ssmtui.model.finding import Evidence

KINDS: Mapping[str, str] = {
    "identity-based policy": marked("identity-based policy"),
    "permissions boundary": marked("permissions boundary"),
    "resource control policy": marked("resource control policy"),
    "resource-based policy": marked("resource-based policy"),
    "service control policy": marked("service control policy"),
    "session policy": marked("session policy"),
    "vpc endpoint policy": marked("VPC endpoint policy"),
}
"""The kinds of policy in AWS's words, by the same in lower case."""


def deciding_sentence(looked_up: LookedUp) -> str:
    """Which statement refused the request, as AWS tells it; empty where it was not told."""
    decided = looked_up.deciding
    if decided is None:
        return ""
    asked = _asked(decided.action or looked_up.denial.action, decided.resource or looked_up.denial.resource)
    denying = [policy for policy in decided.matched if policy.denying]
    if decided.effect is EvaluationEffect.EXPLICIT_DENY and denying:
        return say(
            "AWS says which statement denies {asked}: {statements}",
            asked=asked,
            statements="; ".join(_statement(policy) for policy in denying),
        )
    if decided.effect is EvaluationEffect.EXPLICIT_DENY:
        return say("AWS says that a policy denies {asked}, which it does not show from here", asked=asked)
    kind = kind_in_words(looked_up.denial.kind) or say("policy")
    return say("AWS says that no {kind} allows {asked}, and that no statement denies it", kind=kind, asked=asked)


def look_up_evidence(looked_up: LookedUp | None) -> tuple[Evidence, ...]:
    """What looking a refusal up gave: AWS's own word, or why it was not had. Nothing where it was not looked up."""
    if looked_up is None:
        return ()
    told = deciding_sentence(looked_up)
    if told:
        return (Evidence(told, SOURCE),)
    if not looked_up.why_not:
        return ()
    return (Evidence(say("AWS's own word for this denial was not had: {why}", why=looked_up.why_not), SOURCE),)


def denial_sentence(denial: Denial) -> str:
    """What the text of a refusal says by itself."""
    asked, kind = _asked(denial.action, denial.resource), kind_in_words(denial.kind)
    by = f"{kind} {denial.policy}".rstrip()
    if denial.explicit is None:
        return say("{asked} was refused; the text does not say by which policy", asked=asked)
    if denial.explicit:
        return say("{asked} was denied explicitly ({by})", asked=asked, by=by)
    return say("{asked} was refused because nothing allows it ({by})", asked=asked, by=by)


def own_word(looked_up: LookedUp) -> tuple[str, ...]:
    """AWS's own word for a refusal; without it, why not, and what it takes. Nothing where there is no id."""
    told = deciding_sentence(looked_up)
    if told:
        return (say("proved: {fact} ({source})", fact=told, source=SOURCE),)
    if not looked_up.denial.authorization_id:
        return ()
    needed = say(
        "{action} would tell which statement it was: authorization id {id}",
        action=looked_up.needs or LOOK_UP,
        id=looked_up.denial.authorization_id,
    )
    return (needed, looked_up.why_not) if looked_up.why_not else (needed,)


def kind_in_words(kind: str) -> str:
    """A kind of policy as people read it."""
    return say(KINDS[kind]) if kind in KINDS else kind


def _statement(policy: EvaluatedPolicy) -> str:
    sids = ", ".join(each.sid for each in policy.denying)
    kind, where = kind_in_words(policy.kind), ", ".join(policy.attached_to[:_PLACES_SHOWN])
    if policy.inline:
        return say("{sids} of the inline {kind} of {where}", sids=sids, kind=kind, where=where or policy.uri)
    if not where:
        return say("{sids} of the {kind} {policy}", sids=sids, kind=kind, policy=policy.uri)
    return say(
        "{sids} of the {kind} {policy}, attached to {where}", sids=sids, kind=kind, policy=policy.uri, where=where
    )


_PLACES_SHOWN = 3


def _asked(action: str, resource: str) -> str:
    if resource in {"", "*"}:
        return action
    return say("{action} on {resource}", action=action, resource=resource)
