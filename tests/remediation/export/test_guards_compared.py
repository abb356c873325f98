"""What a printed script compares, run on answers by the AWS CLI's own rules: as it was it goes on, else it refuses."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import jmespath
import pytest
from awscli.text import format_text
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from ssmtui.model.network import RULES_PATH
from ssmtui.model.plan import JSON, Call, Guard, Plan, UndoPlan
from ssmtui.remediation.export.cli_steps import CompareVariable, ReadVariable, Remark, steps
from ssmtui.remediation.export.formats.aws_cli import undo_script
from ssmtui.remediation.operations.write_operation import value_at
from tests.remediation.plans.facts import SCOPE
from tools.trust.hostile.handovers import plans

_WORDS = st.text(alphabet="ab: =é", max_size=3)
_SCALARS = st.none() | st.booleans() | st.integers(0, 99) | _WORDS
_LINES = st.lists(_WORDS, min_size=1, max_size=3).map("\n".join)
_MEMBERS = st.dictionaries(st.sampled_from("AB"), _SCALARS | st.lists(_SCALARS, max_size=2), max_size=2)
_ANSWERS = st.dictionaries(
    st.sampled_from("AB"), _SCALARS | _LINES | _MEMBERS | st.lists(_MEMBERS, max_size=3), max_size=2
)
_PATHS = st.sampled_from(
    ("A", "A.B", "A.*.B", "A.0.B", "Content", "A.A+B", "A.0.A+B", "A.*.A+B", "A.*.A+B/A", "A.*A=a.B")
)


def told(query: str, answer: JSON) -> str | None:
    """What a shell has of an answer, by a query; None where the AWS CLI ends with an error."""
    try:
        found = jmespath.search(query, answer)
    except JMESPathError:
        return None
    stream = io.StringIO()
    format_text(found, stream)
    return stream.getvalue().rstrip("\n")


def compared(path: str, expected: str) -> tuple[str, str] | None:
    """The query and the text of a script's comparison; None where it leaves that to its reader."""
    made = list(steps((Guard("it", "kms", "DescribeKey", {}, path, expected),), ()))
    match made:
        case [ReadVariable(_, query, _), CompareVariable(_, text, _)]:
            return query, text
        case [Remark()]:
            return None
    raise AssertionError(made)


@given(path=_PATHS, answer=_ANSWERS, other=_ANSWERS)
@settings(max_examples=100, deadline=None)
@example("A", {"A": {"B": []}}, {})
@example("A", {"A": {}}, {})
@example("A", {"A": "one\ntwo"}, {"A": "two\none"})
@example("A.*.B", {"A": [{"B": 1}, {"B": 20}, {"B": 3}]}, {"A": [{"B": 1}]})
@example("A.*.B", {"A": [{"B": True}, {"B": "x"}]}, {"A": []})
@example("A.*.B", {"A": [{"B": "a"}, {}]}, {"A": [{"B": "a"}]})
@example("A.*.B", {"A": [{"B": ["a"]}]}, {"A": []})
@example("A", {"A": "null"}, {"A": None})
@example("A", {"A": "None"}, {})
@example("A", {"A": {"B": ["é", 1, None, True], "A": {}}}, {"A": {"B": ["e"]}})
@example("A.B", {"A": {"B": {"A": 'it\'s "$x"'}}}, {"A": {"B": {}}})
@example("A.*.A+B", {"A": [{"A": True, "B": ""}, {"B": 1}, {}]}, {"A": [{"A": True}, {"B": 1}, {}]})
@example("A.*.A+B/A", {"A": [{"B": {"A": "a"}}, {"A": False}]}, {"A": [{"B": {"A": "b"}}, {"A": False}]})
@example("A.0.A+B", {"A": [{"A": "a"}]}, {"A": [{"A": "a", "B": "b"}]})
@example("A.*A=a.B", {"A": [{"A": "a", "B": "b"}, {"A": "b", "B": "c"}]}, {"A": [{"A": "b", "B": "b"}]})
def test_a_comparison_holds_for_what_a_guard_holds_for_and_for_nothing_else(
    path: str, answer: JSON, other: JSON
) -> None:
    expected = value_at(answer, path)
    if expected is None or (made := compared(path, expected)) is None:
        return
    query, text = made
    assert told(query, answer) == text
    if value_at(other, path) != expected:
        assert told(query, other) != text


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("KeyMetadata.Description", {"KeyMetadata": {"Description": "two\nlines"}}),
        ("Ports.*.From", {"Ports": [{"From": 443}, {"From": 80}]}),
        ("PolicyDocument", {"PolicyDocument": {"Statement": [{"Sid": "it's \u2018so\u2019, $(reboot)"}]}}),
        (RULES_PATH, {"SecurityGroupRules": [{"IsEgress": True, "IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"}]}),
        ("logGroups.0.logGroupName+kmsKeyId", {"logGroups": [{"logGroupName": "/a b"}]}),
        ("Commands.*Comment=ssmtui x 1Z.Status", {"Commands": [{"Comment": "ssmtui x 1Z", "Status": "Success"}]}),
        ("Document.Text", {"Document": {"Text": "x" * 400}}),
    ],
)
def test_bash_goes_on_where_it_is_as_it_was_and_ends_where_it_can_tell_that_it_is_not(
    path: str, answer: dict[str, JSON], tmp_path: Path
) -> None:
    expected = value_at(answer, path)
    assert expected is not None
    guard = Guard("it", "kms", "DescribeKey", {"KeyId": "k"}, path, expected)
    assert made_by_bash(guard, answer, tmp_path) == (0, True)
    assert compared(path, expected) is not None
    assert made_by_bash(guard, {next(iter(answer)): None}, tmp_path)[1] is False


def test_what_no_script_can_compare_is_left_to_its_reader() -> None:
    for path, expected in (("A.*.B", "a,b"), ("A", "\u202e"), ("A", '{"B":1}'), ("A.A+B", 'A={\n  "B": 1\n}')):
        guard = Guard("it", "kms", "DescribeKey", {}, path, expected)
        assert list(steps((guard,), ())) == [
            Remark("Check first that it is unchanged: this script cannot compare the value.")
        ]


_STAND_IN = """#!{python}
import json, os, sys
from awscli.text import format_text
import jmespath
words = sys.argv[1:]
if words[:2] == ["sts", "get-caller-identity"]:
    print({account!r})
elif words[1] == "describe-key":
    with open({answer!r}) as file:
        format_text(jmespath.search(words[words.index("--query") + 1], json.load(file)), sys.stdout)
else:
    open({made!r}, "w").close()
"""


def made_by_bash(guard: Guard, answer: JSON, folder: Path) -> tuple[int, bool]:
    """The exit code of the script of a change with a guard, and whether it made the call."""
    program, told_by, made = folder / "aws", folder / "answer.json", folder / "made"
    made.unlink(missing_ok=True)
    told_by.write_text(json.dumps(answer))
    names = {"python": sys.executable, "account": SCOPE.account, "answer": str(told_by), "made": str(made)}
    program.write_text(_STAND_IN.format(**names))
    program.chmod(0o700)
    call = Call("kms", "EnableKey", {"KeyId": "k"}, "kms:EnableKey", "*")
    script = undo_script(with_way_back(UndoPlan((guard,), (call,))))
    ran = subprocess.run(["/bin/bash"], input=script, env={"PATH": f"{folder}:/usr/bin:/bin"}, text=True, check=False)
    return ran.returncode, made.exists()


def with_way_back(way_back: UndoPlan) -> Plan:
    from dataclasses import replace

    return replace(next(iter(plans("plain"))), way_back=way_back)
