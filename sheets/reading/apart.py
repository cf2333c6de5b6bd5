"""Reading files in a process of their own, so that no file can block or fill a server process.

gunicorn starts the program once for all its workers; elsewhere the first file does. It loads the
site once, without a database and without secrets, and forks for each file: the child calls one
function under limits of the kernel and ends. Each job has a socket. The child writes one byte to
it, receives a pickled job (the call, its language, its seconds of the processor, and its bytes
beside the program itself), and answers with a pickled pair: whether the function returned, and its
result or its Mistake. A child that passes a limit sends no answer.
"""

import atexit
import gc
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import django
from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language, gettext as _

from config.mistakes import Mistake
from sheets import packing

READY = b"."
WALL_SECONDS = 2  # that may pass for each second of the processor, on a machine that is busy


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
                call, language, *limits = pickle.load(file)  # noqa: S301 the server has written it
            _limit(*limits)
            with connection.makefile("wb") as answer:
                packing.dump(_do(call, language), answer)
    except (MemoryError, BrokenPipeError):  # the second one: the server has ended
        pass
    except BaseException:  # noqa: BLE001 the log is the only place for it
        traceback.print_exc()
    finally:
        os._exit(0)


def _do(call: Callable[[], Any], language: str | None) -> tuple[bool, Any]:
    with translation.override(language):
        try:
            return True, call()
        except Mistake as error:
            return False, error
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 a fault of ours, which the log has
            traceback.print_exc()
            detail = _("The file cannot be read. Save it again as .xlsx or .csv.")
            return False, Mistake("unreadable", detail)


def _limit(seconds: int, max_bytes: int) -> None:
    """Let the kernel end this process when it passes a limit, even within one call of C code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    signal.setitimer(signal.ITIMER_REAL, seconds * WALL_SECONDS)
    statistics = Path("/proc/self/statm")  # only Linux has it
    pages = int(statistics.read_text("ascii").split()[0]) if statistics.exists() else 0
    most = pages * resource.getpagesize() + max_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with suppress(OSError):  # where the system runs out of memory, end this process first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def run_reader() -> None:
    """Load the site and its texts once, and serve."""
    django.setup()
    for language, _name in settings.LANGUAGES:
        translation.activate(language)  # loads its texts
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))


Wanted = ParamSpec("Wanted")
Read = TypeVar("Read")
READER = "from sheets.reading.apart import run_reader; run_reader()"
# The program gets these of the server's variables, no database and no secret
KEPT_VARIABLES = ("PATH", "LANG", "LD_LIBRARY_PATH", "TZ")
OWN_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DATABASE_URL": "sqlite://:memory:",
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "reads files only",
    "VAR_DIR": ".",  # nothing is written there
    "PROFILE": str(settings.PROFILE.path.resolve()),
}
START_SECONDS = 60  # that the program may take to load the site
END_SECONDS = 2
BUSY = "busy"  # the code of a Mistake that says nothing of the file


def read_apart(
    read: Callable[Wanted, Read], *arguments: Wanted.args, **options: Wanted.kwargs
) -> Read:
    """Call a module's function in a limited process; raises its Mistake, `too_costly` or BUSY."""
    seconds, max_bytes = settings.READING_MAX_SECONDS, settings.READING_MAX_BYTES
    job = (partial(read, *arguments, **options), get_language(), seconds, max_bytes)
    with _program.begin() as connection:
        connection.settimeout(seconds * WALL_SECONDS + 10)  # the kernel ends the child before
        try:
            with connection.makefile("rwb") as file:
                pickle.dump(job, file, pickle.HIGHEST_PROTOCOL)
                file.flush()
                is_read, answer = pickle.load(file)  # noqa: S301 our own program has written it
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            detail = _(
                "The file takes too long or too much memory to read: the limits are %(seconds)d s "
                "of processor time and %(max)d MB. Split it, or copy its table into a new file."
            )
            limits = {"seconds": seconds, "max": max_bytes // 2**20}
            raise Mistake("too_costly", detail % limits) from error
    if is_read:
        return answer
    raise answer


def start_reading() -> None:
    """Start the program before it is needed; processes that are forked later share it."""
    _program.start()


class ReadingProgram:
    """The program that reads, and its socket for jobs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def share(self) -> None:
        """Use the parent's program after a fork, and do not wait for it at the end."""
        self._lock = Lock()
        self._process = None

    def start(self) -> None:
        with self._lock:
            if self._jobs is None:
                self._start()

    def begin(self) -> socket.socket:
        """Start a child for a job and return its socket; Mistake BUSY if none starts."""
        for _attempt in range(2):  # the program itself may have been ended
            ours, theirs = socket.socketpair()
            ours.settimeout(START_SECONDS)
            with theirs, suppress(OSError):
                with self._lock:
                    socket.send_fds(self._jobs or self._start(), [b"."], [theirs.fileno()])
                theirs.close()
                if ours.recv(1) == READY:
                    return ours
            ours.close()
            self.stop()
        raise Mistake(BUSY, _("There is no time to read the file at the moment; send it again."))

    def stop(self) -> None:
        """Close the socket for jobs: when nobody holds it, the program ends with its children."""
        with self._lock:
            jobs, self._jobs = self._jobs, None
            process, self._process = self._process, None
        if jobs is not None:
            jobs.close()
        if process is not None:
            with suppress(subprocess.TimeoutExpired):  # shared by one that lives on
                process.wait(END_SECONDS)

    def _start(self) -> socket.socket:
        self._jobs, theirs = socket.socketpair()
        with theirs:
            passed = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
            self._process = subprocess.Popen(  # noqa: S603 a program of ours, nothing of a request
                [sys.executable, "-c", READER, str(theirs.fileno())],
                cwd=settings.BASE_DIR,
                env=passed | OWN_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the server, which ends this one
            )
        return self._jobs


_program = ReadingProgram()
os.register_at_fork(after_in_child=_program.share)
atexit.register(_program.stop)
