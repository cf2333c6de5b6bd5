"""Projects, with further columns of sheets, spellings, and pairs that are distinct.

One line each, the header before the text: 首谈单位：市商务局. Headers are unique and have no “：”.
"""

from collections.abc import Collection, Mapping
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from api.readers import FILLED_LINE
from config.texts import TOO_LONG_MESSAGE, check_line, check_text
from parks.access import Publication
from parks.models import HiTech, LedgerModel, LedgerQuerySet, Named, Park, Region, Sector, Source
from parks.models.ledger import DerivingQuerySet, build_history, refuse_days_to_come
from parks.models.organisations import Distinct
from parks.models.places import (
    OF_PARK,
    OF_POINT,
    STATED_DATUM,
    DegreesField,
    Located,
    PointAccuracy,
    PointDatum,
    PointWordField,
    require_whole_point,
)
from parks.models.spellings import Spelling
from parks.recording.recording import recorded
from projects.models import dimensions, words
from projects.models.dimensions import PROJECT_INDEXES
from projects.models.naming import NationalCodeField
from sheets import fields
from sheets.amounts import Qualifier
from sheets.dates import YearOf

COLON = "："
TEXT_PATTERN = FILLED_LINE  # patterns, as OpenAPI says them
HEADER_PATTERN = FILLED_LINE.replace(r"\x00", rf"{COLON}\x00")
MOST_COLUMNS, LONGEST_HEADER, LONGEST_TEXT = 40, 100, 2_000  # characters


def parse_further(text: str) -> dict[str, str]:
    """Parse lines to texts by header; ValidationError for what is no line of these."""
    columns: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.replace("\r", "\n").split("\n"))):
        header, _separator, said = (part.strip() for part in line.partition(COLON))
        if header in columns:
            raise ValidationError(
                _("“%(header)s” is there twice."), "repeated_column", {"header": header}
            )
        columns[header] = said
    check_further(columns)
    return columns


def check_further(columns: Mapping[str, str]) -> None:
    """Raise ValidationError for texts by header that cannot be kept."""
    if len(columns) > MOST_COLUMNS:
        message = _("At most %(max)d further columns are kept; these are %(count)d.")
        params = {"max": MOST_COLUMNS, "count": len(columns)}
        raise ValidationError(message, "too_many_columns", params)
    for header, text in columns.items():
        if not header or not text or COLON in header or header != header.strip():
            message = _("Write a header and a text on each line, such as 首谈单位：市商务局.")
            raise ValidationError(message, "without_header")
        for part, longest in ((header, LONGEST_HEADER), (text, LONGEST_TEXT)):
            check_line(part)
            if len(part) > longest:
                params = {"length": len(part), "max": longest}
                raise ValidationError(TOO_LONG_MESSAGE, "max_length", params)
    check_text(join_further(columns), has_lines=True)


def join_further(columns: Mapping[str, str]) -> str:
    """Write texts by header as lines."""
    return "\n".join(f"{header}{COLON}{text}" for header, text in columns.items())


def read_stored_further(text: str) -> dict[str, str]:
    """Read stored lines, which were checked, to texts by header."""
    divided = (line.partition(COLON) for line in text.split("\n") if line)
    return {header: said for header, _separator, said in divided}


class FurtherColumnsField(models.TextField):
    """A column of further columns; a merge unites those of two rows."""

    def clean(self, value: Any, model_instance: models.Model | None) -> str:
        return join_further(parse_further(super().clean(value, model_instance)))

    def unite(self, kept: str, other: str) -> str:
        """Add the columns of another row that the row that stays does not have."""
        own = read_stored_further(kept)
        return join_further(own | read_stored_further(other) | own)


NEEDS_REASON = _("Say why the project is suspended, terminated, merged or closed.")
REPORT_TO_COME = _("%(day)s is in the future; give the day of the newest report.")
WITHOUT_LAND = _("There is no area of land to which this could apply.")
LAND_CONSTRAINTS = [
    models.CheckConstraint(
        name="project_land_not_negative",
        condition=Q(land_mu__isnull=True) | Q(land_mu__gte=0),
        violation_error_message=_("The land area cannot be negative."),
    ),
    models.CheckConstraint(
        name="project_floor_area_not_negative",
        condition=Q(floor_area_m2__isnull=True) | Q(floor_area_m2__gte=0),
        violation_error_message=_("The floor area cannot be negative."),
    ),
    models.CheckConstraint(
        name="project_qualifier_of_land",
        condition=Q(land_mu__isnull=False) | Q(land_qualifier=""),
        violation_error_code="without_amount",
        violation_error_message=WITHOUT_LAND,
    ),
]
NO_REASON = _("A project that is active needs no reason; leave it out.")
NOT_LOST = _("A project that is active is not lost; leave this out.")
ACTIVE = "active"
OF_STANDING = ("standing_reason", *words.OF_LOST)  # what an active project does not have
# What is said of another column, and of nothing where that is empty
OF_OTHERS = {"origin_id": "origin_basis", "sector_id": "sector_basis", "land_mu": "land_qualifier"}
DESCRIBES = {
    **{basis: column for column, basis in OF_OTHERS.items()},
    "origin_text": "origin_id",
    "sector_text": "sector_id",
    "longitude": "latitude",
    **dict.fromkeys(OF_POINT, "latitude"),
    "standing_on": "standing",
    "standing_reason": "standing",
    **dict.fromkeys(words.OF_LOST, "standing"),
}


class ProjectQuerySet(DerivingQuerySet, LedgerQuerySet):  # type: ignore[override]
    """Projects, whose derived columns follow what is written."""

    def with_staleness(self) -> Self:
        """Annotate each with `is_stale`: see `words.is_stale`."""
        return self.annotate(
            is_stale=ExpressionWrapper(words.is_stale(), output_field=models.BooleanField())
        )


class Project(LedgerModel, Named, Located):  # noqa: DJ008 Named has it
    """A project signed or intended in a park.

    Its stage, dates and amount are derived: from its milestones, its sector and its figures, by
    the rule in `projects.lifecycle.derivation`. Blank choices and empty columns mean unknown.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("new")
        EXPANSION = "expansion", _("expansion")
        UPGRADE = "upgrade", _("technical upgrade")
        RELOCATION = "relocation", _("relocation")
        ACQUISITION = "acquisition", _("acquisition")

    class Function(models.TextChoices):
        MANUFACTURING = "manufacturing", _("manufacturing")
        RND = "rnd", _("research and development")
        HEADQUARTERS = "headquarters", _("headquarters")
        SERVICES = "services", _("services")
        LOGISTICS = "logistics", _("logistics")
        INCUBATION = "incubation", _("incubation")
        ENERGY = "energy", _("energy")
        FUND = "fund", _("fund")

    class SiteMode(models.TextChoices):
        LAND = "land", _("buys land")
        LEASE = "lease", _("leases")
        OWNED = "owned", _("own site")

    class Standing(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("standing", "active")
        SUSPENDED = "suspended", _("suspended")
        TERMINATED = "terminated", _("terminated")
        MERGED = "merged", _("merged into another")
        CLOSED = "closed", _("closed")

    class OriginBasis(models.TextChoices):
        STATED = "stated", _("stated")
        NAME = "name", _("from the company's name")
        REGISTERED = "registered", _("place of registration")
        HEADQUARTERS = "headquarters", _("seat of the headquarters")
        INFERRED = "inferred", _("inferred")

    class SectorBasis(models.TextChoices):
        STATED = "stated", _("stated")
        MAPPED = "mapped", _("our mapping")

    class TotalsExclusion(models.TextChoices):
        UMBRELLA = "umbrella", _("umbrella agreement")
        DUPLICATE = "duplicate", _("duplicate of another project")
        MERGED = "merged", _("merged into another project")
        PART = "part", _("part of another project")
        NO_CONTRACT = "no_contract", _("no contract yet")

    code_prefix = "prj-"
    known_rows = (
        "milestones",
        "participations",
        "investors",
        "fundings",
        "figures",
        "plans",
        "tags",
        "assignments",
    )
    # What was noted stays noted, whatever version of its project is restored
    owns = (*known_rows, "progress", "returns", "plan_moves", "excuses", "obstacles")
    private = frozenset({"contact"})
    work = frozenset(
        {
            *("open_issues", "responsible_unit", "further_columns"),
            *(*words.OF_LOST, *words.FROM_PROGRESS),
        }
    )
    audience = OF_PARK
    computed_columns = (
        *(*LedgerModel.computed_columns, *words.DERIVED),
        *("counts_apart", "totals_exclusion", "origin_scope"),
    )
    tells_apart = ("national_code",)
    describes = DESCRIBES
    history = build_history(
        unindexed=[
            *("park", "region", "origin", "sector", "source", "duplicate_of", "part_of"),
            "lost_to",
        ]
    )

    # Of these three the indexes below begin with
    park = models.ForeignKey(
        Park, models.PROTECT, related_name="projects", verbose_name=_("park"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, blank=True)
    function = models.CharField(_("function"), max_length=14, choices=Function, blank=True)
    site_mode = models.CharField(
        _("way of having its site"), max_length=6, choices=SiteMode, blank=True
    )
    land_mu = models.DecimalField(
        _("land (mu)"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    land_qualifier = models.CharField(
        _("qualifier of the land"),
        max_length=10,
        choices=Qualifier,
        blank=True,
        help_text=_("Blank where the number is the whole answer."),
    )
    origin = fields.refer_to(
        Region, _("origin"), help_text=_("Where the investor comes from."), db_index=False
    )
    origin_basis = models.CharField(
        _("basis of origin"), max_length=12, choices=OriginBasis, blank=True
    )
    sector = fields.refer_to(Sector, _("sector"), db_index=False)
    sector_basis = models.CharField(
        _("basis of sector"), max_length=6, choices=SectorBasis, blank=True
    )
    standing = models.CharField(
        _("standing"), max_length=10, choices=Standing, default=Standing.ACTIVE
    )
    is_umbrella = models.BooleanField(
        _("umbrella agreement"),
        default=False,
        help_text=_("Its amount is that of other projects; it is left out of totals."),
    )
    publication = models.CharField(
        _("publication"), max_length=10, choices=Publication, default=Publication.PUBLISHED
    )

    # Derived by projects.lifecycle.derivation
    stage = models.CharField(
        _("stage"), max_length=13, choices=words.Stage, blank=True, editable=False
    )
    stage_on = models.DateField(_("stage since"), null=True, editable=False)
    stage_on_precision = fields.PrecisionField(editable=False)
    intended_on = models.DateField(_("intent signed on"), null=True, editable=False)
    intended_on_precision = fields.PrecisionField(editable=False)
    signed_on = models.DateField(_("contract signed on"), null=True, editable=False)
    signed_on_precision = fields.PrecisionField(editable=False)
    started_on = models.DateField(_("construction started on"), null=True, editable=False)
    started_on_precision = fields.PrecisionField(editable=False)
    completed_on = models.DateField(_("completed on"), null=True, editable=False)
    completed_on_precision = fields.PrecisionField(editable=False)
    operating_on = models.DateField(_("operating since"), null=True, editable=False)
    operating_on_precision = fields.PrecisionField(editable=False)
    agreement_type = models.CharField(
        _("agreement"), max_length=9, choices=words.AgreementType, blank=True, editable=False
    )
    hitech = models.CharField(
        _("high-tech industry"), max_length=3, choices=HiTech, blank=True, editable=False
    )
    project_region = fields.CodeField(
        _("region of the project"), max_length=7, null=True, editable=False
    )
    capital_type = models.CharField(
        _("capital"), max_length=8, choices=words.CapitalType, blank=True, editable=False
    )
    investment_cny = models.BigIntegerField(_("investment (yuan)"), null=True, editable=False)
    investment_qualifier = models.CharField(
        _("qualifier of the investment"),
        max_length=10,
        choices=Qualifier,
        blank=True,
        editable=False,
    )
    investment_basis = models.CharField(
        _("basis of the investment"),
        max_length=8,
        choices=words.InvestmentBasis,
        blank=True,
        editable=False,
    )

    paid_in_cny = models.BigIntegerField(_("paid in (yuan)"), null=True, editable=False)
    news_on = models.DateField(_("last news on"), null=True, editable=False)
    next_planned_on = models.DateField(_("next step planned for"), null=True, editable=False)
    has_intent = models.BooleanField(_("intent signed, at any time"), default=False, editable=False)
    has_money = models.BooleanField(_("money came in"), default=False, editable=False)

    # Generated by the database: the dimensions that lists are filtered and counted by. `null` says
    # it for the field itself too: without it `~Q` would leave out the rows whose value is unknown.
    intended_on_end = fields.PeriodEndField("intended_on")
    signed_on_end = fields.PeriodEndField("signed_on")
    started_on_end = fields.PeriodEndField("started_on")
    completed_on_end = fields.PeriodEndField("completed_on")
    operating_on_end = fields.PeriodEndField("operating_on")
    signed_year = fields.store_column(
        YearOf("signed_on"),
        models.IntegerField(null=True),
        verbose_name=_("signing year"),
        null=True,
    )
    stage_rank = fields.store_column(dimensions.STAGE_RANK, models.SmallIntegerField())
    totals_exclusion = fields.store_column(
        dimensions.TOTALS_EXCLUSION,
        models.CharField(max_length=11, choices=TotalsExclusion, blank=True),
    )
    investment_rank = fields.store_column(
        Coalesce("investment_cny", Value(-1)), models.BigIntegerField()
    )
    origin_province = fields.store_column(
        dimensions.ORIGIN_PROVINCE, fields.CodeField(max_length=7, null=True), null=True
    )
    origin_city = fields.store_column(
        dimensions.ORIGIN_CITY, fields.CodeField(max_length=7, null=True), null=True
    )
    origin_scope = fields.store_column(
        dimensions.ORIGIN_SCOPE,
        models.CharField(max_length=14, choices=words.OriginScope, blank=True),
        verbose_name=_("distance of the origin"),
    )
    sector_section = fields.store_column(
        dimensions.SECTOR_SECTION, fields.CodeField(max_length=1, null=True), null=True
    )
    sector_division = fields.store_column(
        dimensions.SECTOR_DIVISION, fields.CodeField(max_length=3, null=True), null=True
    )

    # Nothing is grouped by these or summed of them. They stand last: for columns beyond the 63rd,
    # SQLite never reads an index in place of the table.
    national_code = NationalCodeField(_("national project code"))
    region = fields.refer_to(
        Region,
        _("region"),
        help_text=_("Where the project itself stands; blank: where its park lies."),
        db_index=False,
    )
    address = models.CharField(_("street address"), max_length=300, blank=True)
    site = models.CharField(
        _("plot"), max_length=200, blank=True, help_text=_("The plot by its name or number.")
    )
    latitude = DegreesField(_("latitude"), limit=90)
    longitude = DegreesField(_("longitude"), limit=180)
    point_accuracy = PointWordField(_("accuracy of the point"), choices=PointAccuracy)
    point_datum = PointWordField(
        _("datum of the point"), choices=PointDatum, help_text=STATED_DATUM
    )
    phase_no = models.PositiveSmallIntegerField(
        _("phase"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text=_("Which phase (期) of the whole it is."),
    )
    reported_on = models.DateField(
        _("known as of"), null=True, blank=True, help_text=_("The day of the newest report.")
    )
    reported_on_precision = fields.PrecisionField(_("precision of “known as of”"))
    reported_on_end = fields.PeriodEndField("reported_on")
    capital_type_stated = models.CharField(
        _("capital as stated"),
        max_length=8,
        choices=words.CapitalType,
        blank=True,
        help_text=_("Blank: as the investors and the companies above them are registered."),
    )
    origin_text = models.CharField(_("origin as reported"), max_length=200, blank=True)
    sector_text = models.CharField(_("sector as reported"), max_length=200, blank=True)
    standing_on = models.DateField(_("standing since"), null=True, blank=True)
    standing_on_precision = fields.PrecisionField(_("precision of “standing since”"))
    standing_reason = models.CharField(_("reason for standing"), max_length=300, blank=True)
    source = fields.refer_to(Source, _("source"), related_name="projects")
    note = models.TextField(_("note"), blank=True)
    open_issues = models.TextField(_("open issues"), blank=True)
    responsible_unit = models.CharField(_("responsible unit"), max_length=200, blank=True)
    contact = models.CharField(
        _("contact"), max_length=200, blank=True, help_text=_("Never public.")
    )
    further_columns = FurtherColumnsField(
        _("further columns"),
        blank=True,
        default="",
        db_default="",
        help_text=_("One per line, header and text: 首谈单位：市商务局. In no total."),
    )
    duplicate_of = fields.refer_to("self", _("duplicate of"), related_name="duplicates")
    part_of = fields.refer_to("self", _("part of"), related_name="parts")
    # Derived like the ones above; null where there is none, so that seals of old versions hold
    latest_progress = models.TextField(_("latest progress"), null=True, editable=False)
    latest_progress_on = models.DateField(_("latest progress on"), null=True, editable=False)
    next_step = models.TextField(_("next step"), null=True, editable=False)
    next_step_due_on = models.DateField(_("next step due on"), null=True, editable=False)
    # Derived by projects.lifecycle.parts: true or unknown, so that seals of old versions hold
    counts_apart = models.BooleanField(
        _("counts apart from what it is a part of"), null=True, editable=False
    )
    floor_area_m2 = models.DecimalField(
        _("floor area (m²)"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Of the rooms or workshops (载体) that it rents or uses."),
    )
    building = fields.add_text(_("building"), max_length=200, help_text=_("By its name or number."))
    review_on = models.DateField(
        _("day of review"),
        null=True,
        blank=True,
        help_text=_("By contract: 履约评价 or 达产验收. After a review the day of the next one."),
    )
    review_on_precision = fields.PrecisionField(_("precision of the day of review"), db_default="")
    # Null where nothing is known, so that seals of old versions hold
    lost_because = models.CharField(
        _("lost because of"), max_length=9, choices=words.LostBecause, null=True, blank=True
    )
    lost_to = fields.refer_to(
        Region, _("lost to"), help_text=_("The region where the investor went."), db_index=False
    )

    objects = ProjectQuerySet.as_manager()  # type: ignore[misc, assignment]

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            fields.require_unique(
                "project_national_code_once",
                ["national_code"],
                _("Another project has this national code."),
                condition=~Q(national_code=""),
            ),
            fields.require_full_date("project_standing_in_full", "standing_on"),
            fields.require_full_date("project_reported_in_full", "reported_on"),
            fields.require_full_date("project_review_in_full", "review_on"),
            models.CheckConstraint(
                name="project_standing_with_reason",
                condition=Q(standing="active") | ~Q(standing_reason=""),
                violation_error_code="without_reason",
                violation_error_message=NEEDS_REASON,
            ),
            *LAND_CONSTRAINTS,
            require_whole_point("project_point_is_whole"),
            models.CheckConstraint(
                name="project_investment_not_negative",
                condition=Q(investment_cny__isnull=True) | Q(investment_cny__gte=0),
                violation_error_message=_("The investment cannot be negative."),
            ),
            models.CheckConstraint(
                name="project_basis_of_an_origin",
                condition=Q(origin__isnull=False) | Q(origin_basis=""),
                violation_error_code="basis_of_nothing",
                violation_error_message=_("There is no origin that could have this basis."),
            ),
            models.CheckConstraint(
                name="project_basis_of_a_sector",
                condition=Q(sector__isnull=False) | Q(sector_basis=""),
                violation_error_code="basis_of_nothing",
                violation_error_message=_("There is no sector that could have this basis."),
            ),
            models.CheckConstraint(
                name="project_not_of_itself",
                condition=(Q(part_of__isnull=True) | ~Q(part_of=F("id")))
                & (Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id"))),
                violation_error_message=_("A project cannot be a part or duplicate of itself."),
            ),
        ]
        indexes = PROJECT_INDEXES

    @property
    def counts_in_totals(self) -> bool:
        """Whether signed totals count it; `totals_exclusion` says why not."""
        return self.totals_exclusion == ""

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.take_bases_along()
        self.take_reason_along()
        super().clean_fields(exclude)

    def clean(self) -> None:
        super().clean()
        refuse_days_to_come(self, ["reported_on"], REPORT_TO_COME)
        is_active, reason = self.standing == ACTIVE, self.standing_reason
        if not is_active and not reason:
            raise fields.blame_column("standing_reason", NEEDS_REASON, code="without_reason")
        if is_active and reason and not self.find_stored(standing_reason=reason):
            raise fields.blame_column("standing_reason", NO_REASON, code="contradiction")
        for name in words.OF_LOST if is_active else ():
            if getattr(self, name):
                raise fields.blame_column(name, NOT_LOST, code="contradiction")
        for column in ("duplicate_of", "part_of"):
            if column not in self.unchanged:
                self.refuse_circle(column)

    def refuse_circle(self, column: str) -> None:
        """Refuse a project that leads back to itself: all of them would be out of the totals."""
        seen = {self.pk}
        other = getattr(self, column)
        if self.pk is None or (other is not None and other.pk == self.pk):
            return  # a new project is led to by none, and itself is refused by a constraint
        while other is not None:
            if other.pk in seen:
                raise fields.blame_column(
                    column, _("This leads back to the project itself."), code="circle"
                )
            seen.add(other.pk)
            other = getattr(other, column)

    def take_bases_along(self) -> None:
        """Empty what is said of what is taken out; of what never was there, it is an error."""
        for column, basis in OF_OTHERS.items():
            known = {f"{column}__isnull": False}
            is_empty = getattr(self, column) is None and getattr(self, basis)
            if is_empty and self.find_stored(**known):
                setattr(self, basis, "")

    def take_reason_along(self) -> None:
        """Take away, where a project is active again, the day and reason why it was not."""
        columns = ("standing_on", *OF_STANDING)
        if self.standing != ACTIVE or not any(getattr(self, name) for name in columns):
            return
        stored = self.find_stored(standing__in={*self.Standing.values} - {ACTIVE})
        for name in words.OF_LOST:
            value = getattr(self, name)
            if stored and stored[name] == getattr(value, "pk", value):
                setattr(self, name, None)
        if stored and stored["standing_reason"] == self.standing_reason:
            self.standing_reason = ""
        if stored and stored["standing_on"] == self.standing_on:
            self.standing_on, self.standing_on_precision = None, ""

    def find_stored(self, **conditions: Any) -> dict[str, Any] | None:
        """Find day and reason of the project as it is stored, if that meets these conditions."""
        if self.pk is None:
            return None
        columns = ("standing_on", *OF_STANDING)
        return type(self).objects.filter(pk=self.pk, **conditions).values(*columns).first()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.take_bases_along()
        self.take_reason_along()
        with recorded() as writer:
            super().save(*args, **kwargs)
            writer.postpone(Project, [self.pk])


class DistinctPair(Distinct):
    """Two projects that have a name, an amount or an investor in common."""

    one = models.ForeignKey(Project, models.CASCADE, related_name="+", db_constraint=False)
    other = models.ForeignKey(Project, models.CASCADE, related_name="+", db_constraint=False)


class ProjectSpelling(Spelling):
    names = ("name_zh",)
    row = models.ForeignKey(Project, models.CASCADE, related_name="spellings", db_constraint=False)

    class Meta:
        indexes = [
            models.Index(fields=["whole", "row"], name="project_spelled_whole"),
            models.Index(fields=["initials", "row"], name="project_spelled_initials"),
        ]


def refer_to_project(related_name: str) -> models.ForeignKey:
    """Build the foreign key of a row that belongs to a project."""
    return models.ForeignKey(
        Project, models.CASCADE, related_name=related_name, verbose_name=_("project")
    )
