"""The key about the one thing that the cursor is on: its page in AWS's web console."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ssmtui.language import marked, say
from ssmtui.model.console_page import console_page
from ssmtui.model.plain_text import printable
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.screens.wishes import OpenPage
from ssmtui.ui.widgets.named_keys import NamedKeys

if TYPE_CHECKING:
    from ssmtui.model.scope import Scope
    from ssmtui.model.subject import Subject


class SubjectKeys(NamedKeys, SpokenKeys[None]):
    """The part of a screen that knows what its cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "console", marked("Console"), show=False, tooltip=marked("Open it in AWS's web console")),
    ]

    @property
    def subject_here(self) -> tuple[Scope, Subject] | None:
        """What the cursor is on, and the scope that shows it; None where it is on nothing of AWS's."""
        return None

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:  # noqa: ARG002
        """Why an action cannot be used now; empty where it can."""
        here = self.subject_here
        match action:
            case "console" if here is None:
                return say("the cursor is on nothing of AWS's")
            case "console" if here is not None and not console_page(*here):
                return say("AWS's console has no page about it")
            case _:
                return ""

    def action_console(self) -> None:
        """Open the page about it in AWS's web console."""
        if self.subject_here is not None:
            scope, subject = self.subject_here
            self.post_message(OpenPage(console_page(scope, subject), printable(subject.name), scope.account))
