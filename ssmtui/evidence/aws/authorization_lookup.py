"""Look up AWS's authorization details for a refusal by the id in its message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from ssmtui.evidence.aws.limits import DeadlinePassed, Sleep, current_deadline, within_deadline
from ssmtui.evidence.aws.reader_api import Answer, AwsError, MalformedAnswer, ReadFailed
from ssmtui.language import say
from ssmtui.model.access_denied import (
    LOOKUP_ACTION,
    AuthorizationDetails,
    Denial,
    EvaluatedPolicy,
    Evaluation,
    EvaluationEffect,
    LookedUp,
    MatchedStatement,
)
from ssmtui.model.fact import ReadFailure, Unreadable

Pages = Callable[[str, str], AsyncIterator[Answer]]
"""Returns the pages of details of one refusal, by Region and authorization ID."""

NO_DELAYS: Sequence[float] = ()
"""For a refusal that happened some time ago."""
LOOKUP_DELAYS: Sequence[float] = (1.0, 2.0, 3.0)
"""Seconds to wait for the details of a refusal that just happened."""
_SHARE_OF_TIME = 0.1
"""The share of a Region's time limit for these waits, because they take time from other reads."""

_NOT_FOUND = "ResourceNotFoundException"
_PAGES_AT_MOST = 20
_LOOKED_UP_AT_MOST = 25


async def look_up_denial(
    denial: Denial,
    region: str,
    pages: Pages,
    *,
    sleep: Sleep = asyncio.sleep,
    pauses: Sequence[float] = NO_DELAYS,
    just_made: bool = False,
) -> LookedUp:
    """Return a refusal with AWS's details, or with the reason why there are none. Raises no error of AWS."""
    if not denial.authorization_id:
        return LookedUp(denial, why_not=say("the text contains no authorization ID"))
    for pause in (*pauses, None):
        try:
            return LookedUp(denial, await _details(region, denial.authorization_id, pages))
        except AwsError as error:
            if error.code != _NOT_FOUND:
                return LookedUp(denial, why_not=str(error))
        except ReadFailed as failed:
            needs = LOOKUP_ACTION if failed.unreadable.obstacle is ReadFailure.REFUSED else ""
            return LookedUp(denial, why_not=failed.unreadable.why, needs=needs)
        except MalformedAnswer as malformed:
            return LookedUp(denial, why_not=malformed.unreadable.why)
        if pause is not None:
            await sleep(pause)
    if just_made:
        return LookedUp(denial, why_not=say("AWS has no details of this denial in {region} yet", region=region))
    why = say(
        "AWS has no details of this denial in {region}: it is older than a day, or in another account", region=region
    )
    return LookedUp(denial, why_not=why)


class RefusalLookups:
    """Looks up refusals of ssmtui's own reads: once for each action and resource, up to a maximum.

    If the caller is not allowed to look up a refusal, no other refusal is looked up.
    """

    def __init__(self, pages: Pages, sleep: Sleep) -> None:
        self._pages = pages
        self._sleep = sleep
        self._told: dict[tuple[str, str, str], asyncio.Future[LookedUp]] = {}
        self._may_not: dict[str, LookedUp] = {}

    async def explain(self, refused: Unreadable, region: str) -> Unreadable:
        """Return the refusal, with AWS's details if its message has an ID. `region` is the Region of the refusal."""
        denial = refused.looked_up.denial if refused.looked_up else None
        if denial is None or not denial.authorization_id:
            return refused
        if region in self._may_not:
            return replace(refused, looked_up=replace(self._may_not[region], denial=denial))
        key = (region, denial.action, denial.resource)
        if key not in self._told:
            if len(self._told) == _LOOKED_UP_AT_MOST:
                return refused
            self._told[key] = asyncio.ensure_future(
                look_up_denial(denial, region, self._pages, sleep=self._sleep, pauses=_pauses_in_time(), just_made=True)
            )
        try:
            looked_up = await within_deadline(asyncio.shield(self._told[key]))
        except DeadlinePassed:
            return refused
        if looked_up.needs:
            self._may_not[region] = looked_up
        return replace(refused, looked_up=looked_up)


def _pauses_in_time() -> Sequence[float]:
    """Return the pauses for which there is time."""
    whole = current_deadline()
    if whole is None:
        return LOOKUP_DELAYS
    ends = accumulate(LOOKUP_DELAYS)
    return [pause for pause, end in zip(LOOKUP_DELAYS, ends, strict=True) if end <= whole.seconds * _SHARE_OF_TIME]


async def _details(region: str, id_: str, pages: Pages) -> AuthorizationDetails:
    raw: list[Answer] = []
    policies: dict[str, Answer] = {}
    read = 0
    async for page in pages(region, id_):
        raw.extend(page.parts("evaluations"))
        policies |= {each.optional_text("uri") or "": each for each in page.parts("policies")}
        read += 1
        if read == _PAGES_AT_MOST:
            break
    return AuthorizationDetails(tuple(_evaluation(each, policies) for each in raw), len(policies))


def _evaluation(raw: Answer, policies: Mapping[str, Answer]) -> Evaluation:
    return Evaluation(
        action=raw.text("action"),
        resource=raw.text("resource"),
        effect=raw.word("evaluatedEffect", EvaluationEffect),
        matched=tuple(_policy(each, policies.get(each.text("uri"))) for each in raw.optional_parts("matchedPolicies")),
    )


def _policy(matched: Answer, about: Answer | None) -> EvaluatedPolicy:
    kind = (about.optional_text("type") or "") if about is not None else ""
    attached = about.optional_parts("attachedTo") if about is not None else ()
    return EvaluatedPolicy(
        uri=matched.text("uri"),
        kind=_KINDS.get(kind, kind),
        inline=about is not None and about.optional_flag("inline") is True,
        attached_to=tuple(arn for each in attached if (arn := each.optional_text("arn"))),
        matched=tuple(
            MatchedStatement(each.optional_text("sid") or "", each.optional_text("evaluatedEffect") == "DENY")
            for each in matched.optional_parts("matchedStatements")
        ),
    )


_KINDS = {
    "IDENTITY_BASED_POLICY": "identity-based policy",
    "PERMISSIONS_BOUNDARY": "permissions boundary",
    "RESOURCE_BASED_POLICY": "resource-based policy",
    "RESOURCE_CONTROL_POLICY": "resource control policy",
    "SERVICE_CONTROL_POLICY": "service control policy",
    "SESSION_POLICY": "session policy",
    "VPC_ENDPOINT_POLICY": "vpc endpoint policy",
}
