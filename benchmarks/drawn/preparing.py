"""Makes a ledger ready to be asked what is drawn: drafts, a tenth of edits, servers, values."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from time import perf_counter, sleep

from django.db import connection, connections

from benchmarks import servers
from benchmarks.bench import Bench
from benchmarks.drawn import files, measures, sums, together
from benchmarks.drawn.asking import Asker
from benchmarks.drawn.drawing import Drawing
from benchmarks.drawn.grammar import list_pages, read_operations, read_values
from benchmarks.drawn.measures import UNLIMITED, Trial, serving_one
from benchmarks.editing import edit
from parks.access import Publication
from parks.models import Organisation, Park
from parks.recording.recording import recorded

DRAFTS = 100_000
AT_ONCE = 10_000
# In their order: what reads before what writes, and what holds memory before it is measured
MEASURES: Sequence[Callable[[Trial], None]] = (
    measures.measure_first_answers,
    measures.measure_reads,
    measures.measure_slowest,
    measures.measure_again,
    measures.measure_floors,
    sums.measure_sums,
    measures.measure_after_writes,
    measures.measure_edits,
    together.measure_writers,
    together.measure_clients,
    files.measure_files,
    together.measure_memory,
)
GROWING = (measures.measure_reads,)


def measure_drawn(bench: Bench, seed: int, *, is_growing: bool = False) -> None:
    """Measure all rows of the table of speed that do not need a ledger of their own."""
    start = perf_counter()
    moments = prepare(bench.count)
    with starting(bench, seed, moments) as trial:
        bench.results.say(f"  (drafts, edits, servers, values: {perf_counter() - start:.0f} s)")
        for measure in GROWING if is_growing else MEASURES:
            bench.results.measure(measure, trial)


def prepare(count: int) -> tuple[datetime, datetime]:
    """Add draft organisations and edit a tenth of the projects; the moments between which it was.

    The drafts are as a large import makes them: nobody has published them yet.
    """
    first = datetime.now(UTC)
    parks = [*Park.objects.values_list("pk", flat=True)]
    drafts = min(DRAFTS, 10 * count)
    for begin in range(0, drafts, AT_ONCE):
        with recorded(reason="benchmark"):
            Organisation.objects.bulk_create(
                Organisation(
                    code=f"draft-{number}",
                    name_zh=f"待发布企业{number}有限公司",
                    publication=Publication.DRAFT,
                    park_id=parks[number % len(parks)],
                )
                for number in range(begin, min(begin + AT_ONCE, drafts))
            )
    edit(count // 10)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    sleep(1)
    connections.close_all()
    return first + timedelta(seconds=0.5), datetime.now(UTC)


@contextmanager
def starting(bench: Bench, seed: int, moments: tuple[datetime, datetime]) -> Iterator[Trial]:
    """Start two servers of one process each and one as it is shipped; read the ledger's values."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(serving_one()) for _server in range(2))
        shipped = stack.enter_context(servers.serving(servers.LEDGER, **UNLIMITED))
        askers = [Asker(each, bench.token) for each in (one, other, shipped)]
        operations = read_operations()
        values = read_values(askers[0].get, operations)
        values.moments = (moments[0].isoformat(), moments[1].isoformat())
        drawing = Drawing(operations, list_pages(operations), values, seed)
        yield Trial(bench, drawing, values, *askers)
