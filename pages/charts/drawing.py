"""Drawing a Vega-Lite spec as SVG or PNG, in a process beside the server's.

The library (Vega in V8) holds Python's lock while it draws, and does not survive a fork. In the
server's own process each picture would stop all its other threads; so each server process has one
that draws, started with the first picture, and ended and replaced if it takes too long.
"""

import atexit
import base64
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any, cast

from django.core.checks import CheckMessage, Warning
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework.exceptions import APIException

from config.mistakes import Mistake
from pages.charts.text import let_links_work
from pages.charts.theme import FONTS

PROGRAM = Path(__file__).with_name("process.py")
SECONDS = 20.0  # that a picture may take, and that a request waits for its turn
MOST_PIXELS = 16_000_000  # of a PNG: 64 MB while it is drawn
CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff]")
ROOT = re.compile(r'<svg [^<>]*?width="([\d.]+)" height="([\d.]+)"[^>]*')
# All that the drawing process needs to know of the server's environment
PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH")


class CannotDraw(APIException):
    """503: the server cannot draw the picture now, or needs a font."""

    status_code = 503
    default_detail = gettext_lazy("The picture could not be drawn in time; please try again.")


class NoChineseFont(CannotDraw):
    """503: a PNG has Chinese letters, and no font of the server has them."""

    wait = 3600  # seconds: trying again at once is of no use
    default_detail = gettext_lazy(
        "This server has no font with Chinese letters, so it cannot draw this as PNG. On Debian: "
        "apt-get install fonts-noto-cjk (or the small fonts-wqy-microhei), then start the server "
        "again. The SVG can be had without it."
    )


def to_svg(spec: Mapping[str, Any]) -> bytes:
    """Draw the picture as SVG, UTF-8: no script, no style, links only where the spec has them."""
    svg = let_links_work(_artist.ask({"spec": spec})["svg"])
    named = f"<title>{escape(spec['description'])}</title>"
    language = escape(spec["usermeta"]["language"])
    root = f'<svg role="graphics-document" lang="{language}" '
    return svg.replace("<svg ", root, 1).replace(">", f">{named}", 1).encode()


def to_png(spec: Mapping[str, Any], scale: float = 1) -> bytes:
    """Draw the picture as PNG, `scale` pixels for each of the SVG's."""
    return convert_svg(to_svg(spec).decode(), scale)


def convert_svg(svg: str, scale: float) -> bytes:
    """Convert an SVG of `to_svg` to PNG.

    Raises Mistake where it would be too large, NoChineseFont where letters would be boxes.
    """
    size = ROOT.match(svg)
    if size is None or float(size[1]) * float(size[2]) * scale**2 > MOST_PIXELS:
        message = _("The picture is too large as PNG: take a smaller scale, or fewer rows by top=.")
        raise Mistake("too_large", message).at(parameter="scale")
    if CHINESE.search(svg) and not _artist.has_chinese():
        raise NoChineseFont()
    return base64.b64decode(_artist.ask({"svg": svg, "scale": scale})["png"])


def check_fonts() -> Iterator[CheckMessage]:
    """Report W022: pictures as PNG cannot show Chinese letters."""
    if not _artist.has_chinese():
        yield Warning(
            "There is no font with Chinese letters, so charts cannot be drawn as PNG.",
            hint="apt-get install fonts-wqy-microhei, then start the server again.",
            id="ledger.W022",
        )


class Artist:
    """The drawing process, which draws one picture at a time for all threads."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin again: after a fork the process is the parent's."""
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._has_chinese: bool | None = None

    def has_chinese(self) -> bool:
        """Tell whether Chinese letters can be drawn; asked once for each drawing process."""
        if self._has_chinese is None:
            self._has_chinese = bool(self.ask({"has_chinese": FONTS})["has_chinese"])
        return self._has_chinese

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the process; CannotDraw if it is late, has died, or says that it failed."""
        if not self._lock.acquire(timeout=SECONDS):
            raise CannotDraw()
        try:
            line = self._exchange(json.dumps(question).encode() + b"\n")
        finally:
            self._lock.release()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"Vega could not draw: {answer['error']}")
        return answer

    def stop(self) -> None:
        process, self._process = self._process, None
        self._has_chinese = None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()

    def _exchange(self, question: bytes) -> bytes:
        process = self._running()
        questions, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        too_late = Timer(SECONDS, process.kill)
        too_late.start()
        try:
            questions.write(question)
            questions.flush()
            line = answers.readline()
        except OSError:
            line = b""
        finally:
            too_late.cancel()
        if not line.endswith(b"\n"):
            self.stop()
            raise CannotDraw()
        return line

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(  # noqa: S603 a program of ours, nothing of a request
                # Isolated: the folder of the program holds modules that hide others.
                [sys.executable, "-I", PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                start_new_session=True,  # Ctrl-C is for the server, which ends this one
            )
        return self._process


_artist = Artist()
os.register_at_fork(after_in_child=_artist.forget)
atexit.register(_artist.stop)
