"""The program's entry and exit: every error becomes one sentence and an exit code (docs/interface.md §3)."""

from __future__ import annotations

import atexit
import errno
import gc
import logging
import os
import sys
from typing import NoReturn

import click

from ssmtui.cli.language_choice import language_of_run
from ssmtui.cli.one_heap import use_one_heap
from ssmtui.cli.printing import (
    configure_streams,
    forget_impossible_size,
    ignore_closed_output,
    open_missing_streams,
    print_message,
)
from ssmtui.cli.signals import (
    crashed_thread_error,
    install_signal_handlers,
    received_exit_code,
    set_final_exit_code,
    silence_libraries,
    watch_threads,
)
from ssmtui.language import say, set_language
from ssmtui.processes import keep_out_working_directory
from ssmtui.report.exit_code import ExitCode

_log = logging.getLogger(__name__)

OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""New objects between two garbage collections. With Python's default of 700, one start collects a hundred
times; with 100,000, once before the first paint."""


def main() -> NoReturn:
    """Run the command line."""
    # Before the first thread, which waits for signals.
    use_one_heap()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    # At the end, Python collects everything that was imported, several times. The system frees it at once.
    atexit.register(gc.freeze)
    # For libraries that start programs themselves (`platform` runs `uname`).
    keep_out_working_directory(os.environ)
    open_missing_streams()
    forget_impossible_size()
    install_signal_handlers()
    watch_threads()
    silence_libraries()
    try:
        ignore_closed_output()
        configure_streams()
        code = _run()
    except KeyboardInterrupt:
        code = _interruption()
    except SystemExit as told:
        set_final_exit_code(
            told.code if isinstance(told.code, int) else ExitCode.DEFECT if told.code else ExitCode.DONE
        )
        raise
    set_final_exit_code(code)
    sys.exit(code)


def _run() -> int:
    set_language(language_of_run(sys.argv[1:], os.environ))
    # Imported here, because its help texts are translated at import.
    from ssmtui.cli.commands import commands

    try:
        result = commands(prog_name="ssmtui", standalone_mode=False)
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the outermost handler: a bug becomes one sentence and exit code 1
        if (code := received_exit_code()) is not None:
            # After a signal, every error is a result of it: a terminal that is gone cannot be restored.
            _swallow_what_is_left()
            return code
        return _code_of(error)
    return result if isinstance(result, int) else ExitCode.DONE


def _code_of(error: Exception) -> int:
    """Return the exit code for an exception, and print its message if the person can act on it."""
    from ssmtui.model.fact import NotJudged

    match error:
        case click.ClickException():
            return _say(_sentence(error), error.exit_code)
        case click.Abort(__cause__=EOFError() as cut):
            return _defect(cut)  # click turns EOFError into the end of typed input: here a file was cut off
        case click.Abort():
            return _interruption()
        case BrokenPipeError():
            _swallow_what_is_left()
            return ExitCode.DONE
        case OSError(errno=errno.ENOSPC | errno.EBADF):
            _swallow_what_is_left()
            return _say(say("the output cannot be written: {error}", error=error.strerror), ExitCode.USAGE)
        case _ if _interrupted(error):
            return _interruption()
        case NotJudged():
            return _say(str(error), ExitCode.COULD_NOT_TELL)
        case _:
            return _defect(error)


def _interruption() -> int:
    """Return the exit code after Ctrl-C. If a crashed thread interrupted the main thread, report the crash."""
    return ExitCode.INTERRUPTED if (crashed := crashed_thread_error()) is None else _defect(crashed)


def _defect(error: BaseException) -> int:
    from ssmtui.model.fact import describe_internal_error

    _log.exception("defect", exc_info=error)
    return _say(
        say("an internal error: {defect}. Please report it.", defect=describe_internal_error(error)), ExitCode.DEFECT
    )


def _interrupted(error: BaseException | None) -> bool:
    """Return whether Ctrl-C caused the error. Before Python 3.12, a class definition converts it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error is not None


def _say(sentence: str, code: int) -> int:
    print_message(sentence)
    return code


def _sentence(error: click.ClickException) -> str:
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        # A hidden command is the default one of its group, whose help lists its options.
        shown = error.ctx.parent if error.ctx.command.hidden and error.ctx.parent is not None else error.ctx
        return say("{message} See '{command} --help'.", message=message, command=shown.command_path)
    return message


def _swallow_what_is_left() -> None:
    """Redirect the outputs, so that Python does not write to a closed pipe or terminal when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    if received_exit_code() is not None:
        os.dup2(nowhere, sys.stderr.fileno())
