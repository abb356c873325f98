"""Read the scopes and nodes of a snapshot as far as they can be read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from ssmtui.evidence.snapshots.record import ScopeHead, not_recorded
from ssmtui.evidence.snapshots.values import MAX_VALUE_DEPTH, TYPE_KEY, InvalidValue, field_predicates, value_from_json
from ssmtui.model.connection_option import ConnectionOption
from ssmtui.model.node import Instance, MetadataOptions, Node, NodeKey, NodeKind, Registration
from ssmtui.model.plan import JSON
from ssmtui.model.scope import OtherPrincipal, Scope, ScopeError, ScopeName, ScopeProblem

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
        raise InvalidValue("Node.key is not there, or of another type")
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
    (ScopeHead, "whom"): lambda _: ConnectionOption.ALL,
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
        if depth > MAX_VALUE_DEPTH:
            raise InvalidValue("it is nested too deeply")
        if isinstance(told, list):
            return tuple(self._items(told, depth))
        kind = _FRAME.get(str(told.get(TYPE_KEY))) if isinstance(told, Mapping) else None
        return (
            self._of_members(kind, told, depth) if kind and isinstance(told, Mapping) else value_from_json(told, depth)
        )

    def _items(self, told: list[JSON], depth: int) -> list[object]:
        items: list[object] = []
        for each in told:
            try:
                items.append(self.read(each, depth + 1))
            except InvalidValue:
                self.left_out += 1
        return items

    def _of_members(self, kind: type, told: Mapping[str, JSON], depth: int) -> object:
        wanted = field_predicates(kind)
        self.left_out += len(told.keys() - wanted.keys() - {TYPE_KEY})
        known: dict[str, object] = {}
        for name, is_fit in wanted.items():
            try:
                value = self.read(told[name], depth + 1)
            except (KeyError, InvalidValue):
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
            raise InvalidValue(f"it is no {kind.__name__}") from error


def _instead(kind: type, field: dataclasses.Field[object], known: Known) -> object:
    if (kind, field.name) in _INSTEAD:
        return _INSTEAD[kind, field.name](known)
    if field.default is not dataclasses.MISSING:
        return field.default
    raise InvalidValue(f"{kind.__name__}.{field.name} is not there, or of another type")
