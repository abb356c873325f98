from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.node import Node, NodeKey, NodeKind, Registration
from ssmtui.report.ssh_configuration import SshHost, ssh_configuration
from tests.builders.fleet import a_node, a_scope

WEB, DB = "i-0123456789abcdef0", "i-0fedcba9876543210"
SSH = shutil.which("ssh") or ""
BY_ID_ONLY = [f"Host {WEB}"]


def called(name: str, id_: str = WEB) -> Node:
    node = a_node(id_)
    return replace(node, name=name, key=NodeKey(node.key.account, node.key.region, id_))


def running(node: Node, platform: str) -> Node:
    assert isinstance(node.registration, Registration)
    return replace(node, registration=replace(node.registration, platform=platform))


def configuration(*nodes: Node, asked: Sequence[str] = (), options: Sequence[str] = ("--region", "eu-west-3")) -> str:
    hosts = [SshHost(node, a_scope(), tuple(options)) for node in nodes]
    return "\n".join(ssh_configuration(hosts, asked=asked, program=("ssmtui",), quoted=shlex.quote))


def hosts_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("Host ")]


def test_a_node_is_a_host_by_its_name_and_its_id() -> None:
    block = configuration(running(called("web-1"), "Ubuntu")).partition("\n\n")[2]
    assert block == (
        f"Host web-1 {WEB}\n"
        f"    HostName {WEB}\n"
        f"    ProxyCommand ssmtui connect {WEB} --region eu-west-3 --document-name AWS-StartSSHSession"
        " --parameter portNumber=%p\n"
        "    User ubuntu"
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        "two words",
        "-oProxyCommand=x",
        "*",
        "!web",
        "web,db",
        "a\nProxyCommand touch x",
        "$(touch x)",
        "`x`",
        "café",
        "localhost",
        "LOCALHOST",
        "10.0.0.1",
        "2130706433",
        "0x7f.1",
        "github.com",
        "%h",
    ],
)
def test_a_name_that_is_no_plain_host_is_left_out_and_the_node_has_its_id(name: str) -> None:
    text = configuration(called(name))
    assert hosts_in(text) == BY_ID_ONLY
    assert "touch x" not in "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def test_why_a_name_is_left_out_is_a_comment_of_one_line() -> None:
    text = configuration(called("a\nProxyCommand x"))
    assert "# “a\\x0aProxyCommand x”: not a valid host name for ssh\n" in text


def test_a_name_with_a_dot_is_a_host_where_it_was_asked_for() -> None:
    assert hosts_in(configuration(called("web-1.prod"), asked=("web-1.prod",))) == [f"Host web-1.prod {WEB}"]


def test_a_name_of_several_nodes_is_none_of_theirs() -> None:
    text = configuration(called("web"), called("web", DB))
    assert hosts_in(text) == [f"Host {WEB}", f"Host {DB}"]
    assert text.count("# “web”: the name of several nodes") == 2


def test_a_node_cannot_take_the_id_of_another_for_its_name() -> None:
    assert hosts_in(configuration(called(DB))) == BY_ID_ONLY


def test_a_node_that_is_named_like_itself_is_named_once() -> None:
    assert hosts_in(configuration(called(WEB))) == [f"Host {WEB}"]


@pytest.mark.parametrize(
    ("platform", "kind", "user"),
    [
        ("Amazon Linux 2023", NodeKind.EC2, "    User ec2-user"),
        ("Debian GNU/Linux", NodeKind.EC2, "    User admin"),
        ("Red Hat Enterprise Linux", NodeKind.EC2, None),
        ("Microsoft Windows Server 2022", NodeKind.EC2, None),
        ("Ubuntu", NodeKind.HYBRID, None),
    ],
)
def test_a_user_is_named_where_the_image_leaves_no_choice(platform: str, kind: NodeKind, user: str | None) -> None:
    text = configuration(replace(running(called("web-1"), platform), kind=kind))
    assert [line for line in text.splitlines() if line.startswith("    User")] == ([user] if user else [])


def test_what_a_shell_or_ssh_would_take_apart_is_quoted() -> None:
    text = configuration(called("web-1"), options=("--profile", "50% $(touch x) o'clock"))
    assert f"ssmtui connect {WEB} --profile '50%% $(touch x) o'\"'\"'clock' --document-name" in text


@pytest.mark.skipif(not SSH, reason="the stock ssh is not here")
def test_the_stock_ssh_puts_the_person_s_own_blocks_first(tmp_path: Path) -> None:
    (tmp_path / "ssmtui.conf").write_text(configuration(running(called("web-1"), "Ubuntu")))
    own = tmp_path / "config"
    own.write_text(f"Host web-1\n    User me\nMatch all\n    Include {tmp_path}/ssmtui.conf\n")
    told = subprocess.run([SSH, "-G", "-F", own, "web-1"], capture_output=True, text=True, check=True).stdout
    assert f"hostname {WEB}\n" in told
    assert "user me\n" in told


@given(st.text(max_size=30))
def test_whatever_a_name_holds_the_lines_are_those_of_one_host(name: str) -> None:
    lines = [line for line in configuration(called(name)).splitlines() if line and not line.startswith("#")]
    assert [line.split()[0] for line in lines] == ["Host", "HostName", "ProxyCommand", "User"]
    assert WEB in lines[0].split()
