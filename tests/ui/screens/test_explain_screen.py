"""An error text pasted on screen: its causes in order, and which of them the fleet really has."""

from __future__ import annotations

from textual import events

from ssmtui.causes.pasted_text import find_denials
from ssmtui.diagnosis.events import FindingChanged, FindingGone, ScopeOpened, ScopeSettled, VerdictChanged
from ssmtui.model.access_denied import (
    AuthorizationDetails,
    EvaluatedPolicy,
    Evaluation,
    EvaluationEffect,
    LookedUp,
    MatchedStatement,
)
from ssmtui.model.finding import FleetFinding, Link, Subject, SubjectKind, VerdictStatus
from ssmtui.model.plan import FixNotApplicable
from ssmtui.ui.screens.explain_screen import ExplainScreen
from tests.builders.fleet import a_finding
from tests.ui.builders import HEALTHY, PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.opened import CAUSE, NODE, Opened, opened
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

WEB, API = node("web-1", 1), node("api-1", 2)
GROUP = log_group_unencrypted([WEB])
LOOKUP = (
    "Encountered error while initiating handshake. We couldn't start the session because encryption is not set up\n"
    "on the selected CloudWatch Logs log group. Either encrypt the log group or choose an option to enable logging\n"
    "without encryption."
)


def one_broken_of_two(*, settled: bool = True) -> ScriptedInquiry:
    return ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB, API]),
        FindingChanged(GROUP),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, GROUP)),
        VerdictChanged(API.key, HEALTHY),
        *((ScopeSettled(PARIS.name),) if settled else ()),
    )


async def explain(shown: Opened, text: str) -> ExplainScreen:
    await shown.press("x")
    await shown.until_screen(ExplainScreen)
    screen = shown.app.screen
    assert isinstance(screen, ExplainScreen)
    if text:
        shown.app.post_message(events.Paste(text))
    return screen


async def test_the_causes_are_ranked_and_the_one_that_is_true_here_leads_to_its_finding() -> None:
    async with opened(one_broken_of_two()) as shown:
        screen = await explain(shown, LOOKUP)
        await shown.until_said("true here")
        assert screen.causes.cursor == "log-group-unencrypted"
        assert "log-group-unreadable" in screen.causes.keys
        await shown.until_said("Found here")
        await shown.until_said("Resolution in the AWS documentation")

        await shown.press("enter")
        await shown.until_screen(CAUSE)
        await shown.until_said("Affected nodes")
        await shown.press("escape")
        assert shown.app.screen is screen


async def test_the_true_cause_of_a_node_that_the_text_names_is_first_and_its_fix_is_a_key() -> None:
    closed = FleetFinding(
        "egress-blocked@sg-1",
        PARIS,
        Link.NETWORK,
        a_finding("egress-blocked", subject=Subject(SubjectKind.SECURITY_GROUP, "sg-1")),
        frozenset({WEB.key}),
    )
    handle = ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [WEB, API]),
        FindingChanged(closed),
        VerdictChanged(WEB.key, verdict(VerdictStatus.FAIL, closed)),
        VerdictChanged(API.key, HEALTHY),
        ScopeSettled(PARIS.name),
    )
    handle.plans["grant-node-key-access"] = FixNotApplicable("grant-node-key-access", "the role is AWS's own")
    async with opened(handle, size=(120, 60)) as shown:
        screen = await explain(shown, f"An error occurred (TargetNotConnected): {WEB.id} is not connected.")
        await until(shown.pilot, lambda: screen.causes.has_focus)
        assert screen.causes.keys[0] == screen.causes.cursor == "egress-blocked"
        assert list(screen.causes.in_view) == list(screen.causes.keys)
        await shown.until_said("Fixes")
        await shown.until_said("Esc Back 1 Fix")
        await shown.press("1")
        await shown.until_said("the role is AWS's own")

        screen.explain(f"{API.id} is not connected.")
        await until(shown.pilot, lambda: screen.causes.keys[0] == "wrong-region-or-account")
        assert screen.causes.cursor == "wrong-region-or-account"
        await until(shown.pilot, lambda: "1 Fix" not in shown.painted)


async def test_from_a_node_the_causes_are_looked_for_on_that_node_alone() -> None:
    async with opened(one_broken_of_two()) as shown:
        shown.fleet.narrow("api-1")
        await until(shown.pilot, lambda: shown.names == ["api-1"])
        await shown.press("enter")
        await shown.until_screen(NODE)
        await explain(shown, LOOKUP)
        await shown.until_said("checked on node api-1")
        await shown.until_said("not found here")
        assert "true here" not in shown.said


async def test_a_node_that_is_not_listed_is_named_and_is_not_said_to_be_where_it_belongs() -> None:
    handle = one_broken_of_two()
    async with opened(handle) as shown:
        stranger = node("stranger", 9)
        await explain(shown, f"An error occurred (TargetNotConnected): {stranger.id} is not connected.")
        await shown.until_said(f"node {stranger.id} is not listed; checked on all nodes of eu-west-3")
        await shown.until_said("? unknown")
        [row] = [line for line in shown.painted.splitlines() if "Node is in another account or Region" in line][:1]
        assert "? unknown" in row
        handle.tell(*told(PARIS, [stranger]), VerdictChanged(stranger.key, HEALTHY), FindingChanged(GROUP))
        await shown.until_said("checked on the nodes that the text names: stranger")


async def test_a_cause_that_no_check_found_shows_its_documentation() -> None:
    async with opened(one_broken_of_two()) as shown:
        screen = await explain(shown, LOOKUP)
        await shown.until_said("true here")
        await shown.press("j")
        await until(shown.pilot, lambda: screen.causes.cursor != "log-group-unencrypted")
        await shown.press("enter")
        assert shown.app.screen is screen
        assert screen.pane.has_focus


async def test_the_steps_name_what_the_text_names() -> None:
    async with opened(one_broken_of_two()) as shown:
        await explain(
            shown, "(InvalidDocument) when calling the StartSession operation: Document with name Mine does not exist."
        )
        await shown.until_said("describe-document --name Mine")


async def test_what_the_checks_have_not_settled_is_not_known_yet_and_then_is() -> None:
    handle = one_broken_of_two(settled=False)
    async with opened(handle) as shown:
        await explain(shown, "Unable to start command: failed to start pty since RunAs user ghost does not exist")
        await shown.until_said("unknown yet")
        assert any(line.split()[:2] == ["user", "ghost"] for line in shown.said.splitlines())
        handle.tell(ScopeSettled(PARIS.name))
        await shown.until_said("unknown")
        handle.tell(FindingGone(GROUP.id), VerdictChanged(WEB.key, HEALTHY))
        await shown.until_said("not found here")


async def test_an_unknown_text_is_not_guessed_at() -> None:
    async with opened(one_broken_of_two()) as shown:
        screen = await explain(shown, "make: *** No rule to make target 'all'.  Stop.")
        await shown.until_said("Unknown text: ssmtui does not know this error text")
        assert not screen.causes.display
        await shown.press("escape")
        assert shown.app.screen is shown.fleet


async def test_the_title_says_what_a_text_means_that_fits_several_causes_and_that_a_normal_end_is_no_error() -> None:
    async with opened(one_broken_of_two()) as shown:
        screen = await explain(shown, "")
        await shown.until_said("What does this error mean?")
        screen.explain("TargetNotConnected")
        await shown.until_said("This means that the node is not connected to Session Manager; check, in this order:")
        screen.explain("Exiting session with sessionId: jane-0a1b2c3d4e5f67890.")
        await shown.until_said("This text says that a session ended normally. It is not an error.")
        await shown.until_said("What does this error mean?")


async def test_a_paste_is_shown_without_what_moves_the_cursor_and_is_still_known() -> None:
    hostile = LOOKUP.replace("encryption", "\x1b[31mencryption\x1b[0m\u200b").replace(
        "group.", "group.\x07\x1b]0;owned\x07"
    )
    async with opened(one_broken_of_two()) as shown:
        screen = await explain(shown, f"$ aws ssm start-session --target i-0\n\n{hostile}\n$ ")
        await shown.until_said("true here")
        assert screen.area.text.isascii()
        assert "\x1b" not in screen.area.text
        assert "owned" not in screen.area.text


async def test_a_paste_is_explained_wherever_nothing_is_typed() -> None:
    async with opened(one_broken_of_two()) as shown:
        shown.app.post_message(events.Paste(LOOKUP))
        await shown.until_screen(ExplainScreen)
        await shown.until_said("true here")
        await shown.press("escape")
        shown.app.post_message(events.Paste("make: *** Stop."))
        await shown.until_said("Unknown text: ssmtui does not know this error text of Session Manager.")
        await shown.press("escape")
        assert shown.app.screen is shown.fleet
        await shown.press("slash")
        shown.app.post_message(events.Paste("web"))
        await until(shown.pilot, lambda: shown.names == ["web-1"])


async def test_another_text_takes_the_place_of_the_first() -> None:
    async with opened(one_broken_of_two()) as shown:
        screen = await explain(shown, LOOKUP)
        await shown.until_said("true here")
        await shown.press("x")
        shown.app.post_message(events.Paste("make: *** Stop."))
        await shown.until_said("Unknown text: ssmtui does not know this error text of Session Manager.")
        assert screen.area.text == "make: *** Stop."


async def test_a_text_that_names_a_node_is_looked_for_on_that_node() -> None:
    async with opened(one_broken_of_two()) as shown:
        screen = await explain(shown, f"$ aws ssm start-session --target {API.id}\n{LOOKUP}")
        await shown.until_said(f"checked on the nodes that the text names: api-1 ({API.id})")
        await shown.until_said("not found here")
        assert "true here" not in shown.said
        screen.explain(f"start-session --target {WEB.id}\n{LOOKUP}")
        await shown.until_said("true here")
        screen.explain(f"start-session --target i-0123456789abcdef0\n{LOOKUP}")
        await shown.until_said("checked on all nodes of eu-west-3")


async def test_a_refusal_shows_aws_own_word_once_it_was_looked_up() -> None:
    id_ = "b5m5v5taprqh3yoluoo4dyw0w"
    said = (
        "An error occurred (AccessDeniedException) when calling the StartSession operation: User: "
        "arn:aws:iam::123456789012:user/jane is not authorized to perform: ssm:StartSession on resource: "
        "arn:aws:ec2:eu-west-3:123456789012:instance/i-0a1b2c3d4e5f60718 with an explicit deny in a service control "
        f"policy, or call the GetRequestAuthorizationDetails API with the following authorization id: {id_}"
    )
    handle = one_broken_of_two()
    (denial,) = find_denials(said, certain=True)
    statement = MatchedStatement("NoSessions", denies=True)
    policy = EvaluatedPolicy("arn:aws:organizations::9:policy/p-1", "service control policy", False, (), (statement,))
    evaluation = Evaluation(denial.action, denial.resource, EvaluationEffect.EXPLICIT_DENY, (policy,))
    handle.looked_up = {id_: LookedUp(denial, AuthorizationDetails((evaluation,), 1))}
    async with opened(handle) as shown:
        await explain(shown, said)
        await shown.until_said("Details of the denial")
        await shown.until_said("NoSessions in the service control policy")


async def test_a_terminal_without_room_for_a_letter_shows_no_hint_and_ends_nothing() -> None:
    async with opened(one_broken_of_two(), size=(80, 24)) as shown:
        await shown.press("x")
        for columns in (3, 2, 1):
            await shown.pilot.resize_terminal(columns, 10)
        await shown.pilot.resize_terminal(80, 24)
        await shown.until_said("Paste the error here")
