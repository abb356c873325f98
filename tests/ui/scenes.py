"""The scenes of the golden pictures: which world, what size, which keys, and the words that say it has come to rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.diagnosis.events import ScopeFailed, ScopeOpened
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from tests.ui.builders import PARIS, node, told
from tests.ui.scripted_inquiry import ScriptedInquiry

SETTLED = "71 nodes"
"""What the demo's fleet says when it is settled."""

_KEYS = {"-": "minus", ":": "colon"}


@dataclass(frozen=True, slots=True)
class Step:
    """Keys to press once words are on the screen."""

    when: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture; it is taken once `rests` is on the screen.

    Where no world is scripted it is the demo's: the real diagnosis of the simulated AWS.
    """

    name: str
    rests: str
    size: tuple[int, int] = (120, 36)
    steps: tuple[Step, ...] = ()
    world: Callable[[], ScriptedInquiry] | None = None


def keys(*pressed: str, when: str = SETTLED) -> Step:
    return Step(when, pressed)


def only(text: str, *then: str) -> Step:
    """Filter the rows, and go on from there."""
    return keys("slash", *(_KEYS.get(each, each) for each in text), "enter", *then)


def expired() -> ScriptedInquiry:
    error = ScopeError(
        ScopeName("prod", "eu-west-3"),
        ScopeProblem.EXPIRED_CREDENTIALS,
        "The security token included in the request is expired.",
        "",
    )
    return ScriptedInquiry(ScopeFailed(error))


def streaming() -> ScriptedInquiry:
    return ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, [node(f"web-{number}", number) for number in range(1, 9)]))


_REGION = tuple(_KEYS.get(each, each) for each in "eu-central-1")
_SWITCH = only("region:eu-central-1", "w")
_FORECAST = "8 nodes turn green"
_NODE = only("queue-1", "enter")
_PREFERENCES = only("region:eu-central-1", "p", *("down",) * 5)

SCENES = (
    Scene("fleet", rests=SETTLED),
    Scene("fleet-80x24", rests=SETTLED, size=(80, 24)),
    Scene("fleet-wide", rests=SETTLED, size=(200, 50)),
    Scene("fleet-filtered", rests="2 of 71", steps=(only("queue"),)),
    Scene("fleet-checking", rests="checking…", size=(100, 16), world=streaming),
    Scene("causes", rests="log-group /ssm/sessions", steps=(keys("tab"),)),
    Scene("cause", rests="held down", steps=(keys("tab", "enter"),)),
    Scene("node", rests="Evidence", steps=(_NODE,)),
    Scene("node-80x24", rests="Evidence", size=(80, 24), steps=(_NODE,)),
    Scene("preferences", rests="They stop 8", steps=(_PREFERENCES,)),
    Scene("preferences-80x24", rests="They stop 8", size=(80, 24), steps=(_PREFERENCES,)),
    Scene("change", rests=_FORECAST, steps=(_SWITCH,)),
    Scene("change-80x24", rests=_FORECAST, size=(80, 24), steps=(_SWITCH,)),
    Scene(
        "change-made",
        rests="8 of 8 green",
        size=(120, 24),
        steps=(_SWITCH, keys(*_REGION, "enter", when=_FORECAST)),
    ),
    Scene("help", rests="Keys", steps=(keys("question_mark"),)),
    Scene("expired-credentials", rests="aws sso login", size=(100, 20), world=expired),
)
