"""Check hostile text on every screen: nothing painted is a command, a link, an action or a line break."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual import events
from textual.strip import Strip

from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened, painted_strips
from tests.ui.scenes import SCENES, Scene, keys
from tools.trust.hostile.texts import poison_journal, poisoned_inquiry, unseen

_OWN = (
    Scene("node", "", world=demo_inquiry, steps=(keys("enter"),)),
    Scene("cause", "", world=demo_inquiry, steps=(keys("tab"), keys("enter"))),
    Scene("preferences", "", world=demo_inquiry, steps=(keys("p"),)),
)
SCRIPTED = (*(scene for scene in SCENES if scene.world is not None), *_OWN)
"""The scenes with a scripted world, and the simulated scenes of the pictures: together they show every screen."""

_PAUSES = 10
"""The result of a key comes a little later; no known text signals it."""

EVERY = frozenset(
    {
        *(
            "FleetScreen",
            "NodeScreen",
            "FindingScreen",
            "PreferencesScreen",
            "ChangeScreen",
            "ChangeHistoryScreen",
            "ExplainScreen",
        ),
        *(
            "SessionsScreen",
            "TunnelsScreen",
            "OverviewScreen",
            "ExportScreen",
            "ScopesDialog",
            "ColumnsDialog",
            "ProbeScreen",
        ),
    }
)
"""The screens that must have been reached."""


async def faults(scene: Scene, text: str, reached: set[str]) -> AsyncIterator[str]:
    """Yield what is wrong after each of a scene's steps, in a world with the text appended to every text."""
    assert scene.world is not None
    with tempfile.TemporaryDirectory() as folder:
        desk = scene.desk(Path(folder)) if scene.desk else None
        poison_journal(Path(folder), text)
        handle = poisoned_inquiry(scene.world(), text)
        async with opened(handle, desk, size=scene.size, sessions=scene.sessions(), notifications=True) as shown:
            shown.app.animation_level = "none"
            for step in scene.steps:
                await shown.press(*step.keys)
                if step.pasted:
                    shown.app.post_message(events.Paste(step.pasted + text))
                for _ in range(_PAUSES):
                    await shown.pilot.pause(0.01)
                reached.add(type(shown.app.screen).__name__)
                for fault in painted_faults(shown):
                    yield fault
            await shown.press("c", "y", "question_mark", "escape", "enter", "c", "h", "escape", "colon", "escape", "f1")
            await shown.pilot.pause()
            reached.add(type(shown.app.screen).__name__)
            for fault in painted_faults(shown):
                yield fault
            if wrong := [each for each in unseen(shown.app.clipboard) if each < "\xa0"]:
                yield f"{wrong} is in the clipboard"


def painted_faults(shown: Opened) -> Iterator[str]:
    """Yield what is wrong with the terminal's current content."""
    where = type(shown.app.screen).__name__
    if shown.app.return_code is not None or not shown.app.is_running:
        yield f"{where}: the app has ended"
    strips: Sequence[Strip] = painted_strips(shown.app)
    for row, strip in enumerate(strips):
        if wrong := unseen(strip.text) or ("\n" in strip.text and ["\n"]):
            yield f"{where}, row {row}: {wrong} is painted: {strip.text!r}"
        if cell_len(strip.text) != shown.app.size.width:
            yield f"{where}, row {row}: {cell_len(strip.text)} cells of {shown.app.size.width}: {strip.text!r}"
        for segment in strip:
            style = segment.style
            if style is None:
                continue
            link = style.link or ""
            if "e.example" in link or unseen(link):
                yield f"{where}, row {row}: a link to {link!r}"
            for name, meta in style.meta.items():
                if name.startswith("@") and "app.quit" in str(meta):
                    yield f"{where}, row {row}: {name} does {meta!r}"
