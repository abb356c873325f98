from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ssmtui.simulator.scenario import Verdict, fleet_expectation
from ssmtui.simulator.worlds import names, world

# In a program of its own, where no fixture tells of it.
pytestmark = pytest.mark.simulated


def demo(home: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """The demonstration without a terminal, for a person with a profile and a Region of their own."""
    return subprocess.run(
        [sys.executable, "-m", "ssmtui", "demo", *line],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "AWS_PROFILE": "mine",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_report_names_every_seeded_root_cause_and_no_healthy_node_fails(tmp_path: Path) -> None:
    told = demo(tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    rows = {
        line.split()[2]: line for line in told.stdout.splitlines() if line[:1] in "✖▲●?■" and " i-" in line[:5] + " "
    }
    nodes = [node for region in world("demo").regions for node in region.nodes]
    marks = {Verdict.OK: "●", Verdict.FAIL: "✖", Verdict.WARN: "▲", Verdict.STOPPED: "■", Verdict.UNKNOWN: "?"}
    table = told.stdout.partition("\n\n")[2].partition("\n\n")[0]
    rows = {line.split()[2]: line for line in table.splitlines()[1:]}
    assert rows.keys() == {node.name for node in nodes}
    for node in nodes:
        expected = fleet_expectation(node)
        assert rows[node.name].startswith(marks[expected.verdict]), rows[node.name]
        if expected.root_cause:
            assert f"{expected.root_cause}:" in rows[node.name]
    assert list(tmp_path.iterdir()) == []


def test_another_world(tmp_path: Path) -> None:
    told = demo(tmp_path, "--scenario", "key-disabled")
    assert told.returncode == 0
    assert "kms-key-disabled" in told.stdout


def test_a_world_of_several_accounts_is_shown_whole(tmp_path: Path) -> None:
    told = demo(tmp_path, "--scenario", "organization")
    assert told.returncode == 0
    assert "222233334444" in told.stdout
    assert "till-1" in told.stdout
    assert "Could not assume the role arn:aws:iam::444455556666:role/Audit" in told.stdout


def test_unknown_world_is_a_usage_error_that_says_where_all_are_listed(tmp_path: Path) -> None:
    told = demo(tmp_path, "--scenario", "atlantis")
    assert told.returncode == 2
    assert "demo --scenario" in told.stderr


def test_without_a_name_the_worlds_are_listed_with_what_they_show(tmp_path: Path) -> None:
    told = demo(tmp_path, "--scenario")
    titles, first, *others = told.stdout.splitlines()
    assert (told.returncode, told.stderr, titles.split()) == (0, "", ["SCENARIO", "DESCRIPTION"])
    assert first.split()[0] == "demo"
    assert [line.split()[0] for line in others] == sorted(name for name in names() if name != "demo")
    assert all(world(line.split()[0]).summary in line for line in others)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ((), "this computer cannot run a real node. The SSM Agent is not in "),
        (("--scenario", "key-disabled"), "a real node needs a scenario with a role for hybrid nodes, such as demo."),
        # Nobody outside of its namespaces reaches it.
        (("--serve",), "use --serve or --real-node, not both"),
    ],
)
def test_a_real_node_needs_the_agent_and_a_role(tmp_path: Path, line: tuple[str, ...], said: str) -> None:
    told = demo(tmp_path, *line, "--real-node", str(tmp_path))
    assert (told.returncode, told.stdout) == (2, "")
    assert said in told.stderr
