"""Send hostile texts through everything (`make hostile`, ARGS="--examples 500 --seed 7")."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ssmtui.simulator.in_thread import serving
from tests.simulated_aws import point_at
from tools.trust.hostile import handovers, kept, later, reports, screens, snapshots, terminal
from tools.trust.hostile.cost import cost_faults, redaction_faults
from tools.trust.hostile.texts import BEYOND, KINDS, LARGE, SURROGATES, documents, hostile
from tools.trust.tally import Tally, keep

ASKED = (
    "Puts hostile text into every name, tag, document, error and journal entry: markup, control sequences, "
    "bidirectional and invisible characters, NUL, half surrogates, values of 64 kB, and shell, HTML, CSV and YAML "
    "syntax. No terminal, page, spreadsheet or shell must interpret it as a command. A printed bash command must "
    "send the same request as the API call. Parsing must end with a readable error."
)


class Trial:
    """The tests so far, and the failures: each kind once, with the shortest text that shows it."""

    def __init__(self, number: int, examples: int) -> None:
        self.seed, self.examples = number, examples
        self.tried = Counter[str]()
        self.lost: list[str] = []

    def one(self, what: str, text: object, found: Iterable[str]) -> None:
        """Test one text."""
        self.tried[what] += 1
        try:
            for fault in found:
                self.lost.append(f"{what}, {text!r:.120}: {fault:.400}")
                break
        except Exception as error:  # noqa: BLE001 - one more that does not hold
            self.lost.append(f"{what}, {text!r:.120}: {error!r:.400}")

    def many(
        self, what: str, texts: st.SearchStrategy[str], look: Callable[[str], Iterable[str]], share: float = 1
    ) -> None:
        """Test texts from Hypothesis; record the shortest one that fails."""

        @seed(self.seed)
        @settings(
            max_examples=max(int(self.examples * share), 1),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(texts)
        def holds(text: str) -> None:
            self.tried[what] += 1
            assert list(look(text))[:1] == []

        try:
            holds()
        except Exception as error:  # noqa: BLE001 - whatever it was, it is told with its text
            notes = " ".join(getattr(error, "__notes__", ()))
            self.lost.append(f"{what}, {notes[:300]}: {str(error)[:400]}")

    def told(self) -> str:
        """Return the number of texts by test."""
        return ", ".join(f"{count:,} {what}" for what, count in self.tried.items())

    def timed(self, what: str, text: str, look: Callable[[str], Iterable[str]], most: float) -> None:
        """Test that a text takes at most this many seconds of CPU time."""
        begun = time.process_time()
        self.one(what, text[:60], look(text))
        if (took := time.process_time() - begun) > most:
            self.lost.append(f"{what}, {text[:60]!r} of {len(text)}: it took {took:.0f} s")


def main() -> int:
    """Run all tests, and store the tally."""
    parser = argparse.ArgumentParser(prog="make hostile")
    parser.add_argument("--examples", type=int, default=200, help="texts that are drawn for each property")
    parser.add_argument("--seed", type=int, default=13)
    asked = parser.parse_args()
    begun = time.monotonic()
    trial = Trial(asked.seed, asked.examples)
    for label, part in _PARTS.items():
        part(trial)
        print(f"{label}: {trial.told()}, {len(trial.lost)} lost, {time.monotonic() - begun:.0f} s", flush=True)
    return keep(
        Tally(
            "hostile",
            ASKED,
            sum(trial.tried.values()),
            "texts",
            lost=tuple(trial.lost),
            seeds=(trial.seed,),
            seconds=time.monotonic() - begun,
            notes=(
                f"Texts by destination: {trial.told()}.",
                "PowerShell is not run: its quoting is compared with the documented rules.",
            ),
        )
    )


def _terminal(trial: Trial) -> None:
    trial.one("bytes to the terminal", "all of them", terminal.faults())


def _of_each_kind(trial: Trial) -> None:
    with tempfile.TemporaryDirectory() as folder:
        aws = handovers.StandIn(Path(folder))
        for text in (*KINDS.values(), SURROGATES):
            trial.one("reports", text, reports.faults(text))
            trial.one("hand-overs", text, handovers.form_faults(text))
            trial.one("printed bash", text, handovers.bash_faults(text, aws))
            trial.one("what is kept", text, kept.faults(text))
            trial.timed("what is parsed", text, kept.reading_faults, 20)


def _beyond(trial: Trial) -> None:
    for text in BEYOND:
        trial.timed("what is parsed", text, kept.reading_faults, 20)
    for text in ("x" * LARGE, "\x1b" * LARGE, "\u202e" * LARGE):
        trial.timed("reports", text, reports.faults, 60)


def _drawn(trial: Trial) -> None:
    trial.many("reports", hostile(), reports.faults)
    trial.many("hand-overs", hostile(), handovers.form_faults, 0.5)
    trial.many("what is kept", hostile(), kept.faults, 0.5)
    trial.many("what is parsed", documents(), kept.reading_faults, 2)
    with tempfile.TemporaryDirectory() as folder:
        aws = handovers.StandIn(Path(folder))
        trial.many("printed bash", hostile(), lambda text: handovers.bash_faults(text, aws), 0.2)


def _later(trial: Trial) -> None:
    for place in later.PLACES:
        trial.one("reports of a later version", place, later.faults(place))
        trial.one("reports of a later version", place, asyncio.run(later.app_faults(place)))


def _snapshots(trial: Trial) -> None:
    with serving() as aws, pytest.MonkeyPatch.context() as patch:
        point_at(aws, patch)
        worlds = {world: snapshots.recorded(aws, world) for world in snapshots.WORLDS}
    for number, lines in enumerate(worlds.values()):
        first = trial.seed * 10_000 + number * trial.examples
        for _, what, found in snapshots.lost(lines, range(first, first + trial.examples)):
            trial.one("altered snapshots", what, found)


def _costs(trial: Trial) -> None:
    for piece, fault in redaction_faults():
        trial.one("redaction", piece, fault)
    for piece, fault in cost_faults():
        trial.one("explain", piece, fault)


def _screens(trial: Trial) -> None:
    """Test each scene with another kind of text, chosen by the seed; and one scene with all of them."""
    drawn = random.Random(trial.seed)  # noqa: S311 - repeatable
    reached: set[str] = set()

    async def play() -> None:
        for scene in screens.SCRIPTED:
            text = drawn.choice([*KINDS.values(), SURROGATES, "".join(KINDS.values())])
            found = [fault async for fault in screens.faults(scene, text, reached)]
            trial.one("screens", f"{scene.name}: {text}", found)

    asyncio.run(play())
    if missing := screens.EVERY - reached:
        trial.lost.append(f"screens: nobody came to {', '.join(sorted(missing))}")


_PARTS: dict[str, Callable[[Trial], None]] = {
    "one of each kind": _of_each_kind,
    "screens": _screens,
    "bytes to the terminal": _terminal,
    "what is parsed, beyond all measure": _beyond,
    "texts that are drawn": _drawn,
    "reports of a later version": _later,
    "altered snapshots": _snapshots,
    "what explain and redaction cost": _costs,
}


if __name__ == "__main__":
    sys.exit(main())
