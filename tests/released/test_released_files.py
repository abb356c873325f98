"""Files that each released version wrote are read by this one; so are files of older and newer types."""

from __future__ import annotations

import gzip
import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ssmtui.cli.replay import replay_of
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
from ssmtui.evidence.snapshots.snapshot_file import ReadSnapshot, read_snapshot
from ssmtui.evidence.snapshots.values import fact_schema_hash
from ssmtui.model.scope import ScopeName
from ssmtui.remediation.apply import journal_entries
from ssmtui.remediation.apply.journal import FILE_NAME as JOURNAL_NAME
from ssmtui.remediation.apply.journal import Journal
from ssmtui.ui.state import ui_state
from ssmtui.ui.state.ui_state import FILE_NAME as UI_STATE_NAME
from ssmtui.ui.state.ui_state import SortOrder, UiState, UiStateFile

VERSIONS = sorted(path for path in Path(__file__).parent.iterdir() if (path / JOURNAL_NAME).exists())
ROOT_CAUSES: dict[str, dict[str, str | None]] = {
    "agent-asleep": {"web-1": None, "sleeper-1": "agent-hibernating", "drifter-1": "node-clock-skewed"},
    "key-missing": {"web-1": "kms-key-missing", "web-2": "kms-key-missing"},
    "log-group-unreadable": {"web-1": None, "queue-1": "log-group-unreadable"},
}
"""What each snapshot shows: the root causes by the names of the nodes."""

every_version = pytest.mark.parametrize("folder", VERSIONS, ids=lambda path: path.name)
Lines = list[dict[str, Any]]
Change = Callable[[dict[str, Any]], object]


def root_causes(read: ReadSnapshot) -> dict[str, str | None]:
    """Replay a snapshot."""
    replay = ReplayedDiagnosis(read.snapshot, "it is a snapshot")
    try:
        state = follow(replay)
    finally:
        replay.close()
    return {state.nodes[key].name: verdict.root_cause for key, verdict in state.verdicts.items()}


@every_version
@pytest.mark.parametrize("name", ROOT_CAUSES)
def test_a_snapshot_of_a_released_version_shows_the_same(folder: Path, name: str) -> None:
    with (folder / f"{name}.snapshot").open("rb") as file:
        read = read_snapshot(file)
    assert read.left_out == 0
    assert root_causes(read) == ROOT_CAUSES[name]


@every_version
def test_a_journal_of_a_released_version_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / JOURNAL_NAME).write_bytes((folder / JOURNAL_NAME).read_bytes())
    read = Journal(tmp_path).read()
    assert read.damaged == ()
    assert read.changes


@every_version
def test_a_ui_state_of_a_released_version_is_read(folder: Path) -> None:
    assert UiStateFile(folder).read() == UiState(
        theme="nord",
        columns=("verdict", "name", "why"),
        order=SortOrder("name", descending=True),
        filters=(("mine", "tag:Owner=alex"),),
        recent_filters=("verdict:fail",),
        scopes=(ScopeName("prod", "us-east-1"),),
    )


def values_of(told: Any, kind: str) -> Iterator[dict[str, Any]]:
    """The values of a type within a value."""
    if isinstance(told, dict) and told.get("$") == kind:
        yield told
    for each in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from values_of(each, kind)


ADDED: tuple[tuple[str, str, object], ...] = (
    ("AccountProfiles", "unreadable", []),
    ("AccountRoles", "unreadable", []),
    ("Bucket", "account", None),
    ("BucketEncryption", "has_bucket_key", False),
    ("Endpoint", "interface_ids", []),
    ("EvaluationResult", "lacked", []),
    ("Instance", "instance_type", ""),
    ("Instance", "managed_by", None),
    ("Registration", "source_type", ""),
    ("Registration", "source_id", ""),
    ("Registration", "source_location", ""),
    ("Scope", "has_long_term_key", False),
    ("ManagedFleet", "is_whole", True),
    ("Subnet", "firewall", None),
)


def snapshot_with(kind: str, change: Change, **head: str) -> bytes:
    """A snapshot in which each value of a type was changed."""
    lines: Lines = [
        json.loads(line)
        for line in gzip.decompress((VERSIONS[-1] / "log-group-unreadable.snapshot").read_bytes()).splitlines()
    ]
    lines[0].update(head)
    # Members that were added since 0.1.0: without them, every value of their types counts as adapted.
    for type_, member, default in ADDED:
        for value in [each for line in lines for each in values_of(line, type_)]:
            value.setdefault(member, default)
    found = [each for line in lines for each in values_of(line.get("value"), kind)]
    assert found
    for each in found:
        change(each)
    return "\n".join(map(json.dumps, lines)).encode()


DEFAULTED = ("RouteTable", lambda told: told.pop("gateway_ids"))
IGNORED = ("RouteTable", lambda told: told.update(colour="blue"))


@pytest.mark.parametrize(
    ("kind", "change", "left_out", "is_adapted"),
    [
        pytest.param(*DEFAULTED, 0, True, id="older: without a member that has a default"),
        pytest.param("LogGroup", lambda told: told.pop("arn"), 2, False, id="older: without another member"),
        pytest.param(*IGNORED, 0, True, id="newer: with a member that is not known"),
        pytest.param("LogGroup", lambda told: told.update({"$": "LogStore"}), 2, False, id="of a type that is gone"),
        pytest.param("LogGroup", lambda told: told.update(arn=7), 2, False, id="a member of another type"),
    ],
)
def test_a_snapshot_of_other_types_is_read_and_what_is_not_understood_is_unknown(
    kind: str, change: Change, left_out: int, *, is_adapted: bool
) -> None:
    read = read_snapshot(io.BytesIO(snapshot_with(kind, change, facts="another version's")))
    assert (read.left_out, read.is_adapted) == (left_out, is_adapted)
    expected = ROOT_CAUSES["log-group-unreadable"]
    found = root_causes(read)
    assert found == expected if not left_out else found.keys() == expected.keys()


@pytest.mark.parametrize(("kind", "change"), [DEFAULTED, IGNORED])
@pytest.mark.parametrize(("head", "said"), [({"facts": fact_schema_hash()}, 0), ({"facts": "another version's"}, 1)])
def test_of_members_a_message_tells_once_if_the_types_are_others(
    kind: str, change: Change, head: dict[str, str], said: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "older.snapshot"
    file.write_bytes(snapshot_with(kind, change, **head))
    assert replay_of({"replays": (file,), "profiles": (), "regions": ()})
    assert capsys.readouterr().err.count("Unknown members of its values are ignored") == said


def journal_with(folder: Path, change: Change) -> tuple[int, int]:
    """How many changes and damaged lines a journal has of which the first entry was changed."""
    first, *others = (VERSIONS[-1] / JOURNAL_NAME).read_text().splitlines()
    told = json.loads(first)
    change(told)
    (folder / JOURNAL_NAME).write_text("\n".join((json.dumps(told), *others)) + "\n")
    read = Journal(folder).read()
    return len(read.changes), len(read.damaged)


@pytest.mark.parametrize(
    ("change", "damaged"),
    [
        pytest.param(lambda told: told.pop("awaited_by"), 0, id="older: without a member that has a default"),
        pytest.param(lambda told: told.pop("title"), 1, id="older: without another member"),
        pytest.param(lambda told: told.update(approved_by="alex"), 0, id="newer: with a member that is not known"),
        pytest.param(lambda told: told["calls"][0].update(retries=3), 0, id="newer: with one further inside"),
        pytest.param(lambda told: told["subject"].update(kind="planet"), 1, id="of a kind that is gone"),
        pytest.param(lambda told: told["calls"][0].update(operation="Former"), 1, id="of a call that is gone"),
    ],
)
def test_a_journal_of_other_types_is_read(change: Change, damaged: int, tmp_path: Path) -> None:
    whole, none = journal_with(tmp_path, lambda told: told)
    assert none == 0
    found, found_damaged = journal_with(tmp_path, change)
    assert (found, found_damaged >= damaged) == (whole - damaged, True)
    assert bool(found_damaged) == bool(damaged)


@pytest.mark.parametrize(
    ("change", "is_understood"),
    [
        pytest.param(lambda told: told.pop("columns"), True, id="older: without a member that has a default"),
        pytest.param(lambda told: told["scopes"][0].pop("role"), True, id="older: without one further inside"),
        pytest.param(lambda told: told["order"].pop("column"), False, id="older: without another member"),
        pytest.param(lambda told: told.update(mood="good"), True, id="newer: with a member that is not known"),
        pytest.param(lambda told: told.update(columns={"of": []}), False, id="a member of another type"),
    ],
)
def test_a_ui_state_of_other_types_is_read(change: Change, *, is_understood: bool) -> None:
    told = json.loads((VERSIONS[-1] / UI_STATE_NAME).read_text())
    change(told)
    if is_understood:
        assert ui_state.ui_state_from_json(json.dumps(told))[0].theme == "nord"
    else:
        with pytest.raises(ui_state.MalformedUiState):
            ui_state.ui_state_from_json(json.dumps(told))


def test_members_that_are_not_known_are_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal_entries._log_unknown_members.cache_clear()
    ui_state._log_unknown_members.cache_clear()
    told = json.loads((VERSIONS[-1] / UI_STATE_NAME).read_text()) | {"mood": "good"}
    with caplog.at_level(logging.WARNING, "ssmtui"):
        for _ in range(2):
            journal_with(tmp_path, lambda told: told.update(approved_by="alex"))
            ui_state.ui_state_from_json(json.dumps(told))
    assert [record.name for record in caplog.records] == [journal_entries.__name__, ui_state.__name__]
