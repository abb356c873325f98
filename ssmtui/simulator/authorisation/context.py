"""The condition keys of a request and their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Context:
    """Condition keys (compared without regard to case, as IAM does) and their values."""

    _values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, str | Iterable[str]]) -> Context:
        """A context from keys as AWS spells them; a lone string is a single value."""
        return cls({key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()})

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of a key, or None where the request does not carry it."""
        return self._values.get(key.lower())

    def completed_by(self, other: Context) -> Context:
        """These keys, and those of the other context on top of them."""
        return Context({**self._values, **other._values})
