"""A web page in the place of AWS's answer is told by its title, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.aws.errors import WebPage, WebPageError, find_web_page, refuse_strange_answer

BLOCKED = "<!DOCTYPE html>\n<html><head><title>Access\n Denied &amp; Logged</title></head><body>Ask IT.</body></html>"


def answer(body: object, status: int = 403) -> dict[str, object]:
    return {"status_code": status, "headers": {"content-type": "text/html; charset=utf-8"}, "body": body}


def test_a_page_is_named_by_its_title() -> None:
    page = find_web_page(BLOCKED, 403)
    assert page == WebPage(403, "Access Denied & Logged")
    assert str(page) == "a web page (HTTP 403, “Access Denied & Logged”) was returned instead of the AWS response"
    assert str(find_web_page("<html><body>no</body></html>", 502)) == (
        "a web page (HTTP 502) was returned instead of the AWS response"
    )


@pytest.mark.parametrize(
    "text", ["", "User: x is not authorized", '{"message": "<html>"}', "<Error><Code>AccessDenied</Code></Error>"]
)
def test_what_aws_says_is_no_page(text: str) -> None:
    assert find_web_page(text, 403) is None


@pytest.mark.parametrize("status", [200, 302, 403, 407])
def test_one_is_refused_before_it_is_taken_apart(status: int) -> None:
    with pytest.raises(WebPageError, match="Denied & Logged"):
        refuse_strange_answer(answer(BLOCKED.encode(), status), model=None)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", None, b"{}", b"<Error><Code>AccessDenied</Code></Error>"])
def test_what_is_called_a_page_and_is_none_is_left_to_the_sdk(body: bytes | None) -> None:
    refuse_strange_answer(answer(body))


def test_a_page_that_the_sdk_asks_again_for_is_left_to_it() -> None:
    refuse_strange_answer(answer(BLOCKED.encode(), 503))


@pytest.mark.long
@given(st.text(), st.integers(100, 599))
def test_whatever_a_page_holds_is_told_in_one_line_that_is_not_long(text: str, status: int) -> None:
    page = find_web_page(f"<html><title>{text}</title>", status)
    assert page is not None
    assert len(page.title) <= 100
    assert "\n" not in page.title


@pytest.mark.parametrize("status", [200, 403, 503])
def test_xml_that_declares_entities_is_no_answer(status: int) -> None:
    declared = answer(b'\xef\xbb\xbf\n<!-- x --><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', status)
    quoted = answer(b'{"Policy": "<!ENTITY"}')
    for each in (declared, quoted):
        refuse_strange_answer(each)
    assert (declared["body"], quoted["body"]) == (b"<", b'{"Policy": "<!ENTITY"}')
