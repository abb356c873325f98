"""How one file becomes a cause, and what is said of a file that cannot."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.catalogue import Cause, Documentation, FixOfCause, KnownText, MalformedCause, Symptom, read_cause
from ssmtui.causes.front_matter import MissingFrontMatter, split_front_matter
from ssmtui.model.finding import Link, SubjectKind

FRONT = """\
slug: lamp-unlit
title: lamp is not lit
link: instance
subject: node
known_by: ["it is dark: %s", {text: "where is the light", likelihood: 0.4}]
documentation:
  - {title: Lamps, url: "https://docs.aws.amazon.com/lamps.html"}
fixes:
  - {slug: light-lamp, title: Light the lamp}
  - {slug: allow-darkness, title: Allow darkness, loses: Nobody sees anything.}
"""
KNOWN = re.compile("known_by: .*")
BODY = """
## What is wrong

The lamp is not lit.

## How to resolve

1. Light it.

## What to know

- It gets hot.
"""


def text_of(front: str = FRONT, body: str = BODY) -> str:
    return f"---\n{front}---\n{body}"


def why_malformed(text: str) -> str:
    with pytest.raises(MalformedCause) as raised:
        read_cause("lamp-unlit.md", text)
    assert raised.value.file == "lamp-unlit.md"
    assert str(raised.value) == f"lamp-unlit.md: {raised.value.reason}"
    return raised.value.reason


def test_a_file_becomes_a_cause() -> None:
    assert read_cause("lamp-unlit.md", text_of()) == Cause(
        slug="lamp-unlit",
        title="lamp is not lit",
        link=Link.INSTANCE,
        subject=SubjectKind.NODE,
        known_by=(KnownText("it is dark: %s"), KnownText("where is the light", 0.4)),
        documentation=(Documentation("Lamps", "https://docs.aws.amazon.com/lamps.html"),),
        fixes=(
            FixOfCause("light-lamp", "Light the lamp"),
            FixOfCause("allow-darkness", "Allow darkness", loses="Nobody sees anything."),
        ),
        what_is_wrong="The lamp is not lit.",
        how_to_resolve="1. Light it.",
        to_know="- It gets hot.",
    )


def test_what_to_know_may_be_left_out() -> None:
    without = BODY.partition("## What to know")[0]
    assert read_cause("lamp-unlit.md", text_of(body=without)).to_know == ""


def test_an_offer_is_found_by_the_slug_of_its_fix() -> None:
    cause = read_cause("lamp-unlit.md", text_of())
    assert cause.offer("light-lamp") == FixOfCause("light-lamp", "Light the lamp")
    assert cause.offer("light-candle") is None


def test_a_subject_may_be_of_another_region_than_the_nodes_it_fails() -> None:
    assert read_cause("lamp-unlit.md", text_of(front=f"{FRONT}subject_region: another\n")).subject_is_elsewhere
    assert not read_cause("lamp-unlit.md", text_of()).subject_is_elsewhere


def test_the_day_of_a_review_is_read() -> None:
    assert read_cause("lamp-unlit.md", text_of(front=f'{FRONT}reviewed: "2026-11-30"\n')).reviewed == date(2026, 11, 30)
    assert read_cause("lamp-unlit.md", text_of()).reviewed is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it does not begin with a line ---"),
        (f"{FRONT}---\n{BODY}", "it does not begin with a line ---"),
        (f"---\n{FRONT}{BODY}", "no second line --- ends the front matter"),
        (text_of(front="- slug"), "no second line --- ends the front matter"),
        (text_of(front="- slug\n"), "the front matter is not a list of keys and values"),
        (text_of(front=""), "the front matter is not a list of keys and values"),
        (text_of(front=f"{FRONT}colour: red\n"), "nobody reads colour"),
        (text_of(front=FRONT.replace("slug: lamp-unlit\n", "")), "slug is missing or is not text"),
        (text_of(front=FRONT.replace("lamp is not lit", "' '")), "title is missing or is not text"),
        (text_of(front=FRONT.replace("lamp is not lit", "2026")), "title is missing or is not text"),
        (
            text_of(front=FRONT.replace("link: instance", "link: lamp")),
            "link is lamp, which is none of workstation, caller, instance, identity, network, agent, preferences, "
            "operating system",
        ),
        (
            text_of(front=f"{FRONT}subject_region: the same\n"),
            "subject_region is not another: that of the nodes goes without saying",
        ),
        *(
            (text_of(front=f"{FRONT}reviewed: {day}\n"), 'reviewed is not a quoted date such as "2026-11-30"')
            for day in ("2026-11-30", "yesterday", '"2026-13-30"', '""', '"30.11.2026"')
        ),
        (text_of(front=FRONT.replace("known_by", "heard_of")), "nobody reads heard_of"),
        (text_of(front=KNOWN.sub("known_by: dark", FRONT)), "known_by is missing or is not a list"),
        (text_of(front=KNOWN.sub("known_by: [1]", FRONT)), "known_by is missing or is not text"),
        (
            text_of(front=FRONT.replace(", likelihood: 0.4", "")),
            "an entry of known_by has other keys than likelihood, text",
        ),
        (text_of(front=FRONT.replace("0.4", "40")), "likelihood in known_by is no number between 0 and 1"),
        (text_of(front=FRONT.replace("0.4", "1.0")), "likelihood in known_by is no number between 0 and 1"),
        (text_of(front=FRONT.replace('"where is the light"', "1")), "text in known_by is missing or is not text"),
        (
            text_of(front=f"{FRONT}described_by: [light off]\n"),
            "an entry of described_by has other keys than ideas, likelihood",
        ),
        (
            text_of(front=f"{FRONT}described_by: [{{ideas: light off, likelihood: 2}}]\n"),
            "likelihood in described_by is no number between 0 and 1",
        ),
        (
            text_of(front=FRONT.replace("{title: Lamps, ", "{")),
            "an entry of documentation has other keys than title, url",
        ),
        (
            text_of(front=FRONT.replace("loses:", "costs:")),
            "an entry of fixes has other keys than loses, slug, title",
        ),
        (text_of(front=FRONT.replace("title: Light the lamp", "title: 1")), "title in fixes is missing or is not text"),
        (
            text_of(body=BODY.replace("## How to resolve", "## How to mend")),
            "its sections are not ## What is wrong, ## How to resolve, ## What to know "
            "(the last may be left out), in that order",
        ),
        (text_of(body=BODY.replace("1. Light it.", "")), "## How to resolve is empty"),
    ],
)
def test_a_malformed_file_is_named_with_the_reason(text: str, reason: str) -> None:
    assert why_malformed(text) == reason


def test_front_matter_that_is_no_yaml_says_where() -> None:
    reason = why_malformed(text_of(front="slug: [\n"))
    assert reason.startswith("the front matter is not YAML: ")
    assert "\n" not in reason


def test_front_matter_with_a_key_twice_is_refused() -> None:
    assert "found duplicate key" in why_malformed(text_of(front=f"{FRONT}slug: other\n"))


def test_front_matter_cannot_name_a_python_object() -> None:
    assert "not YAML" in why_malformed(text_of(front="slug: !!python/object/apply:os.getcwd []\n"))


def test_text_before_the_first_section_is_refused() -> None:
    assert why_malformed(text_of(body=f"Hello.\n{BODY}")).startswith("its sections are not")


LINES = st.text(max_size=20).filter(lambda text: not any(line.rstrip() == "---" for line in text.splitlines()))


@given(front=st.lists(LINES, max_size=6), body=st.text(max_size=60))
def test_front_matter_and_body_come_apart_as_they_were_put_together(front: list[str], body: str) -> None:
    yaml = "".join(f"{line}\n" for line in front)
    assert split_front_matter(f"---\n{yaml}---\n{body}") == (yaml, body)


@given(st.text())
def test_any_text_is_split_or_refused(text: str) -> None:
    try:
        front, body = split_front_matter(text)
    except MissingFrontMatter:
        return
    assert text.startswith("---")
    assert text.endswith(body)
    assert front in text


def test_the_symptoms_of_a_cause_are_optional() -> None:
    described = f"{FRONT}described_by: [{{ideas: light off, likelihood: 0.6}}]\n"
    assert read_cause("lamp.md", text_of(front=described)).described_by == (Symptom(("light", "off"), 0.6),)
    assert read_cause("lamp.md", text_of(front=FRONT)).described_by == ()
