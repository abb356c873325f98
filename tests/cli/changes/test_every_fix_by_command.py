"""Every fix by the command line alone: a report, the preview of what it offers, `--yes`, a report, `undo`, a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui
from tests.remediation.apply.fix_cases import CASES, Case


@dataclass(frozen=True)
class Reported:
    """What a report says: the verdict and root cause of each node, and the status of each finding, by their ids."""

    stands: Mapping[str, tuple[str, str | None]]
    found: Mapping[str, str]

    @property
    def failing(self) -> frozenset[str]:
        """The nodes that no session opens on."""
        return frozenset(id_ for id_, (verdict, _) in self.stands.items() if verdict == "fail")


def report(ssmtui: Ssmtui) -> Reported:
    told = ssmtui("check", "--format", "json")
    assert told.returncode in (0, 3), told.stderr
    shown = json.loads(told.stdout)
    return Reported(
        {each["id"]: (each["verdict"], each["root_cause"]) for each in shown["nodes"]},
        {each["id"]: each["status"] for each in shown["findings"]},
    )


def written(aws: SimulatedAws) -> list[str]:
    return [entry.operation for entry in aws.journal.entries if entry.write]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_red_fix_green_undo_red_by_command(case: Case, aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load(case.scenario)
    before = report(ssmtui)
    finding = min(each for each in before.found if each.startswith(f"{case.cause}@"))
    chosen = [word for name, value in case.chosen for word in ("--set", f"{name}={value}")]
    asked = ("fix", finding, "--with", case.fix, *chosen)

    aws.journal.clear()
    preview = ssmtui(*asked)
    assert (preview.returncode, preview.stderr) == (0, "")
    assert "To apply this change, add --yes." in preview.stdout
    assert written(aws) == []

    made = ssmtui(*asked, "--yes")
    assert (made.returncode, made.stderr) == (0, "")
    title = preview.stdout.splitlines()[0].rpartition(" (")[0]
    assert f"Applied: {title} (change " in made.stdout
    assert written(aws)
    after = report(ssmtui)
    # What has yet to show is a warning until then, and what weighs less stays one.
    assert after.found.get(finding) in ({None, "warn"} if case.eases or before.found[finding] == "fail" else {None})
    assert after.failing <= before.failing

    aws.journal.clear()
    back = ssmtui("undo")
    assert written(aws) == []
    if case.stays:
        assert (back.returncode, back.stdout) == (5, "")
        return
    assert (back.returncode, back.stderr) == (0, "")
    assert f"Undo: {title} (" in back.stdout
    undone = ssmtui("undo", "--yes")
    assert (undone.returncode, undone.stderr) == (0, "")
    again = report(ssmtui)
    if case.after_undo:
        assert {cause for _, cause in again.stands.values()} == {case.after_undo}
    else:
        assert again.stands == before.stands
        assert finding in again.found
