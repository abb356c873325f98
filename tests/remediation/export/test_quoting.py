"""What comes from AWS stays data in every format: nothing of it is a word, a mark or an end of something."""

from __future__ import annotations

import json
import re
import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from ssmtui.remediation.export.cli_steps import jmespath
from ssmtui.remediation.export.format import is_visible, json_document
from ssmtui.remediation.export.formats.aws_cli import ending_line
from ssmtui.remediation.export.formats.markdown import as_text, fenced
from ssmtui.remediation.export.formats.powershell import here_string, quoted
from ssmtui.remediation.export.formats.terraform import hcl_value
from tests.examples import examples

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from("'\"`$\\;&|<>(){}[]*#!%~\n\r\t \u2018\u2019\u201a\u201b\u202e\x1b\x00"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)
LINES = st.lists(st.sampled_from(["EOF", "EOF_", " EOF", "$(reboot)", "`id`", "\\", "it's", "é", ""]), max_size=8)


@settings(max_examples=examples(40))
@given(LINES)
def test_a_here_document_of_bash_holds_every_byte(lines: list[str]) -> None:
    text = "\n".join(lines)
    end = ending_line(text)
    script = f"IFS= read -r -d '' held <<'{end}' || true\n{text}\n{end}\nheld=${{held%$'\\n'}}\nprintf %s \"$held\""
    told = subprocess.run(["/bin/bash", "-c", script], capture_output=True, check=True)
    assert told.stdout.decode() == text


@given(HOSTILE)
def test_a_json_document_says_the_same_and_shows_everything(text: str) -> None:
    written = json_document({"Value": text})
    assert json.loads(written) == {"Value": text}
    assert is_visible(written)


@given(HOSTILE)
def test_a_string_of_powershell_is_read_back_by_its_rules(text: str) -> None:
    # about_quoting_rules: within single quotation marks, of any of the five kinds, two stand for one.
    written = quoted(text)
    assert (written[0], written[-1]) == ("'", "'")
    marks = "['\u2018\u2019\u201a\u201b]"
    inner = written[1:-1]
    assert re.fullmatch(f"(?s)(?:[^'\u2018\u2019\u201a\u201b]|({marks})\\1)*", inner)
    assert re.sub(f"({marks})\\1", r"\1", inner) == text


@given(HOSTILE)
def test_a_here_string_of_powershell_ends_where_it_ends(text: str) -> None:
    written = here_string({"Value": text})
    first, *lines, last = written.split("\n")
    assert (first, last) == ("@'", "'@")
    assert not any(line.startswith("'@") for line in lines)
    assert written.isascii()
    assert json.loads("\n".join(lines)) == {"Value": text}


@given(HOSTILE)
def test_terraform_expands_nothing(text: str) -> None:
    written = hcl_value(text)
    assert "${" not in written.replace("$${", "")
    assert "%{" not in written.replace("%%{", "")
    assert is_visible(written)
    if not written.startswith(("chomp(", "<<")):
        assert re.fullmatch(r'"(?:[^"\\\n]|\\(?:["\\nrt]|u[0-9a-f]{4}|U[0-9a-f]{8}))*"', written)


def test_a_here_document_of_terraform_ends_in_a_newline_only_where_the_text_does() -> None:
    assert hcl_value("one\ntwo") == "chomp(<<EOT\none\ntwo\nEOT\n)"
    assert hcl_value("one\ntwo\n") == "<<EOT\none\ntwo\nEOT"
    assert hcl_value("EOT\n  EOT_\n") == "<<EOT__\nEOT\n  EOT_\nEOT__"


@given(HOSTILE)
def test_markdown_makes_nothing_of_a_text(text: str) -> None:
    written = as_text(text)
    assert "\n" not in written
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_<>\[\]|#!]", written)


@given(st.lists(st.text(alphabet="`a~ ", max_size=8), max_size=5))
def test_a_fence_is_longer_than_any_in_it(lines: list[str]) -> None:
    opening, *held, closing = fenced(lines)
    assert held == lines
    assert opening == closing
    assert not any(line.strip().startswith(closing) for line in lines)


def test_paths_lead_where_the_writer_s_do() -> None:
    assert jmespath("Reservations.0.Instances.0.State.Name") == "Reservations[0].Instances[0].State.Name"
    assert jmespath("AttachedPolicies.*.PolicyArn") == "AttachedPolicies[].PolicyArn"
