"""Extract error messages from a pasted text: log lines, wrappers of SDKs, translations, and denials."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.model.access_denied import Denial

_MARGIN = r"[ \t]*(?:(?:#{1,6}|//|[*•-]|→)[ \t]+)*(?:\d{1,6}[ \t]+(?=\d{2,4}-\d\d-\d\d))?"
_DATE = r"\d{2,4}[-/]\d\d?[-/]\d{1,4}[T ]\d\d?:\d\d:\d\d"
_STAMP = rf"{_DATE}(?:[.,]\d{{1,9}})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
_PROGRAM = r"[\w.@/-]{1,100}(?:\[\d{1,9}\])?:"
_AGENT = r"[\w.-]{0,100}agent(?:\[\d{1,9}\])?:"
_RECORD = rf"(?:[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d|{_STAMP}) (?:[\w.:*-]{{1,255}} )?{_PROGRAM}(?:[ \t]|$)"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERRO?R?|CRIT(?:ICAL)?|FATAL|PANIC)"
_LOGGER = r"(?:[ \t]*-[ \t]+[\w.]{1,100}){0,3}[ \t]*-[ \t]+"
_PREFIX = re.compile(
    rf"(?P<margin>{_MARGIN})"
    rf"(?P<record>(?:{_RECORD}|{_AGENT} (?={_DATE}))[ \t]*)?"
    rf"(?P<stamp>[`>\"']{{0,3}}\[?{_STAMP}\]?:?(?=[ \t]|$)[ \t]*)?"
    rf"(?P<level>(?:{_LOGGER})?\[?\b{_LEVEL}\b\]?(?![-\w]):?[ \t]*)?"
    r"(?P<components>(?:\[[^\]\n]{1,200}\][ \t]*){0,12})"
)
# A word processor wraps lines again, so the start of a log line may be in the middle of another one, and broken.
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ISO = r"\d{4}[-/]\d\d[-/]\d\d[T\s]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:\d\d)?"
_REFILLED_PROGRAM = r"(?:[\w.@/-]|(?<=-)\s){1,100}(?:\[\d{1,9}\])?:"
_SAID_BEFORE = rf"\s{_LEVEL}(?!\w)(?:\s\[[^\]]{{1,200}}\]){{0,12}}"
_REFILLED = re.compile(
    rf"(?<!\S)(?:(?:{_MONTH}\s{{1,2}}\d\d?\s\d\d:\d\d:\d\d|{_ISO})\s[\w.:*-]{{1,255}}\s{_REFILLED_PROGRAM}"
    rf"(?:\s{_ISO}(?:{_SAID_BEFORE})?(?!\S))?|{_ISO}{_SAID_BEFORE})"
)
_BROKEN_AT_A_HYPHEN = re.compile(r"(?<=\w)- (?=\w)")
_BEFORE = re.compile(rf"{_MARGIN}(?:\d{{1,6}}[ \t]+)?(?:{_AGENT} )?[`>\"'\[]{{0,3}}")
_LONGEST_BEFORE = 120
_TAB = re.compile(r"#011")
_SOFT_BREAK = "\x1f"
_NARROWEST = 40
"""The narrowest terminal whose line breaks are detected."""
_LINE_GOES_ON = re.compile(r"[ \t]\\$")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A log message in one line. `head` has its level and component, `body` its text."""

    head: str
    body: str


@dataclass(frozen=True, slots=True)
class _Line:
    begins: tuple[str, str, str]
    """The writer, the time, and the text before the message; all empty for a line that is not from a log."""

    head: str
    body: str


def log_entries(text: str) -> Iterator[LogEntry]:
    """Yield the messages of a text in their order. Consecutive lines that are not from a log form one message."""
    head, body = "", list[str]()
    before: tuple[str, str, str] | None = None
    whole = _REFILLED.sub(_at_a_start, _with_soft_breaks(text.expandtabs(8).splitlines()))
    for line in map(_read, whole.replace(_SOFT_BREAK, "").splitlines()):
        if before is None:
            head, before = line.head, line.begins
        elif _is_another(line.begins, before):
            yield LogEntry(head, "\n".join(body))
            head, body, before = line.head, [], line.begins
        elif any(line.begins):
            before = line.begins
        body.append(line.body)
    if body:
        yield LogEntry(head, "\n".join(body))


def _at_a_start(found: re.Match[str]) -> str:
    """Return the start of an entry in one line, on a line of its own."""
    start = found.start()
    before = found.string[max(start - _LONGEST_BEFORE, 0) : start]
    line = before.rpartition("\n")[2]
    is_start = (len(before) < _LONGEST_BEFORE or "\n" in before) and _BEFORE.fullmatch(line)
    return ("" if is_start else "\n") + _BROKEN_AT_A_HYPHEN.sub("-", " ".join(found[0].split()))


def _with_soft_breaks(lines: Sequence[str]) -> str:
    """Return the lines as one text, with soft breaks where a terminal broke them, even within an ARN."""
    width = _width_of_the_terminal(lines)
    text = list[str]()
    for number, line in enumerate(lines):
        if number:
            broken = len(lines[number - 1]) == width and not any(_read(line).begins)
            text.append(_SOFT_BREAK if broken else "\n")
        text.append(line)
    return "".join(text)


def _width_of_the_terminal(lines: Sequence[str]) -> int:
    """Return the width at which a terminal broke these lines; -1 if it broke none."""
    width = max(map(len, lines), default=0)
    # A line that a terminal broke goes on in the next one. The plugin's first and last lines have the same length.
    full = sum(len(line) == width and bool(after.strip()) for line, after in pairwise(lines))
    return -1 if width < _NARROWEST or (full < 2 and width % 10) else width


def _is_another(begins: tuple[str, str, str], before: tuple[str, str, str]) -> bool:
    writer, *rest = begins
    if any(rest):
        return begins != before
    return bool(writer) and writer != before[0]


def _read(line: str) -> _Line:
    found = _PREFIX.match(line)
    record, stamp, level = ((found and found[name]) or "" for name in ("record", "stamp", "level"))
    if not found or not (record or stamp or level):
        return _Line(("", "", ""), "", _LINE_GOES_ON.sub("", line))
    writer = record.rsplit(" ", 2)[-2] if record else ""
    head = level + found["components"]
    body = line[found.end() :]
    return _Line((writer, stamp.rstrip(), head.rstrip()), head, _LINE_GOES_ON.sub("", _TAB.sub("\t", body)))


_LONGEST = 1_000_000
"""Characters of a paste that are read, from its end: in a scrollback, the error is at the end."""

_CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ESCAPED_LINE_END = re.compile(r"(?:\\r)?\\n")
_ESCAPED_MARK = re.compile(r"\\([\"'_*\[\]#|`])")
_QUOTE_MARK = re.compile(r"^[ \t]*[>|│┃]+[ \t]?", re.MULTILINE)
_QUOTES = str.maketrans("‘’‚‛′`“”„‟″«»", "'" * 6 + '"' * 7)
_IS_PLAIN = re.compile(r"[ -%'-=?-\[\]-_a-{}~]*")
"""Printable ASCII without the characters that begin an escape or a mark: `&`, `>`, `|`, a backslash and a backtick."""
_INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f\"']+")
_MARKS_OF_A_CUT = ("...", "…", '"', "'")
_CUT_BY_THE_AGENT = re.compile(r"---(?:output|error) truncated-{0,8}", re.IGNORECASE)
_LONGEST_MARK = len("---Output truncated") + 8

# The wrappers in which a text reaches the person (docs/facts/failure-texts.md §1): each starts another message.
_ENVELOPES = tuple(
    re.sub(r"\s", "", envelope).lower()
    for envelope in (
        "An error occurred (",
        "Starting session with SessionId:",
        "Your session has been terminated for the following reasons:",
    )
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a paste. `key` is the text for comparison; `cut`: the paste ends after it.

    `head` is the length of the key's beginning that has the level and component of a log entry.
    """

    text: str
    key: str
    cut: bool
    head: int = 0


def split_messages(pasted: str) -> tuple[Message, ...]:
    """Return the messages in a paste in their order: the entries of a log, each split at its wrappers."""
    text = _without_mark_of_a_cut(_plain(pasted[-_LONGEST:]))
    found = [message for entry in log_entries(text) for message in _taken_apart(entry)]
    if found:
        last = found[-1]
        found[-1] = Message(last.text, last.key, cut=True, head=last.head)
    return tuple(found)


def normalize_text(text: str) -> str:
    """Return a text for comparison: visible characters in lower case, without quotation marks."""
    return _visible(_plain(text))


def without_control_sequences(text: str) -> str:
    """Return the text without terminal sequences for colours and cursor movement."""
    return _CONTROL_SEQUENCE.sub("", text)


_STARTED = r"(?i)\bStarting session with SessionId: \S"
_PROMPT = r"\s{0,4}(?:(?:[\[\w][\w.@~:/\] -]{0,80})?[$#](?:\s|$)|PS [A-Z]:\\[^>\n]{0,200}>)"
_OF_THE_PLUGIN = (
    r"(?i)\bCannot perform start session\b|\bsession has been terminated\b|\bSessionId:|\bExiting session\b"
    r"|\bAn error occurred \(|session-manager"
)


def without_output_of_shell(text: str) -> str:
    """Return a text without what the commands of a started session print: that session works.

    The output begins with a prompt, and ends before an empty line or a line of the plugin.
    """
    if not re.search(_STARTED, text):
        return text
    kept, has_started, is_in_shell = list[str](), False, False
    for line in text.splitlines(keepends=True):
        if has_started and re.match(_PROMPT, line):
            is_in_shell = True
        if not line.strip() or line.startswith("```") or re.search(_OF_THE_PLUGIN, line):
            is_in_shell = False
        has_started = has_started or re.search(_STARTED, line) is not None
        if not is_in_shell:
            kept.append(line)
    return "".join(kept)


def _taken_apart(entry: LogEntry) -> Iterator[Message]:
    text = " ".join(f"{entry.head}{entry.body}".split())
    key = _visible(text)
    head = len(_visible(entry.head))
    starts = sorted({0, *_envelope_starts(key)})
    places = _places(text) if len(starts) > 1 else []
    for start, end in zip(starts, [*starts[1:], len(key)], strict=True):
        if start < end:
            piece = text[places[start] : places[end - 1] + 1] if places else text
            yield Message(piece, key[start:end], cut=False, head=max(head - start, 0))


def _visible(text: str) -> str:
    if text.isascii():
        return _INVISIBLE.sub("", text).lower()
    return "".join(character.lower() for character in text if _is_visible(character))


def _places(text: str) -> list[int]:
    """Return the position in the text of each visible character."""
    return [place for place, character in enumerate(text) if _is_visible(character) for _ in character.lower()]


def _is_visible(character: str) -> bool:
    if character.isspace() or character in "\"'":
        return False
    return (character.isascii() and character.isprintable()) or unicodedata.category(character) not in {"Cc", "Cf"}


def _plain(text: str) -> str:
    if _IS_PLAIN.fullmatch(text):
        return text[-_LONGEST:]
    text = without_control_sequences(text)
    if "&" in text:
        from html import unescape  # noqa: PLC0415 - few texts have entities of HTML

        text = unescape(text)
    # One character may become eighteen.
    text = unicodedata.normalize("NFKC", text)[-_LONGEST:].translate(_QUOTES)
    text = _ESCAPED_MARK.sub(r"\1", text).replace("\\t", "\t")
    text = _ESCAPED_LINE_END.sub("\n", text)
    return _QUOTE_MARK.sub("", text)


def _without_mark_of_a_cut(text: str) -> str:
    """Return the text without marks at its end that stand for omitted text."""
    end = len(text)
    while (shorter := _before_a_mark(text, end)) < end:
        end = shorter
    return text[:end]


def _before_a_mark(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    for mark in _MARKS_OF_A_CUT:
        if text.endswith(mark, 0, end):
            return end - len(mark)
    tail = max(end - _LONGEST_MARK, 0)
    truncated = [found for found in _CUT_BY_THE_AGENT.finditer(text, tail, end) if found.end() == end]
    return truncated[0].start() if truncated else end


def _envelope_starts(key: str) -> Iterator[int]:
    for envelope in _ENVELOPES:
        start = key.find(envelope)
        while start >= 0:
            yield start
            start = key.find(envelope, start + 1)


_OPERATION = re.compile(
    r"(?<![\w:])((?:Start|Resume|Terminate)Session|DescribeSessions|GetConnectionStatus)(?:Command|Request)?\b"
    r"|\b((?:Start|Resume|Stop)-SSMSession)\b"
)
_METHOD = re.compile(r"(?<![A-Za-z])(start|resume|terminate)_?session(?:Async|CommandError)?\b", re.IGNORECASE)
_SDK_OF_SSM = re.compile(r"\.(?:ssm|simplesystemsmanagement)\.|\bclient-ssm\b|\bAws::SSM::")
"""The name of an SDK's package. It is required, because other programs have methods with the same names."""
_CMDLETS = {
    "Start-SSMSession": "StartSession",
    "Resume-SSMSession": "ResumeSession",
    "Stop-SSMSession": "TerminateSession",
}
_PARENTHESISED = re.compile(r"\(([A-Z]\w{0,60}[a-z][A-Z]\w{0,60})\)")
_SDK_ERROR_CODE = re.compile(
    r"(?<![A-Za-z])"
    r"(AccessDenied(?:Exception)?|BadRequest|ExpiredToken(?:Exception)?|IncompleteSignature|InternalServerError"
    r"|InvalidClientTokenId|InvalidDocument(?:Content|Version)?|InvalidInstanceId|InvalidParameters"
    r"|InvalidSignatureException|InvalidTarget|RequestTimeTooSkewed|ServiceUnavailable|TargetNotConnected"
    r"|ThrottlingException|UnrecognizedClientException|ValidationException)"
    r"(?:Exception)?(?![A-Za-z])"
)
_NOT_CONNECTED = re.compile(r"(?<![\w-])(?:m?i-[0-9a-f]{8,17}|ecs:\S{1,255})[\"'`]? is not connected")
_LONGEST_TAIL = 2000


def sdk_error_as_cli(text: str) -> str:
    """Return a text's error of a Session Manager call in the form of the AWS CLI; empty if there is none."""
    if target := _NOT_CONNECTED.search(text):
        return f"An error occurred (TargetNotConnected) when calling the StartSession operation: {target[0]}"
    named = _operation(text)
    code = (_PARENTHESISED.search(text) or _SDK_ERROR_CODE.search(text)) if named else None
    if code is None:
        return ""
    tail = text[code.end() : code.end() + _LONGEST_TAIL].lstrip(" :,)")
    return f"An error occurred ({code[1]}) when calling the {named} operation: {tail}"


def _operation(text: str) -> str:
    """Return the operation of Session Manager that a text names, also as a method of an SDK; empty if there is none."""
    if found := _OPERATION.search(text):
        return found[1] or _CMDLETS[found[2]]
    method = _METHOD.search(text) if _SDK_OF_SSM.search(text) else None
    return f"{method[1].capitalize()}Session" if method else ""


_ENGLISH = re.compile(r"\bwhen calling the\b|\bauthori[sz]ed to perform\b", re.IGNORECASE)
_TRANSLATED_ERROR_CODE = re.compile(r"\(([A-Z]\w{0,60}[a-z][A-Z]\w{0,60})\)|\b(AccessDenied(?:Exception)?)\b")
_ARN = r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w/.:+=,@*-]{0,512}[\w/*]"
_PRINCIPAL = re.compile(
    r"(?<![\w\"'])(arn:aws[a-z-]*:(?:sts|iam)::\d{12}:(?:assumed-role|user|role)/[\w/.+=,@-]{0,256}\w)"
)
_ACTION = re.compile(r"(?<![\w\"':/])((?:ec2messages|kms|logs|s3|ssm|ssm-guiconnect|ssmmessages):[A-Z]\w+)(?![\w\"'*])")
_RESOURCE = re.compile(rf"(?<![\w\"'])({_ARN})")
_WIDEST_SENTENCE = 300
"""Maximum number of characters between the refused principal and the refused action."""


def to_english(message: Message) -> Message | None:
    """Return the message as AWS's English sentence, from its untranslated parts; None if it is no such sentence."""
    if _ENGLISH.search(message.text):
        return None
    said = " ".join(part for part in (sdk_error_as_cli(message.text), _denial(message.text)) if part)
    return Message(said, normalize_text(said), cut=False) if said else None


def _denial(text: str) -> str:
    """Return a refusal in English; empty if there is none, or the text has two actions, as in a policy."""
    actions = {found[1] for found in _ACTION.finditer(text)}
    if len(actions) != 1:
        return ""
    action = next(found for found in _ACTION.finditer(text))
    principal, code = _PRINCIPAL.search(text), _TRANSLATED_ERROR_CODE.search(text)
    refused = code is not None and (code[1] or code[2]).startswith("AccessDenied")
    named = principal is not None and 0 < action.start() - principal.end() < _WIDEST_SENTENCE
    if not refused and not named:
        return ""
    resource = _RESOURCE.search(text, action.end())
    who = f"User: {principal[1]} " if principal else ""
    where = f" on resource: {resource[1]}" if resource else ""
    return f"{who}is not authorized to perform: {action[1]}{where}"


NODE_ID = r"(?<![\w-])m?i-[0-9a-f]{8,17}(?![0-9a-z])"
"""The pattern of a node's ID in a text."""

_NODE_ID = re.compile(NODE_ID)


def node_ids_in(pasted: str) -> tuple[str, ...]:
    """Return the node IDs in a paste in their order, each once. The nodes need not exist."""
    found = (id_ for message in split_messages(pasted) for id_ in _NODE_ID.findall(message.text))
    return tuple(dict.fromkeys(found))


_REFUSED = re.compile(r"\bauthorized to perform\b", re.IGNORECASE)
_ALWAYS = ("ssm:", "ssmmessages:", "ec2messages:", "ssm-guiconnect:")
_OF_A_SESSION = frozenset(
    {
        "iam:PassRole",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:GetEncryptionConfiguration",
        "s3:PutObject",
        "s3:PutObjectAcl",
    }
)


def find_denials(pasted: str, *, certain: bool) -> tuple[Denial, ...]:
    """Return the refusals in a paste that are about sessions; all if the text is `certain` to be about sessions.

    Otherwise a refusal counts if its action is used for sessions, or if it says why: with a policy or an authorization
    ID.
    """
    messages = [message.text for message in split_messages(pasted) if _REFUSED.search(message.text)]
    if not messages:
        return ()
    from ssmtui.model.access_denied import parse_denials  # noqa: PLC0415 - it takes 7 ms, and most texts are no refusals

    found = dict.fromkeys(denial for text in messages for denial in parse_denials(text))
    return tuple(each for each in found if certain or _is_of_a_session(each))


def _is_of_a_session(denial: Denial) -> bool:
    if denial.policy or denial.authorization_id:
        return True
    return denial.action.startswith(_ALWAYS) or denial.action in _OF_A_SESSION
