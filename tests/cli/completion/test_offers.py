"""What is offered where on the line, as click asks for it whatever the shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli import completion
from ssmtui.cli.commands import commands
from ssmtui.simulator.worlds import names


@pytest.fixture(autouse=True)
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two profiles, and nodes that were listed with one of them."""
    config = tmp_path / "config"
    config.write_text(
        "[default]\nregion = eu-west-3\n[profile prod]\nsso_account_id = 123456789012\n[profile $(reboot)]\n"
    )
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    nodes = tmp_path / "nodes.json"
    nodes.write_text(
        json.dumps(
            {
                "format": 1,
                "scopes": [
                    scope("default", "eu-west-3", {"i-1": "web-1", "i-2": "$(reboot)", "i-3": ""}),
                    scope("default", "eu-west-1", {"i-4": "web-4"}),
                    scope("prod", "eu-west-3", {"i-5": "web-5"}),
                ],
            }
        )
    )
    monkeypatch.setattr(completion, "cache_file", lambda: nodes)
    return tmp_path


def scope(profile: str, region: str, nodes: Mapping[str, str]) -> Mapping[str, object]:
    return {"profile": profile, "region": region, "endpoint": "", "nodes": [list(each) for each in nodes.items()]}


def offered(line: str) -> list[str]:
    *words, incomplete = line.split(" ")
    items = ShellComplete(commands, {}, "ssmtui", "_SSMTUI_COMPLETE").get_completions(words, incomplete)
    return [item.value for item in items]


def test_commands_stand_first_and_nodes_where_the_app_would_be_opened_on_them() -> None:
    assert offered("")[:2] == ["check", "explain"]
    assert offered("")[-6:] == ["i-1", "i-2", "i-3", "i-4", "web-1", "web-4"]
    assert offered("ch") == ["check", "checks"]
    assert offered("web-1 ") == ["i-1", "i-2", "i-3", "i-4", "web-4"]
    assert "open" not in offered("")


def test_a_command_is_offered_behind_options_too() -> None:
    assert offered("--profile prod ch") == ["check", "checks"]
    assert offered("--read-only ex") == ["explain"]


def test_nodes_are_those_of_the_profile_and_region_of_the_line() -> None:
    assert offered("check web") == ["web-1", "web-4"]
    assert offered("connect --region eu-west-1 web") == ["web-4"]
    assert offered("connect --profile prod ") == ["i-5", "web-5"]
    assert offered("--profile p* probe web") == ["web-5"]
    assert offered("explain --node web") == ["web-1", "web-4"]
    assert offered("tunnel --endpoint-url http://127.0.0.1:1 web") == []


def test_the_environment_says_where_nodes_are_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    assert offered("check web") == ["web-5"]
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert offered("check web") == ["web-4"]


def test_what_a_shell_would_not_take_as_it_stands_is_never_offered() -> None:
    assert [word for word in offered("check ") if "reboot" in word] == []
    assert offered("--profile ") == ["default", "prod"]


def test_regions_are_those_of_botocore_and_all_of_them() -> None:
    regions = offered("check --region ")
    assert regions[0] == "all"
    assert {"eu-west-3", "us-gov-west-1", "cn-north-1"} <= set(regions)
    assert "aws-global" not in regions
    assert offered("--region eu-west-") == ["eu-west-1", "eu-west-2", "eu-west-3"]


def test_slugs_and_fixes_are_those_of_the_catalogue() -> None:
    assert offered("causes ") == list(catalogue())
    assert offered("explain kms-node-") == ["kms-node-denied"]
    assert offered("fix ") == [slug for slug, cause in catalogue().items() if cause.fixes]
    ranked = [fix.slug for fix in catalogue()["kms-node-denied"].fixes]
    assert offered("fix kms-node-denied --with ") == ranked
    assert set(ranked) < set(offered("fix --with "))


def test_scenarios_formats_and_shells_are_offered() -> None:
    assert offered("demo --scenario ") == list(names())
    assert "json" in offered("check --format ")
    assert offered("fix x --as te") == ["terraform"]
    assert offered("completion ") == ["bash", "zsh", "fish", "powershell"]


def test_options_are_those_of_the_command() -> None:
    assert "--fail-on" in offered("check --fa")


def test_nothing_that_takes_long_is_loaded_for_it(tmp_path: Path) -> None:
    line = "ssmtui check web"
    environment = {**os.environ, "COMP_WORDS": line, "COMP_CWORD": "2", "_SSMTUI_COMPLETE": "bash_complete"}
    program = (
        "import sys; sys.argv = ['ssmtui']\nfrom ssmtui.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    print(*sorted(sys.modules))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = told.stdout.splitlines()[-1].split()
    heavy = ("textual", "botocore", "boto3", "aiobotocore", "rich", "ruamel", "ssmtui.ui", "ssmtui.diagnosis")
    assert [name for name in heavy if name in loaded] == []
