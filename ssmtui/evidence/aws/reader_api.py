"""What readers use: the protocol of AWS reads, their errors, and typed access to the members of answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import datetime
from enum import Enum
from typing import Protocol, TypeVar
from urllib.parse import unquote

from ssmtui.iam_policy.document import MalformedPolicy, Policy, parse_policy, policy_from_data
from ssmtui.language import say, translatable
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.plan import JSON
from ssmtui.text.json_text import IS_TOO_LONG, NESTS_TOO_DEEPLY, is_too_long, nests_too_deeply
from ssmtui.text.times import in_utc

Value = TypeVar("Value")
Word = TypeVar("Word", bound=Enum)

_ABSENT = translatable("{member} is missing")
_NO_TEXT = translatable("{member} is no text")
_NO_ARN = translatable("{member} is no ARN")
_NO_TEXTS = translatable("{member} does not hold texts alone")
_NO_NUMBER = translatable("{member} is no whole number")
_NO_FLAG = translatable("{member} is neither true nor false")
_NO_MOMENT = translatable("{member} is no point in time")
_NO_LIST = translatable("{member} is no list")
_NO_STRUCTURE = translatable("{member} is no structure")
_NO_JSON = translatable("{member} holds no JSON object")
_NO_SUCH_WORD = translatable("{member} has a value that is not documented")

_COLONS_IN_AN_ARN = 5


class MalformedAnswer(Exception):
    """An answer of AWS that has not its documented form. Carries what stands in the fact's place.

    `call` is the operation that was answered (`kms:DescribeKey`), `what` a sentence that names the member; neither
    holds a value of AWS's, so that the text of the exception may be logged.
    """

    def __init__(self, call: str, what: str) -> None:
        super().__init__(f"{call}: {what}")
        why = say("the answer to {action} is not of its documented form: {what}", action=call, what=what)
        # No permission would settle it.
        self.unreadable = Unreadable("", why, ReadFailure.MALFORMED, call)


class Answer:
    """One structure of an answer: its members by name. `call` is the operation that it answers (`kms:DescribeKey`).

    `place` is where in the answer it is, empty for the whole of it: `Reservations[0].Instances[2]`. `around` is the
    structure that it is the member of. AWS leaves out what it has no value for, and null is the same: an `optional_…`
    member may be absent, any other may not.

    Every method raises MalformedAnswer, with the call and the member, where that is not what it should be.
    """

    __slots__ = ("_around", "_member", "_members", "_number", "call")

    def __init__(
        self, call: str, members: object, around: Answer | None = None, member: str = "", number: int | None = None
    ) -> None:
        self.call = call
        self._around = around
        self._member = member
        self._number = number
        # The structures of an answer are dictionaries, thousands of them: the general question takes its time.
        if type(members) is not dict and not isinstance(members, Mapping):
            raise MalformedAnswer(call, say(_NO_STRUCTURE, member=self.place or say("the answer")))
        self._members: Mapping[str, object] = members

    @property
    def place(self) -> str:
        """Where in the answer it is. Put into words only where it is asked for, which is where something is wrong."""
        if self._around is None:
            return ""
        own = self._member if self._number is None else f"{self._member}[{self._number}]"
        return self._around._place_of(own)

    @property
    def is_empty(self) -> bool:
        """Whether it has no member at all."""
        return not self._members

    def has(self, member: str) -> bool:
        """Whether it has the member."""
        return self._members.get(member) is not None

    def text(self, member: str) -> str:
        """A text; it may be empty."""
        held = self._members.get(member)
        return held if type(held) is str else self._typed(member, str, _NO_TEXT)

    def optional_text(self, member: str) -> str | None:
        """A text that is not empty, None where there is none."""
        held = self._members.get(member)
        return None if held is None else self.text(member) or None

    def arn(self, member: str) -> str:
        """An ARN: six parts, of which the fifth is the account (reference-arns)."""
        text = self.text(member)
        if not text.startswith("arn:") or text.count(":") < _COLONS_IN_AN_ARN:
            raise self.malformed(member, _NO_ARN)
        return text

    def number(self, member: str) -> int:
        """A whole number."""
        if isinstance(self._members.get(member), bool):
            raise self.malformed(member, _NO_NUMBER)
        return self._typed(member, int, _NO_NUMBER)

    def optional_number(self, member: str) -> int | None:
        """A whole number, None where there is none."""
        return self.number(member) if self.has(member) else None

    def flag(self, member: str) -> bool:
        """Whether something is so."""
        return self._typed(member, bool, _NO_FLAG)

    def optional_flag(self, member: str) -> bool | None:
        """Whether something is so, None where that is not told."""
        return self.flag(member) if self.has(member) else None

    def moment(self, member: str) -> datetime:
        """A point in time, in UTC: the SDK tells some in the time of this computer."""
        at = self._typed(member, datetime, _NO_MOMENT)
        if at.tzinfo is None:
            raise self.malformed(member, _NO_MOMENT)
        return in_utc(at)

    def optional_moment(self, member: str) -> datetime | None:
        """A point in time, None where there is none."""
        return self.moment(member) if self.has(member) else None

    def word(self, member: str, words: type[Word]) -> Word:
        """One of the values that AWS documents for the member."""
        text = self.text(member)
        try:
            return words(text)
        except ValueError as error:
            raise self.malformed(member, _NO_SUCH_WORD) from error

    def part(self, member: str) -> Answer:
        """A structure within."""
        if not self.has(member):
            raise self.malformed(member, _ABSENT)
        return Answer(self.call, self._members[member], self, member)

    def optional_part(self, member: str) -> Answer:
        """A structure within; one without members, where there is none."""
        held = self._members.get(member)
        return Answer(self.call, {} if held is None else held, self, member)

    def parts(self, member: str) -> tuple[Answer, ...]:
        """A list of structures."""
        listed: list[object] = self._typed(member, list, _NO_LIST)
        return tuple([Answer(self.call, each, self, member, number) for number, each in enumerate(listed)])

    def optional_parts(self, member: str) -> tuple[Answer, ...]:
        """A list of structures, empty where there is none."""
        return () if self._members.get(member) is None else self.parts(member)

    def texts(self, member: str) -> tuple[str, ...]:
        """A list of texts."""
        listed: list[object] = self._typed(member, list, _NO_LIST)
        for number, each in enumerate(listed):
            if not isinstance(each, str):
                raise self.malformed(f"{member}[{number}]", _NO_TEXT)
        return tuple(each for each in listed if isinstance(each, str))

    def optional_texts(self, member: str) -> tuple[str, ...]:
        """A list of texts, empty where there is none."""
        return self.texts(member) if self.has(member) else ()

    def named_texts(self, member: str) -> Mapping[str, str]:
        """Texts by names that are no members but data: tags."""
        texts: dict[str, str] = {}
        for name, each in self.part(member)._members.items():
            if not isinstance(each, str):
                raise self.malformed(member, _NO_TEXTS)
            texts[name] = each
        return texts

    def json_part(self, member: str) -> Answer:
        """A structure that a text holds as JSON."""
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
        """A document: a text, or what the SDK has made of it."""
        held = self._members.get(member)
        if isinstance(held, Mapping):
            return held
        return self.text(member)

    def malformed(self, member: str, words: str) -> MalformedAnswer:
        """What to raise where a member is not what it should be. `words` is a sentence with `{member}` in it."""
        return MalformedAnswer(self.call, say(words, member=self._place_of(member)))

    def _typed(self, member: str, type_: type[Value], words: str) -> Value:
        held = self._members.get(member)
        if isinstance(held, type_):
            return held
        raise self.malformed(member, _ABSENT if held is None else words)

    def _place_of(self, member: str) -> str:
        return f"{self.place}.{member}" if self.place else member


class AwsError(Exception):
    """AWS answered with an error that says something about the thing asked for (`NoSuchEntity`).

    `source` is the call that it answered.
    """

    def __init__(self, code: str, message: str, source: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.source = source


class ReadFailed(Exception):
    """A read that was refused, throttled beyond patience, or had no answer. Carries what stands in the fact's place."""

    def __init__(self, unreadable: Unreadable) -> None:
        super().__init__(unreadable.why)
        self.unreadable = unreadable


class Aws(Protocol):
    """One scope's way to AWS: named read operations only.

    Raises:
        AwsError: AWS's answer is an error about the thing asked for.
        ReadFailed: there is no answer.
        MalformedAnswer: the answer is not even a structure, or its pages have no end.

    """

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        """The answer to one operation."""

    def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        """The answers to one operation, page after page."""


class ScopeAws(Aws, Protocol):
    """A scope's way to AWS for whoever diagnoses it: what it took, and whether somebody is waited for."""

    @property
    def calls(self) -> Mapping[str, int]:
        """How many requests have been sent, by `service:Operation`."""

    @property
    def throttled(self) -> bool:
        """Whether reads are being held back because AWS asked to slow down."""

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The calls that have been waited for long, as `service:Operation`, the longest first."""

    async def let_go(self) -> None:
        """Close the connections; the next read opens them again."""


_PAGES_AT_MOST = 8
"""Empty pages that are looked behind: where there is nothing on so many, there is hardly anything."""


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


def tag_from_answer(raw: Answer, prefix: str = "") -> tuple[str, str]:
    """Return the name and the value of a tag. Some services prefix both members: `TagKey`, `TagValue`."""
    return raw.text(f"{prefix}Key"), raw.text(f"{prefix}Value")


async def first_page(aws: Aws, service: str, operation: str, held: str, **parameters: object) -> Answer:
    """The first page on which there is something `held`; the last that was looked at, where there is none.

    Raises as `Aws` does.
    """
    pages = 0
    async for page in aws.pages(service, operation, **parameters):
        pages += 1
        if page.optional_parts(held) or pages == _PAGES_AT_MOST:
            break
    return page


_NO_POLICY = translatable("{member} is no policy document")


def policy_from_answer(answer: Answer, member: str) -> Policy:
    """The policy in an answer: botocore decodes IAM's documents, other services' are texts.

    Raises:
        MalformedAnswer: it is no policy document.

    """
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
    """The same as plain data: botocore decodes what IAM sends as URL-encoded JSON, and leaves what it cannot decode.

    Raises:
        MalformedAnswer: it is no JSON object.

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
