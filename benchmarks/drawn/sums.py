"""Sums of drawn dimensions beside DuckDB, which holds the same columns in memory."""

from math import prod
from statistics import median
from time import perf_counter

import orjson

from benchmarks import duck
from benchmarks.drawn.drawing import MOST_ROWS
from benchmarks.drawn.measures import UNSEEN, Trial
from benchmarks.questions import API
from projects.models import Project

QUESTIONS = 40
MEASURES = "count,investment_cny"


def measure_sums(trial: Trial) -> None:
    """Ask sums that were never asked, by one to three dimensions that are columns of projects."""
    drawing = trial.drawing.again(UNSEEN + 3)
    seen = {
        field.column: {*trial.values.seen.get(f"/projects {field.column}", ())} - {"unknown"}
        for field in Project._meta.local_concrete_fields
        if trial.values.sizes.get(field.column) and field.column != "responsible_unit"
    }
    dimensions = [name for name, values in seen.items() if values]  # others only roles ask by
    columns = ", ".join([*dimensions, "investment_cny", "publication"])
    copy = duck.load(trial.bench.url, columns)
    ratios, alike, dice = [], 0, drawing.dice
    for _question in range(QUESTIONS):
        chosen = dice.sample(dimensions, dice.randint(1, 3))
        while prod(trial.values.sizes[name] for name in chosen) > MOST_ROWS:
            chosen.pop()
        asked, where = f"group_by={','.join(chosen)}&measures={MEASURES}", "TRUE"
        if dice.random() < 0.6:
            name = drawing.pick("columns", dimensions)
            value = dice.choice(sorted(seen[name]))
            asked, where = f"{asked}&{name}={value}", f"{name}::VARCHAR = '{value}'"
        names = ", ".join(chosen)
        start = perf_counter()
        _status, _headers, body = trial.one.client.send("GET", f"{API}/projects/summary?{asked}")
        ours = perf_counter() - start
        start = perf_counter()
        rows = copy.execute(
            f"SELECT {names}, COUNT(*), SUM(investment_cny) FROM projects"  # noqa: S608
            f" WHERE publication = 'published' AND {where} GROUP BY {names}"
        ).fetchall()
        orjson.dumps(rows, default=int)
        ratios.append(ours / (perf_counter() - start))
        counted = orjson.loads(body).get("total", {}).get("count")  # none where it was refused
        alike += counted == sum(row[-2] for row in rows)
    trial.say([f"{alike} of {QUESTIONS} sums count what DuckDB counts"])
    trial.keep("sums:duckdb", median(ratios), f"{QUESTIONS} sums / DuckDB in memory: p50", "x")
