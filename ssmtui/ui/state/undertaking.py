"""A change about to be made, or about to be taken back: what the change screen asks about, makes and follows up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from ssmtui.changes.afterwards import Afterwards
from ssmtui.changes.outcome import ChangeOutcome
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.model.subject import Subject
from ssmtui.ui.words.prose import Prose


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What is about to be done, and how.

    `prose` tells of it, with the forecast once there is one. `confirmation` is the word to type, empty where a key is
    enough. `make` is told the ids of the nodes that await it. `plan` is what a forecast can be made for: None where
    something is taken back. `subject` is what changes.
    `afterwards` tells what follows its outcome, for the nodes that await it. Without `make` it can only be read, and
    handed over. `verb` is what confirming does, in a word; `has_way_back` whether a key then takes it back.
    """

    title: str
    where: str
    scope: ScopeName
    confirmation: str
    verb: str
    make: Callable[[tuple[str, ...]], Future[ChangeOutcome]] | None
    prose: Callable[[Forecast | None], Prose]
    subject: Subject
    afterwards: Callable[[ChangeOutcome, tuple[NodeKey, ...], datetime], Afterwards]
    plan: Plan | None = None
    has_way_back: bool = False
