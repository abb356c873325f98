"""Show dialogs: a text, a question, a choice of keys, a wait, numbered steps, columns, and themes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Offset
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget

from ssmtui.language import say, translatable
from ssmtui.text.printable import printable, printable_lines
from ssmtui.ui.screens.screen_behaviour import (
    copy_and_notify,
    localized_bindings,
    place_toasts,
    place_toasts_after_resize,
    selectable_at,
    widget_to_focus,
)
from ssmtui.ui.state.ui_state import ColumnSelection
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.styled_text import (
    MARKED,
    VERDICTS,
    Block,
    Cell,
    Prose,
    TextStyle,
    cell,
    item,
    lines_of,
    paragraph,
    unwrapped_text,
)
from ssmtui.ui.textual_workarounds import bind_key
from ssmtui.ui.widgets.key_bindings import KeyOption, bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.screen_frame import KeyBar
from ssmtui.ui.widgets.text_pane import TextPane, styled_content

if TYPE_CHECKING:
    from ssmtui.model.plan import Step, Steps


class LocalizedDialog(ModalScreen[ScreenResultType]):
    """A dialog: its widgets in a frame with a title, and its keys below them. `frame` is the id of the frame."""

    def __init__(self, title: str, *widgets: Widget, frame: str) -> None:
        super().__init__()
        self.frame = Vertical(*widgets, KeyBar(), id=frame)
        self.frame.border_title = styled_content(title)

    def compose(self) -> ComposeResult:
        """Compose the widgets in their frame."""
        yield self.frame

    def action_close(self) -> None:
        """Go back without a result."""
        self.dismiss(None)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, with their words translated."""
        return localized_bindings(super().active_bindings, self.focused)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:  # noqa: FBT001, FBT002
        """Focus a widget; remove the focus only if no widget can have it."""
        super().set_focus(widget_to_focus(self, widget), scroll_visible, from_app_focus)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return where a click would begin a selection."""
        return selectable_at(self, super().get_widget_and_offset_at(x, y))

    def on_descendant_focus(self) -> None:
        """Move toasts away from the input line with the focus, after the layout is known."""
        self.call_after_refresh(place_toasts, self)

    def on_resize(self) -> None:
        """Place the toasts again."""
        place_toasts_after_resize(self)


class TextDialog(LocalizedDialog[None]):
    """A text over the screen, with scrolling."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,y,i,at", "close", translatable("Close"), key_display="Esc"),
        Binding("c", "copy", translatable("Copy"), tooltip=translatable("Copy the whole text")),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self._heading = title
        self._prose = prose
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="reading")

    def on_mount(self) -> None:
        """Start at the top."""
        self.pane.focus()

    def show(self, prose: Prose) -> None:
        """Show another text, even if the dialog is closed already."""
        self._prose = prose
        self.pane.show(prose)

    def action_copy(self) -> None:
        """Copy the text, through the terminal."""
        copy_and_notify(self.app, unwrapped_text(self._prose), self._heading)


def quit_during_change() -> tuple[str, Prose]:
    """Return the title and text of the question asked if the user quits during a change."""
    return say("A change is in progress"), (
        paragraph(say("ssmtui quits after AWS answers. The journal shows the result.")),
        paragraph(say("Quit?"), gap=True),
    )


def quit_with_edits(unsaved: str) -> tuple[str, Prose]:
    """Return the title and text of the question asked before edits are lost. `unsaved` says how many there are."""
    return say("Leave the form"), (paragraph(unsaved), paragraph(say("Discard the edits?"), gap=True))


def quit_with_probes() -> tuple[str, Prose]:
    """Return the title and text of the question asked before probes are cancelled."""
    return say("A probe is running"), (
        paragraph(say("If you leave, the probe is canceled and its session ends.")),
        paragraph(say("Quit?"), gap=True),
    )


class ConfirmDialog(LocalizedDialog[bool]):
    """A question with the answers y and n; closing the dialog means n."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", translatable("Yes")),
        Binding("n,escape,q", "answer(False)", translatable("No"), key_display="n"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="question")

    def on_mount(self) -> None:
        """Show the question."""
        self.pane.focus()

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001
        """Answer."""
        self.dismiss(yes)


class KeyDialog(LocalizedDialog[str | None]):
    """A text with options; returns the key of the chosen option, None if the user goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "take('')", translatable("Back"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose, options: tuple[KeyOption, ...]) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="asking")
        for way in options:
            bind_key(self, way.key, f"take('{way.key}')", way.words, way.shown)

    def on_mount(self) -> None:
        """Show the options."""
        self.pane.focus()

    def action_take(self, key: str) -> None:
        """Choose an option."""
        self.dismiss(key or None)


class WaitingDialog(LocalizedDialog[None]):
    """A text that stays during a wait. Esc cancels; `take_away` closes the dialog when the wait is over."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "give_up", translatable("Cancel"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="asking")
        self._over = False

    def on_mount(self) -> None:
        """Show what the app waits for."""
        self.pane.focus()

    def on_screen_resume(self) -> None:
        """Close the dialog if the wait ended while another screen was above it."""
        self._go_if_over()

    def action_give_up(self) -> None:
        """Cancel the wait."""
        self._over = True
        self._go_if_over()

    def take_away(self) -> None:
        """Close the dialog as soon as no screen is above it."""
        self._over = True
        self._go_if_over()

    def _go_if_over(self) -> None:
        # The dialog can be the current screen below a transparent dialog: dismissing would close that one instead.
        if self._over and self.is_active:
            self.dismiss()


_CODE_INDENT = 3


class StepsDialog(TextDialog):
    """The numbered steps. `c` copies the next text that can be copied; after the last, it starts again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_next", translatable("Copy"), tooltip=translatable("Copy the next command")),
    ]

    def __init__(self, steps: Steps) -> None:
        super().__init__(printable(steps.title), steps_prose(steps))
        self._copyable = [(number, step) for number, step in enumerate(steps.steps, start=1) if step.copy]
        self._next = 0

    def action_copy_next(self) -> None:
        """Copy the next text, and say which step it belongs to."""
        if not self._copyable:
            self.notify(say("These steps contain no command to copy."), markup=False)
            return
        number, step = self._copyable[self._next % len(self._copyable)]
        self._next += 1
        copy_and_notify(self.app, step.copy, say("The text of step {number}", number=number))


def steps_prose(steps: Steps) -> Prose:
    """Return the steps as text, each with its command below."""
    blocks: list[Block] = []
    for number, step in enumerate(steps.steps, start=1):
        blocks += _step(number, step)
    blocks.append(paragraph((say("ssmtui does not run these steps."), TextStyle.MUTED), gap=True))
    return tuple(blocks)


def _step(number: int, step: Step) -> list[Block]:
    words = replace(item(f"{number}.", printable(step.text)), gap=True)
    code = "\n".join(printable_lines(step.copy))
    return [words, *lines_of(code, TextStyle.CODE, indent=_CODE_INDENT)]


_COLUMN_COLUMNS = (Column("shown", "", 1, 1, 0), Column("name", "", 10, None, 1))

ChosenColumns = tuple[str, ...]
"""Keys of columns in order; empty for the default order."""


class ColumnsDialog(LocalizedDialog[ChosenColumns | None]):
    """The columns; returns the chosen ones, None if the user goes back. `show` previews a choice."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "take",
            translatable("Save"),
            key_display="⏎",
            priority=True,
            tooltip=translatable("Save these columns"),
        ),
        Binding(
            "space",
            "switch",
            translatable("Show/hide"),
            key_display="Space",
            tooltip=translatable("Show or hide the column"),
        ),
        Binding(
            "K,shift+up",
            "shift(-1)",
            translatable("Left"),
            key_display="K",
            tooltip=translatable("Move the column left"),
        ),
        Binding(
            "J,shift+down",
            "shift(1)",
            translatable("Right"),
            key_display="J",
            tooltip=translatable("Move the column right"),
        ),
        Binding(
            "0", "default", translatable("Default"), tooltip=translatable("Restore the default columns and their order")
        ),
        Binding(
            "escape,q",
            "close",
            translatable("Back"),
            key_display="Esc",
            tooltip=translatable("Discard the changes to the columns"),
        ),
    ]

    def __init__(
        self,
        names: Mapping[str, str],
        before: ChosenColumns,
        show: Callable[[ChosenColumns], None],
        default: ChosenColumns,
    ) -> None:
        self._names = names
        self._before = before
        self._show = show
        self._default = default
        self._choice = ColumnSelection.of(tuple(names), before, default)
        self.table = LineTable[str](_COLUMN_COLUMNS, self._cells, header=False, id="columns")
        self.note = TextPane(id="columns-note")
        super().__init__(say("Columns"), self.table, self.note, frame="columns-choice")

    def on_mount(self) -> None:
        """Show the columns."""
        self.table.show(self._choice.order)
        self.table.focus()
        room = say(
            "If space is short, the columns on the right are hidden first. Account and Region are shown only if "
            "there are several."
        )
        self.note.show((paragraph((room, TextStyle.MUTED)),))

    def action_switch(self) -> None:
        """Show or hide the column under the cursor."""
        if self.table.cursor is not None:
            self._choose(self._choice.toggled(self.table.cursor))

    def action_shift(self, by: int) -> None:
        """Move the column under the cursor."""
        if self.table.cursor is not None:
            self._choose(self._choice.moved(self.table.cursor, by))

    def action_default(self) -> None:
        """Show the default columns."""
        self._choose(ColumnSelection.of(tuple(self._names), (), self._default))

    def action_take(self) -> None:
        """Keep the chosen columns."""
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Restore the columns from before."""
        self._show(self._before)
        self.dismiss(None)

    @property
    def _chosen(self) -> ChosenColumns:
        chosen = self._choice.chosen
        return () if chosen == self._default else chosen

    def _choose(self, choice: ColumnSelection) -> None:
        self._choice = choice
        self.table.show(choice.order)
        self.table.touch_all()
        self._show(self._chosen)

    def _cells(self, key: str) -> Mapping[str, Cell]:
        shown = key in self._choice.shown
        return {
            "shown": cell(MARKED.glyph, MARKED.text_style) if shown else (),
            "name": cell(self._names[key], TextStyle.PLAIN if shown else TextStyle.FAINT),
        }


_THEME_COLUMNS = (Column("here", "", 1, 1, 0), Column("name", "", 10, 26, 1), Column("about", "", 8, None, 2))


@dataclass(frozen=True, slots=True)
class ThemeOption:
    """A theme with its name and its description."""

    name: str
    about: str


class ThemeTable(LineTable[str]):
    """The themes to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", translatable("Save"), translatable("Use this theme"), display="⏎"),
    ]


class ThemeDialog(LocalizedDialog[str | None]):
    """The themes; returns the name of the chosen one, None if the user goes back to the theme from before."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q",
            "close",
            translatable("Back"),
            key_display="Esc",
            tooltip=translatable("Restore the previous theme"),
        ),
    ]

    def __init__(self, offered: Sequence[ThemeOption], here: str, note: str = "") -> None:
        self._offered = {each.name: each for each in offered}
        self._before = here
        self._note = note
        self.table = ThemeTable(_THEME_COLUMNS, self._cells, header=False, id="themes")
        self.sample = TextPane(id="theme-sample")
        super().__init__(say("Theme"), self.table, self.sample, frame="theme-choice")

    def on_mount(self) -> None:
        """Show the themes, with the cursor on the current one."""
        self.table.measure({"name": max(map(len, self._offered), default=0)})
        self.table.show(list(self._offered))
        self.table.go_to(self._before)
        self.table.focus()
        signs = ((f"{sign.glyph}\u00a0{sign.word}  ", sign.text_style) for sign in VERDICTS.values())
        blocks: list[Block] = [paragraph(*signs)]
        if self._note:
            blocks.append(paragraph((self._note, TextStyle.WARN)))
        self.sample.show(tuple(blocks))

    def action_close(self) -> None:
        """Restore the theme from before."""
        self.app.theme = self._before
        self.dismiss(None)

    @on(LineTable.Moved)
    def _wear(self, event: LineTable.Moved) -> None:
        event.stop()
        if self.table.cursor is not None:
            self.app.theme = self.table.cursor

    @on(LineTable.Opened)
    def _keep(self, event: LineTable.Opened) -> None:
        event.stop()
        self.dismiss(str(event.row))

    def _cells(self, name: str) -> Mapping[str, Cell]:
        return {
            "here": cell("●" if name == self._before else "", TextStyle.ACCENT),
            "name": cell(name),
            "about": cell(self._offered[name].about, TextStyle.MUTED),
        }
