"""One page that asks for nothing, works without its script, and takes nothing hostile for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ssmtui.report.formats.html_page import page_lines, source_of
from tests.report.formats.browser import CHROMIUM, browser
from tests.report.papers import HOSTILE, APaper, a_hostile_paper, a_paper, a_report
from tests.report.written_reports import a_finding_object, a_node_object

SHOWN = "[...document.querySelectorAll('section:last-of-type tbody tr')].filter(row => !row.hidden)"
NAMES = f"{SHOWN}.map(row => row.cells[1].textContent)"


def page(report_model: APaper) -> str:
    return "\n".join(page_lines(a_report(report_model)))


class Elements(HTMLParser):
    """The elements of a page with their attributes, and that each is closed which must be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_tells_findings_and_nodes_worst_first_with_their_evidence() -> None:
    text = page(a_paper())
    assert re.findall(r'<tr (?:id="\S+" )?data-word="(\w+)"', text) == [
        *("fail", "warn", "unknown"),
        *("fail", "warn", "unknown", "ok", "stopped"),
    ]
    assert "it is denied <code>iam:SimulatePrincipalPolicy</code>" in text
    assert "The credentials of audit have expired." in text
    (anchor,) = set(re.findall(r'<a href="#(f-[0-9a-f]+)">Role cannot read the log group</a>', text))
    assert f'<tr id="{anchor}"' in text
    elements = Elements(text)
    assert elements.open == []
    assert {tag for tag, _ in elements.found} >= {"main", "table", "th", "details", "label"}


def test_all_that_is_shown_is_in_a_landmark() -> None:
    """A screen reader goes from one to the next, and passes over what is in none."""
    for report_model in (a_paper(), a_hostile_paper()):
        body = page(report_model).partition("<body>\n")[2].partition("</body>")[0]
        assert re.findall(r"(?m)^<(header|main|script)>", body) == ["header", "main", "script"]
        rest = re.sub(r"(?s)<header>.*?</header>|<main>.*?</main>|<script>.*?</script>", "", body)
        assert rest.strip() == ""


def test_it_asks_for_nothing_and_runs_nothing_but_its_own_script() -> None:
    text = page(a_paper())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    for element, word in (("style", "style-src"), ("script", "script-src")):
        (held,) = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert f"{word} {source_of(held)}" in policy[1]
    assert policy[1].startswith("default-src 'none'; ")
    asked = {(tag, name) for tag, told in Elements(text).found for name in told if name in ("src", "href", "action")}
    assert asked == {("a", "href"), ("link", "href")}
    assert '<link rel="icon" href="data:,">' in text


def test_what_is_hostile_is_text() -> None:
    text = page(a_hostile_paper())
    assert not any(sign in text for sign in ("\x1b", "\u202e"))
    elements = Elements(text)
    assert elements.open == []
    assert "img" not in {tag for tag, _ in elements.found}
    assert [tag for tag, _ in elements.found].count("script") == 1


def test_what_has_changed_is_said_and_what_is_gone_listed() -> None:
    muted = [{"nodes": ["i-a"], "reason": "OPS-1", "expires": "2027-01-01"}]
    finding = a_finding_object("a", ["i-a"], baseline="still", counted=False, muted=muted)
    node = a_node_object("i-a", verdict="fail", findings=[finding["id"]], root_cause=finding["cause"], counted=False)
    new = a_finding_object("b", ["i-b"], "agent-outdated", status="warn", baseline="new", counted=True)
    gone = [a_finding_object("d", ["i-a"], summary="It was wrong.")]
    text = page(APaper([node], [finding, new], fixed=gone))
    assert text.index("agent-outdated") < text.index("log-group-unreadable")
    assert '<span class="mark">· known before</span> <span class="mark">· muted until 2027-01-01: OPS-1</span>' in text
    assert '<span class="mark">· not counted</span>' in text
    assert "<h2>Fixed</h2><details><summary>1 finding</summary><ul>\n<li>It was wrong." in text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_filters_and_sorts_it_and_asks_for_nothing_else(tmp_path: Path) -> None:
    report_model, hostile = tmp_path / "report.html", tmp_path / "hostile.html"
    report_model.write_text(page(a_paper()), encoding="utf-8")
    hostile.write_text(page(a_hostile_paper()), encoding="utf-8")
    with browser(tmp_path) as opened:
        opened.open(report_model)
        assert opened.value(NAMES) == ["web i-bad", "web i-old", "web i-dark", "web i-well", "web i-off"]
        search = "document.querySelector('section:last-of-type input')"
        opened.value(f"{search}.value = 'eu-west-3 dark'; {search}.dispatchEvent(new Event('input'))")
        assert opened.value(NAMES) == ["web i-dark"]
        assert opened.value("document.querySelector('section:last-of-type output').textContent") == "1 of 5 shown"
        choice = "document.querySelector('section:last-of-type select')"
        opened.value(f"{search}.value = ''; {choice}.value = 'ok'; {choice}.dispatchEvent(new Event('change'))")
        assert opened.value(NAMES) == ["web i-well"]
        opened.value(f"{choice}.value = ''; {choice}.dispatchEvent(new Event('change'))")
        head = "document.querySelectorAll('section:last-of-type th')[1]"
        opened.value(f"{head}.firstChild.click()")
        assert opened.value(NAMES) == ["web i-bad", "web i-dark", "web i-off", "web i-old", "web i-well"]
        assert opened.value(f"{head}.ariaSort") == "ascending"
        opened.value(f"{head}.firstChild.click()")
        assert opened.value(NAMES)[0] == "web i-well"
        opened.value("document.querySelector('a[href^=\"#f-\"]').click()")
        opened.value("new Promise(done => setTimeout(done, 0))")
        assert opened.value("document.querySelectorAll('details[open]').length") == 1
        assert opened.complaints == []
        opened.open(hostile)
        assert opened.value("document.images.length") == 0
        assert opened.value("document.querySelector('td:nth-of-type(2)').textContent") is not None
        assert HOSTILE.split("\n", maxsplit=1)[0] in opened.value("document.body.textContent")
        assert [each for each in opened.asked_for if not each.startswith("data:")] == [
            report_model.as_uri(),
            hostile.as_uri(),
        ]
        assert opened.complaints == []
        opened.do("Emulation.setScriptExecutionDisabled", value=True)
        opened.open(report_model)
        assert opened.value("getComputedStyle(document.querySelector('.controls')).display") == "none"
        assert opened.value(f"{SHOWN}.length") == 5
