"""The scenes of the golden pictures: which world, what size, which keys, and the words that say it has come to rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ssmtui.diagnosis.events import ConnectionRead, NodeListed, ProgressChanged, ScopeFailed, ScopeOpened, ScopeSettled
from ssmtui.model.finding import Confidence
from ssmtui.model.node import ConnectionStatus, PingStatus
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.session.session_service import SessionService
from ssmtui.simulator.worlds import world
from ssmtui.ui.state.fleet_view import OverviewHistory
from tests.ui.builders import HEALTHY, PARIS, found, log_group_unencrypted, node, told
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.fake_sessions import FakeSessions, opening_ports_only, under_way
from tests.ui.listed_sessions import with_sessions
from tests.ui.past_changes import desk_with_a_past
from tests.ui.past_hour import past_hour
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.several_accounts import several_accounts, with_an_ended_login
from tests.ui.tunnelled_sessions import some_tunnels

NODES = len(world("demo").nodes)
SETTLED = f"{NODES} nodes"
"""What the demo's fleet says when it is settled."""

HANDSHAKE = """\
$ aws ssm start-session --target i-0a1b2c3d4e5f60001

Starting session with SessionId: ada-0a1b2c3d4e5f67890
SessionId: ada-0a1b2c3d4e5f67890 :
----------ERROR-------
Encountered error while initiating handshake. We couldn't start the session because encryption is not set up
on the selected CloudWatch Logs log group. Either encrypt the log group or choose an option to enable logging
without encryption."""

_KEYS = {"-": "minus", ":": "colon", " ": "space"}


@dataclass(frozen=True, slots=True)
class Step:
    """Keys to press, and a text to paste after them, once words are on the screen."""

    when: str
    keys: tuple[str, ...]
    pasted: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture; it is taken once `rests` is on the screen.

    Where no world is scripted it is the demo's: the real diagnosis of the simulated AWS, made once for all scenes but
    those that change something. `desk` opens one in a folder; without `sessions` none can be opened. `past` is how the
    fleet stood before.
    """

    name: str
    rests: str
    size: tuple[int, int] = (120, 36)
    steps: tuple[Step, ...] = ()
    world: Callable[[], ScriptedInquiry] | None = None
    desk: Callable[[Path], ChangeService] | None = None
    sessions: Callable[[], SessionService] = FakeSessions
    changes: bool = False
    past: Callable[[], OverviewHistory] = OverviewHistory


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
        "Log in with: aws sso login --profile prod",
        cause="credentials-expired",
        command="aws sso login --profile prod",
    )
    return ScriptedInquiry(ScopeFailed(error))


def streaming() -> ScriptedInquiry:
    return ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, [node(f"web-{number}", number) for number in range(1, 9)]))


def asking() -> ScriptedInquiry:
    """Most nodes are presumed to be as others like them: AWS answers at its own pace whether they are connected."""
    nodes = [node(f"web-{number:03}", number) for number in range(1, 201)]
    presumed = replace(HEALTHY, confidence=Confidence.POSSIBLE, settled=False)
    broken = log_group_unencrypted(nodes[:4])
    heard = told(PARIS, nodes[4:16], verdicts=HEALTHY)
    waiting = [event for event in told(PARIS, nodes[16:], verdicts=presumed) if not isinstance(event, ConnectionRead)]
    calls = (("ec2:DescribeInstances", 1), ("ssm:GetConnectionStatus", 16))
    progress = ProgressChanged(PARIS.name, 16, 200, False, calls, False, to_ask=184, seconds_of_asking=36.8)
    return ScriptedInquiry(
        ScopeOpened(PARIS), *heard, *waiting, *told(PARIS, nodes[:4]), *found(broken, nodes[:4]), progress
    )


def refreshed() -> ScriptedInquiry:
    """A fleet some of whose nodes are otherwise than they were when it was looked at before."""
    nodes = [node(f"web-{number}", number) for number in range(1, 9)]
    lost = node("web-2", 2, ping=PingStatus.CONNECTION_LOST)
    changed = (
        NodeListed(PARIS, lost),
        ConnectionRead(lost.key, ConnectionStatus.NOT_CONNECTED),
        *found(log_group_unencrypted(nodes[4:6]), nodes[4:6]),
        *told(PARIS, [node("web-9", 9)], verdicts=HEALTHY),
    )
    progress = ProgressChanged(PARIS.name, 9, 9, False, (("ec2:DescribeInstances", 2),), False)
    return ScriptedInquiry(
        ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY), ScopeSettled(PARIS.name), *changed, progress
    )


_REGION = tuple(_KEYS.get(each, each) for each in "eu-central-1")
_SWITCH = only("region:eu-central-1", "w")
_FORECAST = "8 nodes change to ok"
_NODE = only("queue-1", "enter")
_PREFERENCES = only("region:eu-central-1", "p", *("down",) * 6)
_TURNED = keys("down", "enter", "down", "enter", when="sessions on 8")
_EDITED = (
    _PREFERENCES,
    _TURNED,
    keys("end", "backspace", "backspace", "3", "0", "enter", when="idle timeout in minutes ─"),
)
_CHOICE = (only("region:eu-central-1", "tab"), keys("enter", when="/ssm/sessions"), keys("1", when="Fixes"))

_EXPLAIN = (Step(SETTLED, ("x",), HANDSHAKE),)
_ETL = only("etl-1", "F")
_SET = (
    _ETL,
    keys("space", "down", "down", "space", when="Allow the role etl to decrypt"),
    keys("enter", when="2 fixes are selected"),
)
_SCRIPTED = "45 nodes"
"""What the scripted fleet says."""
_EXPLAIN_SCRIPTED = (Step(_SCRIPTED, ("x",), HANDSHAKE),)
_TUNNELS = keys("T", "down", "down", when=_SCRIPTED)
_FORM = (keys("slash", "w", "e", "b", "minus", "2", "enter", when=_SCRIPTED), keys("t", when="1 of 45"))
_HISTORY = keys("Z", when=_SCRIPTED)
_WORKERS = tuple(_KEYS.get(each, each) for each in "eu-worker")
_MARKED = keys("slash", *_WORKERS, "enter", "asterisk", when=_SCRIPTED)
_HAND_OVER = (
    keys("slash", *_WORKERS, "enter", "w", when=_SCRIPTED),
    keys("tab", "h", when=_FORECAST),
)

_SESSIONS = keys("S", when=_SCRIPTED)
_HOLDERS = (_SESSIONS, keys("tab", when="17 sessions are open"))
_ENDED = (_SESSIONS, keys("tab", "tab", when="17 sessions are open"))

_BATCH = tuple(_KEYS.get(each, each) for each in "batch-1")
_BROKEN = keys("slash", *_BATCH, "enter", "s", when=_SCRIPTED)
_FOOTPRINT = keys("slash", *_BATCH, "enter", "v", when=_SCRIPTED)
_PROBED = (_FOOTPRINT, keys("enter", when="log group"))
_COMPARED = (*_PROBED, keys("m", when="all sessions have ended"))
_TOGETHER = (keys("slash", *"queue", "enter", "asterisk", "v", when=_SCRIPTED), keys("enter", when="log group"))

_PULSE = (keys("tilde", when=_SCRIPTED),)

_THEMES = (
    keys("colon", *"theme", when=_SCRIPTED),
    keys("enter", when="Choose a color theme"),
    keys("down", when="high contrast"),
)
_COLUMNS = (keys("W", when=_SCRIPTED), keys("down", "down", "space", "K", when="hidden first"))

_ACCOUNTS = (keys("a", when=_SCRIPTED), keys("space", "down", when="28 rows"))

_FINDING = (keys("colon", *"cause", when=_SCRIPTED),)

SCENES = (
    Scene("fleet", rests=SETTLED),
    Scene("fleet-80x24", rests=SETTLED, size=(80, 24)),
    # A row whose evidence holds no time of day: the demo's fleet falls silent hours before now.
    Scene("fleet-wide", rests="kms:Decrypt", size=(200, 50), steps=(keys(*["down"] * 12),)),
    Scene("fleet-filtered", rests=f"2 of {NODES}", steps=(only("queue"),)),
    Scene(
        "fleet-mistyped",
        rests="did you mean",
        size=(80, 24),
        steps=(keys("slash", *(_KEYS.get(each, each) for each in "verdict:fial")),),
    ),
    Scene("fleet-checking", rests="checking…", size=(100, 16), world=streaming),
    Scene("fleet-asking", rests="36 s left", size=(100, 24), world=asking),
    Scene(
        "fleet-refreshed", rests="refresh in 1 min", size=(120, 16), steps=(keys("R", when="changed"),), world=refreshed
    ),
    Scene("causes", rests="/ssm/sessions log-group", steps=(keys("tab"),)),
    Scene("cause", rests="trade-off", steps=(keys("tab", "enter"),)),
    Scene("node", rests="trade-off", steps=(_NODE,)),
    Scene("node-80x24", rests="Evidence", size=(80, 24), steps=(_NODE,)),
    Scene("preferences", rests="sessions on 8", steps=(_PREFERENCES,)),
    Scene("preferences-80x24", rests="sessions on 8", size=(80, 24), steps=(_PREFERENCES,)),
    Scene("preferences-edited", rests="2 edits are not saved", steps=_EDITED),
    Scene("preferences-edited-80x24", rests="2 edits are not saved", size=(80, 24), steps=_EDITED),
    Scene("choose-key", rests="alias/acme/frankfurt-logs", steps=_CHOICE),
    Scene("change", rests=_FORECAST, steps=(_SWITCH,)),
    Scene("change-80x24", rests=_FORECAST, size=(80, 24), steps=(_SWITCH,)),
    Scene(
        "change-wrong-word",
        rests="does not match",
        size=(80, 24),
        steps=(_SWITCH, keys(*"us", "minus", *"east", "enter", when=_FORECAST)),
    ),
    Scene(
        "change-made",
        rests="8 of 8 ok",
        size=(120, 24),
        steps=(_SWITCH, keys(*_REGION, "enter", when=_FORECAST)),
        changes=True,
    ),
    Scene("marks", rests="8 marked", size=(100, 24), steps=(_MARKED,), world=demo_inquiry, desk=desk_with_a_past),
    Scene("fixes", rests="Allow the role etl to decrypt", size=(120, 24), steps=(_ETL,)),
    Scene("set", rests="changes to ok", steps=_SET),
    Scene("explain", rests="trade-off", steps=_EXPLAIN),
    Scene("explain-80x24", rests="Found here", size=(80, 24), steps=_EXPLAIN_SCRIPTED, world=demo_inquiry),
    Scene("changes", rests="The change was applied.", steps=(_HISTORY,), world=demo_inquiry, desk=desk_with_a_past),
    Scene(
        "changes-80x24",
        rests="The change was applied.",
        size=(80, 24),
        steps=(_HISTORY,),
        world=demo_inquiry,
        desk=desk_with_a_past,
    ),
    Scene(
        "tunnels",
        rests="2 open",
        size=(120, 30),
        steps=(_TUNNELS,),
        world=demo_inquiry,
        sessions=some_tunnels,
    ),
    Scene(
        "tunnels-80x24",
        rests="2 open",
        size=(80, 24),
        steps=(_TUNNELS,),
        world=demo_inquiry,
        sessions=some_tunnels,
    ),
    Scene(
        "tunnel-form",
        rests="Tunnel through",
        size=(100, 24),
        steps=_FORM,
        world=demo_inquiry,
        sessions=some_tunnels,
    ),
    Scene("sessions", rests="17 sessions are open", steps=(_SESSIONS,), world=with_sessions),
    Scene("sessions-80x24", rests="17 sessions are open", size=(80, 24), steps=(_SESSIONS,), world=with_sessions),
    Scene("session-holders", rests="has 13 open sessions", size=(120, 24), steps=_HOLDERS, world=with_sessions),
    Scene("session-history", rests="ended immediately", size=(120, 24), steps=_ENDED, world=with_sessions),
    Scene("shell-broken", rests="has a known failure", size=(100, 24), steps=(_BROKEN,), world=demo_inquiry),
    Scene("probe-footprint", rests="log group", size=(80, 24), steps=(_FOOTPRINT,), world=demo_inquiry),
    Scene("probe", rests="Shell and port compared", steps=_COMPARED, world=demo_inquiry, sessions=opening_ports_only),
    Scene(
        "probe-80x24",
        rests="all sessions have ended",
        size=(80, 24),
        steps=_PROBED,
        world=demo_inquiry,
        sessions=opening_ports_only,
    ),
    Scene("probes", rests="0.41 s", size=(120, 24), steps=_TOGETHER, world=demo_inquiry, sessions=under_way),
    Scene("hand-over", rests="set -euo pipefail", steps=_HAND_OVER, world=demo_inquiry, desk=desk_with_a_past),
    Scene("accounts", rests="28 rows", size=(120, 40), steps=_ACCOUNTS, world=several_accounts),
    Scene("accounts-80x24", rests="28 rows", size=(80, 24), steps=_ACCOUNTS, world=several_accounts),
    Scene("accounts-wide", rests="28 rows", size=(200, 60), steps=_ACCOUNTS, world=several_accounts),
    Scene("login-ended", rests="outdated", size=(120, 24), world=with_an_ended_login),
    Scene("pulse", rests="now", size=(120, 40), steps=_PULSE, world=demo_inquiry, past=past_hour),
    Scene("pulse-80x24", rests="Results by Region", size=(80, 24), steps=_PULSE, world=demo_inquiry, past=past_hour),
    Scene("pulse-wide", rests="now", size=(200, 60), steps=_PULSE, world=demo_inquiry, past=past_hour),
    Scene("themes", rests="ssmtui-light", steps=_THEMES, world=demo_inquiry),
    Scene("columns", rests="hidden first", size=(100, 24), steps=_COLUMNS, world=demo_inquiry),
    Scene("help", rests="Keys", steps=(keys("question_mark"),)),
    Scene("palette", rests="one row per cause", size=(120, 24), steps=_FINDING, world=demo_inquiry),
    Scene("expired-credentials", rests="aws sso login", size=(100, 20), world=expired),
)
