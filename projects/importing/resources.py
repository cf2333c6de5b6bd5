"""What can be imported besides projects: each table with its model, serializer and headers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, get_args

from django.db.models import Model

from config.api.serializers import LedgerSerializer
from config.reading.columns import MONEY
from config.reading.headers import Heading, Spellings, normalize_header
from config.spreadsheets import Column, Layout, Table
from config.spreadsheets.columns import HeaderKind
from parks.claims.serializers import FigureSerializer
from parks.columns import FIGURES, PARKS
from parks.models import Figure, OrganisationTag, Park
from parks.serializers import ParkSerializer
from parks.tagging import ORGANISATION_TAGS, OrganisationTagSerializer
from projects.children.columns import ASSIGNMENTS, FUNDINGS, PLANS, PROJECT_TAGS
from projects.children.serializers import (
    AssignmentSerializer,
    FundingSerializer,
    ProjectTagSerializer,
    YearPlanSerializer,
)
from projects.claims import ALL_CLAIMS
from projects.importing.cells.columns import list_spellings, read_headings
from projects.models import (
    Assignment,
    Funding,
    Project,
    ProjectTag,
    Target,
    TargetMeasure,
    YearPlan,
)
from projects.tracking.target_views import TARGETS, TargetSerializer


@dataclass(frozen=True)
class Resource:
    """What can be imported so. `key` are the columns by which a row without a code is found."""

    table: Table
    model: type[Model]
    serializer: type[LedgerSerializer]
    key: tuple[str, ...]
    may_change: bool = True  # claims are appended; the same claim again is the same
    beside: Sequence[Column] = ()  # columns of the list that an import understands and leaves
    usual: Mapping[str, str] = field(default_factory=dict)  # what a blank cell of the key means
    hedged: Sequence[str] = ()  # columns of amounts of which `qualifier` says how exact they are
    # A column of money that is a number of things where another one has one of these words
    counted: tuple[str, str, Collection[str]] = ("", "", ())

    @property
    def is_of_claims(self) -> bool:
        """Whether files of its list have claims of projects and events, too."""
        return "subject_type" in self.columns

    @property
    def columns(self) -> dict[str, Column]:
        return {column.name: column for column in self.table.columns}

    @cached_property
    def owner(self) -> str:
        """The column that names the row to which rows belong that cannot be without it, or ""."""
        fields = self.serializer().fields
        return next(
            (
                name
                for name in ("project", "organisation")
                if name in self.columns and (name not in fields or fields[name].read_only)
            ),
            "",
        )

    @property
    def named(self) -> Any:
        """The model whose codes reports have: of the rows, or of those that they belong to."""
        model: Any = self.model
        return model._meta.get_field(self.owner).related_model if self.owner else model

    @cached_property
    def counted_headers(self) -> dict[str, Heading]:
        """The headers of our files above the column that is `counted`: plain, in whole units."""
        amount = self.counted[0]
        if not amount:
            return {}
        column = replace(self.columns[amount], kind="number")
        headers = {normalize_header(column.header(Layout(each))) for each in get_args(HeaderKind)}
        return dict.fromkeys(headers, Heading(amount, "yuan", kind=MONEY))

    def spellings(self) -> Spellings:
        """List every header that is understood."""
        ours = list_spellings([*self.table.columns, *self.beside])
        kinds = {heading.name: heading.kind for heading in ours.values()}
        known = {
            text: replace(heading, kind=kinds[heading.name])
            for text, heading in read_headings(self.table.name).items()
            if heading.name in kinds
        }
        of_amounts = read_headings("amounts") if MONEY in kinds.values() else {}
        return {**of_amounts, **known, **ours, **self.counted_headers}


_OF_TARGETS = (
    *("code", "year", "measure", "size_floor_cny", "origin_scope", "value", "qualifier"),
    *("publication", "note", "version", "created_at", "updated_at"),
)
# What the ledger stores of a target, by the paths of its columns; the rest is worked out
_TARGET_CELLS = {
    **{name: f"{name}__code" for name in ("park", "source")},
    "region": "region_id",
    **{name: name for name in _OF_TARGETS},
}
_COUNTS = [word.value for word in TargetMeasure if not word.currency]

# The list of figures has those of projects and events, too: they are written below these
_OF_CLAIMS = {c.name: c for c in ALL_CLAIMS.columns if c.name not in ("project", "event")}

IMPORT_RESOURCES: dict[str, Resource] = {
    "parks": Resource(
        PARKS,
        Park,
        ParkSerializer,
        ("name_zh", "name_en"),
    ),
    "figures": Resource(
        Table(FIGURES.name, FIGURES.title, [*_OF_CLAIMS.values()]),
        Figure,
        FigureSerializer,
        ("park", "region", "region_group", "organisation", "indicator"),
        may_change=False,
        hedged=("amount_cny", "value"),
        beside=[column for column in ALL_CLAIMS.columns if column.name not in _OF_CLAIMS],
    ),
    "fundings": Resource(
        FUNDINGS,
        Funding,
        FundingSerializer,
        ("project", "kind", "month", "currency"),
    ),
    "plans": Resource(
        PLANS,
        YearPlan,
        YearPlanSerializer,
        ("project", "year"),
    ),
    "targets": Resource(
        Table(
            TARGETS.name,
            TARGETS.title,
            [
                replace(
                    column,
                    path=_TARGET_CELLS[column.name],
                    kind="money" if column.name == "value" else column.kind,
                )
                for column in TARGETS.columns
                if column.name in _TARGET_CELLS
            ],
        ),
        Target,
        TargetSerializer,
        ("park", "region", "year", "measure", "size_floor_cny", "origin_scope"),
        beside=[column for column in TARGETS.columns if column.name not in _TARGET_CELLS],
        usual={"size_floor_cny": "0"},
        hedged=("value",),
        counted=("value", "measure", _COUNTS),
    ),
    "organisation_tags": Resource(
        ORGANISATION_TAGS,
        OrganisationTag,
        OrganisationTagSerializer,
        ("organisation", "tag", "year"),
    ),
    "project_people": Resource(
        ASSIGNMENTS,
        Assignment,
        AssignmentSerializer,
        ("project", "role", "name"),
    ),
    "project_tags": Resource(
        PROJECT_TAGS,
        ProjectTag,
        ProjectTagSerializer,
        ("project", "tag", "year"),
    ),
}


def find_named_model(kind: str) -> Any:
    """Find the model whose codes the reports of a kind of import have; KeyError for no kind.

    The rights to a report follow from it, and from what the import wrote.
    """
    return Project if kind == "projects" else IMPORT_RESOURCES[kind].named
