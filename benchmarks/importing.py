"""Imports a sheet of N projects into the current database, and loads the same rows unvalidated.

The database may hold other projects.
"""

import argparse
import csv
import io
import os
import random
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks.memory import watching_memory  # noqa: E402
from benchmarks.plain_load import loader, take_out  # noqa: E402
from config.environment import collect_seldom  # noqa: E402
from parks.models import Organisation, Park  # noqa: E402
from projects.importing.batches import Upload, run_import  # noqa: E402
from projects.models import Investor, Milestone, Project, ProjectFigure  # noqa: E402
from sheets.imports import ImportOptions  # noqa: E402

WRITTEN: list[Any] = [Organisation, Project, ProjectFigure, Milestone, Investor]
HEADER = (
    "序号 项目名称 园区 投资方 来源地 所属行业 总投资额（亿元） 签约日期 开工日期 项目阶段"
    " 用地（亩） 备注"
)
REGIONS = "北京市海淀区 天津市宝坻区 上海市浦东新区 深圳市 浙江省杭州市 河北省保定市 德国".split()
SECTORS = "C3973 I6520 C27 集成电路设计 新能源装备 C3411".split()
STAGES = "在谈 意向 已签约 在建 竣工 投产".split()
QUALIFIERS = ["", "", "约", "超", "近"]


def sheet(count: int) -> bytes:
    """A sheet of `count` projects as planners write them; the same one each time."""
    draw = random.Random(7)  # noqa: S311 nothing secret
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADER.split())
    for number in range(1, count + 1):
        step = draw.randrange(len(STAGES))
        year = draw.randint(2014, 2022)
        amount = f"{draw.choice(QUALIFIERS)}{draw.randint(2, 900) / 10:g}"
        writer.writerow(
            [
                *(number, f"第{number}号{draw.choice(SECTORS[3:5])}项目", f"park-{number % 20}"),
                f"华北{draw.randint(1, count // 3 + 1)}科技有限公司",
                *(draw.choice(["", *REGIONS]), draw.choice(SECTORS)),
                amount if draw.random() < 0.85 else "—",
                f"{year}年{draw.randint(1, 12)}月" if step >= 2 else "",
                f"{year + 1}.{draw.randint(1, 12)}.{draw.randint(1, 28)}" if step >= 3 else "",
                *(STAGES[step], draw.randint(10, 500) if draw.random() < 0.5 else ""),
                draw.choice(["", "重点项目", "市级重点"]),
            ]
        )
    return file.getvalue().encode("utf-8-sig")


def timed(do: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of this process's processor time, and what came of it."""
    clock, processor = perf_counter(), process_time()
    made = do()
    return perf_counter() - clock, process_time() - processor, made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument("--projects", type=int, default=100_000)
    count = parser.parse_args().projects
    call_command("migrate", verbosity=0)
    call_command("load_fixtures", vocabularies_only=True, verbosity=0)
    Park.objects.bulk_create(
        [Park(code=f"park-{n}", name_zh=f"{n}号园区", region_id="120115") for n in range(20)]
    )
    last = {m: m._default_manager.aggregate(last=Max("pk"))["last"] or 0 for m in WRITTEN}
    data = sheet(count)
    collect_seldom()  # as servers and commands do
    upload = Upload(data, "projects.csv", options=ImportOptions(confirm=("duplicates",)))
    with watching_memory() as seen:
        clock, processor, batch = timed(lambda: run_import(upload, None, apply=True))
    if batch.state != "applied" or batch.counts["create"] != count:
        raise SystemExit(f"Not all came in: {batch.counts}")
    print(f"{connection.vendor}: {count:,} projects in a sheet of {len(data) / 2**20:.1f} MB")
    print(f"  import  {clock:7.1f} s, processor {processor:7.1f} s")
    print(f"  memory  {seen[0]} MB before, {max(seen)} MB at most")
    rows = take_out(WRITTEN, last)
    # As of the import, with the end of the transaction: what rows refer to is looked up there
    load = transaction.atomic(loader(rows))
    plain_clock, plain_processor, _made = timed(load)
    total = sum(len(each.rows) for each in rows)
    print(f"  plain   {plain_clock:7.1f} s, processor {plain_processor:7.1f} s ({total:,} rows)")
    print(f"  ratio   {clock / plain_clock:7.1f} by the clock")


if __name__ == "__main__":
    main()
