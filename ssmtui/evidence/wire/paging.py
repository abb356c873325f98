"""How an operation hands out its pages, as botocore's paginators know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Paging:
    """The parameter that asks for the next page, and where its value is in the answer."""

    parameter: str
    answer: str


_UNKNOWN_TO_BOTOCORE: Mapping[tuple[str, str], Paging] = {
    ("ssm", "ListInventoryEntries"): Paging("NextToken", "NextToken"),
}


class NotPaged(Exception):
    """An operation that does not answer in pages, or not by one plain token. A defect in ssmtui."""


def paging_of(service: str, operation: str, load: Callable[[str, str], Mapping[str, Any]]) -> Paging:
    """How an operation hands out its pages. `load` is botocore's `load_service_model`.

    Raises:
        NotPaged: it does not, or needs more than the one token to ask for the next.

    """
    known = _UNKNOWN_TO_BOTOCORE.get((service, operation))
    if known is not None:
        return known
    paginator = load(service, "paginators-1")["pagination"].get(operation)
    if paginator is None:
        raise NotPaged(f"{service}:{operation} does not answer in pages")
    parameter, answer = paginator["input_token"], paginator["output_token"]
    if not (isinstance(parameter, str) and isinstance(answer, str) and answer.isidentifier()):
        raise NotPaged(f"{service}:{operation} asks for the next page by more than one token")
    return Paging(parameter, answer)
