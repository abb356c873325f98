"""A Systems Manager document and its versions, as the service stores them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One version; its number counts from 1 and is never used again."""

    number: int
    content: str
    format: str
    created_at: datetime
    name: str = ""
    schema_version: str = "1.0"
    description: str = ""

    @property
    def hash(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(slots=True)
class StoredDocument:
    """A document. `owner` is an account, or ``Amazon``."""

    name: str
    type: str
    owner: str
    versions: list[DocumentVersion]
    default_number: int = 1
    target_type: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def latest(self) -> DocumentVersion:
        """The newest version: ``$LATEST``."""
        return self.versions[-1]

    @property
    def default(self) -> DocumentVersion:
        """The default version: ``$DEFAULT``."""
        return next(version for version in self.versions if version.number == self.default_number)
