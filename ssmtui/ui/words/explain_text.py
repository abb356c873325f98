"""What the Explain screen says: how to use it, that a text is not known, and a cause with what the text told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ssmtui.diagnosis.known_names import names_here
from ssmtui.language import say, say_many
from ssmtui.model.authorization import LookedUp
from ssmtui.model.authorization_text import denial_sentence, own_word
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.ui.words.cause_rows import subject_name
from ssmtui.ui.words.explain_rows import Suspect, findings_of, sign_here
from ssmtui.ui.words.explanation import cause_prose
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, pieced
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.signs import STATUSES

_HOLDERS = 8
_NAMED = 4


def invitation() -> Prose:
    """What to do where nothing has been pasted yet."""
    return (
        paragraph(say("Paste what you got: the error alone, or the terminal's whole scrollback around it.")),
        paragraph(
            say(
                "How it was wrapped, quoted or translated does not matter. It stays on this computer; AWS is asked "
                "only for the authorization id that a refusal may carry."
            ),
            gap=True,
        ),
        paragraph(
            say("The causes that it can have are listed, likeliest first, with whether each is true of your nodes."),
            gap=True,
        ),
    )


def not_known(looked_up: Sequence[LookedUp] = ()) -> Prose:
    """A text that is none of those that are known: nothing is guessed."""
    return (
        item(
            "?",
            (say("Not known: this is no error text of Session Manager that ssmtui knows."), Ink.STRONG),
            ink=Ink.UNKNOWN,
        ),
        paragraph(
            say("It is not guessed at. Is the end of the text there? That is where the reason stands."), gap=True
        ),
        paragraph(say("What the checks found stands in the fleet, whatever the text: Esc goes back there."), gap=True),
        *_denials(looked_up),
    )


def suspect_prose(
    fleet: Fleet, suspect: Suspect, nodes: Collection[NodeKey] | None, looked_up: Sequence[LookedUp] = ()
) -> Prose:
    """A cause that a text names: whether it is true here and of what, what the text told, and the resolution."""
    sign = sign_here(fleet, suspect)
    title = fleet.title(suspect.match.cause)
    names = names_here(fleet.state, suspect.match.cause, fleet.state.nodes if nodes is None else nodes)
    return (
        item(sign.glyph, (title, Ink.STRONG), ink=sign.ink),
        paragraph((sign.word, sign.ink), ("  ", Ink.PLAIN), (_why(suspect), Ink.MUTED), indent=2),
        *_held(fleet, findings_of(fleet, suspect.match.cause, nodes)),
        *_denials(looked_up),
        *_fields(suspect.match.fields),
        *cause_prose(fleet.causes.get(suspect.match.cause), names),
    )


def _why(suspect: Suspect) -> str:
    match suspect.here:
        case True:
            return say("the checks found it: Enter goes there")
        case False:
            return say("the checks that would find it came back without a fault")
        case None:
            return say("no check has settled it")


def _held(fleet: Fleet, findings: Sequence[FleetFinding]) -> Prose:
    if not findings:
        return ()
    rows: list[Block] = []
    for held in findings[:_HOLDERS]:
        sign = STATUSES[held.finding.status]
        rows.append(
            item(
                sign.glyph,
                (f"{say(held.finding.subject.kind.value)} ", Ink.FAINT),
                (subject_name(fleet, held), Ink.STRONG),
                (f" · {held.scope.region} · ", Ink.MUTED),
                say_many("{count} node", "{count} nodes", count=len(held.nodes)),
                (f"  {_names(fleet, held)}", Ink.MUTED),
                ink=sign.ink,
            )
        )
        rows.append(paragraph((held.finding.summary, Ink.MUTED), indent=2))
    return (heading(say("Found here")), *rows)


def _names(fleet: Fleet, held: FleetFinding) -> str:
    shown = sorted(node.name or node.id for key in held.nodes if (node := fleet.node(key)))
    more = len(shown) - _NAMED
    return ", ".join(shown[:_NAMED]) + (say(" and {more} more", more=more) if more > 0 else "")


def _denials(looked_up: Sequence[LookedUp]) -> Prose:
    if not looked_up:
        return ()
    rows: list[Block] = []
    for each in looked_up:
        rows.append(item("•", denial_sentence(each.denial)))
        rows += [paragraph((line, Ink.MUTED), indent=2) for line in own_word(each)]
    return (heading(say("What the refusal says of itself")), *rows)


def _fields(told: Mapping[str, str]) -> Prose:
    if not told:
        return ()
    width = max(len(name) for name in told)
    rows = (
        Block(pieced((value, Ink.CODE)), marker=name.replace("_", " ").ljust(width), solid=True)
        for name, value in told.items()
    )
    return (heading(say("Told by the text")), *rows)
