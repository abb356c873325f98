"""Read the failure texts of Python sources: messages of exceptions, log lines from warning on, and what is printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from tools.failure_texts.found_text import FoundText, Severity

_MESSAGES = frozenset({"fmt", "msg", "MESSAGE", "ERROR_MSG", "_msg", "message"})
_CONSTANT = re.compile(r"[A-Z_]*(?:ERROR|MESSAGE|MSG|WARN)[A-Z_]*")
_HOLE = re.compile(r"\{[^}]*\}|%\(?\w*\)?\w")
_SENTENCE = re.compile(r"[A-Za-z]{2}\S*\s+\S*[A-Za-z]{2}")
_SEVERITIES = {
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "error": Severity.ERROR,
    "critical": Severity.ERROR,
    "exception": Severity.ERROR,
    "fail_json": Severity.PRINTED,
    "vvvv": Severity.PRINTED,
    "print": Severity.PRINTED,
    "write": Severity.PRINTED,
    "uni_print": Severity.PRINTED,
    "echo": Severity.PRINTED,
}


def python_texts(files: Mapping[str, str]) -> Iterator[FoundText]:
    """Yield the failure texts of Python files by path."""
    for file, source in files.items():
        for node in ast.walk(ast.parse(source)):
            for severity, expression in _of(node):
                text = _text(expression)
                if _SENTENCE.search(_HOLE.sub("", text)):
                    yield FoundText(file, severity, text.strip())


def _of(node: ast.AST) -> Iterator[tuple[Severity, ast.expr]]:
    match node:
        case ast.ClassDef(body=body):
            for each in body:
                match each:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _MESSAGES:
                        yield Severity.EXCEPTION, value
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _CONSTANT.fullmatch(name):
            yield Severity.EXCEPTION, value
        case ast.Raise(exc=ast.Call(args=arguments, keywords=keywords)):
            for argument in (
                *arguments[:1],
                *(each.value for each in keywords if each.arg in _MESSAGES | {"error_msg"}),
            ):
                yield Severity.EXCEPTION, argument
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=arguments, keywords=keywords):
            if severity := _SEVERITIES.get(name):
                for argument in (*arguments[:1], *(each.value for each in keywords if each.arg == "msg")):
                    yield severity, argument


def _text(expression: ast.expr) -> str:
    """Return a string in which all that is put in is a hole; empty if the expression is no string."""
    match expression:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(each) if isinstance(each, ast.Constant) else f"{{{_name(each)}}}" for each in values)
        case ast.BinOp(left=left, op=ast.Mod()):
            return _text(left)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (_text(left) or "%s") + (_text(right) or "%s") if _text(left) or _text(right) else ""
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _text(value)
        case ast.Tuple(elts=parts):
            return "".join(map(_text, parts))
    return ""


def _name(hole: ast.expr) -> str:
    return ast.unparse(hole.value).replace("\n", " ") if isinstance(hole, ast.FormattedValue) else ""
