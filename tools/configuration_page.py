"""Write the page of all settings from their declarations (`make docs`)."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.config.declared_settings import SETTINGS
from ssmtui.config.file import example_lines
from ssmtui.config.setting_types import Setting, SettingTable, format_toml_value
from ssmtui.language import say

_HEAD = """\
<!-- Made by `make docs` from ssmtui/config/declared_settings.py; never edited by hand. -->

# Configuration

`ssmtui info` shows every setting as it is in force, and where each value came from; `ssmtui info --example` prints a
file to begin with, every line of it a comment:

```sh
ssmtui info                                   # where the file is looked for, on this system
ssmtui info --example > ~/.config/ssmtui/config.toml
```

The file is [TOML](https://toml.io). It is looked for in the platform's folder (Linux: `~/.config/ssmtui/config.toml`,
or below `XDG_CONFIG_HOME`; macOS: `~/Library/Application Support/ssmtui/config.toml`; Windows:
`%LOCALAPPDATA%\\ssmtui\\config.toml`), or where `--config FILE` or `SSMTUI_CONFIG` says. ssmtui never writes it; what
is chosen in the app is kept elsewhere.

## Who outranks whom

1. an option of the command line, such as `--region eu-west-3`;
2. a variable: ssmtui's own, such as `SSMTUI_REGION`, then AWS's, such as `AWS_REGION`;
3. the file: an account's table, then a profile's, then the top of the file;
4. the default.

Two are otherwise, on purpose. `read_only` is in force where anybody says so: nobody takes it back. Below a profile it
counts for those too whose role is taken with that one (`source_profile`). Whoever names other accounts (`role_arn`,
`organization`) means these alone, and not also those that a lower layer names.

In a variable, the elements of a list stand between commas (`SSMTUI_REGION=eu-west-3,eu-west-1`), and a switch is
`true`, `false`, `1`, `0`, `yes`, `no`, `on` or `off`. An empty variable says nothing.

What cannot be used is told before anything is done, each mistake with its line and column, and the key that may have
been meant; the exit code is 2:

```text
ssmtui: /home/alex/.config/ssmtui/config.toml:4:1: unknown setting thme. Did you mean theme?
```

## Settings
"""

_SOME = """\
## Of some profiles and accounts alone

Below `[profiles.NAME]` stands what holds for one profile; NAME may be a pattern (`[profiles."prod-*"]`). Below
`[accounts.ID]` stands what holds for one account, by whichever profile it is looked at. A table by the very name
outranks those by a pattern, of which the first in the file counts; an account's outranks a profile's.

The theme of a profile or an account is shown while every open scope has this theme. Otherwise, the app shows the theme
at the top of the file, or the theme chosen last in the app.
"""

_COMMANDS = """\
## Own commands

Each table `[commands.NAME]` declares a command for the row under the cursor. The help (`?`) and the command palette
(`:`) list the commands.

```toml
[commands.describe]
key = "f5"                            # several keys: "f5,ctrl+n"
command = ["aws", "ec2", "describe-instances", "--region", "{region}", "--instance-ids", "{id}"]
description = "Describe the instance"
background = true                     # run without the terminal, and show the output
read_only = true                      # run also in read-only mode

[commands.ssh]
key = "f6"
command = ["ssh", "-p", "22", "{name}"]
```

- `command` is a list: the program, then one text for each argument. ssmtui never starts a shell. The program is a name
  on `PATH` or an absolute path. The command gets the environment of ssmtui.
- Placeholders: `{id}`, `{name}`, `{region}`, `{account}`, `{profile}` and `{finding}`, the ID of the finding whose
  fixes the number keys preview. `{{` and `}}` are braces. If a placeholder has no value for the row, the command does
  not run.
- A value stays within its argument. The command does not run if a value has control characters, or if an argument would
  begin with `-`, `@` or `file://` because of a value: a program could take the value for an option or a file.
- A placeholder cannot be within a script for a shell (`sh -c`). Pass the value as a further argument:
  `["sh", "-c", 'ping "$1"', "sh", "{name}"]`.
- Without `background`, the command has the terminal until the command ends, as a shell session has.
- In read-only mode, a command runs only with `read_only = true`. ssmtui cannot check what the command does.
- Reports and snapshots run no commands.
- A key that an action or another command has is an error at the start. `[keys]` can assign another key to an action.
"""

_THEMES = """\
## Themes of one's own

A theme is a TOML file in the folder `themes` beside the configuration file, and is called as the file is:
`~/.config/ssmtui/themes/sea.toml` is `sea`, in the palette's *Theme* and for `theme = "sea"`. It says one colour at the
least; what it leaves out is as in ssmtui's own dark theme, or light one. Whatever it says, texts are moved until they
can be read (a contrast of 4.5:1).

```toml
dark = true
primary = "#7aa8f0"      # titles, and the row under the cursor
secondary = "#b48ee0"    # what is unknown
accent = "#f0a858"       # keys, commands
success = "#74c78c"      # ok
warning = "#e5c06a"
error = "#f0717a"
foreground = "#cdd5e3"
background = "#10141b"
surface = "#161b24"      # below rows and texts
panel = "#1f2632"        # the lines at the top and at the bottom

[variables]              # Textual's own, where they are to be otherwise
"border" = "#3a4558"
```

A mistake is told when the app starts, and when themes are chosen, as `FILE:LINE:COLUMN: what is wrong`; the theme is
left out then. On a terminal of sixteen colours the app wears the terminal's own, whatever was chosen.
"""


def page() -> str:
    """Return the page, in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _HEAD.splitlines()
    for setting in SETTINGS:
        yield from _section(setting)
    yield ""
    yield from _SOME.splitlines()
    yield ""
    yield "| table | settings |"
    yield "|---|---|"
    for table, name in ((SettingTable.PROFILES, "NAME"), (SettingTable.ACCOUNTS, "ID")):
        alone = ", ".join(f"`{each.name}`" for each in SETTINGS if table in each.tables)
        if alone:
            yield f"| `[{table.value}.{name}]` | {alone} |"
    yield ""
    yield from _COMMANDS.splitlines()
    yield ""
    yield from _THEMES.splitlines()
    yield ""
    yield "## An example"
    yield ""
    yield "What `ssmtui info --example` prints:"
    yield ""
    yield "```toml"
    yield from example_lines()
    yield "```"


def _section(setting: Setting[object]) -> Iterator[str]:
    yield ""
    yield f"### `{setting.name}`"
    yield ""
    yield say(setting.sentence)
    yield ""
    yield f"- It is {say(setting.kind.words)}; by default: {_default(setting)}."
    options = f" or `{setting.option}`" if setting.option else ""
    yield f"- Elsewhere: `{setting.variable}`{options}."
    if setting.aws:
        variables = " or ".join(f"`{each}`" for each in setting.aws)
        yield f"- Where neither says so, {variables} does, as for the AWS CLI."
    yield f"- Example: `{setting.name} = {setting.example}`"


def _default(setting: Setting[object]) -> str:
    if setting.aws:
        return "what the AWS CLI would use here"
    return f"`{format_toml_value(setting.default)}`" if setting.default not in (None, (), {}) else "none"
