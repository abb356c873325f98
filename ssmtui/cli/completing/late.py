"""What is offered for a value, loaded when somebody presses Tab and not with every start."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHELLS = ("bash", "zsh", "fish", "powershell")
"""The shells that there is a script for."""


class Offered(Enum):
    """What can be offered; the value is the function of `offers.py` that does it."""

    CAUSES = "offer_causes"
    COMMANDS_AND_NODES = "offer_commands_and_nodes"
    FIXES = "offer_fixes"
    MENDED_CAUSES = "offer_mended_causes"
    NODES = "offer_nodes"
    PROFILES = "offer_profiles"
    REGIONS = "offer_regions"
    SCENARIOS = "offer_scenarios"


def offer(what: Offered) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]:
    """What click asks for the words that complete one, as its `shell_complete`."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        from ssmtui.cli.completing import offers

        words: list[CompletionItem[str]] = getattr(offers, what.value)(context, parameter, incomplete)
        return words

    return complete
