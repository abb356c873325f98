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
from ssmtui.ui.screens.base_screen import (
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
from ssmtui.ui.widgets.key_bindings import bind
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
        """The widgets in their frame."""
        yield self.frame

    def action_close(self) -> None:
        """Go back without a result."""
        self.dismiss(None)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, with their words said."""
        return localized_bindings(super().active_bindings, self.focused)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:  # noqa: FBT001, FBT002
        """Give the keys to a widget; to none only where none can have them."""
        super().set_focus(widget_to_focus(self, widget), scroll_visible, from_app_focus)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what a click would begin to select."""
        return selectable_at(self, super().get_widget_and_offset_at(x, y))

    def on_descendant_focus(self) -> None:
        """Keep toasts off the line that is typed in, once it is known where that stands."""
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
        """Read from the top."""
        self.pane.focus()

    def show(self, prose: Prose) -> None:
        """Show another text, also where nobody reads it any more."""
        self._prose = prose
        self.pane.show(prose)

    def action_copy(self) -> None:
        """Copy the text, through the terminal."""
        copy_and_notify(self, unwrapped_text(self._prose), self._heading)


def quit_during_change() -> tuple[str, Prose]:
    """The question to ask before the app is left in the middle of a change: its title, and what to read."""
    return say("A change is being written"), (
        paragraph(say("AWS is being asked. ssmtui ends once it has answered, and the journal says what became of it.")),
        paragraph(say("Leave?"), gap=True),
    )


def quit_with_edits(unsaved: str) -> tuple[str, Prose]:
    """The question to ask before edits are lost: its title, and what to read. `unsaved` says how many they are."""
    return say("Leave the form"), (paragraph(unsaved), paragraph(say("Leave without them?"), gap=True))


def quit_with_probes() -> tuple[str, Prose]:
    """The question to ask before probes are given up: its title, and what to read."""
    return say("A probe is under way"), (
        paragraph(say("Leaving gives it up, and ends its session.")),
        paragraph(say("Leave?"), gap=True),
    )


class ConfirmDialog(LocalizedDialog[bool]):
    """A question that is answered with y or n; n is what every other way out means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", translatable("Yes")),
        Binding("n,escape,q", "answer(False)", translatable("No"), key_display="n"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="question")

    def on_mount(self) -> None:
        """Ask."""
        self.pane.focus()

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001
        """Answer."""
        self.dismiss(yes)


@dataclass(frozen=True, slots=True)
class KeyOption:
    """A way to go on: the key, by Textual's name and as it is shown, and a marked sentence of a word or two."""

    key: str
    shown: str
    words: str


ENTER = "enter"


class KeyDialog(LocalizedDialog[str | None]):
    """A text and its ways on; gives the key of the one taken, None where the person turns back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "take('')", translatable("Back"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose, options: tuple[KeyOption, ...]) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="asking")
        for way in options:
            bind_key(self, way.key, f"take('{way.key}')", way.words, way.shown)

    def on_mount(self) -> None:
        """Ask."""
        self.pane.focus()

    def action_take(self, key: str) -> None:
        """Go that way."""
        self.dismiss(key or None)


class WaitingDialog(LocalizedDialog[None]):
    """A text that stands while something is waited for. Esc gives it up; `take_away` is for when it has come."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "give_up", translatable("Cancel"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="asking")
        self._over = False

    def on_mount(self) -> None:
        """Say what is waited for."""
        self.pane.focus()

    def on_screen_resume(self) -> None:
        """It may have come while something else lay above."""
        self._go_if_over()

    def action_give_up(self) -> None:
        """Wait no more."""
        self._over = True
        self._go_if_over()

    def take_away(self) -> None:
        """It has come: go, as soon as nothing lies above."""
        self._over = True
        self._go_if_over()

    def _go_if_over(self) -> None:
        # What is current may lie below a dialog that is seen through: that would be closed in this one's place.
        if self._over and self.is_active:
            self.dismiss()


_CODE_INDENT = 3


class StepsDialog(TextDialog):
    """The steps, numbered. `c` puts the next text that can be copied on the clipboard, and begins again at the end."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_next", translatable("Copy"), tooltip=translatable("Copy the next command")),
    ]

    def __init__(self, steps: Steps) -> None:
        super().__init__(printable(steps.title), steps_prose(steps))
        self._copyable = [(number, step) for number, step in enumerate(steps.steps, start=1) if step.copy]
        self._next = 0

    def action_copy_next(self) -> None:
        """Copy it, and say which step it belongs to."""
        if not self._copyable:
            self.notify(say("There is nothing to copy in these steps."), markup=False)
            return
        number, step = self._copyable[self._next % len(self._copyable)]
        self._next += 1
        self.app.copy_to_clipboard(step.copy)
        self.notify(say("What step {number} needs is on the clipboard.", number=number), markup=False)


def steps_prose(steps: Steps) -> Prose:
    """The steps as they are read, each with its command below."""
    blocks: list[Block] = []
    for number, step in enumerate(steps.steps, start=1):
        blocks += _step(number, step)
    blocks.append(paragraph((say("ssmtui carries out none of these."), TextStyle.MUTED), gap=True))
    return tuple(blocks)


def _step(number: int, step: Step) -> list[Block]:
    words = replace(item(f"{number}.", printable(step.text)), gap=True)
    code = "\n".join(printable_lines(step.copy))
    return [words, *lines_of(code, TextStyle.CODE, indent=_CODE_INDENT)]


_COLUMN_COLUMNS = (Column("shown", "", 1, 1, 0), Column("name", "", 10, None, 1))

ChosenColumns = tuple[str, ...]
"""Keys of columns in their order; none where they are to stand as they do by themselves."""


class ColumnsDialog(LocalizedDialog[ChosenColumns | None]):
    """The columns; gives those chosen, None where the person turns back. `show` shows a choice behind it."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "take",
            translatable("Keep"),
            key_display="⏎",
            priority=True,
            tooltip=translatable("Keep these columns"),
        ),
        Binding(
            "space",
            "switch",
            translatable("Show"),
            key_display="Space",
            tooltip=translatable("Show the column, or no more"),
        ),
        Binding(
            "K,shift+up",
            "shift(-1)",
            translatable("Left"),
            key_display="K",
            tooltip=translatable("Put the column further left"),
        ),
        Binding(
            "J,shift+down",
            "shift(1)",
            translatable("Right"),
            key_display="J",
            tooltip=translatable("Put the column further right"),
        ),
        Binding("0", "default", translatable("All"), tooltip=translatable("All columns, as they stand by themselves")),
        Binding(
            "escape,q",
            "close",
            translatable("Back"),
            key_display="Esc",
            tooltip=translatable("Back to the columns before"),
        ),
    ]

    def __init__(self, names: Mapping[str, str], before: ChosenColumns, show: Callable[[ChosenColumns], None]) -> None:
        self._names = names
        self._before = before
        self._show = show
        self._choice = ColumnSelection.of(tuple(names), before)
        self.table = LineTable[str](_COLUMN_COLUMNS, self._cells, header=False, id="columns")
        self.note = TextPane(id="columns-note")
        super().__init__(say("Columns"), self.table, self.note, frame="columns-choice")

    def on_mount(self) -> None:
        """Show them."""
        self.table.show(self._choice.order)
        self.table.focus()
        room = say("A column put further left gives way last. Account and Region: only where there are several.")
        self.note.show((paragraph((room, TextStyle.MUTED)),))

    def action_switch(self) -> None:
        """Show the column under the cursor, or no more."""
        if self.table.cursor is not None:
            self._choose(self._choice.toggled(self.table.cursor))

    def action_shift(self, by: int) -> None:
        """Put the column under the cursor elsewhere."""
        if self.table.cursor is not None:
            self._choose(self._choice.moved(self.table.cursor, by))

    def action_default(self) -> None:
        """All of them, as they stand by themselves."""
        self._choose(ColumnSelection.of(tuple(self._names), ()))

    def action_take(self) -> None:
        """Keep them."""
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Show those that were shown before."""
        self._show(self._before)
        self.dismiss(None)

    @property
    def _chosen(self) -> ChosenColumns:
        chosen = self._choice.chosen
        return () if chosen == tuple(self._names) else chosen

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
    """A theme by its name, and what there is to say of it."""

    name: str
    about: str


class ThemeTable(LineTable[str]):
    """What can be chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", translatable("Keep"), translatable("Keep these colours"), display="⏎"),
    ]


class ThemeDialog(LocalizedDialog[str | None]):
    """The themes; gives the name of the one that is kept, None where the person turns back: it is as it was then."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q",
            "close",
            translatable("Back"),
            key_display="Esc",
            tooltip=translatable("Back to the colours before"),
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
        """Show them, the one that is worn under the cursor."""
        self.table.measure({"name": max(map(len, self._offered), default=0)})
        self.table.show(list(self._offered))
        self.table.go_to(self._before)
        self.table.focus()
        signs = ((f"{sign.glyph} {sign.word}  ", sign.text_style) for sign in VERDICTS.values())
        blocks: list[Block] = [paragraph(*signs)]
        if self._note:
            blocks.append(paragraph((self._note, TextStyle.WARN)))
        self.sample.show(tuple(blocks))

    def action_close(self) -> None:
        """Wear what was worn before."""
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
