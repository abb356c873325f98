"""Wildcard patterns of policies: ``*``, ``?`` and policy variables such as ``${aws:username}``."""

from __future__ import annotations

import re
from functools import lru_cache

from ssmtui.simulator.authorisation.context import Context

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": r"\*", "?": r"\?", "$": r"\$"}


def matches(pattern: str, value: str, context: Context, *, ignoring_case: bool = False) -> bool:
    """Whether a value fits a pattern; a variable without a value in the context fits nothing."""
    source = _source(pattern, context)
    return source is not None and _compiled(source, ignoring_case).fullmatch(value) is not None


def arn_matches(pattern: str, arn: str, context: Context) -> bool:
    """Whether an ARN fits an ARN pattern, each of the six fields on its own.

    IAM completes a pattern of fewer than six fields with wildcards
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
    """
    if pattern == "*":
        return True
    wanted, actual = _fields(pattern), _fields(arn)
    if len(actual) < 6:
        return matches(pattern, arn, context)
    wanted += ["*"] * (6 - len(wanted))
    return all(matches(part, value, context) for part, value in zip(wanted, actual, strict=True))


def _fields(arn: str) -> list[str]:
    if "${" not in arn:
        return arn.split(":", 5)
    # A variable holds a colon of its own: ${aws:username} is one piece of a field, not two fields.
    pieces = re.findall(r"(?:\$\{[^}]*\}|[^:])*(?::|$)", arn)
    fields = [piece.removesuffix(":") for piece in pieces if piece] + ([""] if arn.endswith(":") else [])
    return [*fields[:5], ":".join(fields[5:])] if len(fields) > 6 else fields


def _source(pattern: str, context: Context) -> str | None:
    pieces: list[str] = []
    position = 0
    for variable in _VARIABLE.finditer(pattern):
        pieces.append(_globbed(pattern[position : variable.start()]))
        position = variable.end()
        name, _, default = variable.group(1).partition(",")
        literal = _LITERALS.get(name)
        if literal is not None:
            pieces.append(literal)
            continue
        values = context.values(name.strip())
        if values is None and default:
            values = (default.strip().strip("'"),)
        if not values:
            return None
        pieces.append(re.escape(values[0]))
    pieces.append(_globbed(pattern[position:]))
    return "".join(pieces)


@lru_cache(maxsize=8192)
def _globbed(text: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character) or re.escape(character) for character in text)


@lru_cache(maxsize=8192)
def _compiled(source: str, ignoring_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - the cache's key
    return re.compile(source, re.DOTALL | (re.IGNORECASE if ignoring_case else 0))
