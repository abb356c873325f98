"""Error codes that concern credentials, and web pages that a proxy returns in place of AWS's answer."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from ssmtui.language import say

EXPIRED_CODES = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredCredentials"}
)
"""They were good once."""

REJECTED_CODES = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""They, or what was signed with them, are not good."""


def is_credential_error(code: str) -> bool:
    """Whether AWS does not take the credentials at all, whatever they would permit."""
    return code in EXPIRED_CODES or code in REJECTED_CODES


_LOOKED_AT = 20_000
"""Bytes, or characters, in which a title is looked for."""

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,500})", re.IGNORECASE)
_LONGEST = 100
_OWN_ERROR = 500
_OF_AWS = "x-amz"
_DECLARATION = b"<!ENTITY"
_NO_ANSWER = b"<"
"""What the SDK finds malformed."""

_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"
_BEGINNINGS = ("<!doctype html", "<html")


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page: HTTP's status, and its title where it has one. The title is what a stranger wrote: data, never markup."""

    status: int
    title: str = ""

    def __str__(self) -> str:
        if not self.title:
            return say("a web page (HTTP {status}) came in the place of AWS's answer", status=self.status)
        return say(
            "a web page (HTTP {status}, “{title}”) came in the place of AWS's answer",
            status=self.status,
            title=self.title,
        )


@dataclass(frozen=True, slots=True)
class AnswerWithoutRequestId:
    """An answer to a HEAD request, which has no body, and none of AWS's headers: HTTP's status is a proxy's."""

    status: int

    def __str__(self) -> str:
        return say(
            "an answer (HTTP {status}) without AWS's request ID, from a proxy or gateway, came in the place of AWS's "
            "answer",
            status=self.status,
        )


class WebPageError(Exception):
    """Who answered is not AWS."""

    def __init__(self, page: WebPage | AnswerWithoutRequestId) -> None:
        super().__init__(str(page))
        self.page = page


def find_web_page(text: str, status: int) -> WebPage | None:
    """The page that stands where AWS's words should, if it is one."""
    return _page(text, status) if text.lstrip()[:20].lower().startswith(_BEGINNINGS) else None


class Operation(Protocol):
    """The SDK's model of an operation."""

    @property
    def http(self) -> Mapping[str, object]:
        """How it is asked for by HTTP."""


def refuse_strange_answer(
    response_dict: MutableMapping[str, Any], operation_model: Operation | None = None, **_: object
) -> None:
    """Refuse a web page, and XML that declares entities: a few hundred bytes of those become a gigabyte.

    An answer to a HEAD request has no body to be known by, but a request ID if it is AWS's (docs/facts/preferences.md).

    Heard by the SDK's clients before an answer is taken apart (`before-parse`).

    A page with a status of 500 or more is left to the SDK, which asks again. Nothing is made of the type that an answer
    has by its header: what stands in for AWS calls XML a page, too.
    XML with entities, which AWS does not declare and the SDK reads as UTF-8 alone, is put in a form that is malformed.

    Raises:
        WebPageAnswered: it is a page, or an answer to a HEAD request that is not AWS's.

    """
    status, body = int(response_dict["status_code"]), response_dict["body"]
    if not isinstance(body, bytes):
        return
    if _DECLARATION in body and body.lstrip(_BEFORE_XML).startswith(b"<"):
        response_dict["body"] = _NO_ANSWER
        return
    if status >= _OWN_ERROR:
        return
    if operation_model is not None and operation_model.http.get("method") == "HEAD":
        if not any(name.lower().startswith(_OF_AWS) for name in response_dict["headers"]):
            raise WebPageError(AnswerWithoutRequestId(status))
        return
    page = find_web_page(body[:_LOOKED_AT].decode("utf-8", errors="replace"), status)
    if page is not None:
        raise WebPageError(page)


def _page(text: str, status: int) -> WebPage:
    found = _TITLE.search(text[:_LOOKED_AT])
    title = " ".join(html.unescape(found[1]).split()) if found else ""
    return WebPage(status, title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…")
