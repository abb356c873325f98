"""What has been given to a role so far, as far as fixes add to it."""

from __future__ import annotations

from dataclasses import dataclass

OWN_PREFIX = "ssmtui-"
"""What the names of the inline policies that ssmtui writes begin with."""


@dataclass(frozen=True, slots=True)
class OwnGrants:
    """The inline policies of a node's role that ssmtui wrote: their names, and documents as `json_text`."""

    role_arn: str
    documents: tuple[tuple[str, str], ...]

    def document(self, name: str) -> str | None:
        """The text of the policy of that name."""
        return dict(self.documents).get(name)


@dataclass(frozen=True, slots=True)
class AttachedPolicies:
    """The managed policies that are attached to a node's role, by their ARNs in order."""

    role_arn: str
    policy_arns: tuple[str, ...]
