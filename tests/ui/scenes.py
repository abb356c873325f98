"""The scenes of the golden pictures: which world, what size, which keys, and the words that say it has come to rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.diagnosis.events import FindingGone, ScopeFailed, ScopeOpened
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from tests.ui.builders import FRANKFURT, PARIS, log_group_unencrypted, node, told
from tests.ui.demo_fleet import demo_inquiry, frankfurt, frankfurt_events
from tests.ui.scripted_inquiry import ScriptedInquiry

# The one line to change where the pictures are made from another world.
fleet: Callable[[], ScriptedInquiry] = demo_inquiry


@dataclass(frozen=True, slots=True)
class Step:
    """Keys to press once words are on the screen."""

    when: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture; it is taken once `rests` is on the screen."""

    name: str
    rests: str
    size: tuple[int, int] = (120, 36)
    steps: tuple[Step, ...] = ()
    world: Callable[[], ScriptedInquiry] = fleet


def keys(*pressed: str, when: str = "nodes") -> tuple[Step, ...]:
    return (Step(when, pressed),)


def mended() -> ScriptedInquiry:
    """The fleet, whose second Region turns green when it is checked again."""
    inquiry = fleet()
    gone = FindingGone(log_group_unencrypted(frankfurt(), FRANKFURT).id)
    inquiry.on_recheck = lambda _scope: (gone, *frankfurt_events(broken=False))
    return inquiry


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


_REGION = tuple("minus" if letter == "-" else letter for letter in "eu-central-1")
_SWITCH = (Step("nodes", ("down",) * 8 + ("w",)),)

SCENES = (
    Scene("fleet", rests="45 nodes"),
    Scene("fleet-80x24", rests="45 nodes", size=(80, 24)),
    Scene("fleet-wide", rests="45 nodes", size=(200, 50)),
    Scene("fleet-filtered", rests="4 of 45", steps=keys("slash", *"queue")),
    Scene("fleet-checking", rests="checking…", size=(100, 16), world=streaming),
    Scene("causes", rests="log-group /ssm/sessions", steps=keys("tab")),
    Scene("cause", rests="held down", steps=keys("tab", "enter")),
    Scene("node", rests="Evidence", steps=keys("j", "j", "j", "j", "enter")),
    Scene("node-80x24", rests="Evidence", size=(80, 24), steps=keys("j", "j", "j", "j", "enter")),
    Scene("preferences", rests="They stop 8", steps=keys("p", "tab", *("down",) * 5)),
    Scene("preferences-80x24", rests="They stop 8", size=(80, 24), steps=keys("p", "tab", *("down",) * 5)),
    Scene("change", rests="8 nodes turn green", steps=_SWITCH),
    Scene("change-80x24", rests="8 nodes turn green", size=(80, 24), steps=_SWITCH),
    Scene(
        "change-made",
        rests="8 of 8 green",
        size=(120, 24),
        steps=(*_SWITCH, Step("8 nodes turn green", (*_REGION, "enter"))),
        world=mended,
    ),
    Scene("help", rests="Keys", steps=keys("question_mark")),
    Scene("expired-credentials", rests="aws sso login", size=(100, 20), world=expired),
)
