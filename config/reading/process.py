"""The program that reads files: `apart.py` starts it and sends it jobs.

It loads the site once, without a database and without secrets. For each job it forks: the child
calls one function under limits of the kernel and ends. A job is a socket. The child writes one
byte to it, receives a pickled `Job`, and answers with a pickled pair: whether the function
returned, and its result or what its FileError says. A child that passes a limit answers nothing.
"""

import gc
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from config import packing
from config.reading.errors import FileError

READY = b"."
WALL_SECONDS = 2  # that may pass for each second of the processor, on a machine that is busy


@dataclass(frozen=True)
class Job:
    """A function to call, by its name, in a language and within limits."""

    read: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    language: str | None
    seconds: int  # of the processor
    max_bytes: int  # beside the program itself


def serve(jobs: socket.socket) -> None:
    """Fork for each socket that arrives, until the server has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    while True:
        _data, received, _flags, _address = socket.recv_fds(jobs, 1, 1)
        if not received:
            os.killpg(0, signal.SIGKILL)  # this process leads its own group
        if os.fork() == 0:
            jobs.close()
            _answer(received[0])
        os.close(received[0])


def _answer(descriptor: int) -> None:
    """Do one job and end, whatever happens."""
    try:
        with socket.socket(fileno=descriptor) as connection:
            connection.sendall(READY)
            with connection.makefile("rb") as file:
                job: Job = pickle.load(file)  # noqa: S301 the server has written it
            _limit(job)
            with connection.makefile("wb") as answer:
                packing.dump(_do(job), answer)
    except (MemoryError, BrokenPipeError):  # the second one: the server has ended
        pass
    except BaseException:  # noqa: BLE001 the log is the only place for it
        traceback.print_exc()
    finally:
        os._exit(0)


def _do(job: Job) -> tuple[bool, Any]:
    with translation.override(job.language):
        try:
            return True, job.read(*job.arguments, **job.options)
        except FileError as error:
            return False, (error.code, str(error.detail), error.suggestion, error.where)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 a fault of ours, which the log has
            traceback.print_exc()
            detail = _("The file cannot be read. Save it again as .xlsx or .csv.")
            return False, ("unreadable", detail, None, {})


def _limit(job: Job) -> None:
    """Let the kernel end this process when it passes a limit, even within one call of C code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (job.seconds, job.seconds))
    signal.setitimer(signal.ITIMER_REAL, job.seconds * WALL_SECONDS)
    most = _measure_program() + job.max_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with suppress(OSError):  # where the system runs out of memory, end this process first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _measure_program() -> int:
    """Measure the address space that the program takes by itself; 0 outside of Linux."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return 0
    return int(statistics.read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def run_reader() -> None:
    """Load the site and its texts once, and serve."""
    django.setup()
    for language, _name in settings.LANGUAGES:
        translation.activate(language)  # loads its texts
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
