"""What only GitHub reads is of the form that GitHub asks for, and runs only what runs here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

TREE = Path(__file__).parents[1]
WORKFLOWS = sorted((TREE / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(each for each in (TREE / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if each.stem != "config")
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-issue-forms": FORMS,
    "dependabot": [TREE / ".github" / "dependabot.yml"],
    "github-issue-config": [TREE / ".github" / "ISSUE_TEMPLATE" / "config.yml"],
}
MAKEFILES = [TREE / "Makefile", TREE / "tools" / "Makefile"]
# Pages that tell people what to run.
PAGES = [TREE / "README.md", TREE / "CONTRIBUTING.md", *sorted((TREE / "docs").rglob("*.md"))]


@pytest.mark.long
@pytest.mark.parametrize("schema", SCHEMAS)
def test_what_github_reads_keeps_its_schema(schema: str) -> None:
    files = [str(each) for each in SCHEMAS[schema]]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_command_of_a_workflow_is_a_make_target() -> None:
    commands = [step["run"] for file in WORKFLOWS for step in steps(file) if "run" in step]
    assert commands
    assert [each for each in commands if not re.fullmatch(r"make [a-z-]+ PYTHON=python", each)] == []
    assert {each.split()[1] for each in commands} - targets() == set()


def test_every_hook_before_a_commit_is_a_make_target() -> None:
    [own] = loaded(TREE / ".pre-commit-config.yaml")["repos"]
    assert own["repo"] == "local"
    entries = [hook["entry"].split() for hook in own["hooks"]]
    assert entries
    assert [each for each in entries if each[0] != "make" or each[1] not in targets()] == []


def test_a_pull_request_runs_all_that_make_whole_runs() -> None:
    jobs = loaded(TREE / ".github" / "workflows" / "test.yml")["jobs"]
    run = [step["run"].split()[1] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert planned(*run) == planned("whole")


def test_tests_run_on_three_systems_and_every_python_that_the_package_names() -> None:
    matrix = loaded(TREE / ".github" / "workflows" / "test.yml")["jobs"]["unit"]["strategy"]["matrix"]
    with (TREE / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    named = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert matrix == {"os": ["ubuntu-latest", "macos-latest", "windows-latest"], "python": named}
    assert project["requires-python"] == f">={named[0]}"


def test_actions_are_github_s_own_or_pypa_s_and_pinned_by_a_commit_beside_its_version() -> None:
    lines = [line.strip() for file in WORKFLOWS for line in file.read_text(encoding="utf-8").splitlines()]
    used = {line.removeprefix("- ") for line in lines if "uses:" in line}
    pinned = r"uses: (actions/[a-z-]+|pypa/gh-action-pypi-publish)@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    assert used
    assert [each for each in used if not re.fullmatch(pinned, each)] == []
    # One version of each action, so that whoever moves a pin moves it everywhere.
    assert len({each.partition("@")[0] for each in used}) == len(used)


def test_no_job_may_write_but_those_that_attest_and_publish_and_none_of_these_runs_our_code() -> None:
    for file in WORKFLOWS:
        workflow = loaded(file)
        assert workflow["permissions"] in ({}, {"contents": "read"})
        for name, job in workflow["jobs"].items():
            writes = {each for each, level in job.get("permissions", {}).items() if level == "write"}
            expected = {"attest": {"attestations", "id-token"}, "publish": {"id-token"}}.get(name, set())
            assert writes == expected, (file.name, name)
            assert not writes or not any("run" in step or "checkout" in step["uses"] for step in job["steps"])


def test_only_what_was_attested_is_published_and_no_secret_is_used() -> None:
    workflow = WORKFLOWS[0].parent / "release.yml"
    jobs = loaded(workflow)["jobs"]
    assert (jobs["attest"]["needs"], jobs["publish"]["needs"]) == ("build", "attest")
    assert jobs["publish"]["environment"]["name"] == "pypi"
    assert "secrets." not in workflow.read_text(encoding="utf-8")
    [downloaded] = [step["with"]["name"] for step in jobs["publish"]["steps"] if "with" in step]
    attested = [step["with"] for step in jobs["attest"]["steps"] if "subject-path" in step["with"]]
    assert downloaded == "distributions"
    assert [each["subject-path"] for each in attested] == ["dist/*", "dist/*"]
    assert [each.get("sbom-path") for each in attested] == [None, "build/ssmtui.cdx.json"]


@pytest.mark.parametrize("page", PAGES, ids=lambda each: each.relative_to(TREE).as_posix())
def test_a_page_tells_of_no_make_target_that_is_not_there(page: Path) -> None:
    told = set(re.findall(r"(?:^|`)make (?:-C tools )?([a-z][a-z-]*)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert told - targets() == set()


@pytest.mark.parametrize("makefile", MAKEFILES, ids=lambda each: each.relative_to(TREE).as_posix())
def test_make_knows_what_to_run_for_every_target(makefile: Path) -> None:
    assert planned(*sorted(declared(makefile)), makefile=makefile)


def test_the_makefile_finds_the_targets_of_maintainers() -> None:
    commands = planned("bench", makefile=MAKEFILES[1])
    assert commands
    assert commands <= planned("bench")


@pytest.mark.parametrize("makefile", MAKEFILES, ids=lambda each: each.relative_to(TREE).as_posix())
def test_every_target_is_in_the_help_and_in_contributing(makefile: Path) -> None:
    helped = re.findall(r"^([a-z-]+):.* ## ", makefile.read_text(encoding="utf-8"), re.MULTILINE)
    told = re.findall(r"\bmake ([a-z-]+)", (TREE / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert declared(makefile) - {"help"} == set(helped) - {"help"}
    assert declared(makefile) - set(told) == set(), "CONTRIBUTING.md tells of every target"


def test_people_use_at_most_fifteen_targets_daily() -> None:
    assert len(re.findall(r"^[a-z-]+:.* ## ", (TREE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)) <= 15


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    """The steps of every job."""
    for job in loaded(workflow)["jobs"].values():
        yield from job["steps"]


def loaded(file: Path) -> Any:
    """The document of a YAML file."""
    return YAML(typ="safe").load(file)


@cache
def targets() -> frozenset[str]:
    """The targets of both Makefiles: the first finds those of the other."""
    return frozenset().union(*map(declared, MAKEFILES))


def declared(makefile: Path) -> set[str]:
    """The targets of a Makefile, as it lists them."""
    [listed] = re.findall(r"^\.PHONY: ([a-z -]+)$", makefile.read_text(encoding="utf-8"), re.MULTILINE)
    return set(listed.split())


def planned(*targets: str, makefile: Path = MAKEFILES[0]) -> set[str]:
    """The commands that `make` would run for targets of a Makefile; none where it lacks one of them."""
    make = shutil.which("make")
    assert make is not None
    # Where the tests themselves are run by make, it hands its own options down.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = [make, "--dry-run", "--no-print-directory", f"--file={makefile}", f"PYTHON={sys.executable}", *targets]
    answer = subprocess.run(command, cwd=TREE, env=environment, capture_output=True, text=True, check=False)
    return set(answer.stdout.splitlines()) if answer.returncode == 0 else set()
