"""Parse policy documents in the answers of IAM."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote

from ssmtui.evidence.aws.reader_api import Answer
from ssmtui.iam_policy.document import MalformedPolicy, Policy, parse_policy, policy_from_data
from ssmtui.language import translatable
from ssmtui.model.plan import JSON
from ssmtui.text.json_text import IS_TOO_LONG, NESTS_TOO_DEEPLY, is_too_long, nests_too_deeply

_NO_POLICY = translatable("{member} is no policy document")


def policy_from_answer(answer: Answer, member: str) -> Policy:
    """The policy in an answer: botocore decodes IAM's documents, other services' are texts.

    Raises:
        MalformedAnswer: it is no policy document.

    """
    document = _document(answer, member)
    try:
        if isinstance(document, str):
            return parse_policy(document)
        return policy_from_data(document, json.dumps(document, indent=2))
    except RecursionError as error:
        raise answer.malformed(member, NESTS_TOO_DEEPLY) from error
    except MalformedPolicy as error:
        raise answer.malformed(member, _NO_POLICY) from error


def document_from_answer(answer: Answer, member: str) -> JSON:
    """The same as plain data: botocore decodes what IAM sends as URL-encoded JSON, and leaves what it cannot decode.

    Raises:
        MalformedAnswer: it is no JSON object.

    """
    document = _document(answer, member)
    try:
        decoded: JSON = json.loads(unquote(document) if isinstance(document, str) else json.dumps(document))
    except RecursionError as error:
        raise answer.malformed(member, NESTS_TOO_DEEPLY) from error
    except ValueError as error:
        raise answer.malformed(member, _NO_POLICY) from error
    if not isinstance(decoded, dict):
        raise answer.malformed(member, _NO_POLICY)
    if nests_too_deeply(decoded):
        raise answer.malformed(member, NESTS_TOO_DEEPLY)
    return decoded


def _document(answer: Answer, member: str) -> str | Mapping[str, object]:
    document = answer.document(member)
    if isinstance(document, str) and is_too_long(document):
        raise answer.malformed(member, IS_TOO_LONG)
    if nests_too_deeply(document):
        raise answer.malformed(member, NESTS_TOO_DEEPLY)
    return document
