"""The rows of what can be looked at: whose credentials, which account and Region, and how that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from rich.cells import cell_len

from ssmtui.language import marked, say, say_many
from ssmtui.model.access import Access
from ssmtui.model.near_names import near_names
from ssmtui.model.plain_text import printable
from ssmtui.model.scope import ScopeName
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.notices import problem_title
from ssmtui.ui.words.signs import MARKED, Sign

COLUMNS = (
    Column("mark", "", 1, 1, 0),
    Column("sign", "", 1, 1, 0),
    Column("credentials", marked("credentials"), 8, 40, 2),
    Column("account", marked("account"), 12, 12, 3, whole=True),
    Column("region", marked("Region"), 9, 20, 1),
    Column("state", marked("state"), 8, None, 4),
)


class ScopeState(Enum):
    """How something that can be looked at stands; the value is its sign."""

    OPEN = Sign("●", Ink.OK, marked("looked at"))
    ERROR = Sign("?", Ink.UNKNOWN, marked("in error"))
    OPENING = Sign("·", Ink.FAINT, marked("opening…"))
    AWAY = Sign("○", Ink.MUTED, marked("was looked at before"))
    LAST = Sign("○", Ink.FAINT, marked("was looked at last time"))
    OTHER = Sign(" ", Ink.FAINT, "")


@dataclass(frozen=True, slots=True)
class Places:
    """What can be looked at, by what is known now.

    `wanted` is what is looked at, or is being opened to be; `last` what was chosen last, here or in an earlier run.
    """

    fleet: Fleet
    accesses: Sequence[Access]
    wanted: frozenset[ScopeName]
    is_read_only: Callable[[ScopeName], bool] = lambda _name: False
    last: Sequence[ScopeName] = ()

    def state(self, name: ScopeName) -> ScopeState:
        """How one of them stands."""
        told = self.fleet.state
        if name in told.errors:
            return ScopeState.ERROR
        if name in told.scopes:
            return ScopeState.OPEN
        if name in self.wanted:
            return ScopeState.OPENING
        if name in told.away:
            return ScopeState.AWAY
        return ScopeState.LAST if name in self.last else ScopeState.OTHER

    def account(self, name: ScopeName) -> str:
        """The account that it is in; empty where nobody has told."""
        told = self.fleet.state
        scope = told.scopes.get(name) or (told.away[name].scope if name in told.away else None)
        if scope is not None:
            return scope.account
        accounts = (each.account for each in self.accesses if (each.profile, each.role) == (name.profile, name.role))
        return name.role_account or next(accounts, "")

    def rows(self, typed: str = "") -> list[ScopeName]:
        """All of them, what is looked at first, then what was, then what is near; those alone that a text admits."""
        told = self.fleet.state
        names = {*told.scopes, *told.errors, *told.away, *self.wanted, *self.last}
        names |= {scope for each in self.accesses for scope in each.scopes}
        here = {*told.scopes, *told.errors, *self.wanted}
        holders, regions = {(each.profile, each.role) for each in here}, {each.region for each in here}
        homes = {(each.profile, each.role, each.home) for each in self.accesses}

        def rank(name: ScopeName) -> tuple[object, ...]:
            state = self.state(name)
            known = state in (ScopeState.OPEN, ScopeState.ERROR, ScopeState.OPENING)
            is_home = (name.profile, name.role, name.region) in homes
            near = (name.profile, name.role) in holders, is_home or name.region in regions
            was = ScopeState.AWAY, ScopeState.LAST
            return (not known, was.index(state) if state in was else len(was), not near[0], not near[1], name.order)

        return sorted((each for each in names if self._admits(each, typed)), key=rank)

    def meant(self, typed: str) -> str:
        """What may have been meant by a text that no row is like: its mistyped parts put right; empty where unclear."""
        rows = self.rows()
        names = {word for each in rows for word in (credentials_of(each), self.account(each), each.region) if word}
        parts = [part.strip() for part in typed.replace(",", "/").split("/")]
        put_right = (
            part if any(self._admits(each, part) for each in rows) else next(iter(near_names(part, names)), "\0")
            for part in parts
        )
        text = "/".join(put_right)
        return text if text != typed and self.rows(text) else ""

    def _admits(self, name: ScopeName, typed: str) -> bool:
        text = " ".join((credentials_of(name), self.account(name), name.region, name.role or "")).casefold()
        return all(part.strip() in text for part in typed.casefold().replace(",", "/").split("/"))

    def cells(self, name: ScopeName, marks: Iterable[ScopeName]) -> Mapping[str, Cell]:
        """The cells of a row."""
        state = self.state(name)
        ink = Ink.PLAIN if state in (ScopeState.OPEN, ScopeState.AWAY, ScopeState.LAST) else state.value.ink
        ink = Ink.PLAIN if state in (ScopeState.ERROR, ScopeState.OTHER) else ink
        return {
            "mark": cell(MARKED.glyph, MARKED.ink) if name in marks else (),
            "sign": cell(state.value.glyph, state.value.ink),
            "credentials": cell(credentials_of(name), ink),
            "account": cell(self.account(name), Ink.MUTED),
            "region": cell(name.region or say("no Region"), ink),
            "state": cell(self._standing(name, state), Ink.MUTED),
        }

    def widths(self) -> Mapping[str, int]:
        """How wide the texts are."""
        rows = self.rows()
        return {
            "credentials": max((cell_len(credentials_of(each)) for each in rows), default=0),
            "region": max((cell_len(each.region) for each in rows), default=0),
        }

    def _standing(self, name: ScopeName, state: ScopeState) -> str:
        told = self.fleet.state
        words = state.value.word if state.value.sentence else ""
        if state is ScopeState.ERROR:
            words = problem_title(told.errors[name])
        elif name in told.progress:
            count = told.progress[name].listed
            words = say_many("{count} node", "{count} nodes", count=count)
            if name not in told.settled:
                words += say(", being checked")
        if self.is_read_only(name):
            words = f"{words} · {say('read-only')}" if words else say("read-only")
        return words


def credentials_of(name: ScopeName) -> str:
    """Whose credentials a scope is opened with, in a word or two."""
    own = printable(name.profile) if name.profile is not None else say("default")
    return say("{profile} as {role}", profile=own, role=printable(name.role.rpartition("/")[2])) if name.role else own
