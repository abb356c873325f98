"""Check hostile text in exported changes: the printed bash makes the API's calls, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from botocore import xform_name
from markdown_it import MarkdownIt

from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.plan import JSON, Call, Forecast, Guard, Plan, Reach, UndoPlan
from ssmtui.model.scope import ScopeName
from ssmtui.remediation.export.format import ChangeRequest, NotExpressible, all_formats, export_plan, is_visible
from ssmtui.remediation.export.formats.aws_cli import undo_script
from ssmtui.text.printable import printable
from tests.remediation.export.other_tools import complaints
from tests.remediation.plans.facts import SCOPE

_STAND_IN = r"""#!/bin/bash
# Writes down what it was called with, and says what was prepared for that call.
n=$(< "$TOLD/count"); printf %s $((n + 1)) > "$TOLD/count"
printf '%s\0' "$@" > "$TOLD/arguments.$n"
[ ! -e "$TOLD/answer.$n" ] || cat "$TOLD/answer.$n"
"""
_ROLE = "arn:aws:iam::123456789012:role/web"


def plans(text: str) -> Iterator[Plan]:
    """Yield changes of several kinds, with the text wherever AWS or a user's file could have put it."""
    policy = json.dumps({"Statement": [{"Sid": text, "Resource": text}]}, ensure_ascii=False, indent=2)
    put = {"RoleName": text, "PolicyName": text, "PolicyDocument": policy}
    yield _plan(text, Call("iam", "PutRolePolicy", put, "iam:PutRolePolicy", "*"))
    tags: JSON = [{"TagKey": text, "TagValue": text}]
    yield _plan(text, Call("kms", "TagResource", {"KeyId": text, "Tags": tags}, "kms:TagResource", "*"))
    group = {"logGroupName": text, "kmsKeyId": text}
    yield _plan(text, Call("logs", "AssociateKmsKey", group, "logs:AssociateKmsKey", "*"))
    setting = {"SettingId": text, "SettingValue": text}
    yield _plan(text, Call("ssm", "UpdateServiceSetting", setting, "ssm:UpdateServiceSetting", "*"))
    document = {"Name": text, "Content": f"{text}\n{text}", "DocumentVersion": "$LATEST"}
    yield _plan(text, Call("ssm", "UpdateDocument", document, "ssm:UpdateDocument", "*"))


def _plan(text: str, call: Call) -> Plan:
    back = Call("kms", "UntagResource", {"KeyId": text, "TagKeys": [text]}, "kms:UntagResource", "*")
    return Plan(
        fix="a-fix",
        title=text,
        scope=replace(SCOPE, name=ScopeName(_profile(text), SCOPE.region)),
        subject=Subject(SubjectKind.ROLE, f"{_ROLE}{text}"),
        calls=(call,),
        before=text,
        after=f"{text}\nafter",
        guards=(Guard(text, "kms", "DescribeKey", {"KeyId": text}, "KeyMetadata.Description", text),),
        way_back=UndoPlan((), (back,)),
        reach=Reach.SUBJECT,
        undo=text,
        facts_after=(),
        stale=(),
        notes=(text,),
        loses=text,
        costs=text,
    )


def _profile(text: str) -> str | None:
    return text if text and printable(text) == text else None


def request(plan: Plan, text: str) -> ChangeRequest:
    """Return the change with its reason and its nodes."""
    why = Finding("kms-key-unusable", Status.FAIL, Confidence.PROVED, plan.subject, text, (Evidence(text, text),))
    return ChangeRequest(plan, why, Forecast(("i-1",), (), (), (), ()), {"i-1": text})


class StandIn:
    """A fake `aws` that records its arguments, first on its own PATH."""

    def __init__(self, folder: Path) -> None:
        self._programs, self._told = folder / "programs", folder / "told"
        self._programs.mkdir()
        (self._programs / "aws").write_text(_STAND_IN)
        (self._programs / "aws").chmod(0o700)

    def sent(self, script: str, answers: Sequence[str]) -> tuple[list[list[str]], str]:
        """Return the `aws` calls of a script in bash, with the answers given in turn; and its standard error."""
        shutil.rmtree(self._told, ignore_errors=True)
        self._told.mkdir()
        (self._told / "count").write_text("0")
        for number, answer in enumerate(answers):
            (self._told / f"answer.{number}").write_text(answer, encoding="utf-8")
        here = self._told / "here"
        here.mkdir()
        ran = subprocess.run(
            ["/bin/bash"],
            input=script.encode(),
            capture_output=True,
            env={"PATH": f"{self._programs}:/usr/bin:/bin", "TOLD": str(self._told), "LANG": "C.UTF-8"},
            cwd=here,
            timeout=60,
            check=False,
        )
        count = int((self._told / "count").read_text())
        calls = [
            (self._told / f"arguments.{number}").read_bytes().decode(errors="surrogateescape").split("\0")[:-1]
            for number in range(count)
        ]
        made = sorted(each.name for each in here.iterdir())
        return calls, ran.stderr.decode(errors="replace") + (f" made {made}" if made else "")


def bash_faults(text: str, aws: StandIn) -> Iterator[str]:
    """Yield what is wrong with the printed bash for a text: each change, and its undo."""
    for plan in plans(text):
        script = export_plan(ChangeRequest(plan), "cli")
        assert isinstance(script, str), script
        yield from (f"{plan.calls[0].operation}: {each}" for each in _run(script, plan.calls, plan.guards, aws))
        yield from (f"back: {each}" for each in _run(undo_script(plan), plan.way_back.calls, (), aws))


def _run(script: str, calls: Sequence[Call], guards: Sequence[Guard], aws: StandIn) -> Iterator[str]:
    if not is_visible(script):
        yield "it cannot be shown"
    change, _, _ = script.partition("\n# To undo the change")
    asked = change.count("describe-key")
    waited = sum(call.operation == "UpdateDocument" for call in calls)
    answers = [
        "123456789012\n",
        # Without a guard, the script asks whether everything was undone already: it was not.
        *([f"{_answered(guard, script)}\n" for guard in guards[:asked]] or ["not so\n"] * asked),
        "",
        *["Active\n"] * waited,
    ]
    told, errors = aws.sent(script, answers)
    if errors:
        yield f"it said {errors[:200]!r}"
    if len(told) != 1 + asked + len(calls) + waited:
        yield f"it called aws {len(told)} times: {told}"
        return
    for call, words in zip(calls, told[1 + asked : 1 + asked + len(calls)], strict=True):
        if parameters_in(words) != {name[0].upper() + name[1:]: value for name, value in call.parameters.items()}:
            yield f"it sent {words!r} for {call.parameters!r}"
        if words[:2] != [{"s3": "s3api"}.get(call.service, call.service), xform_name(call.operation, "-")]:
            yield f"it called {words[:2]}"


def _answered(guard: Guard, script: str) -> str:
    """Return the answer of the AWS CLI for an unchanged state; for a list joined by the script, the joined list."""
    expected = guard.expected or ""
    return ",".join(sorted(expected.split("\n"))) if "join(" in script.partition("describe-key")[2][:400] else expected


def parameters_in(words: Sequence[str]) -> dict[str, object]:
    """Return the parameters that the AWS CLI reads from a command: a JSON input, and options."""
    document: dict[str, object] = {}
    rest = list(words[2:])
    while rest:
        option, value, *rest = rest
        if option == "--cli-input-json":
            document |= {name[0].upper() + name[1:]: each for name, each in json.loads(value).items()}
        elif option not in {"--query", "--output"}:
            document["".join(part.capitalize() for part in option[2:].split("-"))] = value
    return document


# https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules: within single
# quotation marks of any kind, two stand for one; a here-string ends with its mark at the start of a line.
_MARKS = "'\u2018\u2019\u201a\u201b"
_POWERSHELL = re.compile(
    rf"(?P<here>@'\n(?P<held>.*?)\n'@)|(?P<text>[{_MARKS}](?:[^{_MARKS}]|[{_MARKS}]{{2}})*[{_MARKS}])|(?P<remark>\#[^\n]*)|"
    r'(?P<expanded>"[^"\n]*")',
    re.DOTALL,
)


def powershell_form(script: str) -> tuple[str, list[str]]:
    """Return a script without its texts and comments, as PowerShell parses it; and the contents of its here-strings."""
    held = [found["held"] for found in _POWERSHELL.finditer(script) if found["here"]]
    if "\n# To undo the change" in script:
        back = re.sub(r"(?m)^# ?", "", script.partition("\n# To undo the change")[2].partition("\n")[2])
        held += [found["held"] for found in _POWERSHELL.finditer(back) if found["here"]]
    return _POWERSHELL.sub(lambda found: found["expanded"] or "''", script), held


def _known_words(form: str) -> set[str]:
    return set(re.findall(r"[^\s\"'(){}\[\]=,]+", form))


_HCL = re.compile(
    r'(?P<here><<(?P<end>EOT_*)\n.*?\n(?P=end)$)|(?P<text>"(?:[^"\\\n]|\\.)*")|\#[^\n]*', re.DOTALL | re.MULTILINE
)


def form_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the other formats: outside its texts each equals that of a plain text."""
    for plan, plain in zip(plans(text), plans("plain"), strict=True):
        for name in all_formats():
            told, like = export_plan(request(plan, text), name), export_plan(request(plain, "plain"), name)
            if isinstance(told, NotExpressible) or isinstance(like, NotExpressible):
                continue
            if not is_visible(told):
                yield f"{name} cannot be shown"
            yield from (f"{name}, {plan.calls[0].operation}: {each}" for each in _form(name, told, like, plan))


def _form(name: str, told: str, like: str, plan: Plan) -> Iterator[str]:
    match name:
        case "powershell":
            form, held = powershell_form(told)
            inputs = [json.loads(each) for each in held]
            if not all(dict(call.parameters) in inputs for call in (*plan.calls, *plan.way_back.calls)):
                yield f"it sends {held!r}"
            if _known_words(form) - _known_words(powershell_form(like)[0]):
                yield f"a text is a command: {sorted(_known_words(form) - _known_words(powershell_form(like)[0]))}"
        case "terraform":
            bare, plain = _HCL.sub("", told), _HCL.sub("", like)
            if _known_words(bare) - _known_words(plain) - {"chomp"}:
                yield f"other words: {sorted(_known_words(bare) - _known_words(plain))}"
            if re.search(r"(?<!\$)\$\{|(?<!%)%\{", re.sub(r"(?m)^ *#.*", "", told)):
                yield "something is expanded"
            yield from complaints("terraform", told)
        case "cloudformation":
            json.loads(told)
        case "iam":
            json.loads(told)
        case "markdown":
            tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(told)
            kinds = {each.type for token in tokens for each in (token, *(token.children or ()))}
            if active := kinds & {"html_block", "html_inline", "link_open", "image"}:
                yield f"elements: {active}"
