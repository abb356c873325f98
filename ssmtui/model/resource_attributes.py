"""The tags of a resource and the aliases of a KMS key: condition keys of each request for the resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from ssmtui.iam_policy.patterns import Context
from ssmtui.model.fact import NoFact, Unreadable

_ALIASES = "kms:ResourceAliases"
_TAG = "aws:ResourceTag/"
_BUCKET_TAG = "s3:BucketTag/"
_TAG_KEYS = (_TAG.lower(), _BUCKET_TAG.lower())

OF_ANY_RESOURCE = (_ALIASES, f"{_TAG}*")
"""The condition keys about the aliases and the tags of a resource."""


def is_about_aliases(key: str) -> bool:
    """Return whether a condition key is about the aliases of a KMS key."""
    return key.lower() == _ALIASES.lower()


def is_about_tags(key: str) -> bool:
    """Return whether a condition key is about a tag of the resource."""
    return key.lower().startswith(_TAG_KEYS)


@dataclass(frozen=True, slots=True)
class ResourceAttributes:
    """The aliases (`alias/sessions`) and the tags of a resource; None if they were not read, or if it has none."""

    aliases: tuple[str, ...] | Unreadable | None
    tags: tuple[tuple[str, str], ...] | Unreadable | None

    has_aliases: ClassVar[bool] = False
    tag_keys: ClassVar[tuple[str, ...]] = (_TAG,)
    """The beginnings of the condition keys about a tag."""

    def context(self, asked: Iterable[str]) -> Context:
        """Return the condition keys about them; those in `asked` have no value if the resource has no such tag."""
        found: dict[str, tuple[str, ...]] = {}
        if isinstance(self.aliases, tuple):
            found[_ALIASES] = self.aliases
        if isinstance(self.tags, tuple):
            ambiguous = {key.lower() for key in self._ambiguous()}
            own = {f"{beginning}{name}": (value,) for beginning in self.tag_keys for name, value in self.tags}
            told = {key.lower() for key in own}
            lacking = {key: () for key in filter(is_about_tags, asked) if key.lower() not in told}
            found |= {key: values for key, values in {**lacking, **own}.items() if key.lower() not in ambiguous}
        return found

    def _ambiguous(self) -> tuple[str, ...]:
        """Return the condition keys of several tags: names of tags are case-sensitive, those of condition keys not."""
        if not isinstance(self.tags, tuple):
            return ()
        counts = Counter(name.lower() for name, _ in self.tags)
        names = [name for name, _ in self.tags if counts[name.lower()] > 1]
        return tuple(f"{beginning}{name}" for beginning in self.tag_keys for name in names)

    @property
    def unknown_keys(self) -> tuple[str, ...]:
        """Return the condition keys whose values are not known: they could not be read, or several tags share them."""
        aliases = (_ALIASES,) if isinstance(self.aliases, Unreadable) else ()
        unread = isinstance(self.tags, Unreadable)
        tags = tuple(f"{beginning}*" for beginning in self.tag_keys) if unread else self._ambiguous()
        return (*aliases, *tags)

    def unread(self, keys: Iterable[str]) -> tuple[Unreadable, ...]:
        """Return the failed reads of the values of these condition keys."""
        named = tuple(keys)
        found = (
            *((self.aliases,) if any(is_about_aliases(each) for each in named) else ()),
            *((self.tags,) if any(is_about_tags(each) for each in named) else ()),
        )
        return tuple(each for each in found if isinstance(each, Unreadable))


class KeyAttributes(ResourceAttributes):
    """The aliases and the tags of the session key, for conditions on requests of the node."""

    __slots__ = ()
    has_aliases = True


class CallerKeyAttributes(KeyAttributes):
    """The same for conditions on requests of the caller."""

    __slots__ = ()


class BucketKeyAttributes(KeyAttributes):
    """The aliases and the tags of the log bucket's key."""

    __slots__ = ()


class BucketAttributes(ResourceAttributes):
    """The tags of the log bucket in requests for the bucket and its objects; none if S3 does not use them."""

    __slots__ = ()
    tag_keys = (_TAG, _BUCKET_TAG)


class LogGroupAttributes(ResourceAttributes):
    """The tags of the log group."""

    __slots__ = ()


NO_ATTRIBUTES = ResourceAttributes(None, ())
"""Stands for the attributes in a request that has no condition keys about a resource."""

_Attributes = TypeVar("_Attributes", bound=ResourceAttributes)


def known_attributes(kind: type[_Attributes], attributes: _Attributes | NoFact) -> _Attributes | None:
    """Return what is known of the aliases and the tags; None if no policy depends on them."""
    if isinstance(attributes, Unreadable):
        return kind(attributes if kind.has_aliases else None, attributes)
    return attributes if isinstance(attributes, kind) else None
