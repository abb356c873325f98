"""A scene played to where its picture is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events

from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.remediation.apply.change_service import ChangeService
from tests.ui.opened import Opened, opened
from tests.ui.scenes import Scene


@asynccontextmanager
async def played(scene: Scene, handle: DiagnosisHandle, desk: ChangeService | None) -> AsyncIterator[Opened]:
    """The app after the scene's keys, at rest."""
    async with opened(handle, desk, size=scene.size, sessions=scene.sessions()) as shown:
        shown.app.animation_level = "none"
        shown.app.context.history = scene.past()
        for step in scene.steps:
            await shown.until_said(step.when)
            await shown.press(*step.keys)
            if step.pasted:
                shown.app.post_message(events.Paste(step.pasted))
        await shown.until_said(scene.rests)
        await shown.until_it_stands()
        yield shown
