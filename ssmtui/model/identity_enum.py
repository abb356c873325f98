"""Enumerations whose members are hashed often."""

from __future__ import annotations

from enum import Enum


class IdentityEnum(Enum):
    """An enumeration whose members are hashed by identity, as they are compared.

    Python hashes the name of a member instead, in a function that takes several times as long. The traits and results
    of thousands of nodes contain members, and are hashed many times.
    """

    __hash__ = object.__hash__
