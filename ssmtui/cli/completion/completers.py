"""Completions of option and argument values. Each source is loaded when its words are asked for."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from ssmtui.text.printable import printable

if TYPE_CHECKING:
    import click


def known_regions() -> Mapping[str, str]:
    """Every Region of every partition, with what AWS calls it; nothing where botocore's data is not as it was."""
    spec = find_spec("botocore")
    found: dict[str, str] = {}
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        try:
            read = json.loads((Path(folder) / "data" / "partitions.json").read_text(encoding="utf-8"))
            for partition in read["partitions"]:
                named = {name: str(each.get("description", "")) for name, each in partition["regions"].items()}
                found |= {name: what for name, what in named.items() if "global" not in name}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return found


Completer = Callable[["click.Context", "click.Parameter", str], list[CompletionItem[str]]]

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,127}")


def matching_items(words: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """The words that begin as what is typed, each with what it is."""
    return [
        CompletionItem(word, help=printable(what) or None)
        for word, what in words
        if word.startswith(incomplete) and _PLAIN_WORD.fullmatch(word)
    ]


def offer_regions(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The Regions that this botocore knows, and all of them."""
    return matching_items([("all", "every Region that is enabled"), *known_regions().items()], incomplete)


def offer_profiles(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The profiles of the AWS files."""
    from ssmtui.evidence.aws.profiles import read_profiles

    profiles = read_profiles(os.environ)
    return matching_items([(name, profiles.account_of(name)) for name in sorted(profiles.by_name)], incomplete)


def offer_causes(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The slugs of causes."""
    from ssmtui.causes.catalogue import catalogue

    return matching_items([(slug, cause.title) for slug, cause in catalogue().items()], incomplete)


def offer_mended_causes(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """The slugs of causes that have a fix."""
    from ssmtui.causes.catalogue import catalogue

    return matching_items([(slug, cause.title) for slug, cause in catalogue().items() if cause.fixes], incomplete)


def offer_fixes(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The fixes of the cause that is named, in rank; of all, where none is yet."""
    from ssmtui.causes.catalogue import catalogue

    # click has not come to the arguments where an option lacks its value: they are as they were typed.
    words = (str(context.params.get("cause")), *context.args)
    named = next((catalogue()[word] for word in words if word in catalogue()), None)
    causes = catalogue().values() if named is None else (named,)
    return matching_items({fix.slug: fix.title for cause in causes for fix in cause.fixes}.items(), incomplete)


def offer_scenarios(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The worlds that can be simulated."""
    from importlib.util import find_spec

    if find_spec("moto") is None:
        return []
    from ssmtui.simulator.worlds import names

    return matching_items([(name, "") for name in names()], incomplete)


def offer_nodes(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The nodes that were listed last in the profiles and Regions of the line, by id and by Name."""
    from ssmtui.cli.completion.node_cache import cached_nodes

    chosen = set(_texts(context.params, "nodes"))
    params = context.params
    endpoint = params.get("endpoint_url")
    nodes = cached_nodes(
        _texts(params, "profiles"), _texts(params, "regions"), str(endpoint) if endpoint else None, os.environ
    )
    words: dict[str, str] = {}
    for node in nodes:
        words.setdefault(node.id, node.name)
        if node.name:
            words.setdefault(node.name, node.id)
    return matching_items(sorted((word, what) for word, what in words.items() if word not in chosen), incomplete)


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
