"""The commands that are printed and copied: one word stays one word, whatever AWS calls things."""

from __future__ import annotations

import shlex
from dataclasses import replace

from ssmtui.model.command_lines import connect_command, fix_command, tunnel_command
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import ScopeName
from tests.ui.builders import log_group_unencrypted, node

ROLE = "arn:aws:iam::210987654321:role/reader"


def test_a_session_is_opened_by_the_credentials_that_listed_the_node() -> None:
    key = NodeKey("210987654321", "eu-west-3", "i-0abc")
    assert connect_command(key, ScopeName("prod", "us-east-1", ROLE)) == (
        f"ssmtui connect i-0abc --region eu-west-3 --profile prod --role-arn {ROLE}"
    )
    assert connect_command(key, None) == "ssmtui connect i-0abc --region eu-west-3"


def test_a_tunnel_names_its_ports() -> None:
    assert tunnel_command("i-0abc", "8080:[::1]:80", ScopeName("a b", "eu-west-3")) == (
        "ssmtui tunnel i-0abc '8080:[::1]:80' --region eu-west-3 --profile 'a b'"
    )


def test_a_finding_without_a_fix_has_no_command_and_a_hostile_subject_stays_a_word() -> None:
    held = log_group_unencrypted([node("web-1", 1)])
    assert fix_command(replace(held, finding=replace(held.finding, fixes=()))) == ""
    subject = replace(held.finding.subject, id="a; rm -rf ~ $(x)\x1b[2J'")
    line = fix_command(replace(held, finding=replace(held.finding, subject=subject)))
    assert line.isprintable()
    assert shlex.split(line)[4] == "a; rm -rf ~ $(x)\\x1b[2J'"
