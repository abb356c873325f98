"""Match descriptions in a person's words to causes, in the languages of the files in `words/`.

A description has no fixed text. A cause names the ideas of its symptoms (`described_by`), such as *disk* and *full*,
and each language has a file with the words for each idea. There is no grammar and no translation. A short text
describes a symptom if it has words for all its ideas, and if it is about Session Manager or has few and no other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ssmtui.causes.catalogue import Cause, Symptom
from ssmtui.causes.matching import Match, extract_fields, match_text
from ssmtui.causes.pasted_text import NODE_ID
from ssmtui.causes.vocabulary import ideas_in

ABOUT_SESSIONS = "about-sessions"
ABOUT_A_SESSION_MANAGER, ABOUT_AWS = "about-a-session-manager", "about-aws"
"""Ideas that only together are about sessions: other programs also have a session manager."""
ABOUT_SOMETHING_ELSE = "about-something-else"
ABOUT_A_WISH = "about-a-wish"
IN_ORDER = "in-order"
TROUBLE = "trouble"
CONDITION = "condition"
"""Ideas that are not of a symptom alone: words of Session Manager, of other functions, of a text that asks for a new
function, of a part that works, of any failure, and of a part that would work.
"""
ASKS, ASKS_WHY, ADVISES, SUPPOSES, NO_FAILURE = "asks", "asks-why", "advises", "supposes", "no-failure"
CONCEDES = "concedes"
"""Ideas of how a clause says something: as a question, as a question about a failure, as advice, as a supposition, with
words of a failure about something that is not necessary, or as something that did not help (*despite a correct role*).
"""
OTHER_PROGRAM, SESSION_IN_USE = "other-program", "session-in-use"
"""Ideas of a sentence in which another program fails, and of a session that is the way to it."""
PARAMETERS = "parameters"
"""The idea of Parameter Store: *SSM* in such a text is its name, if nothing else is about nodes or sessions."""
_OF_A_NODE = frozenset(
    {"agent", "connect", "instance", "plugin", "port", "session-fails", "start-session", "tunnel", "terminal"}
    | {ABOUT_A_SESSION_MANAGER}
)
"""Ideas that a text about Parameter Store alone does not have."""
NO_SYMPTOMS = frozenset(
    {
        ABOUT_SESSIONS,
        ABOUT_A_SESSION_MANAGER,
        ABOUT_AWS,
        ABOUT_SOMETHING_ELSE,
        ABOUT_A_WISH,
        IN_ORDER,
        TROUBLE,
        CONDITION,
        ASKS,
        ASKS_WHY,
        ADVISES,
        SUPPOSES,
        NO_FAILURE,
        CONCEDES,
        OTHER_PROGRAM,
        SESSION_IN_USE,
        PARAMETERS,
    }
)

_FAILURES = frozenset(
    """absent access-request another-account another-region at-once behind-others blackhole blank-screen blocked broken
    cannot crashed dead denied disagree disconnected expired forbidden-403 full hibernating idle invalid just-started
    late listening-no-more lost-connection low-rate maximum-duration no-space off offline old-version open-sessions
    overloaded pending-deletion quota silent slow taken throttled tier timed-out too-long trouble twice
    unencrypted unlisted unset unsigned untrusted unwritten wrong wrong-account wrong-region
    """.split()  # noqa: SIM905 - a list has a line for each
)
"""Ideas that each say that something is not as it should be."""

_LONGEST = 1200
"""Characters of a description. A longer text is a log or a page, and has words for everything."""
_PRODUCT = "Session Manager"
"""How AWS writes the name; in small letters, it can be any program's."""
LONGEST_WITH_AN_ERROR = 4000
"""Characters of an error text with a description around it."""
_MOST_WORDS = 12
"""Words of a description that does not name Session Manager."""
_WORDS_OF_A_SHORT_TEXT = 20
"""Up to this many words, a text has no room for more than the failure."""

_OUTPUT = re.compile(
    r"\barn:aws|\bAn error occurred \(|\b\d\d:\d\d:\d\d\b|\b\w{1,100}Exception:|\bstatus code: \d"
    r"|\bdial tcp\b|\bdebug\d:|\bcaused by:|\bopened for sessionId\b|\bsh-\d\.\d[$#]|> EXEC |\bEXEC stdout\b"
    r"|\b(?:ESTABLISH|CLOSING) \w{1,20} CONNECTION\b|^\W{0,9}C?<(?:[\w-]{1,63}\.|m?i-)[\w.-]{1,200}> \S"
    r"|^\W{0,9}\[INFO\]\s|^\s{0,9}(?:==> )?amazon-ebs[\w.-]{0,60}: "
    r"|^\W{0,9}Error: (?:creat|read|updat|delet|import|attach|modify|wait)ing\b",
    re.MULTILINE,
)
"""What programs write, and people do not. An error text that no cause knows is not a description."""

_ANSWER_OF_SSH = (
    r"(?i)\bPermission denied,? \((?:publickey|password|keyboard|gssapi)|\battempted methods \["
    r"|\bHost key verification failed|\bToo many authentication failures|\bHOST IDENTIFICATION HAS CHANGED"
    r"|\bno (?:matching host key type|mutual signature)"
)
"""What an SSH server, or a client that has its answer, says: the session below it works, another one may fail."""

_SOURCE = (
    r"(?m)^\s{0,9}(?://|/\*|#!|\+ |[╷╵]|│\s{0,3}(?:Error|Warning|with|on)\b"
    r"|import [\w{*\"']|from [\w.]+ import|def |class \w|func |function \w+\(|const )"
    r"|^\s{0,9}export (?:default|async|const|function|class|type|[A-Z_]+=)"
    r"|^\s{0,9}(?:public|private) (?:static|final|async|class|void|\w+ \w+\()"
    r"|^\s{0,9}(?:package \w+;?$|resource \"|- name: )|\bexcept \w+(?: as \w+)?:|=> \{|\bif ! |\)\s{0,2}\{$"
    r"|^\s{0,20}(?:echo \"|case \.\w+: |(?:Args|Returns|Raises):$|\w{1,30}=\"[^\n]{20,}\"$)"
    r"|\"(?:Effect|Action|Statement)\":|\bon \S{1,200}\.tf line \d|\|\s{1,3}CREATE_|\binfo:\s"
)
_RAISES = (
    r"(?m)^\s{0,20}(?:raise \w+\(|throw new \w+\(|(?:logger|logging|log|console)\.\w{1,9}\("
    r"|(?:return |\w+ :?= )?(?:fmt\.Errorf|errors\.New)\().*$"
)
"""Lines of source code that would report an error."""
_CALLS = ("raise ", "throw new ", "logger.", "logging.", "log.", "console.", "fmt.Errorf(", "errors.New(")
"""What such a line contains. In a text without any of these, `_RAISES` is not compiled."""
_TRACEBACK = r"\bline \d{1,6}, in "
"""A line of a Python stack trace. It quotes the line of source code that reported the error: that error happened."""
_CHANGE = (
    r"(?i)\A\W{0,6}(?:(?:feat|fix|chore|docs?|perf|refactor|test|build|ci|style)(?:\([^)\n]{1,60}\))?!?:\s"
    r"|v?\d{1,4}(?:\.\d{1,5}){2,3}\s{0,3}(?:[:\n-]|\Z)|(?:bug ?fixes|release notes|changelog)\b"
    r"|(?:added|changed|fixed)\s{0,3}(?:\n|: (?!it |this |my |our )))"
)
"""Source code, and what changed between two versions of a program: nobody observed a failure. They are compiled at
their first use, and so are the ends of sentences and clauses: an error text needs none of them.
"""

_ERROR = re.compile(r"\bERROR\b|^\W{0,4}Error: ", re.MULTILINE)
"""What programs write before a sentence, such as that an instance never registered."""

_STAMP = (
    r"(?m)^[\W_]{0,3}(?:\d{2,4}[-/]\d\d[-/]\d{2,4}[T ])?\d\d:\d\d:\d\d\S{0,20}\s+"
    r"(?=[\W_]{0,3}(?:ERROR|FATAL|CRITICAL)\b\]?:?\s+[A-Z])"
)
"""The time before a sentence that a program logs as an error. Logs of SSM Agent have brackets before theirs."""

_END_OF_SENTENCE = r"(?<=[.!?;])(?<!\be\.g\.)(?<!\bi\.e\.)\s+|(?<=[。！？])|\n"
_END_OF_CLAUSE = (
    r"(?i)[,:()、—–|]\s|(?<=[，：；])|\s-{1,2}\s|\s(?=(?:but|however|although|though|while|whereas|yet|mais|aber|pero|mas)\s)"
    r"|\s(?=(?:if|unless|so that|in case|in order to|because)\s)"
    r"|\s(?=(?:despite|in spite of|even though|malgré|bien que|alors que|trotz|obwohl|a pesar|aunque|apesar|embora)\b)"
)

_END_OF_CELL = r"|\s[|—→]\s|\s->\s"
"""Where a line of a table or a list goes from a symptom to its cause."""
_REASON = (
    r"(?im)(?:\b(?:cause|reason|causa|grund|ursache)\b(?:[ *_]{0,4}:| (?:is|was|era|war|était)\b)|\bturned out\b"
    r"|원인 ?[:：은]|原因 ?[:：は是为在])"
    r"[ *_]{0,4}(.{5,400})"
    r"|^\s{0,9}\|[^|\n]{3,300}\|([^\n]{3,400})"
)
"""What a text calls the cause, and the cells of a table after that of a symptom."""
_NO_PROSE = r"(?m)^.*\b\d\d:\d\d:\d\d\b.*$|^\W{0,4}(?:\$ |aws \w|ssh |sudo ).*$|^.*\s--[a-z].*\s--[a-z].*$"
"""The lines of a log, and commands."""
_NAMES = r"https?://[^\s)>]{1,1000}|\bssm_\w{1,100}|\bwithout [`\"']?--[a-z][\w-]{1,60}|(?m:^.{0,99}[├└]──.*$)"
"""An address, the name of a variable, such as `ssm_paths`, an option that is left out, and a line of a tree."""
_WRAPPED = r"(?m)(^.{50,}[^\s.!?;:|>。])\n(?!(?:ERROR|INFO|WARN|DEBUG)\b)(?=[\w`(]+\s)"
"""The end of a line that goes on in the next one."""

_COMMENT = r"(?m)(?:^[^\S\n]{0,20}# .*\n?){2,}"
_WRAPPED_COMMENT = r"(?<=[^\s.!?;:|>。])\n[^\S\n]{0,20}# (?=[a-z])"
"""Lines of a comment in source code, and the end of one that goes on in the next."""

_MARKS = r"(?:[^\w\n]|_)*(?:\d{1,3}[.)]\s+)?(?:[^\w\n]|_)*"
"""What is before the first word of a clause: the marks of a list, a heading or a quotation."""
_ITEM = r"\s{0,20}(?:[-*•] |\||\")"
"""The start of an item of a list, a row of a table, or a line of JSON. Numbered steps belong together."""
_ITEMS_OF_A_LIST = 3
_REACH = 5
"""Sentences between a failure and the session that it is about."""
_HEADING, _NUMBER_OF_HEADING = r"\s{0,9}#{2,6} ", r"\s{0,9}#{2,6} [\d.]{1,9}\s*"
"""The start of a heading in Markdown. One that names a session is about the text after it."""
_NO_VERB = "it "
"""A word in place of a quotation mark: a name in quotation marks, such as `deploy`, asks for nothing."""

_CODE = r"(?s)```.*?(?:```|\Z)"
"""A block of code in Markdown."""

_SESSION_FAILS = "session-fails"
"""The idea of a session that fails, without a reason."""
_LEAST = 0.3
_LEAST_OF_ANY_TEXT = 0.5
"""The least likelihood of a cause, if a person's words name Session Manager, and otherwise."""
_LEAST_OF_REASON = 0.38
"""The same for what a text calls the cause: that a connection fails is none."""
_IF_APART = 0.85
"""The likelihood of a symptom whose words are in different sentences, as a share of what it is in one."""
_LEAST_IF_APART = 0.43
"""Below this likelihood, such words are there by chance."""
_IF_IN_ORDER = 0.5
"""The same for a symptom of which the description says that a part is in order."""


def without_source_code(text: str) -> str:
    """Return a text without the lines of source code that would report an error, unless it is a stack trace."""
    if not any(call in text for call in _CALLS) or re.search(_TRACEBACK, text):
        return text
    return re.sub(_RAISES, "", text)


def match_description(written: str, causes: Iterable[Cause]) -> tuple[Match, ...]:
    """Return the causes of a description in a person's words, the likeliest first; empty if it describes none."""
    every = tuple(causes)
    written = re.sub(_STAMP, "", written)
    read = _read_text(written)
    if not read.is_understood and re.search(_OUTPUT, written):
        read = _read_text(words_around_errors(written, every))
    if not read.is_understood:
        return ()
    # If a program only says that a session failed, its text is read like that of a person who says so.
    is_bare = _SESSION_FAILS in read.ideas and re.search(r"(?i)\b(?:session|tunnel|port.forward)", written)
    is_certain = ABOUT_SESSIONS in read.ideas and bool(is_bare or not _ERROR.search(written))
    least = _LEAST if is_certain else _LEAST_OF_ANY_TEXT
    described = _described(read, every, least)
    why = _read(_reason(written), is_observed=True, about=read.ideas & {ABOUT_SESSIONS})
    reason = _described(why, every, _LEAST_OF_REASON)
    if described and reason:
        most = described[0][1]
        named = [slug for slug, _ in reason]
        described = [(slug, most) for slug in named] + [each for each in described if each[0] not in named]
    fields = extract_fields(" ".join(written.split())) if described else {}
    return tuple(Match(slug, likelihood, fields) for slug, likelihood in described)


def _described(read: _Description, causes: Iterable[Cause], least: float) -> Sequence[tuple[str, float]]:
    """Return the causes of a description with their likelihoods, the likeliest first."""
    none = (0.0, False, 0)
    found = {cause.slug: max((_fit(each, read) for each in cause.described_by), default=none) for cause in causes}
    told = sorted(found.items(), key=lambda item: (*(-each for each in item[1]), item[0]))
    return [(slug, fit) for slug, (fit, _, _) in told if fit >= least]


def words_around_errors(written: str, causes: tuple[Cause, ...]) -> str:
    """Return the lines and sentences of a short text that no program wrote, around an error text."""
    if len(written) > LONGEST_WITH_AN_ERROR:
        return ""
    prose = re.sub(_WRAPPED, r"\1 ", re.sub(_NO_PROSE, "", re.sub(_CODE, "\n", written)))
    own = re.split(_END_OF_SENTENCE + _END_OF_CELL, prose)
    kept = [part for each in own for part in _without_error_text(each, causes)]
    return "\n".join(kept) if sum(map(len, kept)) <= _LONGEST else ""


def _without_error_text(sentence: str, causes: tuple[Cause, ...]) -> Sequence[str]:
    """Return a sentence, or its clauses without an error text that it quotes; empty if a program wrote it."""
    if _OUTPUT.search(sentence):
        return ()
    if not match_text(sentence, causes):
        return (sentence,)
    return [each for each in re.split(_END_OF_CLAUSE, sentence) if each and not match_text(each, causes)]


@dataclass(frozen=True, slots=True)
class _Description:
    """The ideas of a description, and those of each sentence. `every` has also those of parts that it calls correct.

    `is_list`: its lines are items with a subject each, such as the changes in a version.
    `is_understood`: it says that something fails, and it is about Session Manager, or has no words besides these ideas.
    """

    ideas: frozenset[str]
    sentences: tuple[frozenset[str], ...]
    every: frozenset[str]
    is_list: bool
    is_understood: bool


_NOT_UNDERSTOOD = _Description(frozenset(), (), frozenset(), is_list=False, is_understood=False)


def _fit(symptom: Symptom, read: _Description) -> tuple[float, bool, int]:
    """Return the likelihood of a symptom, whether its words are in one sentence, and the number of its ideas.

    The likelihood is 0 if the description has not all of them.
    """
    if not read.every.issuperset(symptom.ideas):
        return 0.0, False, 0
    share, is_near = _IF_IN_ORDER, False
    if read.ideas.issuperset(symptom.ideas):
        is_near = any(sentence.issuperset(symptom.ideas) for sentence in read.sentences)
        counts_apart = not read.is_list and symptom.likelihood * _IF_APART >= _LEAST_IF_APART
        share = 1.0 if is_near else _IF_APART if counts_apart else 0.0
    return round(symptom.likelihood * share, 2), is_near, len(symptom.ideas)


def _read_text(written: str) -> _Description:
    """Return what a text describes; nothing, if it is a page, or a program wrote it."""
    if len(written) > _LONGEST or any(re.search(form, written) for form in (_OUTPUT, _SOURCE, _RAISES, _CHANGE)):
        return _NOT_UNDERSTOOD
    if re.search(_ANSWER_OF_SSH, written):
        said = re.split(_END_OF_SENTENCE, written)
        written = "\n".join(each for each in said if not re.search(rf"{_ANSWER_OF_SSH}|\bssh\b", each))
    return _read(written)


def _reason(written: str) -> str:
    """Return the lines and parts of lines that say why something failed; empty if none does."""
    return "\n".join(found[1] or found[2].replace("|", "\n") for found in re.finditer(_REASON, written))


def _read(written: str, *, is_observed: bool = False, about: frozenset[str] = frozenset()) -> _Description:
    joined = re.sub(_COMMENT, lambda comment: re.sub(_WRAPPED_COMMENT, " ", comment[0]), written)
    joined = re.sub(_WRAPPED, r"\1 ", joined)
    split = re.split(_END_OF_SENTENCE, re.sub(NODE_ID, " instance ", re.sub(_NAMES, " ", joined)))
    lines = [line for line in split if line.strip()]
    is_short = len(written.split()) <= _WORDS_OF_A_SHORT_TEXT
    read = [
        (line, [ideas_in(_without_marks(clause)) for clause in re.split(_END_OF_CLAUSE, line) if clause])
        for line in lines
    ]
    has_no_other_words = len(written.split()) <= _MOST_WORDS and all(
        complete for _, clauses in read for _, complete in clauses
    )
    is_of_aws = has_no_other_words or _PRODUCT in written
    is_of_aws = is_of_aws or any(ABOUT_AWS in found for _, clauses in read for found, _ in clauses)
    sentences, in_order = list[frozenset[str]](), frozenset[str]()
    places_of_sessions, places_of_failures = list[int](), list[int]()
    headings, is_how_to = list[int](), False
    for place, (line, found) in enumerate(read):
        clauses = [_meant(ideas, is_of_aws=is_of_aws) for ideas, _ in found]
        # *Another account* or *limited* is a failure only with a word that says so, except in a few words.
        if not is_short and not is_observed and not any(TROUBLE in clause for clause in clauses):
            clauses = [clause - _FAILURES for clause in clauses]
        every = frozenset[str]().union(*clauses)
        is_how_to = is_how_to or (not places_of_failures and any(ADVISES in clause for clause in clauses[:1]))
        if ABOUT_A_WISH in every:
            return _NOT_UNDERSTOOD
        has_no_other_words &= ABOUT_SOMETHING_ELSE not in every
        # A lost key in one sentence says nothing about the symptom in another.
        if ABOUT_SOMETHING_ELSE not in every and not _is_of_another_program(every, clauses):
            failing = _failing(clauses)
            if ABOUT_SESSIONS in every:
                places_of_sessions.append(place)
                if re.match(_HEADING, line) or (place and re.fullmatch(_NUMBER_OF_HEADING, lines[place - 1])):
                    headings.append(place)
            if _observes(line, clauses, is_step=is_how_to):
                places_of_failures.append(place)
            sentences.append(failing | (every & {ABOUT_SESSIONS}))
            in_order |= every - failing
    ideas = frozenset[str]().union(*sentences)
    said = frozenset[str]().union(*(found for _, clauses in read for found, _ in clauses))
    if PARAMETERS in said and _OF_A_NODE.isdisjoint(said):
        return _NOT_UNDERSTOOD
    is_list = _is_list(lines)
    reach = 0 if is_list else _REACH
    # What the text is about, if another part of it says so.
    is_of_sessions = bool(about) and not places_of_sessions
    about |= ideas & {ABOUT_SESSIONS}
    is_of_sessions |= any(
        abs(one - other) <= reach and not any(one < heading <= other for heading in headings)
        for one in places_of_failures
        for other in places_of_sessions
    )
    is_of_sessions |= is_observed and bool(about)
    is_understood = (is_observed or bool(places_of_failures)) and (is_of_sessions or has_no_other_words)
    ideas |= about
    near = tuple(sentence | about for sentence in sentences)
    return _Description(ideas, near, ideas | in_order, is_list=is_list, is_understood=is_understood)


def _is_list(lines: Sequence[str]) -> bool:
    items = sum(re.match(_ITEM, line) is not None for line in lines)
    return items >= _ITEMS_OF_A_LIST and items * 2 >= len(lines)


def _without_marks(clause: str) -> str:
    return re.sub(rf"\A{_MARKS}", lambda marks: _NO_VERB if marks[0].endswith("`") else "", clause)


def _meant(clause: frozenset[str], *, is_of_aws: bool) -> frozenset[str]:
    """Return the ideas of a clause: a session manager is that of AWS, and *without opening a port* is no failure."""
    about = {ABOUT_SESSIONS} if is_of_aws and ABOUT_A_SESSION_MANAGER in clause else set[str]()
    return (clause - _FAILURES if NO_FAILURE in clause else clause) | about


def _is_of_another_program(sentence: frozenset[str], clauses: Iterable[frozenset[str]]) -> bool:
    """Return whether another program fails in a sentence, at most with a session as the way to it."""
    if OTHER_PROGRAM not in sentence:
        return False
    if ABOUT_SESSIONS not in sentence or SESSION_IN_USE in sentence:
        return True
    return all(IN_ORDER in clause and TROUBLE not in clause for clause in clauses if ABOUT_SESSIONS in clause)


def _observes(sentence: str, clauses: Sequence[frozenset[str]], *, is_step: bool) -> bool:
    """Return whether a sentence says that something fails, and not how to do it, or what would be if it failed."""
    if not clauses or ADVISES in clauses[0] or (is_step and any(ADVISES in clause for clause in clauses)):
        return False
    if sentence.rstrip().endswith(("?", "？")) and ASKS in clauses[0]:
        return any(ASKS_WHY in clause for clause in clauses)
    failing = [clause for clause in clauses if clause & _FAILURES]
    # What to do if something fails is said because it does. After *if you cannot connect:*, the next lines say it.
    is_remedied = any(ADVISES in clause for clause in clauses)
    is_heading = sentence.rstrip().endswith((":", "："))
    return any(
        is_remedied or (is_heading and "cannot" in clause) or not clause & {ADVISES, SUPPOSES} for clause in failing
    )


def _failing(clauses: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the ideas of the clauses that do not say that everything is in order."""
    left, is_conceded = frozenset[str](), False
    for clause in clauses:
        is_of_failure = bool(clause & {TROUBLE, CONDITION})
        # What follows *despite* is a list: the role, an open port and a route.
        is_conceded = CONCEDES in clause or (is_conceded and not is_of_failure)
        if not (is_conceded and TROUBLE not in clause) and (is_of_failure or IN_ORDER not in clause):
            left |= clause
    return left
