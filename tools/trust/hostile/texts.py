"""Texts that try to be more than text."""

from __future__ import annotations

from hypothesis import strategies as st

KINDS = {
    "Rich and Textual markup": "[red]x[/] [@click=app.quit]y[/] [link=http://e.example]z[/link] $text-error [/] [[",
    "colours and cursor": "\x1b[777m\x1b[2J\x1b[H\x1b[1A\r\x08",
    "the clipboard (OSC 52)": "\x1b]52;c;Y2FuYXJ5\x07",
    "a title and a link (OSC 0, 8)": "\x1b]0;canary\x1b\\\x1b]8;;http://e.example\x07x",
    "device control and APC": "\x1bPcanary\x1b\\\x1b_canary\x1b\\\x1bc",
    "C1": "\x9b777m\x9d52;c;Y2FuYXJ5\x9c\x90canary\x9c\x85\x84",
    "bidirectional": "a\u202egpj.exe\u202c\u2066b\u2069\u200f\u061c",
    "zero width and unseen": "a\u200bb\u200d\u2060\ufeff\u00ad\u034f\u3164\u115f\ufe00\U000e0101\U000e0041",
    "NUL, DEL, BEL": "\x00\x7f\x07\x0e\x0f",
    "ends of lines": "\n\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029x",
    "a private and an unassigned character": "\ue000\U000f0000\U0010ffff\u0378",
    "combining": "a" + "\u0301\u0489\u20dd" * 30,
    "wide": "数据库 👩‍👩‍👧‍👦 ﷽ 𒐫",
    "the shell": "$(touch /tmp/canary) `id` ; rm -rf ~ | & > < \\ \" ' ! * ? {a,b} ~ # $IFS ${x}",
    "PowerShell": "'; Remove-Item -Recurse ~ #\u2019\u2018\u201a\u201b$(calc) @{a=1} `n \"@ '@\n'@\n\"@",
    "here-documents": "EOF\nEOT\nEOF_\n'@\n\"@\n```\n~~~\n---\n...",
    "Terraform": '${file("/etc/passwd")} %{ if true } $${x} %%{y} EOT',
    "CloudFormation": '{"Fn::Sub": "${AWS::AccountId}"} !Sub ${x} {{resolve:ssm:x}}',
    "HTML": "</script></title><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>&amp;&#0;<!--]]>",
    "XML": "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;<?xml?>\ufffe",
    "Markdown": "| a | `b` ``` [x](javascript:y) ![i](http://e.example) <b> *c* _d_ ~~e~~ #1 @octocat\n# h\n- l\n1. n",
    "a spreadsheet's formula": "=cmd|' /C calc'!A0",
    "another formula": "\t=1+1",
    "a workflow's command": "\n::error::x%0A::set-output name=a::b\n##[command]x",
    "a path": "../../../../etc/passwd\x00.txt",
    "an address": "file:///etc/passwd https://169.254.169.254/ --endpoint-url=http://e.example -x",
    "a format": "%s %n {0.__class__} {node} %(x)s {{",
    "YAML": "&a [*a] !!python/object/apply:os.system [id] <<: *x\n--- \t: - ? | >",
    "JSON": '"}],"x":[{"\\u0000":NaN',
    "empty": "",
    "a space": " \u00a0\u3000 ",
}
"""One of each kind, by what it is. `777` and `canary` stand where a terminal would have taken them for a command."""

SURROGATES = "half \ud800 \udfff\udc80 of a character"
"""What JSON can say and UTF-8 cannot."""

LARGE = 65_536

PIECES = st.sampled_from([*KINDS.values(), SURROGATES, "web-1", "arn:aws:iam::123456789012:role/web", "é"])
ANY = st.characters()


def hostile(longest: int = 200) -> st.SearchStrategy[str]:
    """Pieces of these, characters of every kind, and both together."""
    of_pieces = st.lists(PIECES | st.text(ANY, max_size=8), max_size=4).map("".join)
    return (of_pieces | st.text(ANY, max_size=40)).map(lambda text: text[:longest])


def encodable() -> st.SearchStrategy[str]:
    """Those that UTF-8 can say: what comes from AWS or a file as it is read."""
    return hostile().map(lambda text: text.encode(errors="replace").decode())
