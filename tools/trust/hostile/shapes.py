"""Texts in the forms that are parsed, deep, long, repeated and almost right."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tools.trust.hostile.texts import KINDS, LARGE, hostile

_TAGS = ("bool", "int", "float", "timestamp", "binary", "null", "omap", "set", "pairs", "merge", "seq", "map", "str")

LAUGHS = "l0: &l0 [x]\n" + "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)) + "\n"

_LEVELS = 20_000
BEYOND = (
    *(
        f"{begin}{'[' * _LEVELS}{']' * _LEVELS}{end}"
        for begin, end in (("", ""), ('{"a":', "}"), ("a = ", ""), ("a: ", ""))
    ),
    '{"a":' * _LEVELS + "1" + "}" * _LEVELS,
    f"a{'.a' * _LEVELS} = 1",
    f"[{'a.' * _LEVELS}a]\n",
    "- " * 3_000,
    "".join(f"{' ' * n}a:\n" for n in range(300)),
    f'{{"Statement": "{"x" * LARGE}"}}',
    f'{{"schemaVersion": "1.0", "inputs": {{"kmsKeyId": "{"x" * LARGE}"}}}}',
    "x" * LARGE,
    "\x1b" * LARGE,
    "\u202e" * LARGE,
    "." * LARGE,
    "sessionid=" * (LARGE // 10),
    "'" * LARGE,
    '"' * LARGE,
    "&" * LARGE,
    "#" * LARGE,
    "\n" * LARGE,
    "a = [\n" + "1,\n" * 5_000 + "]\n",
    f"a = {'9' * 10_000}",
    f'{{"a": {"9" * 10_000}}}',
    '{"a": 1e999, "b": NaN, "c": -Infinity}',
    f"[[mute]]\nnode = '{'*a' * 100}b'\nreason = 'x'\nexpires = 2030-01-01\n",
    LAUGHS,
    "a: &a [*a]\n",
    "a: &a {<<: *a}\n",
    "a: *nobody\n",
    *(f"a: !!{tag} {value}\n" for tag in _TAGS for value in ("x", "''", "_", "[1]", "{a: b}", "999999999999999999999")),
)
"""Beyond all measure, one of each kind."""

_WORDS = st.sampled_from(
    [
        "Statement",
        "Effect",
        "Allow",
        "Action",
        "Resource",
        "Condition",
        "schemaVersion",
        "1.0",
        "inputs",
        "kmsKeyId",
        "schema",
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | hostile(60)
_DATA = st.recursive(
    _LEAVES, lambda held: st.lists(held, max_size=4) | st.dictionaries(_WORDS | hostile(20), held, max_size=4)
)


def documents() -> st.SearchStrategy[str]:
    """JSON with hostile keys and values, in one line or in many, whole or cut."""
    whole = st.builds(
        lambda data, indent, ascii_: json.dumps(data, indent=indent, ensure_ascii=ascii_),
        _DATA,
        st.sampled_from([None, 2]),
        st.booleans(),
    )
    cut = st.builds(lambda text, share: text[: int(len(text) * share)], whole, st.floats(0, 1))
    yaml = st.builds(lambda key, value: f"schemaVersion: '1.0'\n{key}: {value}\n", _WORDS, hostile(80))
    toml = st.builds(lambda key, value: f"{key} = {json.dumps(value)}\n", _WORDS, hostile(80))
    return whole | cut | yaml | toml | hostile(300) | st.sampled_from([*KINDS.values()])
