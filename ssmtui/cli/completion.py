"""Shell completion: the offered words, the cache of node names, and the scripts."""

from __future__ import annotations

import json
import locale
import logging
import os
import re
import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem, get_completion_class

from ssmtui import processes
from ssmtui.cli.errors import UsageError
from ssmtui.cli.options import SHELLS
from ssmtui.cli.printing import print_lines
from ssmtui.config.private_files import draft_beside, folders, make_private_folder, read_private
from ssmtui.language import say
from ssmtui.model.workstation import without_secrets
from ssmtui.processes import own_command
from ssmtui.report.exit_code import ExitCode
from ssmtui.text.printable import printable, without_password

if TYPE_CHECKING:
    import click

    from ssmtui.diagnosis.fleet_state import FleetState


def known_regions() -> Mapping[str, str]:
    """Return every Region of every partition with its description; nothing if botocore's data has another form."""
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


_PLAIN_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,127}")


def matching_items(words: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem[str]]:
    """Return completion items for the words that start with the typed text, with their descriptions."""
    return [
        CompletionItem(word, help=printable(what) or None)
        for word, what in words
        if word.startswith(incomplete) and _PLAIN_WORD.fullmatch(word)
    ]


def offer_regions(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer the Regions that botocore knows, and `all`."""
    return matching_items([("all", "every Region that is enabled"), *known_regions().items()], incomplete)


def offer_profiles(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer the profiles of the AWS files."""
    from ssmtui.evidence.aws.profiles import read_profiles

    profiles = read_profiles(os.environ)
    return matching_items([(name, profiles.account_of(name)) for name in sorted(profiles.by_name)], incomplete)


def offer_causes(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer the slugs of causes."""
    from ssmtui.causes.catalogue import catalogue

    return matching_items([(slug, cause.title) for slug, cause in catalogue().items()], incomplete)


def offer_mended_causes(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Offer the slugs of causes that have a fix."""
    from ssmtui.causes.catalogue import catalogue

    return matching_items([(slug, cause.title) for slug, cause in catalogue().items() if cause.fixes], incomplete)


def offer_fixes(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer the fixes of the given cause in rank order; without a cause, all fixes."""
    from ssmtui.causes.catalogue import catalogue

    # If an option has no value yet, click has not parsed the arguments: they are still in `args`.
    words = (str(context.params.get("cause")), *context.args)
    named = next((catalogue()[word] for word in words if word in catalogue()), None)
    causes = catalogue().values() if named is None else (named,)
    return matching_items({fix.slug: fix.title for cause in causes for fix in cause.fixes}.items(), incomplete)


def offer_scenarios(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer the simulated worlds."""
    if find_spec("moto") is None:
        return []
    from ssmtui.simulator.worlds import names

    return matching_items([(name, "") for name in names()], incomplete)


def offer_nodes(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Offer the cached nodes of the command line's profiles and Regions, by ID and Name."""
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
    """Offer commands and nodes, while there is no command yet."""
    group = context.parent.command if context.parent is not None else None
    commands = group.shell_complete(context.parent, incomplete) if group is not None and context.parent else []
    return [*([] if context.params.get("nodes") else commands), *offer_nodes(context, parameter, incomplete)]


def _texts(params: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = params.get(name)
    return tuple(str(each) for each in value) if isinstance(value, tuple) else ()


_log = logging.getLogger(__name__)

_FORMAT = 1
_MOST_OF_A_SCOPE = 5_000
_MOST = 20_000
"""Nodes in the cache: enough to pick one by its name, and read in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class NodeCacheKey:
    """The place of nodes: a profile, a Region, and the custom endpoint; empty for AWS."""

    profile: str
    region: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class CachedNode:
    """A cached node. `name` is empty if the node has no name of its own."""

    id: str
    name: str


NodeCache = Mapping[NodeCacheKey, Sequence[CachedNode]]


def cache_file() -> Path:
    """Return the path of the cache file."""
    return folders().cache / "nodes.json"


def cached_nodes(
    profiles: Sequence[str], regions: Sequence[str], endpoint: str | None, environment: Mapping[str, str]
) -> tuple[CachedNode, ...]:
    """Return the cached nodes of the given profiles and Regions (default: the environment's, else the AWS defaults)."""
    of_environment = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    where = regions or ((of_environment,) if of_environment else ("all",))
    return tuple(
        node
        for place, nodes in _read(cache_file()).items()
        if place.endpoint == _endpoint(endpoint, environment)
        and any(fnmatchcase(place.profile, each) for each in profiles or (_profile(None, environment),))
        and any(each == "all" or fnmatchcase(place.region, each) for each in where)
        for node in nodes
    )


def remember(state: FleetState, endpoint: str | None, environment: Mapping[str, str] = os.environ) -> None:
    """Cache the nodes of the scopes that were listed. Cached nodes that were not listed again stay."""
    listed: dict[NodeCacheKey, list[CachedNode]] = {}
    partly: set[NodeCacheKey] = set()
    places = {
        name: NodeCacheKey(_profile(name.profile, environment), scope.region, _endpoint(endpoint, environment))
        for name, scope in state.scopes.items()
        if name in state.sought or name in state.settled
    }
    for name, place in places.items():
        # If nodes were requested by name, the other nodes are known only as words, or not listed.
        others = state.sought[name].others if name in state.sought else ()
        listed.setdefault(place, []).extend(CachedNode(word, "") for word in others)
        if name in state.sought and not state.sought[name].listed_all:
            partly.add(place)
    for key, scope in state.scope_of.items():
        if scope.name in places:
            node = state.nodes[key]
            listed[places[scope.name]].append(CachedNode(node.id, node.name if node.name != node.id else ""))
    if listed:
        known = _read(cache_file())
        for place in partly:
            listed[place] = _together(listed[place], known.get(place, ()))
        elsewhere = {place: nodes for place, nodes in known.items() if place not in listed}
        _write(cache_file(), {**listed, **elsewhere})


def _together(new: Sequence[CachedNode], known: Sequence[CachedNode]) -> list[CachedNode]:
    """Return both, without what is known of the new nodes."""
    words = {word for node in new for word in (node.id, node.name)}
    return [*new, *(node for node in known if node.id not in words)]


def _endpoint(named: str | None, environment: Mapping[str, str]) -> str:
    return without_password(named or environment.get("AWS_ENDPOINT_URL", ""))


def _profile(name: str | None, environment: Mapping[str, str]) -> str:
    return name or environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"


def _read(file: Path) -> NodeCache:
    try:
        read = json.loads(read_private(file))
        if read["format"] != _FORMAT:
            return {}
        return {
            NodeCacheKey(str(each["profile"]), str(each["region"]), str(each["endpoint"])): tuple(
                CachedNode(str(id_), str(name)) for id_, name in each["nodes"]
            )
            for each in read["scopes"]
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _write(file: Path, kept: NodeCache) -> None:
    scopes, left = [], _MOST
    for place, nodes in kept.items():
        told = [[node.id, node.name] for node in nodes[: min(left, _MOST_OF_A_SCOPE)]]
        left -= len(told)
        scopes.append({**asdict(place), "nodes": told})
    text = json.dumps({"format": _FORMAT, "scopes": scopes}, ensure_ascii=False)
    try:
        make_private_folder(file.parent)
        # The draft is owner-only, so the final file is, too.
        with draft_beside(file) as draft:
            draft.write_text(text, encoding="utf-8", errors="replace")
            draft.replace(file)
    except OSError as error:
        _log.info("the nodes that were listed are not kept: %s", error.strerror)


PROGRAM = "ssmtui"
VARIABLE = "_SSMTUI_COMPLETE"
"""The variable that the script sets to request completions; click derives it from the program's name."""

_HEAD = "#compdef ssmtui\n"
_MENDED = {
    "bash": (
        ("    local response\n", "    local response\n    [[ -x {first} ]] || return 1\n"),
        ("$(env ", "$(/usr/bin/env "),
        ("_complete $1)", "_complete {command})"),
    ),
    "zsh": (
        # Without its own setup, zsh has no compdef yet.
        (_HEAD, f"{_HEAD}(( $+functions[compdef] )) || {{{{ autoload -Uz compinit && compinit -i }}}}\n"),
        ("(( ! $+commands[ssmtui] ))", "[[ ! -x {first} ]]"),
        ("$(env ", "$(/usr/bin/env "),
        ("zsh_complete ssmtui)", "zsh_complete {command})"),
    ),
    "fish": (
        # A description may contain commas and would be cut at the first.
        ('string split ","', 'string split --max 1 ","'),
        ("    set -l response (env ", "    test -x {first}; or return 1\n    set -l response (/usr/bin/env "),
        ("(commandline -t) ssmtui)", "(commandline -t) {command})"),
    ),
    "powershell": (("& ssmtui 2>$null", "& {command} 2>$null"),),
}
"""Corrections of click's scripts, each as the original text and its replacement.

`{command}` is ssmtui by its absolute path, `{first}` that path. The bare name, or the typed word, could be a program of
the working directory, and one press of Tab would run it.
"""


class NoSuchShellError(LookupError):
    """A shell that has no completion script."""


def script_for(shell: str) -> str:
    """Return the completion script of a shell. Raises NoSuchShellError."""
    from ssmtui.cli.commands import commands

    found = get_completion_class(shell)
    if found is None:
        raise NoSuchShellError(shell)
    script = found(commands, {}, PROGRAM, VARIABLE).source()
    words = [_quoted(word, shell) for word in own_command(os.environ)]
    for there, instead in _MENDED.get(shell, ()):
        script = script.replace(there, instead.format(command=" ".join(words), first=words[0]), 1)
    return script


def _quoted(word: str, shell: str) -> str:
    match shell:
        case "powershell":
            doubled = word.replace("'", "''")
            return f"'{doubled}'"
        case "fish":
            escaped = word.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{escaped}'"
        case _:
            return shlex.quote(word)


_LOADERS_OF_BASH = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/etc/bash_completion",
)
"""Scripts that load bash completions from their folder, if installed."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The path of a script; if the shell does not find it, also the line that loads it and that line's file."""

    script: Path
    line: str = ""
    start_file: Path | None = None


def install_script(shell: str) -> ExitCode:
    """Write the script and, if necessary, add the line that loads it.

    Raises:
        UsageError: a file cannot be written.

    """
    place = installation_of(shell, os.environ)
    try:
        place.script.parent.mkdir(parents=True, exist_ok=True)
        place.script.write_text(script_for(shell), encoding="utf-8")
        added = place.start_file if _add(place) else None
    except OSError as error:
        raise UsageError(
            say("the completion cannot be installed: {file}: {error}", file=error.filename, error=error.strerror)
        ) from error
    print_lines(_result_lines(place, added))
    return ExitCode.DONE


def installation_of(shell: str, environment: Mapping[str, str]) -> Installation:
    """Return the path of a shell's script.

    Raises:
        UsageError: the shell does not report its start file.

    """
    data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    match shell:
        case "bash":
            folder = Path(environment.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion")
            script = folder / "completions" / "ssmtui"
            if any(Path(each).is_file() for each in _LOADERS_OF_BASH):
                return Installation(script)
            return Installation(script, f". {shlex.quote(str(script))}", Path.home() / ".bashrc")
        case "zsh":
            script = data / "ssmtui" / "completion.zsh"
            start_file = Path(environment.get("ZDOTDIR") or Path.home()) / ".zshrc"
            return Installation(script, f". {shlex.quote(str(script))}", start_file)
        case "fish":
            configuration = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
            return Installation(configuration / "fish" / "completions" / "ssmtui.fish")
        case _:
            profile = _profile_of_powershell()
            script = profile.parent / "ssmtui-completion.ps1"
            quoted = str(script).replace("'", "''")
            return Installation(script, f". '{quoted}'", profile)


def shell_in_use() -> str:
    """Return the shell of the environment.

    Raises:
        UsageError: there is no script for this shell.

    """
    named = Path(os.environ.get("SHELL", "")).stem or ("powershell" if os.name == "nt" else "")
    if named == "pwsh":
        return "powershell"
    if named not in SHELLS:
        raise UsageError(say("specify the shell: {shells}", shells=", ".join(SHELLS)))
    return named


def _add(place: Installation) -> bool:
    """Add the line to the start file, once. Return whether it was added."""
    if place.start_file is None:
        return False
    before = place.start_file.read_text(encoding="utf-8") if place.start_file.is_file() else ""
    if place.line in before.splitlines():
        return False
    place.start_file.parent.mkdir(parents=True, exist_ok=True)
    with place.start_file.open("a", encoding="utf-8") as file:
        file.write(("\n" if before and not before.endswith("\n") else "") + f"{place.line}\n")
    return True


def _result_lines(place: Installation, added: Path | None) -> list[str]:
    lines = [say("Written: {file}", file=place.script)]
    if added is not None:
        lines.append(say("Added to {file}: {line}", file=added, line=place.line))
    return [*lines, say("New shells can complete ssmtui commands.")]


def _profile_of_powershell() -> Path:
    program = processes.find_program("pwsh", os.environ) or processes.find_program("powershell", os.environ)
    if program is None:
        sentence = say("PowerShell is not on PATH.")
        what = say("Add the output of `ssmtui completion powershell` to the file in $PROFILE.")
        raise UsageError(f"{sentence} {what}")
    asked = [program, "-NoProfile", "-NonInteractive", "-Command", "$PROFILE"]
    given = without_secrets(os.environ)
    told = processes.run(asked, given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    profile = _text(told.stdout)
    if not profile:
        raise UsageError(say("PowerShell does not report the path of its profile: {error}", error=_text(told.stderr)))
    return Path(profile)


def _text(printed: bytes) -> str:
    return printed.decode(locale.getencoding(), errors="replace").strip()
