"""Merge the simulations that wait for IAM into few calls; each gets the answer that it would get alone."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import chain
from weakref import WeakKeyDictionary

from ssmtui.evidence.aws.allowed_reads import keep_members
from ssmtui.evidence.aws.limits import MAX_SIMULATIONS, Deadline, current_deadline
from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, MalformedAnswer
from ssmtui.language import say
from ssmtui.model.permissions import SIMULATION, Decision

PAIRS_A_CALL = 1000
"""Maximum number of actions times resources in a call: its answer fits one page (docs/facts/limits.md §1)."""

keep_members(
    SIMULATION,
    {
        "SimulatePolicyResponse": ("EvaluationResults", "IsTruncated", "Marker"),
        "EvaluationResult": (
            *("EvalActionName", "EvalResourceName", "EvalDecision", "MissingContextValues"),
            *("OrganizationsDecisionDetail", "PermissionsBoundaryDecisionDetail", "ResourceSpecificResults"),
        ),
        "ResourceSpecificResult": (
            *("EvalResourceName", "EvalResourceDecision", "MissingContextValues", "PermissionsBoundaryDecisionDetail"),
        ),
    },
)

EVERYTHING = "*"
SCP = "scp"
"""The type of the organization's policies in PolicyExclusionList."""

_DENIED_ON_ARNS = "sts:GetCallerIdentity"
"""An action without a resource type: IAM denies it on every ARN, even if policies allow it.

IAM names the missing condition keys only with a request that no policy allows or denies
(docs/facts/permissions.md §1). So each call also asks about such a request.
"""

_NO_ACTION = "ssmtui:noaction"
"""An action that does not exist, for other calls: only policies for all actions allow or deny it."""


def unknown_spelling(action: str) -> str:
    """Return an action in lower case: IAM compares it with policies, but does not know its resource types."""
    return action.lower()


class _Kind(IntEnum):
    """Simulations of one kind can share a call."""

    KNOWN_ACTIONS = 0
    UNKNOWN_ACTIONS = 1
    EVERYTHING = 2


def _kind_of(actions: Sequence[str], resources: Sequence[str]) -> _Kind:
    if tuple(resources) == (EVERYTHING,):
        return _Kind.EVERYTHING
    is_unknown = all(each == unknown_spelling(each) for each in actions)
    return _Kind.UNKNOWN_ACTIONS if is_unknown else _Kind.KNOWN_ACTIONS


_LISTS = frozenset({"aws:calledvia", "aws:principalorgpaths", "aws:resourceorgpaths"})
"""Keys that always have a list of values, even if the request has only one."""

_TYPES = {"aws:sourceip": "ip", "aws:vpcsourceip": "ip", "aws:tokenissuetime": "date", "ec2:roledelivery": "numeric"}

_INVALID = "InvalidInput"
_GROUP = re.compile(r"\[([^\]]*)\]")
"""A group of actions in IAM's message `Actions: [a:A,a:B] and [c:C] require different authorization information`."""

ActionAndResource = tuple[str, str]
"""An action and a resource."""


@dataclass(frozen=True, slots=True)
class _Results:
    """The results of a call by action, in lower case, and the condition keys that were missing in it."""

    by_action: Mapping[str, Sequence[Answer]]
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class SimulationSubject:
    """The policies and the context of simulations. Simulations of the same subject can share a call."""

    principal: str
    context: tuple[tuple[str, tuple[str, ...]], ...]
    added: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SimulationAnswer:
    """The simulated result for an action on a resource; None for kinds of policies that do not apply.

    `shared`: the organization denies this resource or another one of the call. A denial by it may be of the other.
    """

    decision: Decision
    by_organization: bool | None
    by_boundary: bool | None
    missing: tuple[str, ...]
    shared: bool = False

    @property
    def denied(self) -> bool:
        """Return whether it is denied, explicitly or because no policy allows it."""
        return self.decision is not Decision.ALLOWED

    @property
    def explicit(self) -> bool:
        """Return whether it is denied explicitly."""
        return self.decision is Decision.EXPLICIT_DENY


SimulationAnswers = Mapping[ActionAndResource, SimulationAnswer]


class _Unclear(Exception):
    """A result of a merged call does not say which of its details are about the resource in question."""


@dataclass(eq=False, slots=True)
class _WaitingSimulation:
    """Actions on resources, and the future of the caller that waits for the answers."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    future: asyncio.Future[SimulationAnswers]

    @property
    def has_failed(self) -> bool:
        return self.future.done() and not self.future.cancelled() and self.future.exception() is not None

    def settle(self, answers: SimulationAnswers) -> None:
        if not self.future.done():
            self.future.set_result(answers)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


_Key = tuple[SimulationSubject, _Kind, Deadline | None, object]
"""What a call is about, of what kind it is, until when it counts, and what it is merged with: an object of its own if
with nothing."""


class SimulationQueue:
    """The waiting simulations of one client, for one event loop.

    While a call about a principal is under way, further simulations of this principal wait. Those of the same subject
    are then merged into one call with all their actions and resources: IAM evaluates each action on each resource.
    """

    def __init__(self) -> None:
        self._waiting: dict[_Key, list[_WaitingSimulation]] = {}
        self._serving: dict[_Key, asyncio.Future[None]] = {}
        self._free = asyncio.Semaphore(MAX_SIMULATIONS)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._apart: list[tuple[frozenset[str], ...]] = []
        self._merges = True
        self._missing: dict[SimulationSubject, frozenset[str]] = {}

    async def answers(
        self,
        aws: Aws,
        subject: SimulationSubject,
        actions: Sequence[str],
        resources: Sequence[str],
        *,
        alone: bool = False,
    ) -> SimulationAnswers:
        """Return the answers for all pairs of action and resource; `alone` from a call about nothing else.

        Raises AwsError if IAM does not know the principal, ReadFailed, and MalformedAnswer if a pair is missing.
        """
        key = (subject, _kind_of(actions, resources), current_deadline(), object() if alone else None)
        future: asyncio.Future[SimulationAnswers] = asyncio.get_running_loop().create_future()
        one = _WaitingSimulation(tuple(dict.fromkeys(actions)), tuple(dict.fromkeys(resources)), future)
        self._waiting.setdefault(key, []).append(one)
        if key not in self._serving:
            self._serving[key] = asyncio.ensure_future(self._serve(aws, key))
        return await future

    async def _serve(self, aws: Aws, key: _Key) -> None:
        """Send calls until no simulation of the key waits."""
        try:
            await asyncio.sleep(0)  # Others may be asked in the same turn of the loop.
            if self._can_wait(key):
                await asyncio.sleep(0)
            while key in self._waiting:
                async with self._turns[key[0].principal], self._free:
                    await self._send(aws, key)
        finally:
            del self._serving[key]
            if not self._serving:
                self._missing.clear()  # Policies can change before the next simulation.
            for each in self._waiting.pop(key, ()):
                each.future.cancel()

    async def _send(self, aws: Aws, key: _Key) -> None:
        """Send one call with the simulations of the key that wait, if any do."""
        if key in self._waiting and (together := self._next(key)):
            with _passing_errors_to(together):
                await self._ask(aws, key[0], together)

    def _can_wait(self, key: _Key) -> bool:
        """Return whether a call with fewer actions, or of an earlier kind, about the same principal waits.

        That call goes first: while it is under way, more questions can join the larger one.
        """
        own = self._number_of_actions(key), key[1]
        return any(
            other[0].principal == key[0].principal and (self._number_of_actions(other), other[1]) < own
            for other in self._waiting
        )

    def _number_of_actions(self, key: _Key) -> int:
        return sum(len(each.actions) for each in self._waiting.get(key, ()))

    def _next(self, key: _Key) -> list[_WaitingSimulation]:
        """Return the simulations of the next call: the first one, and those that fit."""
        together: list[_WaitingSimulation] = []
        left: list[_WaitingSimulation] = []
        actions: set[str] = set()
        resources: set[str] = set()
        for each in self._waiting.pop(key):
            if each.future.done():
                continue  # its caller was cancelled
            full = len(actions) * len(resources) >= PAIRS_A_CALL
            if together and (full or not self._fit(actions.union(each.actions), resources.union(each.resources))):
                left.append(each)
                continue
            together.append(each)
            actions.update(each.actions)
            resources.update(each.resources)
        if left:
            self._waiting[key] = left
        return together

    def _fit(self, actions: Collection[str], resources: Collection[str]) -> bool:
        return self._merges and len(actions) * len(resources) <= PAIRS_A_CALL and self._can_be_asked_together(actions)

    def _can_be_asked_together(self, actions: Collection[str]) -> bool:
        """Return whether IAM has not refused to simulate some of these actions with others of them."""
        return not any(_is_separated(actions, groups) for groups in self._apart)

    async def _ask(self, aws: Aws, subject: SimulationSubject, together: Sequence[_WaitingSimulation]) -> None:
        actions = tuple(dict.fromkeys(action for each in together for action in each.actions))
        resources = tuple(dict.fromkeys(resource for each in together for resource in each.resources))
        if len(together) == 1:
            results = await self._results(aws, subject, actions, resources)
            together[0].settle(_answers_to(together[0], results, resources))
            return
        refused = False
        try:
            results = await self._results(aws, subject, actions, resources)
        except MalformedAnswer:
            results = _NO_RESULTS
        except AwsError as error:
            if error.code != _INVALID:
                raise
            results, refused = _NO_RESULTS, True
        for each in together:
            try:
                each.settle(_answers_to(each, results, resources))
            except (_Unclear, MalformedAnswer):
                with _passing_errors_to((each,)):
                    await self._ask(aws, subject, (each,))
        if refused and not any(each.has_failed for each in together):
            self._merges = False  # IAM does not say why, and each of them is valid.

    async def _results(
        self, aws: Aws, subject: SimulationSubject, actions: Sequence[str], resources: Sequence[str]
    ) -> _Results:
        """Return the results, from one call if IAM simulates these actions together."""
        if subject in self._missing or (len(actions) + 1) * len(resources) > PAIRS_A_CALL:
            missing = await self._missing_keys(aws, subject)
            return _Results(await self._by_action(aws, subject, actions, resources), missing)
        are_known = _kind_of(actions, resources) is _Kind.KNOWN_ACTIONS
        denied = _DENIED_ON_ARNS if are_known else _NO_ACTION
        results = await self._by_action(aws, subject, (*actions, denied), resources)
        named = _missing_keys_in(results)
        if named is not None:
            self._missing[subject] = named
        elif not are_known:
            # A waiting call about known actions also asks about a denied one.
            await self._send(aws, (subject, _Kind.KNOWN_ACTIONS, current_deadline(), None))
        return _Results(results, await self._missing_keys(aws, subject))

    async def _missing_keys(self, aws: Aws, subject: SimulationSubject) -> frozenset[str]:
        """Return the condition keys that are missing for a subject: another call named them, or a denied one does.

        If the organization denies that one too, IAM names no keys. Then it is asked without the organization's
        policies.
        """
        if subject not in self._missing:
            named = await self._named_by_denial(aws, subject)
            if named is None and SCP not in subject.without:
                named = await self._named_by_denial(aws, replace(subject, without=(*subject.without, SCP)))
            self._missing[subject] = named if named is not None else frozenset()
        return self._missing[subject]

    async def _named_by_denial(self, aws: Aws, subject: SimulationSubject) -> frozenset[str] | None:
        return _missing_keys_in(await self._by_action(aws, subject, (_DENIED_ON_ARNS,), (subject.principal,)))

    async def _by_action(
        self, aws: Aws, subject: SimulationSubject, actions: Sequence[str], resources: Sequence[str]
    ) -> dict[str, list[Answer]]:
        results: defaultdict[str, list[Answer]] = defaultdict(list)
        for some in self._parts(actions):
            try:
                async for page in _pages(aws, subject, some, resources):
                    for result in page.parts("EvaluationResults"):
                        results[result.text("EvalActionName").casefold()].append(result)
            except AwsError as error:
                groups = tuple(frozenset(map(str.strip, found.split(","))) for found in _GROUP.findall(error.message))
                if error.code != _INVALID or not _is_separated(some, groups):
                    raise
                self._apart.append(groups)
                for action, found in (await self._by_action(aws, subject, some, resources)).items():
                    results[action].extend(found)
        return results

    def _parts(self, actions: Sequence[str]) -> list[list[str]]:
        """Return the actions in groups that IAM simulates together."""
        parts: list[list[str]] = []
        for action in actions:
            part = next((each for each in parts if self._can_be_asked_together((*each, action))), None)
            if part is None:
                parts.append([action])
            else:
                part.append(action)
        return parts


_NO_RESULTS = _Results({}, frozenset())


def _missing_keys_in(results: Mapping[str, Sequence[Answer]]) -> frozenset[str] | None:
    """Return the missing condition keys; None if no request was such that IAM names them."""
    named: set[str] = set()
    is_known = False
    for result in chain.from_iterable(results.values()):
        for each in (result, *result.optional_parts("ResourceSpecificResults")):
            named.update(each.optional_texts("MissingContextValues"))
        # A denial by the organization says nothing about the principal's policies.
        is_known |= (
            result.word("EvalDecision", Decision) is Decision.IMPLICIT_DENY and _by_organization(result) is not False
        )
    return frozenset(named) if is_known or named else None


def _is_separated(actions: Collection[str], groups: Sequence[frozenset[str]]) -> bool:
    return sum(not group.isdisjoint(actions) for group in groups) > 1


@contextmanager
def _passing_errors_to(together: Sequence[_WaitingSimulation]) -> Iterator[None]:
    """Pass an error to all waiting callers, instead of to the task that sends the call."""
    try:
        yield
    except asyncio.CancelledError:
        for each in together:
            each.future.cancel()
        raise
    except Exception as error:  # noqa: BLE001 - the callers raise it
        for each in together:
            each.fail(error)


def _answers_to(
    waiting: _WaitingSimulation, results: _Results, resources: Sequence[str]
) -> dict[ActionAndResource, SimulationAnswer]:
    """Return the answers from the results of a call about `resources`."""
    merged = len(resources) > len(waiting.resources)
    found = {
        (action, resource): answer
        for action in waiting.actions
        for result in results.by_action.get(action.casefold(), ())
        for resource, answer in _of_resources(result, waiting.resources, merged=merged)
    }
    missing = next((each for each in waiting.actions if any((each, on) not in found for on in waiting.resources)), None)
    if missing is not None:
        raise MalformedAnswer(
            SIMULATION, say("the response contains no result for {action} on one of the resources", action=missing)
        )
    return {
        pair: replace(each, missing=tuple(sorted({*each.missing, *results.missing}))) for pair, each in found.items()
    }


def _of_resources(result: Answer, resources: Sequence[str], *, merged: bool) -> Iterator[tuple[str, SimulationAnswer]]:
    """Yield the result for each resource: from the nested results, or if there are none, from the result itself.

    The resource name of the result itself is a template for ARNs; older answers have one resource each. In a `merged`
    call, the result itself also summarizes resources of others.
    """
    specific = {each.text("EvalResourceName"): each for each in result.optional_parts("ResourceSpecificResults")}
    alone = len(resources) == 1
    for resource in resources:
        within = specific.get(resource)
        if within is not None:
            decision = within.word("EvalResourceDecision", Decision)
            answer = _said(decision, (within, result) if alone and not merged else (within,), result)
            yield resource, _own_part(answer, result) if merged else answer
        elif (alone and not merged) or result.optional_text("EvalResourceName") == resource:
            yield resource, _said(result.word("EvalDecision", Decision), (result,), result)


def _said(decision: Decision, told: Sequence[Answer], result: Answer) -> SimulationAnswer:
    """Return the result from the structures about it, the most specific first."""
    details = [_by_boundary(each) for each in told]
    within = [flag for flag in details if flag is not None]
    missing = {key for each in told for key in each.optional_texts("MissingContextValues")}
    return SimulationAnswer(decision, _by_organization(result), within[0] if within else None, tuple(sorted(missing)))


def _own_part(answer: SimulationAnswer, result: Answer) -> SimulationAnswer:
    """Return the result for one resource of a merged call, if the details of the whole result do not matter.

    Raises _Unclear if they do: only a call about this resource alone then shows which are its own
    (docs/facts/permissions.md §4).
    """
    if answer.by_boundary is None and _by_boundary(result) is not None:
        raise _Unclear
    # If IAM allows a request, the organization's policies allow it, too.
    above = True if answer.by_organization is False and not answer.denied else answer.by_organization
    return replace(answer, by_organization=above, shared=above is False)


def _by_organization(result: Answer) -> bool | None:
    return result.optional_part("OrganizationsDecisionDetail").optional_flag("AllowedByOrganizations")


def _by_boundary(told: Answer) -> bool | None:
    return told.optional_part("PermissionsBoundaryDecisionDetail").optional_flag("AllowedByPermissionsBoundary")


def _pages(
    aws: Aws, subject: SimulationSubject, actions: Sequence[str], resources: Sequence[str]
) -> AsyncIterator[Answer]:
    return aws.pages(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=subject.principal,
        ActionNames=list(actions),
        ResourceArns=list(resources),
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": list(values), "ContextKeyType": _type_of(key, values)}
            for key, values in subject.context
        ],
        MaxItems=PAIRS_A_CALL,
        **({"PolicyInputList": list(subject.added)} if subject.added else {}),
        **({"PolicyExclusionList": [{"PolicyType": each} for each in subject.without]} if subject.without else {}),
    )


def _type_of(key: str, values: Sequence[str]) -> str:
    """Return the type of the key's values (the value of a tag, `aws:ResourceTag/…`, is always a string)."""
    if key.casefold() in _LISTS or len(values) > 1:
        return "stringList"
    if key.casefold() in _TYPES:
        return _TYPES[key.casefold()]
    return "boolean" if values[0] in ("true", "false") and "/" not in key else "string"


_QUEUES: WeakKeyDictionary[Aws, SimulationQueue] = WeakKeyDictionary()
"""The queue of each client, for as long as the client exists."""


def simulation_queue(aws: Aws) -> SimulationQueue:
    """Return the queue of a client."""
    return _QUEUES.setdefault(aws, SimulationQueue())
