"""The command line `einthoven`: one module a group of commands."""

from __future__ import annotations

import os
import shutil
import sys

from einthoven.errors import ECGError

EXIT_FAILED = 2
EXIT_INTERRUPTED = 130
STDOUT = "standard output"
"""What messages call it."""


def main() -> None:
    """Run the command that the process was started with.

    What goes wrong in a way that einthoven can explain ends in one red line on stderr and exit code 2, never
    in a traceback.
    """
    # A file name may hold bytes that are no text; printing it must not be what fails.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        from einthoven.apps.cli.app import app

        app(prog_name="einthoven")
    except ECGError as error:
        fail(str(error))
    except OSError as error:
        if error.filename in (None, STDOUT):
            _give_up_stdout()
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def fail(message: str) -> None:
    """Print an error and end the process with exit code 2."""
    say_error(message)
    sys.exit(EXIT_FAILED)


def say_error(message: str, *details: str) -> None:
    """Print one line on stderr, in red if that is a terminal, and below it a line for each detail."""
    from einthoven.apps.text import fold, one_line

    line = f"error: {one_line(message)}"
    is_terminal = sys.stderr.isatty()
    # A terminal would break a long line within words; who reads it from a file wants one line.
    line = "\n".join(fold(line, max(shutil.get_terminal_size().columns, 40))) if is_terminal else line
    is_red = is_terminal and not os.environ.get("NO_COLOR")
    print(f"\033[31m{line}\033[0m" if is_red else line, file=sys.stderr)
    for detail in details:
        print(f"  {one_line(detail)}", file=sys.stderr)


def _give_up_stdout() -> None:
    """Let what could not be printed go nowhere: Python would try again, and complain, when it ends."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
