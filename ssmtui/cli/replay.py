"""`--replay FILE`: diagnose snapshots instead of AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ssmtui.cli.errors import UndeterminedError, UsageError
from ssmtui.cli.printing import print_message
from ssmtui.language import say
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis
    from ssmtui.evidence.snapshots.snapshot_file import Snapshot


_DECIDED = {
    "roles": "--role-arn",
    "organization": "--organization",
    "accounts": "--account",
    "external_id": "--external-id",
    "endpoint_url": "--endpoint-url",
    "judged": "--for",
    "document": "--document-name",
    "timeout": "--timeout",
}
"""Options about what is read from AWS: fixed when the snapshot was recorded."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Snapshots, merged into one."""

    snapshot: Snapshot

    @property
    def made(self) -> datetime:
        """Return when the newest snapshot was recorded."""
        return self.snapshot.made

    @property
    def why_not(self) -> str:
        """Return why nothing can be read, changed or opened."""
        return say("snapshot, recorded at {made}: AWS is not contacted", made=f"{self.made:%Y-%m-%d %H:%M} UTC")

    def only(self, profiles: Sequence[str], regions: Sequence[str]) -> Replay:
        """Return the part of these profiles and Regions; everything if none is given."""
        from ssmtui.evidence.snapshots.snapshot_file import filter_snapshot

        return replace(self, snapshot=filter_snapshot(self.snapshot, profiles, regions))

    def diagnosis(self, nodes: Sequence[str], skipped: frozenset[str] = frozenset()) -> ReplayedDiagnosis:
        """Start the diagnosis of the snapshot."""
        from ssmtui.diagnosis.replayed_diagnosis import ReplayedDiagnosis

        return ReplayedDiagnosis(self.snapshot, self.why_not, nodes, skipped)


def replay_of(common: Mapping[str, object]) -> Replay | None:
    """Return the snapshots of a command, filtered by its options; None if there are none.

    Raises:
        UsageError: an option contradicts the recorded snapshot.
        UndeterminedError: a file is not a snapshot, or has nothing that the options select.

    """
    files = cast("tuple[Path, ...]", common.get("replays", ()))
    if not files:
        return None
    if option := next((option for name, option in _DECIDED.items() if common.get(name)), None):
        raise UsageError(say("{option} is only possible when a snapshot is recorded: leave it out", option=option))
    from ssmtui.evidence.snapshots.snapshot_file import merge_snapshots

    whole = Replay(merge_snapshots([_read(file) for file in files]))
    meant = whole.only(cast("tuple[str, ...]", common["profiles"]), cast("tuple[str, ...]", common["regions"]))
    if whole.snapshot.scopes and not (meant.snapshot.scopes or meant.snapshot.errors):
        held = ", ".join(sorted({each.head.scope.region for each in whole.snapshot.scopes}))
        raise UndeterminedError(
            say("the snapshot does not contain that profile and Region; it contains: {held}", held=held)
        )
    return meant


def _read(file: Path) -> Snapshot:
    from ssmtui.evidence.snapshots.snapshot_file import InvalidSnapshot, read_snapshot

    name = printable(str(file))
    try:
        with file.open("rb") as opened:
            read = read_snapshot(opened)
    except InvalidSnapshot as error:
        raise UndeterminedError(say("{file} {why_not}.", file=name, why_not=printable(str(error)))) from error
    except OSError as error:
        raise UsageError(say("{file} cannot be read: {error}", file=name, error=error.strerror)) from error
    if read.left_out:
        sentence = say(
            "{file} was recorded by ssmtui {version}. {count} of its values have an unknown format and count as "
            "unknown.",
            file=name,
            version=printable(read.snapshot.version),
            count=read.left_out,
        )
        print_message(sentence)
    if read.is_adapted:
        sentence = say(
            "{file} was recorded by ssmtui {version}. Unknown members of its values are ignored; missing members get "
            "their default values.",
            file=name,
            version=printable(read.snapshot.version),
        )
        print_message(sentence)
    return read.snapshot
