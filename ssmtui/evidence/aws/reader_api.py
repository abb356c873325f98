"""The interface for readers: AWS reads, their errors, and typed access to the members of answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import unquote

from ssmtui.language import say, translatable
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.text.json_text import IS_TOO_LONG, NESTS_TOO_DEEPLY, is_too_long, nests_too_deeply
from ssmtui.text.times import in_utc

if TYPE_CHECKING:
    from ssmtui.iam_policy.document import Policy
    from ssmtui.model.plan import JSON

Value = TypeVar("Value")
Word = TypeVar("Word", bound=Enum)

_ABSENT = translatable("{member} is missing")
_NO_TEXT = translatable("{member} is not a text")
_NO_ARN = translatable("{member} is not an ARN")
_NO_TEXTS = translatable("{member} contains values that are not texts")
_NO_NUMBER = translatable("{member} is not an integer")
_NO_FLAG = translatable("{member} is neither true nor false")
_NO_MOMENT = translatable("{member} is not a time")
_NO_LIST = translatable("{member} is not a list")
_NO_STRUCTURE = translatable("{member} is not a structure")
_NO_JSON = translatable("{member} is not a JSON object")
_NO_SUCH_WORD = translatable("{member} has an undocumented value")

_COLONS_IN_AN_ARN = 5


class MalformedAnswer(Exception):
    """An answer of AWS that does not have its documented form. It has the marker for the fact.

    `call` is the operation (`kms:DescribeKey`), `what` a sentence that names the member; neither contains a value from
    AWS, so the exception can be logged.
    """

    def __init__(self, call: str, what: str) -> None:
        super().__init__(f"{call}: {what}")
        why = say("the response to {action} does not have its documented format: {what}", action=call, what=what)
        # No permission would help.
        self.unreadable = Unreadable("", why, ReadFailure.MALFORMED, call)


class Answer:
    """A structure of an answer: its members by name. `call` is the operation (`kms:DescribeKey`).

    `place` is the place in the answer, empty for the whole answer: `Reservations[0].Instances[2]`. `around` is the
    enclosing structure. AWS leaves out members without a value, and null means the same: an `optional_…` member can be
    absent, all others must exist.

    Every method raises MalformedAnswer with the call and the member if a member is missing or invalid.
    """

    __slots__ = ("_around", "_member", "_members", "_number", "call")

    def __init__(
        self, call: str, members: object, around: Answer | None = None, member: str = "", number: int | None = None
    ) -> None:
        self.call = call
        self._around = around
        self._member = member
        self._number = number
        # An answer has thousands of structures, which are dictionaries: the general check is slow.
        if type(members) is not dict and not isinstance(members, Mapping):
            raise MalformedAnswer(call, say(_NO_STRUCTURE, member=self.place or say("the response")))
        self._members: Mapping[str, object] = members

    @property
    def place(self) -> str:
        """Return the place in the answer. It is computed only on request, for errors."""
        if self._around is None:
            return ""
        own = self._member if self._number is None else f"{self._member}[{self._number}]"
        return self._around._place_of(own)

    @property
    def is_empty(self) -> bool:
        """Return whether the structure has no members."""
        return not self._members

    def has(self, member: str) -> bool:
        """Return whether the structure has the member."""
        return self._members.get(member) is not None

    def text(self, member: str) -> str:
        """Return a text; it can be empty."""
        held = self._members.get(member)
        return held if type(held) is str else self._typed(member, str, _NO_TEXT)

    def optional_text(self, member: str) -> str | None:
        """Return a non-empty text, or None."""
        held = self._members.get(member)
        return None if held is None else (held if type(held) is str else self.text(member)) or None

    def arn(self, member: str) -> str:
        """Return an ARN: six parts, of which the fifth is the account (reference-arns)."""
        text = self.text(member)
        if not text.startswith("arn:") or text.count(":") < _COLONS_IN_AN_ARN:
            raise self.malformed(member, _NO_ARN)
        return text

    def number(self, member: str) -> int:
        """Return an integer."""
        if isinstance(self._members.get(member), bool):
            raise self.malformed(member, _NO_NUMBER)
        return self._typed(member, int, _NO_NUMBER)

    def optional_number(self, member: str) -> int | None:
        """Return an integer, or None."""
        return self.number(member) if self.has(member) else None

    def flag(self, member: str) -> bool:
        """Return a boolean."""
        return self._typed(member, bool, _NO_FLAG)

    def optional_flag(self, member: str) -> bool | None:
        """Return a boolean, or None."""
        return self.flag(member) if self.has(member) else None

    def moment(self, member: str) -> datetime:
        """Return a point in time, in UTC: the SDK returns some times in the time zone of this computer."""
        at = self._typed(member, datetime, _NO_MOMENT)
        if at.tzinfo is None:
            raise self.malformed(member, _NO_MOMENT)
        return in_utc(at)

    def optional_moment(self, member: str) -> datetime | None:
        """Return a point in time, or None."""
        return self.moment(member) if self.has(member) else None

    def word(self, member: str, words: type[Word]) -> Word:
        """Return one of the documented values of the member."""
        text = self.text(member)
        try:
            return words(text)
        except ValueError as error:
            raise self.malformed(member, _NO_SUCH_WORD) from error

    def part(self, member: str) -> Answer:
        """Return a nested structure."""
        if not self.has(member):
            raise self.malformed(member, _ABSENT)
        return Answer(self.call, self._members[member], self, member)

    def optional_part(self, member: str) -> Answer:
        """Return a nested structure; an empty one if it is absent."""
        held = self._members.get(member)
        return Answer(self.call, {} if held is None else held, self, member)

    def parts(self, member: str) -> tuple[Answer, ...]:
        """Return a list of structures."""
        listed: list[object] = self._typed(member, list, _NO_LIST)
        return tuple([Answer(self.call, each, self, member, number) for number, each in enumerate(listed)])

    def optional_parts(self, member: str) -> tuple[Answer, ...]:
        """Return a list of structures; empty if it is absent."""
        return () if self._members.get(member) is None else self.parts(member)

    def texts(self, member: str) -> tuple[str, ...]:
        """Return a list of texts."""
        listed: list[object] = self._typed(member, list, _NO_LIST)
        for number, each in enumerate(listed):
            if not isinstance(each, str):
                raise self.malformed(f"{member}[{number}]", _NO_TEXT)
        return tuple(each for each in listed if isinstance(each, str))

    def optional_texts(self, member: str) -> tuple[str, ...]:
        """Return a list of texts; empty if it is absent."""
        return self.texts(member) if self.has(member) else ()

    def named_texts(self, member: str) -> Mapping[str, str]:
        """Return texts by names that are data, not members: tags."""
        texts: dict[str, str] = {}
        for name, each in self.part(member)._members.items():
            if not isinstance(each, str):
                raise self.malformed(member, _NO_TEXTS)
            texts[name] = each
        return texts

    def json_part(self, member: str) -> Answer:
        """Return a structure from a text in JSON."""
        text = self.text(member)
        if is_too_long(text):
            raise self.malformed(member, IS_TOO_LONG)
        try:
            held = json.loads(text)
        except RecursionError as error:
            raise self.malformed(member, NESTS_TOO_DEEPLY) from error
        except ValueError as error:
            raise self.malformed(member, _NO_JSON) from error
        if not isinstance(held, dict):
            raise self.malformed(member, _NO_JSON)
        if nests_too_deeply(held):
            raise self.malformed(member, NESTS_TOO_DEEPLY)
        return Answer(self.call, held, self, member)

    def document(self, member: str) -> str | Mapping[str, object]:
        """Return a document: a text, or the SDK's parsed form of it."""
        held = self._members.get(member)
        if isinstance(held, Mapping):
            return held
        return self.text(member)

    def malformed(self, member: str, words: str) -> MalformedAnswer:
        """Return the error to raise for an invalid member. `words` is a sentence with `{member}` in it."""
        return MalformedAnswer(self.call, say(words, member=self._place_of(member)))

    def _typed(self, member: str, type_: type[Value], words: str) -> Value:
        held = self._members.get(member)
        if isinstance(held, type_):
            return held
        raise self.malformed(member, _ABSENT if held is None else words)

    def _place_of(self, member: str) -> str:
        return f"{self.place}.{member}" if self.place else member


class AwsError(Exception):
    """AWS returned an error about the requested thing (`NoSuchEntity`).

    `source` is the call that it answered.
    """

    def __init__(self, code: str, message: str, source: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.source = source


class ReadFailed(Exception):
    """A read that was refused, throttled for too long, or not answered. It has the marker for the fact."""

    def __init__(self, unreadable: Unreadable) -> None:
        super().__init__(unreadable.why)
        self.unreadable = unreadable


class Aws(Protocol):
    """The AWS access of one scope: only the listed read operations.

    Raises:
        AwsError: AWS's answer is an error about the requested thing.
        ReadFailed: there is no answer.
        MalformedAnswer: the answer is not a structure, or its pages have no end.

    """

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """Return the answer to an operation."""

    def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        """Yield the answers to an operation, page by page."""


class ScopeAws(Aws, Protocol):
    """The AWS access of one scope for its diagnosis, with the number of calls and the waiting calls."""

    @property
    def calls(self) -> Mapping[str, int]:
        """Return the number of requests sent, by `service:Operation`."""

    @property
    def throttled(self) -> bool:
        """Return whether reads wait because AWS asked to slow down."""

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """Return the calls that are slow, as `service:Operation`, the longest first."""

    async def let_go(self) -> None:
        """Close the connections; the next read opens them again."""


_PAGES_AT_MOST = 8
"""Maximum number of empty pages to skip: after so many, further items are unlikely."""


async def unless_absent(call: Awaitable[Answer], *codes: str) -> Answer | None:
    """Return the answer to a call, or None if AWS says by one of these codes that the thing does not exist."""
    try:
        return await call
    except AwsError as error:
        if error.code not in codes:
            raise
        return None


async def all_parts(aws: Aws, service: str, operation: str, member: str, **parameters: object) -> list[Answer]:
    """Return the structures of a listing, of all its pages. Raises as `Aws` does."""
    return [part async for page in aws.pages(service, operation, **parameters) for part in page.parts(member)]


async def all_results(*works: Coroutine[Any, Any, Value]) -> list[Value]:
    """Run all works to the end at the same time, and return their results. Raises the first error."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    results: list[Value] = []
    for each in ended:
        if isinstance(each, BaseException):
            raise each
        results.append(each)
    return results


def tag_from_answer(raw: Answer, prefix: str = "") -> tuple[str, str]:
    """Return the name and the value of a tag. Some services prefix both members: `TagKey`, `TagValue`."""
    return raw.text(f"{prefix}Key"), raw.text(f"{prefix}Value")


async def first_page(aws: Aws, service: str, operation: str, held: str, **parameters: object) -> Answer:
    """Return the first page with items in `held`, or the last page that was read.

    Raises as `Aws` does.
    """
    pages = 0
    async for page in aws.pages(service, operation, **parameters):
        pages += 1
        if page.optional_parts(held) or pages == _PAGES_AT_MOST:
            break
    return page


_NO_POLICY = translatable("{member} is not a policy document")


def policy_from_answer(answer: Answer, member: str) -> Policy:
    """Return the policy in an answer: botocore decodes IAM's documents; other services return texts.

    Raises:
        MalformedAnswer: it is not a policy document.

    """
    # Imported here: the first request would wait 4 ms.
    from ssmtui.iam_policy.document import MalformedPolicy, parse_policy, policy_from_data  # noqa: PLC0415

    document = _document(answer, member)
    try:
        if isinstance(document, str):
            return parse_policy(document)
        return policy_from_data(document, json.dumps(document, indent=2))
    except RecursionError as error:
        raise answer.malformed(member, NESTS_TOO_DEEPLY) from error
    except MalformedPolicy as error:
        raise answer.malformed(member, _NO_POLICY) from error


def document_from_answer(answer: Answer, member: str) -> JSON:
    """Return the policy as plain data: botocore decodes IAM's URL-encoded JSON, except for invalid documents.

    Raises:
        MalformedAnswer: it is not a JSON object.

    """
    document = _document(answer, member)
    try:
        decoded: JSON = json.loads(unquote(document) if isinstance(document, str) else json.dumps(document))
    except RecursionError as error:
        raise answer.malformed(member, NESTS_TOO_DEEPLY) from error
    except ValueError as error:
        raise answer.malformed(member, _NO_POLICY) from error
    if not isinstance(decoded, dict):
        raise answer.malformed(member, _NO_POLICY)
    if nests_too_deeply(decoded):
        raise answer.malformed(member, NESTS_TOO_DEEPLY)
    return decoded


def _document(answer: Answer, member: str) -> str | Mapping[str, object]:
    document = answer.document(member)
    if isinstance(document, str) and is_too_long(document):
        raise answer.malformed(member, IS_TOO_LONG)
    if nests_too_deeply(document):
        raise answer.malformed(member, NESTS_TOO_DEEPLY)
    return document
