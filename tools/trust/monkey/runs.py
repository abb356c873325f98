"""Add up the games of several runs: those of the same code, or of named code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.trust.monkey.game import Game
from tools.trust.tally import Tally

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Played:
    """A game that was played, with the code's version."""

    code: str
    seed: int
    events: int
    starts: int
    sizes: int
    deepest: int
    handed_in: int
    made: int
    taken_back: int
    seconds: float
    lost: str
    raw: int = 0
    """The events that were raw bytes on a terminal."""

    @classmethod
    def of(cls, code: str, seed: int, game: Game, seconds: float) -> Played:
        """Return the record of a game."""
        return cls(
            code=code,
            seed=seed,
            events=game.events,
            starts=game.starts,
            sizes=game.sizes,
            deepest=game.deepest,
            handed_in=game.handed_in,
            made=game.made,
            taken_back=game.taken_back,
            seconds=round(seconds, 1),
            lost=game.lost,
        )

    @classmethod
    def rawly(cls, code: str, seed: int, sent: int, lost: str, seconds: float) -> Played:
        """Return the record of a game on a terminal, of which only the screen is known."""
        return cls(code, seed, sent, 1, 0, 0, 0, 0, 0, round(seconds, 1), lost, sent)

    def __str__(self) -> str:
        changes = f"{self.handed_in} changes confirmed, {self.made} made, {self.taken_back} taken back"
        return f"seed {self.seed}: {self.events} events in {self.seconds:.0f} s, {self.starts} starts, {changes}"


def code() -> str:
    """Return the version of the code: it changes with any file of the app or of the monkey."""
    told = hashlib.sha256()
    for folder in ("ssmtui", "tools/trust/monkey"):
        for file in sorted((_ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".md", ".tcss"}:
                told.update(str(file.relative_to(_ROOT)).encode() + b"\0" + file.read_bytes())
    return told.hexdigest()[:12]


def keep_game(folder: Path, game: Played) -> None:
    """Store it at once: a run may be stopped in the middle of the next game."""
    folder.mkdir(parents=True, exist_ok=True)
    with _file(folder).open("a", encoding="utf-8") as games:
        games.write(json.dumps(asdict(game)) + "\n")


def kept_games(folder: Path, codes: Collection[str]) -> Sequence[Played]:
    """Return the games of this code."""
    if not _file(folder).exists():
        return ()
    games = (Played(**json.loads(line)) for line in _file(folder).read_text(encoding="utf-8").splitlines())
    return tuple(each for each in games if each.code in codes)


def tally(asked: str, games: Sequence[Played], lost: Sequence[str] = (), notes: Sequence[str] = ()) -> Tally:
    """Return the total in one line."""
    deepest = max((each.deepest for each in games), default=0)
    told = (
        f"{len(games):,} games, {sum(each.starts for each in games):,} starts of the app, "
        f"{sum(each.handed_in for each in games):,} changes confirmed ({sum(each.made for each in games):,} of them "
        f"applied, {sum(each.taken_back for each in games):,} undone; AWS refused some, and failed at some), "
        f"{sum(each.sizes for each in games):,} sizes, {sum(each.raw for each in games):,} events as raw bytes on a "
        f"terminal (checked by the screen and by the state at the end), at most {deepest} "
        "stacked screens. Sessions, logins and browsers are replaced by stand-ins; no program is started."
    )
    return Tally(
        program="monkey",
        asked=asked,
        tried=sum(each.events for each in games),
        unit="events",
        lost=(*(f"{each.lost} (seed {each.seed})" for each in games if each.lost), *lost),
        seeds=tuple(each.seed for each in games if each.seed - 1 not in {other.seed for other in games}),
        seconds=sum(each.seconds for each in games),
        notes=(told, *notes),
    )


def _file(folder: Path) -> Path:
    return folder / "monkey.games.jsonl"
