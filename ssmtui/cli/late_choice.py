"""An option with a few values that are found out only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click


class LateChoice(click.Choice[str]):
    """One of the names that a registry holds. It is loaded with the option or its help, and not with every start."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names = names
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override] # click keeps them in an attribute
        """The names, in their order."""
        return tuple(self._names())
