"""A change handed over instead of made: as commands, as infrastructure code, or as a change request, to be copied."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.fixes.frame.fix import all_fixes
from ssmtui.handover.format import Format, all_formats, hand_over
from ssmtui.handover.request import ChangeRequest, NotExpressible
from ssmtui.language import marked, say
from ssmtui.model.command_lines import fix_command
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import Scope
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import HandOverPlans
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Board
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Prose, item, lines_of, paragraph


class HandOverScreen(BenchScreen):
    """Plans in one format after the other."""

    CRUMB = marked("Hand over")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,h", "close", marked("Back"), key_display="Esc"),
        Binding("tab", "format(1)", marked("Format"), key_display="Tab", tooltip=marked("The next format")),
        Binding("shift+tab", "format(-1)", marked("Format before"), show=False, tooltip=marked("The format before")),
        Binding("c", "screen.copy", marked("Copy"), tooltip=marked("Copy the whole text")),
        Binding(
            "right_square_bracket",
            "plan(1)",
            marked("Next"),
            key_display="]",
            tooltip=marked("The next of the changes"),
        ),
        Binding(
            "left_square_bracket",
            "plan(-1)",
            marked("Previous"),
            show=False,
            key_display="[",
            tooltip=marked("The change before"),
        ),
    ]

    def __init__(self, bench: Bench, requests: tuple[ChangeRequest, ...]) -> None:
        super().__init__(bench)
        self._requests = requests
        self._plan = 0
        self._formats: tuple[Format, ...] = ()
        self._format = 0
        self._text: str | NotExpressible = ""
        self.who = Static(id="who")
        self.pane = TextPane(id="handed")

    def compose(self) -> ComposeResult:
        """What is handed over and how, and the text."""
        yield self.crumbs
        yield self.who
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the first format."""
        self.pane.focus()
        self.run_worker(self._load(), group="formats", exit_on_error=False)

    async def _load(self) -> None:
        # In a thread: botocore comes with them.
        self._formats = await asyncio.to_thread(_loaded)
        self._show()

    @property
    def scope_here(self) -> Scope | None:
        """The scope that the plan is for."""
        return self._requests[self._plan].plan.scope

    @property
    def to_copy(self) -> str:
        """The whole text."""
        return self._text if isinstance(self._text, str) else ""

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """There may be no other change, and no text in this format."""
        match action:
            case "copy" if isinstance(self._text, NotExpressible):
                return self._text.why
            case "plan" if len(self._requests) == 1:
                return say("it is one change")
            case _:
                return super().why_not(action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Walking through changes is no key where there is one."""
        if action == "plan" and len(self._requests) == 1:
            return False
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_format(self, by: int) -> None:
        """Show another format."""
        self._format += by
        self._show()

    def action_plan(self, by: int) -> None:
        """Show another of the changes."""
        self._plan = (self._plan + by) % len(self._requests)
        self._show()

    def _show(self) -> None:
        if not self._formats:
            return  # they are being loaded, and one is shown when they are there
        place = self._format % len(self._formats)
        request, as_ = self._requests[self._plan], self._formats[place]
        which = f"{self._plan + 1}/{len(self._requests)} · " if len(self._requests) > 1 else ""
        following = self._formats[(place + 1) % len(self._formats)].label
        self.who.update(
            inked(
                (f"{which}{request.plan.title}", Ink.STRONG),
                "\n",
                (as_.label, Ink.KEY),
                (f"  {place + 1}/{len(self._formats)}  ", Ink.FAINT),
                (say("Tab: {format}", format=following), Ink.MUTED),
            )
        )
        self.run_worker(self._write(request, as_), exclusive=True, group="handover", exit_on_error=False)

    async def _write(self, request: ChangeRequest, as_: Format) -> None:
        self._text = await asyncio.to_thread(hand_over, request, as_.name)
        self.pane.show(_prose(self._text), from_top=True)
        self.refresh_bindings()


@put_up_by(HandOverPlans)
def handed_over(bench: Bench, wish: HandOverPlans) -> HandOverScreen:
    """Changes as somebody else would make them."""
    # What all of them would do together is said of none of them.
    forecasts = wish.forecasts if len(wish.plans) == 1 else {}
    requests = tuple(request_of(bench, plan, forecasts.get(plan.scope.name)) for plan in wish.plans)
    return HandOverScreen(bench, requests)


def request_of(bench: Bench, plan: Plan, forecast: Forecast | None) -> ChangeRequest:
    """What is known of a plan: what it was made for, what it would do, and what people call its nodes."""
    scope, board = plan.scope, bench.board
    names = {
        key.id: node.name or key.id
        for key, node in board.state.nodes.items()
        if (key.account, key.region) == (scope.account, scope.region)
    }
    held = _made_for(board, plan)
    offer = all_fixes().get(plan.fix)
    # What was chosen for a plan is not in it.
    is_whole = held is not None and offer is not None and not offer.chooses
    command = fix_command(held, "--with", plan.fix) if held is not None and is_whole else ""
    finding = held.finding if held is not None else None
    return ChangeRequest(plan, finding, forecast, names, bench.now(), command)


def _made_for(board: Board, plan: Plan) -> FleetFinding | None:
    mended = [
        held
        for held in board.state.findings.values()
        if plan.fix in held.finding.fixes and held.scope.name == plan.scope.name
    ]
    of_subject = [held for held in mended if held.finding.subject == plan.subject]
    found = of_subject or mended
    return found[0] if len(found) == 1 else None


def _loaded() -> tuple[Format, ...]:
    return tuple(all_formats().values())


def _prose(text: str | NotExpressible) -> Prose:
    if isinstance(text, NotExpressible):
        return (
            item("?", (text.why, Ink.WARN), ink=Ink.UNKNOWN),
            paragraph((say("Tab shows it in another format."), Ink.MUTED), gap=True),
        )
    return lines_of(text)
