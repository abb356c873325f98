"""A text is "copied" only if a clipboard program says so; each program gets the text, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.session.external_programs import copy_with_programs

TEXT = "ssmtui connect é\n"
SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}
TMUX = {"TMUX": "/tmp/tmux-0/default,1,0"}  # noqa: S108 - a variable's value
SECRET = "AWS_SECRET_ACCESS_KEY"

CASES: tuple[tuple[str, dict[str, int], dict[str, str], bool, dict[str, str]], ...] = (
    ("no program", {}, TMUX, False, {}),
    ("macOS", {"pbcopy": 0}, {}, True, {"pbcopy": ""}),
    ("macOS, which refuses it", {"pbcopy": 1}, {}, False, {"pbcopy": ""}),
    ("macOS, from another computer", {"pbcopy": 0}, SSH, False, {}),
    ("Wayland", {"wl-copy": 0}, {"WAYLAND_DISPLAY": "wayland-0"}, True, {"wl-copy": ""}),
    ("Wayland, not running", {"wl-copy": 0}, {}, False, {}),
    ("X", {"xclip": 0}, {"DISPLAY": ":0"}, True, {"xclip": "-selection clipboard"}),
    ("X, forwarded by SSH", {"xclip": 0}, {"DISPLAY": ":10", **SSH}, True, {"xclip": "-selection clipboard"}),
    ("Windows", {"clip.exe": 0}, {}, True, {"clip.exe": ""}),
    ("tmux", {"tmux": 0}, TMUX, True, {"tmux": "load-buffer -w -"}),
    ("tmux, by SSH", {"tmux": 0}, {**TMUX, **SSH}, True, {"tmux": "load-buffer -w -"}),
    ("tmux, not around", {"tmux": 0}, {}, False, {}),
    ("one of two", {"pbcopy": 1, "tmux": 0}, TMUX, True, {"pbcopy": "", "tmux": "load-buffer -w -"}),
)


def fake(folder: Path, name: str, exit_code: int) -> None:
    """A program that writes down its arguments, its input, and the secret that it can see."""
    program = folder / name
    program.write_text(
        f'#!/bin/sh\nprintf %s "$*" > {folder}/{name}.args\n/bin/cat > {folder}/{name}.input\n'
        f'printf %s "${SECRET}" > {folder}/{name}.secret\nexit {exit_code}\n'
    )
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("programs", "environment", "copied", "ran"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_it_is_copied_if_a_program_says_so(
    programs: dict[str, int], environment: dict[str, str], copied: object, ran: dict[str, str], tmp_path: Path
) -> None:
    for name, exit_code in programs.items():
        fake(tmp_path, name, exit_code)
    assert copy_with_programs(TEXT, {"PATH": str(tmp_path), SECRET: "secret", **environment}) is copied
    assert {each.stem: each.read_text() for each in tmp_path.glob("*.args")} == ran
    for name in ran:
        encoding = "utf-16-le" if name == "clip.exe" else "utf-8"
        assert (tmp_path / f"{name}.input").read_bytes().decode(encoding) == TEXT
        assert (tmp_path / f"{name}.secret").read_text() == ""


def test_a_program_that_does_not_end_has_copied_nothing(tmp_path: Path) -> None:
    (tmp_path / "pbcopy").write_text("#!/bin/sh\nexec /usr/bin/tail -f /dev/null\n")
    (tmp_path / "pbcopy").chmod(0o755)
    assert not copy_with_programs(TEXT, {"PATH": str(tmp_path)}, seconds=0.05)


def test_a_program_that_reads_nothing_is_believed_by_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "pbcopy").write_text("#!/bin/sh\nexec 0<&-\nexit 1\n")
    (tmp_path / "pbcopy").chmod(0o755)
    assert not copy_with_programs("x" * 1_000_000, {"PATH": str(tmp_path)})
