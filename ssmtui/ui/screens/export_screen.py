"""Export a change as commands, infrastructure code, or a change request."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.binding import BindingType

from ssmtui.language import say, translatable
from ssmtui.model.command_lines import fix_command
from ssmtui.model.finding import FleetFinding
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import Scope
from ssmtui.remediation.export.format import ChangeRequest, ExportFormat, NotExpressible, all_formats, export_plan
from ssmtui.remediation.plans.registry import all_fixes
from ssmtui.ui.screens.base_screen import BACK_KEY, BaseScreen
from ssmtui.ui.screens.screen_requests import ExportPlans, screen_for_request
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.styled_text import Prose, TextStyle, item, lines_of, paragraph
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.text_pane import TextPane


class ExportScreen(BaseScreen):
    """Plans in one format after the other."""

    BREADCRUMB = translatable("Export")
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        bind("h", "close", translatable("Back"), translatable("Back"), shown=False),
        bind("tab", "format(1)", translatable("Format"), translatable("Show the next format"), display="Tab"),
        bind(
            "shift+tab",
            "format(-1)",
            translatable("Previous format"),
            translatable("Show the previous format"),
            shown=False,
        ),
        bind("c", "screen.copy", translatable("Copy"), translatable("Copy the whole text")),
        bind(
            "right_square_bracket",
            "plan(1)",
            translatable("Next"),
            translatable("Show the next change"),
            display="]",
        ),
        bind(
            "left_square_bracket",
            "plan(-1)",
            translatable("Previous"),
            translatable("Show the previous change"),
            display="[",
            shown=False,
        ),
    ]

    def __init__(self, context: AppContext, requests: tuple[ChangeRequest, ...]) -> None:
        super().__init__(context)
        self._requests = requests
        self._plan = 0
        self._formats: tuple[ExportFormat, ...] = ()
        self._format = 0
        self._text: str | NotExpressible = ""
        self.pane = TextPane(id="handed")
        self.body = (self.pane,)

    def on_mount(self) -> None:
        """Show the first format."""
        self.pane.focus()
        self.run_worker(self._load(), group="formats", exit_on_error=False)

    async def _load(self) -> None:
        # In a thread: this imports botocore.
        self._formats = await asyncio.to_thread(_load_formats)
        self._show()

    @property
    def current_scope(self) -> Scope | None:
        """The scope that the plan is for."""
        return self._requests[self._plan].plan.scope

    @property
    def to_copy(self) -> str:
        """The complete text."""
        return self._text if isinstance(self._text, str) else ""

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action is not possible: there is no other change, or no text in this format."""
        match action:
            case "copy" if isinstance(self._text, NotExpressible):
                return self._text.why
            case "plan" if len(self._requests) == 1:
                return say("there is only one change")
            case _:
                return super().why_not(action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the keys for other changes if there is only one."""
        if action == "plan" and len(self._requests) == 1:
            return False
        return super().check_action(action, parameters)

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
            return  # the texts are being computed, and shown when they are ready
        place = self._format % len(self._formats)
        request, as_ = self._requests[self._plan], self._formats[place]
        which = f"{self._plan + 1}/{len(self._requests)} · " if len(self._requests) > 1 else ""
        following = self._formats[(place + 1) % len(self._formats)].label
        self.title_line.tell(
            (f"{which}{request.plan.title}", TextStyle.STRONG),
            "\n",
            (as_.label, TextStyle.KEY),
            (f"  {place + 1}/{len(self._formats)}  ", TextStyle.FAINT),
            (say("Tab: {format}", format=following), TextStyle.MUTED),
        )
        self.run_worker(self._write(request, as_), exclusive=True, group="handover", exit_on_error=False)

    async def _write(self, request: ChangeRequest, as_: ExportFormat) -> None:
        self._text = await asyncio.to_thread(export_plan, request, as_.name)
        self.pane.show(_format_prose(self._text), from_top=True)
        self.refresh_bindings()


@screen_for_request(ExportPlans)
def export_screen(context: AppContext, request: ExportPlans) -> ExportScreen:
    """Return the screen that exports changes for another person."""
    # A forecast for all plans together is not attributed to a single plan.
    forecasts = request.forecasts if len(request.plans) == 1 else {}
    requests = tuple(change_request_of(context, plan, forecasts.get(plan.scope.name)) for plan in request.plans)
    return ExportScreen(context, requests)


def change_request_of(context: AppContext, plan: Plan, forecast: Forecast | None) -> ChangeRequest:
    """Return the data of a change request: why the plan was made, its forecast, and the names of its nodes."""
    scope, fleet_view = plan.scope, context.fleet_view
    names = {
        key.id: node.name or key.id
        for key, node in fleet_view.state.nodes.items()
        if (key.account, key.region) == (scope.account, scope.region)
    }
    fleet_finding = _findings_of_plan(fleet_view, plan)
    offer = all_fixes().get(plan.fix)
    # The plan does not contain the choices made for it.
    is_whole = fleet_finding is not None and offer is not None and not offer.chooses
    command = fix_command(fleet_finding, "--with", plan.fix) if fleet_finding is not None and is_whole else ""
    finding = fleet_finding.finding if fleet_finding is not None else None
    return ChangeRequest(plan, finding, forecast, names, context.now(), command)


def _findings_of_plan(fleet_view: FleetView, plan: Plan) -> FleetFinding | None:
    mended = [
        fleet_finding
        for fleet_finding in fleet_view.state.findings.values()
        if plan.fix in fleet_finding.finding.fixes and fleet_finding.scope.name == plan.scope.name
    ]
    of_subject = [fleet_finding for fleet_finding in mended if fleet_finding.finding.subject == plan.subject]
    found = of_subject or mended
    return found[0] if len(found) == 1 else None


def _load_formats() -> tuple[ExportFormat, ...]:
    return tuple(all_formats().values())


def _format_prose(text: str | NotExpressible) -> Prose:
    if isinstance(text, NotExpressible):
        return (
            item("?", (text.why, TextStyle.WARN), text_style=TextStyle.UNKNOWN),
            paragraph((say("Press Tab for another format."), TextStyle.MUTED), gap=True),
        )
    return lines_of(text)
