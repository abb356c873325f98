"""Make the first minute an animated picture: `python -m tools.film` writes docs/site/first-minute.svg.

The app runs on the simulated AWS; each picture is an export of the screen, and CSS shows one after the other.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.ui.opened import opened
from tests.ui.scenes import NODES, SETTLED, Scene
from tools.screen import what_it_shows

FILM = Path(__file__).parents[1] / "docs" / "site" / "first-minute.svg"
_SIZE = (110, 30)
_REGION = "eu-central-1"
# The page loads nothing from other hosts: drop such references.
_FONT = re.compile(r"@font-face \{.*?\n    \}\n", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*viewBox=\"([^\"]*)\"[^>]*>")


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture of the film: taken when the words are on the screen, shown for some seconds, followed by the keys."""

    words: str
    seconds: float
    write: str = ""
    keys: Sequence[str] = ()


STORY = (
    Moment(SETTLED, 3, write="/"),
    Moment(SETTLED, 1, write=f"region:{_REGION}"),
    Moment(f"region:{_REGION}", 2, keys=("enter", "enter")),
    Moment("Evidence", 5, keys=("escape", "w")),
    Moment("8 nodes change to ok", 5, write=_REGION),
    Moment("8 nodes change to ok", 2, keys=("enter",)),
    Moment("8 of 8 ok", 4, keys=("escape",)),
    Moment(f"of {NODES}", 3, keys=("z",)),
    Moment("Undo: ", 3),
)


async def _pictures(folder: Path) -> Sequence[str]:
    scene = Scene("film", rests=SETTLED, changes=True)
    with what_it_shows(scene, folder) as (handle, desk):
        async with opened(handle, desk, size=_SIZE) as shown:
            shown.app.animation_level = "none"
            pictures = []
            for moment in STORY:
                await shown.until_said(moment.words)
                await shown.pilot.pause()
                pictures.append(shown.app.export_screenshot())
                await shown.write(moment.write)
                await shown.press(*moment.keys)
            return pictures


def film(pictures: Sequence[str], seconds: Sequence[float]) -> str:
    """Return the pictures as one, each shown for its seconds, in a loop."""
    whole = sum(seconds)
    first = _ROOT.search(pictures[0])
    if first is None:
        raise ValueError("the picture is no SVG")
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{first.group(1)}">',
            "<style>",
            *_keyframes(seconds, whole),
            "</style>",
            *(f'<g class="moment-{number}">{_within(picture)}</g>' for number, picture in enumerate(pictures)),
            "</svg>\n",
        )
    )


def _keyframes(seconds: Sequence[float], whole: float) -> Iterator[str]:
    begun = 0.0
    for number, each in enumerate(seconds):
        shown, over = 100 * begun / whole, 100 * (begun + each) / whole
        yield (
            f".moment-{number} {{ visibility: hidden; animation: moment-{number} {whole:g}s step-end infinite }}\n"
            f"@keyframes moment-{number} {{ 0% {{ visibility: {'visible' if number == 0 else 'hidden'} }} "
            f"{shown:.3f}% {{ visibility: visible }} {over:.3f}% {{ visibility: hidden }} }}"
        )
        begun += each
    # Users who prefer no motion see the first picture.
    yield "@media (prefers-reduced-motion) { g { animation: none !important } .moment-0 { visibility: visible } }"


def _within(picture: str) -> str:
    return "\n".join(line.strip() for line in _FONT.sub("", picture).splitlines() if line.strip())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        taken = asyncio.run(_pictures(Path(place)))
    FILM.write_text(film(taken, [each.seconds for each in STORY]), encoding="utf-8")
    sys.stdout.write(f"{FILM.name}: {FILM.stat().st_size // 1024} KB\n")
