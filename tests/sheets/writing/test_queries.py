"""A query becomes the same bytes by cells that the database makes as by those of Python."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Concat
from hypothesis import HealthCheck, given, settings, strategies as st

from api.files import annotate_for_file
from parks.columns import FIGURES, PARKS, REGION_GROUPS, REGIONS
from parks.models import Figure, Park, Region, RegionGroup, Source
from projects.children.columns import FUNDINGS
from projects.columns import PROJECTS
from projects.models import Funding, Project
from sheets.writing.columns import Column, Layout
from sheets.writing.csv_writing import write_csv, write_query_csv
from tests.factories import (
    FigureFactory,
    FundingFactory,
    InvestorFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    SourceFactory,
)
from tests.paths import read_hostile_texts
from tests.samples import IS_LONG
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOSTILE = read_hostile_texts()
# What a database stores: no NUL, and no halves of surrogate pairs.
stored = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
tricky = st.text(st.sampled_from("""'"=+-@＝－ \t\r\n\u00a0\u3000\x1c\x85a1,;|\\.晶"""), max_size=8)
TEXTS = [
    Column("title", "title"),
    Column("publisher", "publisher"),
    Column(
        "made", "made", path=lambda actor: Concat(F("note"), Value(""), output_field=TextField())
    ),
    Column("kind", "kind", "word"),
]


def by_database(columns: Any, rows: QuerySet, **options: Any) -> bytes:
    file = io.BytesIO()
    written = write_query_csv(columns, annotate_for_file(rows, columns, None), file, **options)
    assert written.rows == rows.count()
    return file.getvalue()


def by_python(columns: Any, rows: QuerySet, **options: Any) -> bytes:
    paths = [path for column in columns for path in column.paths]
    file = io.BytesIO()
    write_csv(columns, annotate_for_file(rows, columns, None).values_list(*paths), file, **options)
    return file.getvalue()


def both(columns: Any, rows: QuerySet, **options: Any) -> None:
    assert by_database(columns, rows, **options) == by_python(columns, rows, **options)


def make_sources(texts: list[str]) -> QuerySet:
    Source.objects.all()._raw_delete(Source.objects.db)
    Source.objects.bulk_create(
        Source(code=f"s{number}", title=text, publisher=text[::-1], note=text)
        for number, text in enumerate(texts)
    )
    return Source.objects.order_by("id")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_hostile_texts_are_the_same_cells_both_ways(encoding: Any) -> None:
    both(TEXTS, make_sources([t for t in HOSTILE if "\x00" not in t]), encoding=encoding)


def test_a_file_of_more_columns_than_a_function_takes_is_the_same_both_ways() -> None:
    both(TEXTS[:3] * 80, make_sources(["晶圆", "a, b", ""]))


@pytest.mark.slow
@settings(
    max_examples=40 if IS_LONG else 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(st.lists(st.one_of(stored, tricky), min_size=1, max_size=20))
def test_any_texts_are_the_same_cells_both_ways(texts: list[str]) -> None:
    both(TEXTS, make_sources(texts))


@kept_rows
def ledger(vocabularies: None) -> None:
    """Rows with every kind of value, known and unknown, large and small."""
    town = ParkFactory.create(code="town", name_zh="科技城")
    town.leading_sectors.add("ic", "zgc-equipment")
    amounts = [0, 1, 9_999, 10_000, 10_001, 123_450_000, 17_600_000_000, 9_000_000_000_000_000]
    for number, amount in enumerate(amounts):
        project = ProjectFactory.create(
            code=f"p{number}",
            park=town,
            investment=amount,
            land_mu=Decimal(amount % 10_000) / 100,
            met={"signed": ["2023", "2024-Q1", "2024-06", "2024-06-30"][number % 4]},
            is_umbrella=bool(number % 2),
        )
        MilestoneFactory.create(
            project=project, type="operating", status="scheduled", planned="2030-Q4"
        )
        InvestorFactory.create_batch(number % 3, project=project)
        FundingFactory.create(project=project, month=date(2024, 1 + number, 1), reported_cny=amount)
        FigureFactory.create(park=town, amount_cny=-amount, value=None)
        FigureFactory.create(park=town, amount_cny=None, value=Decimal(amount % 10**9) / 10_000)
    FundingFactory.create(project=project, month=date(2025, 1, 1), reported_cny=-10_001)
    ProjectFactory.create(code="bare", park=town)


@pytest.mark.slow
@pytest.mark.usefixtures("ledger")
@together("unit", ["yuan", "wan", "yi"])
def test_every_kind_of_value_is_the_same_both_ways(unit: Any) -> None:
    layout = Layout("code", unit)
    columns = [*PROJECTS.columns, *PROJECTS.more]
    both(columns, Project.objects.with_staleness().order_by("code_key"), layout=layout)
    both(FUNDINGS.columns, Funding.objects.order_by("id"), layout=layout)
    both(FIGURES.columns, Figure.objects.order_by("id"), layout=layout)


@pytest.mark.usefixtures("ledger")
def test_lists_within_a_cell_are_the_same_both_ways() -> None:
    both(PARKS.columns, Park.objects.order_by("code_key"))
    both(REGIONS.columns, Region.objects.order_by("code"))
    both(REGION_GROUPS.columns, RegionGroup.objects.order_by("code"))
    rows = by_database(REGION_GROUPS.columns, RegionGroup.objects.filter(code="jjj"))
    assert "京津冀" in rows.decode("utf-8-sig")
    assert "110000；120000；130000" in rows.decode("utf-8-sig")
    assert "ic；zgc-equipment" in by_database(PARKS.columns, Park.objects.all()).decode()


@pytest.mark.usefixtures("ledger")
def test_amounts_in_larger_units_are_exact() -> None:
    wanted = ("code", "investment_cny")
    columns = [column for column in PROJECTS.columns if column.name in wanted]
    rows = Project.objects.order_by("code_key")
    cells = by_database(columns, rows, bom=False, layout=Layout("code", "yi")).decode().split()
    assert cells == [
        "code,investment_cny_yi",
        "bare,",
        "p0,0",
        "p1,0.00000001",
        "p2,0.00009999",
        "p3,0.0001",
        "p4,0.00010001",
        "p5,1.2345",
        "p6,176",
        "p7,90000000",
    ]


def test_a_query_that_can_find_nothing_is_a_header() -> None:
    SourceFactory.create()
    assert by_database(TEXTS, Source.objects.none(), bom=False) == b"title,publisher,made,kind\r\n"
