"""Cache the ids and names of the nodes that were listed last, for shell completion."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ssmtui.config.private_files import draft_beside, folders, make_private_folder, read_private
from ssmtui.text.printable import without_password

if TYPE_CHECKING:
    from ssmtui.diagnosis.fleet_state import FleetState


_log = logging.getLogger(__name__)

_FORMAT = 1
_MOST_OF_A_SCOPE = 5_000
_MOST = 20_000
"""Nodes that are kept: enough for whoever picks one by its name, and read in some milliseconds."""


@dataclass(frozen=True, slots=True)
class NodeCacheKey:
    """Where nodes are: a profile, a Region, and the endpoint that stands for AWS; empty where it is AWS."""

    profile: str
    region: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class CachedNode:
    """A node as it was listed. `name` is empty where it has none of its own."""

    id: str
    name: str


NodeCache = Mapping[NodeCacheKey, Sequence[CachedNode]]


def cache_file() -> Path:
    """Where they are kept."""
    return folders().cache / "nodes.json"


def cached_nodes(
    profiles: Sequence[str], regions: Sequence[str], endpoint: str | None, environment: Mapping[str, str]
) -> tuple[CachedNode, ...]:
    """The nodes of the profiles and Regions named, or of those that the environment names, else of the default ones."""
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
    """Keep the nodes of the scopes that were listed; what is kept of others stays."""
    listed: dict[NodeCacheKey, list[CachedNode]] = {}
    places = {
        name: NodeCacheKey(_profile(name.profile, environment), scope.region, _endpoint(endpoint, environment))
        for name, scope in state.scopes.items()
        if name in state.sought or name in state.settled
    }
    for name, place in places.items():
        # Where nodes were asked for by name, the others are told as words alone.
        others = state.sought[name].others if name in state.sought else ()
        listed.setdefault(place, []).extend(CachedNode(word, "") for word in others)
    for key, scope in state.scope_of.items():
        if scope.name in places:
            node = state.nodes[key]
            listed[places[scope.name]].append(CachedNode(node.id, node.name if node.name != node.id else ""))
    if listed:
        elsewhere = {place: nodes for place, nodes in _read(cache_file()).items() if place not in listed}
        _write(cache_file(), {**listed, **elsewhere})


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
        # A draft is its owner's alone, and so is what it becomes.
        with draft_beside(file) as draft:
            draft.write_text(text, encoding="utf-8", errors="replace")
            draft.replace(file)
    except OSError as error:
        _log.info("the nodes that were listed are not kept: %s", error.strerror)
