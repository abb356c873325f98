"""Policy documents as IAM's answers hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ssmtui.model.policy import Policy, parse_policy, policy_of


def policy_in(document: object) -> Policy:
    """The policy in an answer: botocore decodes IAM's documents, other services' are texts.

    Raises:
        PolicyMalformed: it is no policy document.

    """
    if isinstance(document, Mapping):
        return policy_of(document, json.dumps(document, indent=2))
    return parse_policy(str(document))
