"""What can stand for a value of an option or an argument, offered to a shell.

A word is offered only where it means itself in every shell: what a name holds is put on somebody's command line, and
may come from AWS. Each source is loaded when its words are asked for, and not with every start.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from ssmtui.model.plain_text import printable

if TYPE_CHECKING:
    import click

Offer = Callable[["click.Context", "click.Parameter", str], list[CompletionItem[str]]]

_MEANS_ITSELF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,127}")


def offered(words: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """The words that begin as what is typed, each with what it is."""
    return [
        CompletionItem(word, help=printable(what) or None)
        for word, what in words
        if word.startswith(incomplete) and _MEANS_ITSELF.fullmatch(word)
    ]


def offer_regions(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The Regions that this botocore knows, and all of them."""
    from ssmtui.cli.completing.known_regions import known_regions

    return offered([("all", "every Region that is enabled"), *known_regions().items()], incomplete)


def offer_profiles(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The profiles of the AWS files."""
    from ssmtui.evidence.wire.profiles import read_profiles

    profiles = read_profiles(os.environ)
    return offered([(name, profiles.account_of(name)) for name in sorted(profiles.by_name)], incomplete)


def offer_causes(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The slugs of causes."""
    from ssmtui.causes.catalogue import catalogue

    return offered([(slug, cause.title) for slug, cause in catalogue().items()], incomplete)


def offer_mended_causes(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """The slugs of causes that have a fix."""
    from ssmtui.causes.catalogue import catalogue

    return offered([(slug, cause.title) for slug, cause in catalogue().items() if cause.fixes], incomplete)


def offer_fixes(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The fixes of the cause that is named, in rank; of all, where none is yet."""
    from ssmtui.causes.catalogue import catalogue

    # click has not come to the arguments where an option lacks its value: they are as they were typed.
    words = (str(context.params.get("cause")), *context.args)
    named = next((catalogue()[word] for word in words if word in catalogue()), None)
    causes = catalogue().values() if named is None else (named,)
    return offered({fix.slug: fix.title for cause in causes for fix in cause.fixes}.items(), incomplete)


def offer_scenarios(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The worlds that can be simulated."""
    from importlib.util import find_spec

    if find_spec("moto") is None:
        return []
    from ssmtui.simulator.worlds import names

    return offered([(name, "") for name in names()], incomplete)


def offer_nodes(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The nodes that were listed last in the profiles and Regions of the line, by id and by Name."""
    from ssmtui.cli.completing.remembered import remembered_nodes

    chosen = set(_texts(context.params, "nodes"))
    params = context.params
    endpoint = params.get("endpoint_url")
    nodes = remembered_nodes(
        _texts(params, "profiles"), _texts(params, "regions"), str(endpoint) if endpoint else None, os.environ
    )
    words: dict[str, str] = {}
    for node in nodes:
        words.setdefault(node.id, node.name)
        if node.name:
            words.setdefault(node.name, node.id)
    return offered(sorted((word, what) for word, what in words.items() if word not in chosen), incomplete)


def offer_commands_and_nodes(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """What may stand where no command does yet: the commands, and the nodes that the app can be opened on."""
    group = context.parent.command if context.parent is not None else None
    commands = group.shell_complete(context.parent, incomplete) if group is not None and context.parent else []
    return [*([] if context.params.get("nodes") else commands), *offer_nodes(context, parameter, incomplete)]


def _texts(params: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = params.get(name)
    return tuple(str(each) for each in value) if isinstance(value, tuple) else ()
