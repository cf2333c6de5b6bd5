"""Tags of organisations and projects, dated and sourced, such as 世界500强 of a year."""

from datetime import date, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.models.figures import Source
from parks.models.ledger import Recorded, build_history
from parks.models.organisations import Organisation
from parks.models.vocabularies import Vocabulary, validate_lower_code
from parks.recording.change_rows import Audience
from sheets.dates import EARLIEST_YEAR, LATEST_YEAR
from sheets.fields import CodeField, blame_column, refer_to, require_unique, require_validity


class Tag(Vocabulary):
    """A tag of organisations or projects; users add more."""

    class Bearer(models.TextChoices):
        ORGANISATION = "organisation", _("an organisation")
        PROJECT = "project", _("a project")

    code = CodeField(_("code"), primary_key=True, max_length=32, validators=[validate_lower_code])
    bearer = models.CharField(_("given to"), max_length=12, choices=Bearer)
    is_yearly = models.BooleanField(
        _("list of a year"),
        default=False,
        help_text=_("Its publisher makes a new list every year; each membership says of which."),
    )
    term_years = models.PositiveSmallIntegerField(
        _("term (years)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("For how many years a certificate holds, where nothing else is said."),
    )
    is_of_group = models.BooleanField(
        _("counts for the group"),
        default=False,
        help_text=_("What belongs to a tagged organisation has it, too, as that of its group."),
    )
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    definition_zh = models.CharField(_("definition in Chinese"), max_length=300, blank=True)
    definition_en = models.CharField(_("definition in English"), max_length=300, blank=True)

    class Meta(Vocabulary.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["code"]


class Tagging(Recorded):
    """A tag of a row: of a year, for a term, or without a date; with its source.

    A missing end is open. Without any day, a year means all its days.
    """

    bears: Tag.Bearer

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="+", verbose_name=_("tag"))
    year = models.PositiveSmallIntegerField(
        _("list of the year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(EARLIEST_YEAR), MaxValueValidator(LATEST_YEAR)],
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The last day on which it holds.")
    )
    detail = models.CharField(
        _("detail"),
        max_length=200,
        blank=True,
        help_text=_("The exchange and code, the place in the list, the number of the certificate."),
    )
    source = refer_to(Source, _("source"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        abstract = True
        constraints = [require_validity("%(class)s")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.year or self.valid_from or ''}".strip()

    def clean(self) -> None:
        super().clean()
        if self.tag.bearer != self.bears:
            message = _("“%(tag)s” is a tag of %(bearer)s.")
            params = {"tag": self.tag.name, "bearer": self.tag.get_bearer_display()}
            raise blame_column("tag", message, code="other_bearer", params=params)
        if self.tag.is_yearly and self.year is None and self.valid_from is None:
            raise blame_column("year", _("Say of which year the list is."), code="without_year")
        if self.valid_from and not self.valid_to and self.tag.term_years:
            self.valid_to = end_term(self.valid_from, self.tag.term_years)


def end_term(first: date, years: int) -> date:
    """Find the last day of a term of years: 2023-11-06 and three give 2026-11-05."""
    try:
        return first.replace(year=first.year + years) - timedelta(days=1)
    except ValueError:  # there is no 29 February in that year
        return date(first.year + years, 2, 28)


def tag_once(bearer: str) -> list[models.UniqueConstraint]:
    """Build the constraints that a row has a tag once: of a year, from a day, or without both."""
    again = _("This tag is given already; change that row.")
    of_year, of_day = Q(year__isnull=True), Q(valid_from__isnull=True)
    name = f"{bearer}tag_once"
    return [
        require_unique(f"{name}_a_year", [bearer, "tag", "year"], again, condition=~of_year),
        require_unique(
            f"{name}_a_term", [bearer, "tag", "valid_from"], again, condition=of_year & ~of_day
        ),
        require_unique(name, [bearer, "tag"], again, condition=of_year & of_day),
    ]


def holds_on(day: models.F | date, year: models.F | int, path: str = "") -> Q:
    """Select the taggings at a path that are valid on a day of a year."""
    never = {name: Q(**{f"{path}{name}__isnull": True}) for name in ("valid_from", "valid_to")}
    is_of_year = Q(**{f"{path}year": year}) | Q(**{f"{path}year__isnull": True})
    undated = never["valid_from"] & never["valid_to"] & is_of_year
    begun, unended = Q(**{f"{path}valid_from__lte": day}), Q(**{f"{path}valid_to__gte": day})
    within = begun & unended | begun & never["valid_to"] | never["valid_from"] & unended
    return undated | within


ORGANISATION_IS_OPEN = Q(organisation__publication=Publication.PUBLISHED) | Q(
    organisation__publication=""
)


class OrganisationTag(Tagging):
    """A tag of an organisation, visible with it."""

    bears = Tag.Bearer.ORGANISATION
    audience = Audience(
        owner="organisation__code",
        park="organisation__park_id",
        public=ORGANISATION_IS_OPEN,
        under=("organisation",),
        is_shared=True,
    )
    identified_by = ("tag", "year")
    history = build_history(unindexed=["source", "tag"])

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="tags", verbose_name=_("organisation")
    )

    class Meta:
        verbose_name = _("tag of an organisation")
        verbose_name_plural = _("tags of organisations")
        ordering = ["organisation_id", "tag_id", "-year", "id"]
        indexes = [models.Index(fields=["tag", "organisation"], name="organisation_by_tag")]
        constraints = [*Tagging.Meta.constraints, *tag_once("organisation")]

    @property
    def is_open(self) -> bool:
        """Whether everybody sees it: with the organisation."""
        return self.organisation.is_open
