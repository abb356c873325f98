"""What applying a change asks of whoever can write: a narrow thing, so that tests can stand in for AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ssmtui.model.plan import JSON, json_text

Response = Mapping[str, JSON]


class Writing(Protocol):
    """One scope's way to change AWS, one call at a time.

    Raises:
        ChangeRefused: AWS does not permit the call.
        ChangeFailed: an error, after which nothing is changed.
        ChangedMeanwhile: only of a write: the version that it names is not the newest.
        OutcomeUnknown: only of a write: it may have been carried out.

    """

    def account(self) -> str:
        """The account that the credentials belong to, now."""

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """The answer to a read; None where AWS says that there is no such thing."""

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """The answer to a write, which is sent once."""

    def pause(self) -> None:
        """Wait a moment, until AWS may have got further."""


def value_at(answer: JSON, path: str) -> str | None:
    """The value where `path` leads in an answer (`Document.LatestVersion`), as text; None where there is none.

    A number leads into a list; `*` takes all of a list, as sorted lines, and `*Name=value` those whose member `Name`
    has that value. `FromPort+Group/Id` names those members that are there, with their values. What has members is given
    as indented JSON.
    """
    here, _, rest = path.partition(".")
    if not here:
        return _text(answer)
    if "+" in here:
        if not isinstance(answer, Mapping):
            return None
        members = ((name, value_at(answer, name.replace("/", "."))) for name in here.split("+"))
        return " ".join(f"{name}={value}" for name, value in members if value is not None)
    if isinstance(answer, Mapping):
        return value_at(answer.get(here), rest)
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        return None
    if here.startswith("*"):
        name, _, wanted = here[1:].partition("=")
        chosen = [each for each in answer if not name or value_at(each, name) == wanted]
        return "\n".join(sorted(value_at(each, rest) or "" for each in chosen))
    return value_at(answer[int(here)], rest) if here.isdecimal() and int(here) < len(answer) else None


def _text(value: JSON) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json_text(value)
