"""Models of sources and indicators, and the natures of claims."""

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from parks.models.ledger import DRAFT_PARK, SHARED_AUDIENCE, LedgerModel, SharedRow
from parks.models.vocabularies import Named, Term
from sheets.dates import PartialDate, Precision
from sheets.fields import PeriodEndField, PrecisionField, require_full_date


class Source(LedgerModel, SharedRow):
    """A publication. Its URL is stored, and never fetched."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", _("official")
        MEDIA = "media", _("media")
        COMPANY = "company", _("company")
        ACADEMIC = "academic", _("academic")
        INTERNAL = "internal", _("internal")
        OTHER = "other", _("other")

    code_prefix = "src-"
    audience = SHARED_AUDIENCE
    work = DRAFT_PARK

    title = models.CharField(_("title"), max_length=300)
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    published_on_precision = PrecisionField(_("precision of publication date"))
    published_on_end = PeriodEndField("published_on")
    url = models.URLField(
        _("address"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True)
    is_copy = models.BooleanField(
        _("is a copy"), default=False, help_text=_("The original publication was not seen.")
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            require_full_date("source_published_in_full", "published_on"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"

    def describe(self) -> tuple[str, str, str]:
        """Describe it for files: code, title, and publisher, date and URL."""
        published = self.published_on and PartialDate(
            self.published_on, Precision(self.published_on_precision)
        )
        details = (self.publisher, published, self.url)
        return self.code, self.title, "，".join(str(part) for part in details if part)


validate_indicator_code = RegexValidator(
    r"\A[a-z0-9_-]+\Z",
    _("An indicator's code may contain only lower-case letters, digits, hyphens and underscores."),
)


class Indicator(Term):
    """What a figure measures: its unit, and whether figures may be added up."""

    class Kind(models.TextChoices):
        MONEY = "money", _("money")
        COUNT = "count", _("count")
        RATIO = "ratio", _("ratio")
        AREA = "area", _("area")
        LENGTH = "length", _("length")
        TEXT = "text", _("text")

    code = models.SlugField(
        _("code"), primary_key=True, max_length=64, validators=[validate_indicator_code]
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    is_summable = models.BooleanField(_("may be summed"), default=False)
    definition_zh = models.TextField(_("definition in Chinese"), blank=True)
    definition_en = models.TextField(_("definition in English"), blank=True)
    headline_rank = models.PositiveSmallIntegerField(
        _("place among the headlines"),
        null=True,
        blank=True,
        help_text=_("Of the figures of a park 1 comes first; those without come after them."),
    )

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["code"]
        constraints = [*Named.Meta.constraints]


class Nature(models.TextChoices):
    """Whether a claim is a fact, or something wanted or expected.

    Only the latter may be dated in the future: see `IS_KNOWN`.
    """

    ACTUAL = "actual", _("actual")
    INTENDED = "intended", _("intended")
    PROJECTED = "projected", _("projected")
    TARGET = "target", _("target")
    PROMISED = "promised", pgettext_lazy("nature", "promised")
    AT_CAPACITY = "at_capacity", pgettext_lazy("nature", "at full capacity")
    INTEREST = "interest", _("interest only")
    RECOMMENDED = "recommended", _("recommended")


# Facts on their date
IS_KNOWN = frozenset({Nature.ACTUAL, Nature.INTEREST})
NOT_YET = _("%(day)s is in the future; what is planned or expected needs another nature.")
