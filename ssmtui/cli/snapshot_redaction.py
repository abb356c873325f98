"""Redact a snapshot: replace every name of a customer. The snapshot still gives the same diagnosis."""

from __future__ import annotations

import importlib.util
import json
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from types import CodeType
from typing import TypeVar, cast

import ssmtui.checks
import ssmtui.diagnosis
import ssmtui.evidence
import ssmtui.model
import ssmtui.remediation.plans
from ssmtui.evidence.snapshots.record import ListingReference, RecordedFact, ScopeRecord
from ssmtui.evidence.snapshots.snapshot_file import Snapshot
from ssmtui.iam_policy.document import Statement
from ssmtui.model.document_text import DocumentText, parse_document_text
from ssmtui.model.plan import JSON
from ssmtui.report.public_words import SERVICE, is_figure, is_of_aws, is_public_host
from ssmtui.report.redactor import NameKind, Redactor, kind_by_form, replaced_arn
from ssmtui.text.json_text import holds_too_many_values

_WORD = re.compile(r"[\w.:/+-]{1,60}")


@cache
def own_literals() -> frozenset[str]:
    """Return all words in the code of values, evidence, checks and fixes."""
    return frozenset(word for code in _codes() for word in _words(code) if _WORD.fullmatch(word))


def _codes() -> Iterator[CodeType]:
    for package in (ssmtui.model, ssmtui.evidence, ssmtui.checks, ssmtui.remediation.plans, ssmtui.diagnosis):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            spec = importlib.util.find_spec(module.name)
            loader = spec.loader if spec is not None else None
            code = getattr(loader, "get_code", lambda _name: None)(module.name)
            if code is not None:
                yield code


def _words(constant: object) -> Iterator[str]:
    if isinstance(constant, str):
        yield constant
    elif isinstance(constant, CodeType):
        for each in constant.co_consts:
            yield from _words(each)
    elif isinstance(constant, tuple | frozenset):
        for each in constant:
            yield from _words(each)


_RUN = re.compile(r"[\w.@%+=~-]+")
_STARS = frozenset("*?")
_LETTER = re.compile(r"[^\W_]")
_VARIABLE = re.compile(r"\$\{[^{}$]*\}")
_PUT_AWAY = re.compile(r"(\0\d+\0)")
_NUMBERED = re.compile(r"\0(\d{1,9})\0")
_BY_ADDRESS = re.compile(r"ip-\d{1,3}(?:-\d{1,3}){3}")
"""EC2's name of an instance after its private address (User Guide, instance hostname types)."""

_SHORTEST = 3
_CONDITION_KEY = re.compile(r"(?P<key>(?P<service>[a-z][a-z0-9-]*):[A-Za-z]\w*)(?P<tag>/.+)?")
_ELEMENT = re.compile(r"(?:(?:ForAllValues|ForAnyValue):)?[A-Z][A-Za-z]+")
_ENDPOINT_SERVICE = re.compile(r"(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\.[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_ACTIONS = frozenset({"Action", "NotAction"})


class RedactedWords:
    """The replacements in one snapshot. Learn all texts before the first is redacted."""

    def __init__(self, key: bytes) -> None:
        self.redactor = Redactor(key)
        self._parts: dict[str, str] = {}
        self._of_patterns: re.Pattern[str] | None = None
        self._found: set[str] = set()
        self._done: dict[str, str] = {}

    def learn(self, texts: Iterable[str], parts: Iterable[str] = ()) -> None:
        """Learn name parts next to wildcards in patterns; `parts` are more parts of names."""
        pieces = [each for text in texts for each in _beside_stars(_VARIABLE.sub("*", text))]
        for core in (_split(each)[1] for each in (*pieces, *parts)):
            if len(core) >= _SHORTEST and not _stays(core) and kind_by_form(core) is None:
                self._found.add(core)
        longest = sorted(self._found, key=lambda each: (-len(each), each))
        self._of_patterns = re.compile("|".join(map(re.escape, longest))) if longest else None

    def text(self, text: str) -> str:
        """Return the replacement of a text."""
        if text not in self._done:
            variables: list[str] = []

            def put_away(found: re.Match[str]) -> str:
                variables.append(found.group())
                return f"\0{len(variables) - 1}\0"

            def put_back(found: re.Match[str]) -> str:
                number = int(found[1])
                return variables[number] if number < len(variables) else found.group()

            told = text if text[:1] in ("{", "[") else _VARIABLE.sub(put_away, text)
            self._done[text] = _NUMBERED.sub(put_back, self._replaced(told))
        return self._done[text]

    def document(self, document: DocumentText) -> str:
        """Return the replacement of a document's text, as JSON, which is also YAML. Equal texts get equal ones."""
        if document.text not in self._done:
            told = self._json(cast("JSON", document.said)) if not holds_too_many_values(document.said) else {}
            self._done[document.text] = json.dumps(told, indent=2, ensure_ascii=False, default=str)
        return self._done[document.text]

    def _replaced(self, text: str) -> str:
        if not text or _stays(text):
            return text
        if text.startswith("arn:"):
            return replaced_arn(text, self._name)
        if kind_by_form(text) is not None:
            return self.redactor.name(NameKind.NAME, text)
        if text[0] in "{[" and (told := _parsed(text)) is not None:
            return json.dumps(self._json(told), indent=2, ensure_ascii=False)
        if any(each.isspace() for each in text):
            return "\n".join(map(self.redactor.sentence, text.split("\n")))
        key = _CONDITION_KEY.fullmatch(text)
        if key is not None and SERVICE.fullmatch(key["service"]):
            return key["key"] + self._runs(key["tag"] or "")
        if text.startswith("/"):
            return self._name(NameKind.LOG_GROUP, text)
        return self._runs(text)

    def _runs(self, text: str) -> str:
        return _RUN.sub(lambda found: self._run(found.group()), text)

    def _run(self, run: str) -> str:
        return (
            self.redactor.name(NameKind.NAME, run) if kind_by_form(run) is not None else self._name(NameKind.NAME, run)
        )

    def _name(self, kind: NameKind, name: str) -> str:
        if "\0" in name:
            # A policy variable, which stands for a value of the request.
            pieces = _PUT_AWAY.split(name)
            return "".join(each if _PUT_AWAY.fullmatch(each) else self._name(kind, each) for each in pieces)
        if not name or _stays(name) or not any(map(str.isalnum, name)):
            return name
        if _BY_ADDRESS.fullmatch(name):
            return "ip-" + self.redactor.name(kind, name[3:].replace("-", ".")).replace(".", "-")
        if "." in name and kind_by_form(name) is None:
            # A computer is also called by the first label of its name.
            return ".".join(self._name(kind, label) for label in name.split("."))
        if kind_by_form(name) is None and self._of_patterns is not None and self._of_patterns.search(name):
            place, written = 0, []
            for found in self._of_patterns.finditer(name):
                written += [self._part(name[place : found.start()]), self._part(found.group())]
                place = found.end()
            return "".join((*written, self._part(name[place:])))
        return self.redactor.name(kind, name)

    def _part(self, part: str) -> str:
        """Return a replacement of constant length, so that none is the beginning of another."""
        before, core, after = _split(part)
        return before + (self._parts.setdefault(core, f"part{len(self._parts) + 1:04d}x") if core else "") + after

    def _json(self, told: JSON) -> JSON:
        if isinstance(told, str):
            return self.text(told)
        if isinstance(told, list):
            return [self._json(each) for each in told]
        if isinstance(told, Mapping):
            # In YAML, a key may have any type.
            return {self._key(str(key)): each if key in _ACTIONS else self._json(each) for key, each in told.items()}
        return told

    def _key(self, key: str) -> str:
        return key if _ELEMENT.fullmatch(key) else self.text(key)


def _split(text: str) -> tuple[str, str, str]:
    """Split a text into the marks before it, the core, and the marks after it."""
    first = _LETTER.search(text)
    if first is None:
        return text, "", ""
    start, end = first.start(), len(text)
    while not text[end - 1].isalnum():
        end -= 1
    return text[:start], text[start:end], text[end:]


def _beside_stars(text: str) -> Iterator[str]:
    """Yield the runs next to a wildcard in a pattern."""
    for found in _RUN.finditer(text):
        if text[found.end() : found.end() + 1] in _STARS or text[max(found.start() - 1, 0) : found.start()] in _STARS:
            yield found.group()


def _stays(text: str) -> bool:
    public = is_of_aws(text) or is_public_host(text) or is_figure(text) or _ENDPOINT_SERVICE.fullmatch(text) is not None
    return public or text in own_literals()


def _parsed(text: str) -> JSON:
    try:
        told: JSON = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told


V = TypeVar("V")

_AWS_OWN: Mapping[type, frozenset[str]] = {Statement: frozenset({"actions", "not_actions"})}
"""Members that contain only AWS's own words."""


def redacted(snapshot: Snapshot, key: bytes) -> tuple[Snapshot, Mapping[NameKind, int]]:
    """Return the redacted snapshot, and the number of replaced names of each kind. `key` replaces addresses."""
    words = RedactedWords(key)
    for record in snapshot.scopes:
        if (profile := record.head.scope.name.profile) is not None:
            words.redactor.learn(NameKind.PROFILE, profile)
        for node in record.nodes:
            words.redactor.learn(NameKind.NODE, node.name)
    # A session has the name of the person who opened it.
    callers = (record.head.scope.caller.rpartition("/")[2] for record in snapshot.scopes)
    words.learn(_texts((snapshot.scopes, snapshot.errors)), callers)
    scopes = tuple(_scope(record, words) for record in snapshot.scopes)
    errors = _value(snapshot.errors, words)
    return replace(snapshot, scopes=scopes, errors=errors, redacted=True), words.redactor.told


def _scope(record: ScopeRecord, words: RedactedWords) -> ScopeRecord:
    facts = tuple(RecordedFact(each.kind, _value(each.own, words), _value(each.value, words)) for each in record.facts)
    nodes = tuple(_value(each, words) for each in record.nodes)
    return ScopeRecord(_value(record.head, words), nodes, facts)


def _value(value: V, words: RedactedWords) -> V:
    """Return a value of the same type with every text replaced."""
    return cast("V", _replaced(value, words))


def _replaced(value: object, words: RedactedWords) -> object:
    if isinstance(value, str):
        return words.text(value)
    if isinstance(value, tuple):
        return tuple(_replaced(each, words) for each in value)
    if isinstance(value, frozenset):
        return frozenset(_replaced(each, words) for each in value)
    if isinstance(value, Mapping):
        return {_replaced(key, words): _replaced(each, words) for key, each in value.items()}
    if isinstance(value, DocumentText):
        return parse_document_text(words.document(value), value.format)
    if is_dataclass(value) and not isinstance(value, type | Enum | ListingReference):
        kept = _AWS_OWN.get(type(value), frozenset())
        members = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        return type(value)(**{name: each if name in kept else _replaced(each, words) for name, each in members.items()})
    return value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, DocumentText):
        yield value.text
    elif is_dataclass(value) and not isinstance(value, type | Enum):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))
