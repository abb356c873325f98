"""Write the page of all keys from the bindings of the screens (`make docs`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.binding import Binding

from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.dialogs import LocalizedDialog
from ssmtui.ui.screens.key_catalogue import KeyRow, keys_of, keys_of_either, screens, subclasses, title_of, widgets_of
from ssmtui.ui.widgets.key_bindings import display_key
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane

_HEAD = """\
# Keys

Made by `make docs` from what the screens bind; never edited by hand. `?` tells the same of the screen that is up, as it
is bound then. `^x` is Ctrl and x. A key that cannot be used now is dimmed, and says why when it is pressed.

- `:` or `^p` finds everything that can be done or gone to, by name, by description, or by the names that other tools
  have for it: `:changes`, `:instances`, `:pulses`, the name of a node, the words of a cause.
- Everything that looks as if it could be clicked can be: keys of the last line, headings of columns, the way here in
  the first line, counts. A click does what the key does.
- `Esc` takes back what narrows the rows before it leaves. `^z` suspends the app, where the system can.

## Other keys
In the configuration file each action can be given other keys, by its id; several stand between commas. It is these
alone then. An id or a key that there is not, and a key that another action of the same screen has, are told when ssmtui
starts. Lines that are typed in, and dialogs, keep theirs; so do `^c` and `^q`.

```toml
[keys]
filter = "f3,slash"
shell = "ctrl+t"
down = "j,down,ctrl+n"
```

Keys are called as Textual calls them: a character (`s`, `S`, `?`), `enter`, `escape`, `tab`, `space`, `f1`, `pagedown`,
and these behind `ctrl+`, `alt+` or `shift+`. What a terminal does not send no program hears. Sentences that name a key
in passing name the one that it has by itself.
"""

_ELSEWHERE = """\
## As in other tools
What people who come from k9s, e1s, lazygit and the like press first, and what it does here.

| they press | for | here |
|---|---|---|
| arrows, `j` `k`, `g` `G`, `^d` `^u`, `^f` `^b` | moving | the same |
| `h` `l`, `←` `→` | sideways | into the text, back to the rows, then to the screen before. On a change `h` hands over |
| `Enter`, `Esc` | open, back | the same; `d` opens too (describe) |
| `/` | filter | the same, in every table: words, `column:value`, `tag:Key=value`, `!` not, `*` anything, `~` fuzzy |
| `:`, `^p` | commands | the same |
| `?`, `F1` | help | the same |
| `y` | raw | everything that was read for the node, as it was read |
| `c` | copy | what is wrong, or the command that opens a session; `C` the id alone |
| `s` | shell | the same; on the preferences it saves (`^s` too), as it does in forms |
| `p` | port-forward, in some | the session preferences, which is what ssmtui is for; a tunnel is `t` |
| `r`, `^r` | refresh | the row, everything |
| capital letters, `F1` to `F12` | sort | a capital letter for each default column of the fleet, and again to reverse; \
`o` the next column, `O` reverses, or a click on a heading |
| `^w` | wide columns | the same: what nodes are in the place of why; `W` chooses columns, also tags, types, addresses |
| `@` | command log | what has been asked of AWS, and how often; `--log-file` writes each call |
| `Space`, `*`, `^a` | mark | the same; actions take the marked rows |
| `v`, `^Space` | mark a range | `V`, `^Space`, or `Shift` with an arrow; `v` opens a test session |
| `P`, `G` | profile, Region | `P` (or `a`) asks for both, accounts too; `G` is the last row, as in every pager |
| `!`, `^z` | faults only | `!` or `f`; `^z` suspends, as in every shell |
| `x` | xray | `x` explains an error text, as it always has; what a node hangs on is its path: `Enter` |
| `:pulse`, `~` | pulse | the same |
| `^s` | save | a report, after it has asked for the name; in the filter line the filter; on a form its change |
| `z` | undo | the last change, after a preview |
| `^z` | redo | `^y`: the change that was undone last, after a preview; `^z` suspends |
| `b` | browser | what the cursor is on, in AWS's web console |
| `l`, `L` | logs | `l` is right; what the agent says of itself is read into the findings. `L` logs in again |
| `1` to `5`, `^o` | another panel | `J`, then the letter over the panel; `Tab` goes to the other panel |
| `q`, `^q`, `^c` | quit | `q` goes back, and quits on the first screen; `^c` copies first if something is selected |
| plugins, custom commands | your own commands | `[commands.NAME]` in the configuration |

Decided against, and why:

- `F2` to `F12` for columns: columns are the person's own here, so that a number would mean another one after `W`;
  terminals keep some of these keys to themselves (`F10`, `F11`). `next_column = "f2"` below `[keys]` gives one.
- `^e` for a compact header: it has two lines at any size, and the second tells what fails.
- `+` and `_` for the size of panes: what stands beside or below the rows is as large as it can be read; `Enter` gives
  it the whole screen.
- `^g` for breadcrumbs: they are one line, and the way back for a mouse.
"""


def page() -> str:
    """Return the page, with a newline at its end."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _HEAD.splitlines()
    yield "## Everywhere"
    everywhere = keys_of((SsmtuiApp,))
    of_screens = keys_of((BaseScreen,))
    yield from _table(everywhere)
    yield from ("", "## On every screen", "Where a screen says otherwise below, it does otherwise.", "")
    yield from _table(of_screens)
    yield ""
    yield "## Moving in rows and texts"
    yield from _table(keys_of_either((LineTable, TextPane)))
    for screen in screens():
        own = [each for each in widgets_of(screen) if each not in (LineTable, TextPane)]
        yield from ("", f"## {screen.__name__.removesuffix('Screen')}", title_of(screen), "")
        yield from _table(row for row in keys_of((*own, screen)) if row not in of_screens)
    yield from ("", "## Lines and dialogs", "These keep their keys.", "")
    yield from _dialogs()
    yield ""
    yield from _ELSEWHERE.splitlines()


def _table(rows: Iterable[KeyRow]) -> Iterator[str]:
    yield from ("| key | id | what it does |", "|---|---|---|")
    for row in rows:
        if row.id == "fix_1":
            yield f"| `1` … `9` | `fix_1` … `fix_9` | {row.sentence} |"
        elif not row.id.startswith("fix_") or row.id == "fix_marked":
            yield f"| {_told(row.keys)} | {'' if row.is_kept else f'`{row.id}`'} | {row.sentence} |"


def _dialogs() -> Iterator[str]:
    yield from ("| where | key | what it does |", "|---|---|---|")
    for kind in sorted(subclasses(LocalizedDialog), key=lambda each: each.__name__):
        for binding in (each for each in kind.__dict__.get("BINDINGS", ()) if isinstance(each, Binding)):
            keys = tuple(key.strip() for key in binding.key.split(","))
            yield f"| {kind.__name__} | {_told(keys)} | {binding.tooltip or binding.description} |"


def _told(keys: Iterable[str]) -> str:
    return " ".join("`` ` ``" if key == "grave_accent" else f"`{display_key(key)}`".replace("|", "\\|") for key in keys)
