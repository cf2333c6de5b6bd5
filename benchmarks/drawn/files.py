"""Measures whole files beside each other, and what becomes of a server while one is written."""

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from tempfile import TemporaryFile
from threading import Event, Thread

import orjson
import xlsxwriter

from benchmarks.clients import RefusedError, take_time
from benchmarks.drawn.asking import read_processor
from benchmarks.drawn.measures import UNSEEN, Trial
from benchmarks.questions import API
from benchmarks.results import find_quantile

MOST_IN_XLSX = 100_000
BESIDE = 60  # lists asked before a file is written, and as many while it is
REST_SECONDS = 2.0  # after which a file that nobody reads should have ended
BLOCK = 65_536


def measure_files(trial: Trial) -> None:
    """JSONL beside CSV, XLSX beside XlsxWriter alone, both while others ask, both given up."""
    everything = f"{API}/projects.csv"
    ours = take_time(lambda: drain(trial, everything))
    jsonl = take_time(lambda: drain(trial, everything.replace("csv", "jsonl")))
    trial.keep("csv", ours, "CSV of everything", "s")
    trial.keep("jsonl:csv", jsonl / ours, "JSONL of everything / CSV", "x")
    few = f"{API}/projects.xlsx?park={find_parks(trial)}"
    try:
        start = time.perf_counter()
        book = trial.shipped.get(few)
        seconds = time.perf_counter() - start
    except RefusedError as error:
        trial.bench.results.fail("XLSX", error)
        trial.keep("xlsx:alone", float("inf"), "XLSX / XlsxWriter", "x")
    else:
        alone = write_alone(trial.shipped.get(few.replace("xlsx", "csv")), book)
        trial.keep("xlsx:alone", seconds / alone, f"XLSX in {seconds:.0f} s / XlsxWriter", "x")
    trial.keep("files.beside", compare_beside(trial, everything), "lists beside a file: p95", "x")
    left = max(give_up(trial, each) for each in (everything, few))
    trial.keep("files.left", left, "processor of a file whose reader has gone, a second", "s")


def find_parks(trial: Trial) -> str:
    """As many parks as have no more projects together than a workbook may hold."""
    rows = orjson.loads(trial.one.get(f"{API}/projects/facets?facets=park"))["facets"]["park"]
    chosen, projects = [], 0
    for row in rows:
        projects += row["count"]
        if projects > MOST_IN_XLSX:
            break
        chosen.append(row["value"])
    return ",".join(chosen)


def write_alone(table: bytes, book: bytes) -> float:
    """Seconds in which XlsxWriter writes the cells of a CSV file, and those of the other sheets.

    The other sheets of the ledger's workbook are taken to cost as much as their share of its XML.
    """
    rows = [*csv.reader(io.StringIO(table.decode("utf-8-sig")))]
    with TemporaryFile() as file:
        start = time.perf_counter()
        workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(number, column, text)
        workbook.close()
        seconds = time.perf_counter() - start
    sizes = [
        info.file_size
        for info in zipfile.ZipFile(io.BytesIO(book)).infolist()
        if info.filename.startswith("xl/worksheets/sheet")
    ]
    return seconds * sum(sizes) / max(sizes)


def compare_beside(trial: Trial, path: str) -> float:
    """p95 of drawn lists while a file is written again and again, as a multiple of it before."""
    requests = trial.draw(2 * BESIDE, UNSEEN + 7, ["lists"])
    quantiles = []
    before = [each.seconds for each in trial.shipped.ask_all(requests[:BESIDE])]
    quantiles.append(find_quantile(before, 0.95))
    with writing_again(trial, path):
        during = [each.seconds for each in trial.shipped.ask_all(requests[BESIDE:])]
    quantiles.append(find_quantile(during, 0.95))
    return quantiles[1] / quantiles[0]


@contextmanager
def writing_again(trial: Trial, path: str) -> Iterator[None]:
    """Have one client read a file again and again within a block."""
    ended = Event()

    def read() -> None:
        while not ended.is_set():
            drain(trial, path, ended)

    reading = Thread(target=read)
    reading.start()
    try:
        yield
    finally:
        ended.set()
        reading.join()


def drain(trial: Trial, path: str, ended: Event | None = None) -> None:
    """Read a file by a connection of its own until its end, or until nobody wants more."""
    with closing(trial.shipped.client.connect()) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RefusedError(f"{answer.status} {path}: {answer.read(200).decode()}")
        while answer.read(BLOCK) and not (ended and ended.is_set()):
            pass


def give_up(trial: Trial, path: str) -> float:
    """Seconds of the processor that a server uses in one second, soon after a reader has gone."""
    connection = trial.shipped.client.connect()
    connection.request("GET", path)
    time.sleep(0.5)
    connection.close()
    time.sleep(REST_SECONDS)
    before = read_processor(trial.shipped.server.pid)
    time.sleep(1)
    return read_processor(trial.shipped.server.pid) - before
