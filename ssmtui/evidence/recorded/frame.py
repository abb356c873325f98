"""The frame of a snapshot, read as far as it is known: its scopes and nodes, whatever a version added to them or lacks.

A fact is read whole or not at all: what it lacks may change what it means. A scope or a node that was refused for one
member would take all of its facts along, so a member that is not known is passed over, and one that cannot be read is
replaced by what says that nothing is known of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from ssmtui.evidence.recorded.known_types import members_of
from ssmtui.evidence.recorded.scope_record import ScopeHead, not_recorded
from ssmtui.evidence.recorded.values import DEEPEST, TYPE, NoValue, value_of
from ssmtui.model.node import Instance, MetadataOptions, Node, NodeKey, NodeKind, Registration
from ssmtui.model.plan import JSON
from ssmtui.model.scope import OtherPrincipal, Scope, ScopeError, ScopeName, ScopeProblem
from ssmtui.model.whom_to_ask import WhomToAsk

_FRAME: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        *(ScopeHead, Scope, ScopeName, ScopeError, OtherPrincipal),
        *(Node, NodeKey, Instance, Registration, MetadataOptions),
    )
}

Known = Mapping[str, object]


def _id_in(known: Known) -> str:
    key = known.get("key")
    if not isinstance(key, NodeKey):
        raise NoValue("Node.key is not there, or of another type")
    return key.id


_INSTEAD: Mapping[tuple[type, str], Callable[[Known], object]] = {
    (Node, "name"): _id_in,
    (Node, "tags"): lambda _: (),
    (Node, "kind"): lambda known: NodeKind.HYBRID if _id_in(known).startswith("mi-") else NodeKind.EC2,
    (Node, "instance"): lambda _: not_recorded("ec2:DescribeInstances"),
    (Node, "registration"): lambda _: not_recorded("ssm:DescribeInstanceProperties"),
    (Scope, "dns_suffix"): lambda _: "",
    (Scope, "caller"): lambda _: "",
    (Scope, "principal"): lambda _: None,
    (ScopeName, "profile"): lambda _: None,
    (ScopeHead, "whom"): lambda _: WhomToAsk.ALL,
    (ScopeError, "problem"): lambda _: ScopeProblem.REPORTED,
    (ScopeError, "advice"): lambda _: "",
}
"""What stands for a member that is not there; a member without such a value makes what it is of unreadable."""


class FrameReader:
    """Reads parts of the frame; `left_out` counts the members and items that were passed over."""

    def __init__(self) -> None:
        self.left_out = 0

    def read(self, told: JSON, depth: int = 0) -> object:
        """The value of a part of the frame.

        Raises:
            NoValue: too little of it can be read.

        """
        if depth > DEEPEST:
            raise NoValue("it is nested too deeply")
        if isinstance(told, list):
            return tuple(self._items(told, depth))
        kind = _FRAME.get(str(told.get(TYPE))) if isinstance(told, Mapping) else None
        return self._of_members(kind, told, depth) if kind and isinstance(told, Mapping) else value_of(told, depth)

    def _items(self, told: list[JSON], depth: int) -> list[object]:
        items: list[object] = []
        for each in told:
            try:
                items.append(self.read(each, depth + 1))
            except NoValue:
                self.left_out += 1
        return items

    def _of_members(self, kind: type, told: Mapping[str, JSON], depth: int) -> object:
        wanted = members_of(kind)
        self.left_out += len(told.keys() - wanted.keys() - {TYPE})
        known: dict[str, object] = {}
        for name, is_fit in wanted.items():
            try:
                value = self.read(told[name], depth + 1)
            except (KeyError, NoValue):
                continue
            if is_fit(value):
                known[name] = value
        missing = [field for field in dataclasses.fields(kind) if field.name in wanted and field.name not in known]
        self.left_out += len(missing)
        for field in missing:
            known[field.name] = _instead(kind, field, known)
        try:
            return kind(**known)
        except (TypeError, ValueError) as error:
            raise NoValue(f"it is no {kind.__name__}") from error


def _instead(kind: type, field: dataclasses.Field[object], known: Known) -> object:
    if (kind, field.name) in _INSTEAD:
        return _INSTEAD[kind, field.name](known)
    if field.default is not dataclasses.MISSING:
        return field.default
    raise NoValue(f"{kind.__name__}.{field.name} is not there, or of another type")
