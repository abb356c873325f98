"""Read the failure texts of Go sources: returned errors, log lines from warning on, and what is printed."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tools.failure_texts.found_text import INNER, FoundText, Severity

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])+'|[A-Za-z_][\w.]*|\d[\w.]*|:=|[^\s\w]|\n",
    re.DOTALL,
)
_FUNCTION = re.compile(r"^(?:func (?:\([^)]*\) )?(\w+)|var (\w+) = func\b)", re.MULTILINE)
_CONSTANT = re.compile(
    r"^\s*(?:const |var )?(\w+)(?:\s+string)?\s*=\s*(\"(?:\\.|[^\"\\\n])*\"|`[^`]*`)[ \t]*(?://.*)?$", re.MULTILINE
)
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_ERROR = re.compile(r"(?:\w+\.)*(?:e|err\w*|\w*Err|\w*Error)(?:\.Error)?")
_INFO = re.compile(r"(?:\w+\.|\.)+Info(?:f|ln)?")
_OF_A_FAILURE = re.compile(r"fail|error|unable|hibernat|cannot|could not|not found|denied|stopp", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:\S*[A-Za-z]{2}\S*\s+){2}\S*[A-Za-z]{2}|^[%\w]+ is \w|[Ee]rror\W")
"""A constant or a formatted string with fewer words is a name, a path, a command or a part of another text."""
_FORMATS = frozenset({"fmt.Sprintf", "fmt.Sprint"})
_SINKS: Sequence[tuple[re.Pattern[str], Severity]] = (
    (re.compile(r"fmt\.Errorf|\w*[eE]rrors?\.(?:New|Errorf|Wrapf?)|awserr\.New|newError"), Severity.RETURNED),
    (re.compile("|".join(map(re.escape, sorted(_FORMATS)))), Severity.RETURNED),
    (_INFO, Severity.INFO),
    (re.compile(r"(?:\w+\.|\.)+Warn(?:ing)?(?:f|ln)?"), Severity.WARNING),
    (re.compile(r"(?:\w+\.|\.)+(?:Error|Critical|Panic|Fatal)(?:f|ln)?|panic|osExit"), Severity.ERROR),
    (
        re.compile(r"fmt\.F?[pP]rint(?:f|ln)?|(?:\w+\.)*(?:AppendError|AppendInfo)f?|printErrorf?"),
        Severity.PRINTED,
    ),
)
_BEHIND: Mapping[str, int] = {"fmt.Fp": 1, "osExit": 2}
"""How many arguments are before the text, by the start of a function's name."""
_OF_HELP = re.compile(r"\A\n*\t|\t-|\t\S+\t|^ {2}|DESCRIPTION|^<|^# |[Cc]ommand-line Usage|^usage:", re.MULTILINE)
"""A part of a help text, or of a file that the program writes."""
_HOLE = re.compile(r"%[-+# 0]*[\d.*]*[a-zA-Z]")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class _Sink:
    """A place that makes a text. `inner` is the function whose error is in it; empty if there is none."""

    file: str
    function: str
    severity: Severity
    text: str
    inner: str

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.file).parent)


def go_texts(files: Mapping[str, str]) -> Iterator[FoundText]:
    """Yield the failure texts of Go files by path, each with the texts that its callers print around it."""
    sinks = list[_Sink]()
    constants = _constants(files.values())
    defined = defaultdict[str, set[str]](set)
    for file, source in files.items():
        for name, body in _functions(source):
            sinks += _Function(file, name, _tokens(body), constants).sinks()
            defined[name].add(str(PurePosixPath(file).parent))
    callers = defaultdict[str, list[_Sink]](list)
    for sink in sinks:
        if sink.inner and sink.inner != sink.function:
            callers[sink.inner].append(sink)
    used = {_HOLE.sub(INNER, sink.text) for sink in sinks}
    for sink in sinks:
        if sink.text and not _OF_HELP.search(sink.text):
            yield FoundText(sink.file, sink.severity, sink.text, _frame(sink, callers, defined))
    for file, source in files.items():
        for _, literal in _CONSTANT.findall(source):
            text = _value(literal)
            if _SENTENCE.search(text) and not _OF_HELP.search(text) and _HOLE.sub(INNER, text) not in used:
                yield FoundText(file, Severity.RETURNED, text)


def _frame(sink: _Sink, callers: Mapping[str, Sequence[_Sink]], defined: Mapping[str, Collection[str]]) -> str:
    frame, seen = INNER, set[str]()
    while sink.severity is Severity.RETURNED and sink.function not in seen and len(seen) < _DEEPEST:
        seen.add(sink.function)
        near = [each for each in callers.get(sink.function, ()) if each.folder == sink.folder]
        known = near or (callers.get(sink.function, ()) if len(defined[sink.function]) == 1 else ())
        if not known:
            break
        # The innermost loop of a program logs what it got: the first caller with a text of its own says most.
        sink = next((each for each in known if each.text), known[0])
        if sink.text:
            frame = sink.text.replace(INNER, frame, 1)
    return "" if frame == INNER else frame


def _constants(sources: Iterable[str]) -> Mapping[str, str]:
    """Return the constants of these sources by name, without those of which two have one name."""
    found = dict[str, set[str]]()
    for source in sources:
        for name, literal in _CONSTANT.findall(source):
            found.setdefault(name, set()).add(_value(literal))
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _functions(source: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the body of each function, and, without a name, what is between the functions.

    gofmt ends a function with a brace at the start of a line.
    """
    between, behind = list[str](), 0
    for found in _FUNCTION.finditer(source):
        end = source.find("\n}", found.end())
        end = end if end >= 0 else len(source)
        yield found[1] or found[2], source[found.end() : end]
        between.append(source[behind : found.start()])
        behind = end
    yield "", "".join((*between, source[behind:]))


def _tokens(source: str) -> Sequence[str]:
    return [token for token in _TOKEN.findall(source) if not token.startswith(("//", "/*"))]


def _value(literal: str) -> str:
    if literal.startswith("`"):
        return literal[1:-1]
    try:
        return str(ast.literal_eval(literal))
    except (SyntaxError, ValueError):
        return literal[1:-1]


class _Function:
    """The texts of one function."""

    def __init__(self, file: str, name: str, tokens: Sequence[str], constants: Mapping[str, str]) -> None:
        self._file, self._name, self._tokens, self._constants = file, name, tokens, constants

    def sinks(self) -> Iterator[_Sink]:
        """Yield what makes a text, and, without a text, the functions whose errors are returned as they are."""
        called = ""
        for place, token in enumerate(self._tokens[:-1]):
            if not _NAME.fullmatch(token):
                continue
            if place and self._tokens[place - 1] == ".":
                token = f".{token}"  # noqa: PLW2901 - a method of what a call returned
            is_call = self._tokens[place + 1] == "("
            if is_call and (severity := self._severity(token)):
                text, has_inner = self._text(place)
                if text.strip() and self._can_be_of_a_failure(token, text):
                    yield _Sink(self._file, self._name, severity, text, called if has_inner else "")
            elif is_call and self._gives_an_error(place):
                called = token.rpartition(".")[2]
            elif token == "return" and (inner := self._passed_on(place, called)):
                yield _Sink(self._file, self._name, Severity.RETURNED, "", inner)

    def _severity(self, token: str) -> Severity | None:
        return next((severity for name, severity in _SINKS if name.fullmatch(token)), None)

    def _can_be_of_a_failure(self, token: str, text: str) -> bool:
        if token in _FORMATS:
            return bool(_SENTENCE.search(text))
        return _INFO.fullmatch(token) is None or bool(_OF_A_FAILURE.search(text))

    def _gives_an_error(self, place: int) -> bool:
        """Return whether the result of a call goes into an error variable."""
        if place < 2 or self._tokens[place - 1] not in {"=", ":="}:
            return False
        line = list[str]()
        for token in reversed(self._tokens[max(place - 8, 0) : place - 1]):
            if token in {"\n", "{", ";"}:
                break
            line.append(token)
        return any(map(_ERROR.fullmatch, line))

    def _passed_on(self, place: int, called: str) -> str:
        line = list[str]()
        for token in self._tokens[place + 1 : place + 12]:
            if token in {"\n", "}"}:
                break
            line.append(token)
        if len(line) > 1 and _NAME.fullmatch(line[0]) and line[1] == "(" and self._severity(line[0]) is None:
            return line[0].rpartition(".")[2]
        return called if line and _ERROR.fullmatch(line[-1]) else ""

    def _text(self, place: int) -> tuple[str, bool]:
        """Return the format of a call in which the hole of an error is `%w`, and whether there is one."""
        arguments = list(self._arguments(place + 1))
        arguments = arguments[next((at for name, at in _BEHIND.items() if self._tokens[place].startswith(name)), 0) :]
        if not arguments:
            return "", False
        first = arguments[0]
        if len(first) > 1 and _NAME.fullmatch(first[0]) and first[1] == "(":
            if first[0] in {"fmt.Sprintf", "fmt.Sprint", "fmt.Errorf", "errors.New", "errors.Errorf"}:
                start = next(at for at in range(place + 1, len(self._tokens)) if self._tokens[at] == first[0])
                return self._text(start)
            return "", False
        text, rest = self._format(first), arguments[1:]
        if self._tokens[place] == "awserr.New" and rest:
            text, rest = f"{text}: {self._format(rest[0])}", [each for each in rest[1:] if each != ["nil"]]
            text += "\ncaused by: %v" if rest else ""
        if not any(map(str.isalpha, _HOLE.sub("", text))):
            return "", False
        holes = list(_HOLE.finditer(text.replace("%%", "\0\0")))
        if len(holes) < len(rest):
            text += " %v" * (len(rest) - len(holes))
            holes = list(_HOLE.finditer(text.replace("%%", "\0\0")))
        for hole, argument in reversed(list(zip(holes, rest, strict=False))):
            if argument and _ERROR.fullmatch(argument[0]):
                return text[: hole.start()] + INNER + text[hole.end() :], True
        return text, False

    def _arguments(self, start: int) -> Iterator[Sequence[str]]:
        depth, argument = 0, list[str]()
        for token in self._tokens[start:]:
            depth += (token in {"(", "[", "{"}) - (token in {")", "]", "}"})
            if depth == 0 or (depth == 1 and token == ","):
                if argument:
                    yield argument
                argument = []
                if depth == 0:
                    return
            elif token != "\n" and not (depth == 1 and token == "(" and not argument):
                argument.append(token)

    def _format(self, argument: Sequence[str]) -> str:
        """Return a literal, or literals and names that are added up; a name that is not known is a hole."""
        parts = list[str]()
        for token in argument:
            if token[0] in '"`':
                parts.append(_value(token))
            elif _NAME.fullmatch(token):
                known = self._constants.get(token.rpartition(".")[2])
                parts.append(known if known is not None else INNER if _ERROR.fullmatch(token) else "%v")
        return "".join(parts)
