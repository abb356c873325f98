"""The registry of operations, and pages of lists."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.responses import AwsError

Result = Mapping[str, Any]
Handler = Callable[[ApiCall], Result]

handlers: Final[dict[tuple[str, str], Handler]] = {}


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    """Make a function answer operations of a service.

    It takes the call and gives the result by the names of botocore's model, or raises AwsError.
    """

    def register(handler: Handler) -> Handler:
        for name in names:
            handlers[service, name] = handler
        return handler

    return register


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page, and the token of the next; None on the last."""

    items: tuple[Item, ...]
    next_token: str | None


def page(call: ApiCall, items: Sequence[Item], default_size: int) -> Page[Item]:
    """The page that a call asks for by MaxResults and NextToken."""
    start = _position(call.parameters.get("NextToken"))
    end = start + int(call.parameters.get("MaxResults", default_size))
    return Page(tuple(items[start:end]), _token(end) if end < len(items) else None)


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"from {position}".encode()).decode()


def _position(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from "))
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidNextToken", "The specified token isn't valid.") from error
