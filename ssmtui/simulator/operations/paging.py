"""Pages of a list, as operations with NextToken give them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError

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
