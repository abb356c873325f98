"""Write the responses of injected faults: errors, and altered responses of AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import Any, Final
from xml.etree import ElementTree

from botocore.exceptions import UnknownServiceError
from botocore.session import get_session

from ssmtui.simulator.call import ApiCall, Response, result_answer
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.request_control import Fault, FaultKind


def garbage_answer(service: str) -> Response:
    """Return a successful response that is cut off in the middle."""
    body = b'{"truncated": ["' if service in {"ssm", "kms", "logs", "cloudtrail"} else b"<Response><Truncated"
    return Response(200, {"Content-Type": "application/octet-stream"}, body)


def web_page() -> Response:
    """Return the page that a proxy shows for a blocked host."""
    body = b"<!DOCTYPE html><html><head><title>Access Denied</title></head><body>Ask your administrator.</body></html>"
    return Response(403, {"Content-Type": "text/html"}, body)


ALTERING: Final = frozenset(
    {
        FaultKind.TRUNCATED,
        FaultKind.WRONG_TYPES,
        FaultKind.EMPTY_PAGE,
        FaultKind.SAME_TOKEN,
        FaultKind.HUGE,
        FaultKind.TRICKLE,
    }
)
"""The faults that alter the response instead of replacing it."""

HUGE: Final = 50_000_000
"""Bytes of a response that is too big."""


@dataclass(frozen=True, slots=True)
class PageMembers:
    """The members by which an operation requests the next page, names it, and says that there is one."""

    asked: str
    answered: str
    more: str | None = None


class AlteredAnswers:
    """Alters responses. It stores the real tokens behind the tokens that it has invented."""

    def __init__(self) -> None:
        self._behind: dict[str, Response] = {}
        self._numbers = count(1)

    def answer(self, fault: Fault, call: ApiCall, carry_out: Callable[[], Response]) -> Response:
        """Return the response to a call under a fault of `ALTERING`."""
        pages = pages_of(call.service, call.operation)
        asked = call.parameters.get(pages.asked) if pages is not None else None
        answer = self._behind[asked] if asked in self._behind else carry_out()
        if answer.status >= 300:
            return answer
        match fault.kind:
            case FaultKind.TRUNCATED:
                return replace(answer, body=answer.body[: len(answer.body) // 2], length=len(answer.body))
            case FaultKind.TRICKLE:
                return replace(answer, seconds_a_byte=fault.milliseconds / 1000)
            case FaultKind.HUGE:
                return replace(answer, body=_padded(answer.body))
            case FaultKind.WRONG_TYPES:
                return replace(answer, body=_of_other_types(answer))
        if pages is None or (fault.kind is FaultKind.EMPTY_PAGE and asked in self._behind):
            return answer
        return self._with_more(fault.kind, call, pages, answer)

    def _with_more(self, kind: FaultKind, call: ApiCall, pages: PageMembers, answer: Response) -> Response:
        token = "the-same" if kind is FaultKind.SAME_TOKEN else f"{call.operation}-{next(self._numbers)}"
        self._behind[token] = answer
        page = read_answer(call.model, answer)
        if kind is FaultKind.EMPTY_PAGE:
            page = {name: [] if isinstance(value, list) else value for name, value in page.items()}
        more = {pages.more: True} if pages.more is not None else {}
        return result_answer(call.model, {**page, pages.answered: token, **more})


@cache
def pages_of(service: str, operation: str) -> PageMembers | None:
    """Return the paging members of an operation; None if it has no pages."""
    try:
        loaded = get_session().get_component("data_loader")
        known = loaded.load_service_model(service, "paginators-1")["pagination"].get(operation)
        model = loaded.load_service_model(service, "service-2")
    except UnknownServiceError:
        return None
    if known is not None:
        return PageMembers(known["input_token"], known["output_token"], known.get("more_results"))
    shapes, output = model["shapes"], model["operations"][operation].get("output")
    has_token = output is not None and "NextToken" in shapes[output["shape"]].get("members", {})
    return PageMembers("NextToken", "NextToken") if has_token else None


def _padded(body: bytes) -> bytes:
    """Return a body with an unknown member that makes it unusually big."""
    padding = b"x" * HUGE
    if body.startswith(b"{"):
        separator = b"" if body.rstrip() == b"{}" else b","
        return b'{"Padding":"' + padding + b'"' + separator + body.lstrip()[1:]
    head, end, tail = body.rpartition(b"</")
    return head + b"<padding>" + padding + b"</padding>" + end + tail


def _of_other_types(answer: Response) -> bytes:
    """Return the response with each member changed to another type."""
    if answer.body.startswith(b"{"):
        held: Mapping[str, Any] = json.loads(answer.body)
        return json.dumps({name: _of_another_type(value) for name, value in held.items()}).encode()
    return _with_other_elements(answer.body) if answer.body else answer.body


def _of_another_type(value: object) -> object:
    return 7 if isinstance(value, str | list | dict) else "garbage"


def _with_other_elements(body: bytes) -> bytes:
    """Swap types in XML, which has only texts: a structure becomes a text, and a text becomes a structure."""
    root = ElementTree.fromstring(body)  # noqa: S314 - it is our own
    within = root[0] if len(root) and root[0].tag.endswith("Result") else root
    for each in within:
        is_structure = len(each) > 0
        each.clear()
        if is_structure:
            each.text = "garbage"
        else:
            ElementTree.SubElement(each, "Value").text = "garbage"
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
