from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ssmtui.cli.errors import UsageError
from ssmtui.cli.ssh_config import connect_options
from ssmtui.simulator.in_thread import SimulatedAws
from tests.builders.fleet import a_scope
from tests.cli.conftest import Ssmtui

SSH = shutil.which("ssh") or ""
with_ssh = pytest.mark.skipif(not SSH, reason="the stock ssh is not here")


def as_ssh_reads_it(text: str, host: str, folder: Path) -> dict[str, str]:
    """What the stock ssh makes of a configuration for a host."""
    file = folder / "ssmtui.conf"
    file.write_text(text, encoding="utf-8")
    told = subprocess.run([SSH, "-G", "-F", file, host], capture_output=True, text=True, check=True)
    return dict(line.split(" ", 1) for line in told.stdout.splitlines() if " " in line)


@with_ssh
def test_the_stock_ssh_finds_a_node_by_its_name_and_by_its_id(
    aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path
) -> None:
    aws.load("healthy-small")
    told = ssmtui("ssh-config", "--region", aws.regions[0])
    assert (told.returncode, told.stderr) == (0, "")
    by_name = as_ssh_reads_it(told.stdout, "web-1", tmp_path)
    by_id = as_ssh_reads_it(told.stdout, by_name["hostname"], tmp_path)
    assert by_name["hostname"].startswith("i-")
    assert by_name["proxycommand"] == by_id["proxycommand"]
    assert by_name["proxycommand"].endswith(
        f" connect {by_name['hostname']} --region {aws.regions[0]} --endpoint-url {aws.endpoint_url}"
        " --document-name AWS-StartSSHSession --parameter portNumber=%p"
    )


def test_it_reads_the_list_of_nodes_and_writes_nothing_in_read_only_mode_too(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    aws.journal.clear()
    told = ssmtui("ssh-config", "web-1", "--read-only")
    assert told.returncode == 0
    assert told.stdout.count("\nHost ") == 1
    assert {entry.operation for entry in aws.journal.entries} == {
        "GetCallerIdentity",
        "DescribeInstances",
        "DescribeInstanceProperties",
    }


def test_a_node_that_is_not_there_is_said_and_nothing_printed(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui("ssh-config", "web-99")
    assert (told.returncode, told.stdout) == (4, "")
    assert told.stderr.startswith("ssmtui: Unknown node: web-99. Region searched: eu-west-3. Similar nodes: web-1")


def test_the_profile_that_the_environment_names_is_carried_along() -> None:
    told = connect_options(a_scope(), None, {"AWS_PROFILE": "prod east", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert told == (
        *("--profile", "prod east"),
        *("--region", a_scope().region),
        *("--endpoint-url", "http://127.0.0.1:1"),
    )


def test_a_profile_that_would_end_the_line_is_refused() -> None:
    with pytest.raises(UsageError, match=r"prod\\x0aProxyCommand x is not possible in an SSH configuration"):
        connect_options(a_scope(), None, {"AWS_PROFILE": "prod\nProxyCommand x"})
