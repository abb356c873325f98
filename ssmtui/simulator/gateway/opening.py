"""Open sessions: choose the session's document, and issue the token that admits its client."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.call import AwsError
from ssmtui.simulator.node_state import preferences
from ssmtui.simulator.node_state.preferences import DOCUMENT_NAME, SessionPreferences, amazon_documents

_HOLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class ChosenDocument:
    """The document of a session. `content` is what an agent receives: the document with its parameters filled in."""

    name: str = DOCUMENT_NAME
    kind: str = "Standard_Stream"
    settings: SessionPreferences = field(default_factory=SessionPreferences)
    properties: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)


def chosen_document(account: str, region: str, name: str, parameters: Mapping[str, Sequence[str]]) -> ChosenDocument:
    """Return the named document (by name or ARN), else the preferences of the Region.

    Raises AwsError if there is no document of that name, or the parameters do not match it.
    """
    bare = name.rpartition("document/")[2]
    if bare in {"", DOCUMENT_NAME} and not (bare and DOCUMENT_NAME not in state.hidden(account, region).documents):
        # In observed sessions, the latest version was used, not the default one.
        received = preferences.content_in_force(account, region)
        return ChosenDocument(settings=preferences.in_force(account, region), content=received)
    document = state.hidden(account, region).documents.get(bare) or amazon_documents().get(bare)
    if document is None:
        raise AwsError("InvalidDocument", f"Document with name {bare} does not exist.")
    if document.type != "Session":
        raise AwsError("InvalidDocument", f"Document type {document.type} is not supported by StartSession.")
    content = preferences.content_of(document.default)
    document_json = content if isinstance(content, Mapping) else {}
    given = _values(bare, document_json.get("parameters") or {}, parameters)
    inputs, properties = (_filled(document_json.get(part) or {}, given) for part in ("inputs", "properties"))
    kind, settings = str(document_json.get("sessionType")), preferences.settings_in(_mapping(inputs))
    filled = {"schemaVersion": "1.0", "sessionType": kind, "inputs": inputs, "properties": properties}
    return ChosenDocument(bare, kind, settings, _mapping(properties), filled)


def _values(
    name: str, declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, Sequence[str]]
) -> Mapping[str, str]:
    unknown = given.keys() - declared.keys()
    if unknown:
        raise AwsError("InvalidParameters", f"Parameters {sorted(unknown)} are not defined in document {name}.")
    values = {each: str(parameter["default"]) for each, parameter in declared.items() if "default" in parameter}
    values |= {each: ", ".join(texts) for each, texts in given.items()}
    missing = declared.keys() - values.keys()
    if missing:
        raise AwsError("InvalidParameters", f"Document {name} requires parameters {sorted(missing)}.")
    for each, parameter in declared.items():
        pattern = parameter.get("allowedPattern")
        if pattern and re.fullmatch(str(pattern), values[each]) is None:
            raise AwsError("InvalidParameters", f"Parameter {each} does not match the pattern {pattern}.")
    return values


def _filled(value: object, given: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _HOLE.sub(lambda hole: given.get(hole[1], hole[0]), value)
    if isinstance(value, Mapping):
        return {key: _filled(each, given) for key, each in value.items()}
    return [_filled(each, given) for each in value] if isinstance(value, list) else value


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


_TOKEN_BYTES: Final = 96


@dataclass(frozen=True, slots=True)
class Opening:
    """A session as its node receives it. `owner` is the caller's ARN, `kind` the session type of its document.

    `document` is the name of the document, and `content` the document that a real agent receives. `was_signed` says
    whether the last upgrade was signed; None before the first upgrade.
    """

    account: str
    region: str
    session_id: str
    node_id: str
    node_name: str
    owner: str
    kind: str
    settings: SessionPreferences
    properties: Mapping[str, Any] = field(default_factory=dict)
    is_windows: bool = False
    agent_version: str = ""
    was_signed: bool | None = None
    document: str = DOCUMENT_NAME
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def platform_properties(self) -> Mapping[str, object]:
        """The properties of a document with commands for the node's platform."""
        properties = self.properties.get("windows" if self.is_windows else "linux")
        return properties if isinstance(properties, Mapping) else {}

    @property
    def is_elevated(self) -> bool:
        """Whether the agent runs the command as its own user: no user of sessions, and no Run As user, is needed."""
        return self.platform_properties.get("runAsElevated") is True

    @property
    def record(self) -> state.Session | None:
        """The session's record for DescribeSessions; None if the world has been replaced since."""
        return state.hidden(self.account, self.region).sessions.get(self.session_id)

    def note(self, status: str) -> None:
        """Record the status of an active session."""
        record = self.record
        if record is not None and record.ended_at is None:
            state.hidden(self.account, self.region).sessions[self.session_id] = replace(record, status=status)

    def note_end(self, status: str, why: str) -> None:
        """Record the end of the session, if it has not ended yet."""
        record = self.record
        if record is not None and record.ended_at is None:
            ended = replace(record, ended_at=state.now(), status=status, end_reason=why)
            state.hidden(self.account, self.region).sessions[self.session_id] = ended


class Tokens:
    """The tokens that admit a websocket to a channel, by the channel's id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, str] = {}

    def new(self, id_: str) -> str:
        """Return a new token of a channel; the previous one becomes invalid."""
        with self._lock:
            token = self._by_id[id_] = secrets.token_urlsafe(_TOKEN_BYTES)
        return token

    def admits(self, id_: str, token: object) -> bool:
        """Return whether that is the channel's token."""
        with self._lock:
            known = self._by_id.get(id_, "")
        return isinstance(token, str) and bool(known) and secrets.compare_digest(known.encode(), token.encode())

    def issued(self) -> Mapping[str, str]:
        """Return the valid tokens, by channel."""
        with self._lock:
            return dict(self._by_id)

    def clear(self) -> None:
        """Forget every token."""
        with self._lock:
            self._by_id.clear()


class Openings:
    """The sessions that a client can join, with their tokens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, Opening] = {}
        self.tokens = Tokens()

    def add(self, opening: Opening) -> None:
        """Add a session."""
        with self._lock:
            self._by_id[opening.session_id] = opening

    def find(self, session_id: str) -> Opening | None:
        """Return the session of an id."""
        with self._lock:
            return self._by_id.get(session_id)

    def new_token(self, session_id: str) -> str:
        """Return a new token of a session; the previous one becomes invalid."""
        return self.tokens.new(session_id)

    def lets_in(self, session_id: str, token: object) -> bool:
        """Return whether that is the session's token."""
        return self.tokens.admits(session_id, token)

    def clear(self) -> None:
        """Forget every session."""
        with self._lock:
            self._by_id.clear()
        self.tokens.clear()


openings: Final = Openings()

agent_tokens: Final = Tokens()
"""The tokens of the agents of real nodes, by session for a data channel, and by node for its control channel."""
