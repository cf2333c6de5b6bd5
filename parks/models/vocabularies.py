"""Models of regions, sectors and their groups, with official codes; comparing names."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy as _, pgettext_lazy

from config.database import history
from config.database.searching import TextIndex
from parks.models.ledger import WithTexts, derive_from, require_unretired
from parks.recording.change_rows import Audience
from parks.recording.recording import recorded
from parks.recording.records import Change, RetiredCode
from sheets.fields import CodeField, blame_column, refer_to, require_unique, require_validity

ORGANISATION_TEXTS = TextIndex(
    "parks_organisation", {"names": ("code", "name_zh", "name_en", "aliases", "uscc")}
)

ZH_TYPES = "特别行政区 自治区 自治州 自治县 自治旗 地区 新区 林区 特区 省 市 盟 县 区 旗".split()
EN_TYPES = (
    "special administrative region, autonomous region, autonomous prefecture, autonomous county, "
    "autonomous banner, province, municipality, prefecture, new area, city, district, county, "
    "league, banner"
).split(", ")
_SIGNS = re.compile(r"[\W_]+")
_FORMS = re.compile(
    r"(?:股份有限|有限责任|有限|股份)?公司$|(?:co)?(?:ltd|limited|inc|llc|plc|corp|corporation|gmbh)$"
)


def name_key(text: str) -> str:
    """Normalise case and blanks of a name for comparisons."""
    return " ".join(text.split()).casefold()


def without_type(name: str) -> str:
    """Cut the type word from a name (浙江省 -> 浙江); "" if there is none or too little is left."""
    for ending in ZH_TYPES:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    for ending in EN_TYPES:
        if name.endswith(f" {ending}"):
            return name.removesuffix(f" {ending}")
    return ""


def loosen_organisation(name: str) -> str:
    """Remove punctuation, blanks and the legal form from the name of an organisation."""
    plain = _SIGNS.sub("", unicodedata.normalize("NFKC", name).casefold())
    shorter = _FORMS.sub("", plain)
    return shorter if len(shorter) >= 2 else plain


# Fields of codes that only China has: elsewhere forms and pages leave them out
UNUSED_FIELDS = frozenset(
    () if settings.PROFILE.chinese_codes else ("national_code", "uscc", "hitech")
)
validate_region_code = RegexValidator(
    r"\A(\d{6}|[A-Z]{2})\Z", _("Give six digits (GB/T 2260) or two capital letters (ISO 3166-1).")
)
validate_sector_code = RegexValidator(
    r"\A[A-T]\d{0,4}\Z",
    _("Give a section letter and up to four digits, such as C3973 (GB/T 4754-2017)."),
)
if not settings.PROFILE.nested_codes:  # migrations have what is above
    validate_region_code.regex = re.compile(r"\A(?=.{2,6}\Z)[A-Z0-9]+(-[A-Z0-9]+)*\Z")
    validate_region_code.message = _(
        "Give two capital letters (ISO 3166-1), or up to six capital letters, digits and hyphens."
    )
    validate_sector_code.regex = re.compile(r"\A[A-U]\d{0,4}\Z")
    validate_sector_code.message = _("Give a section letter and up to four digits, such as C2610.")
validate_lower_code = RegexValidator(
    r"\A[a-z0-9-]+\Z", _("A group's code may contain only lower-case letters, digits and hyphens.")
)


ALONE = "!"  # ends what stands for one code; codes have no character before it


def first_code(prefix: str) -> str:
    """Return the first code that begins with `prefix`."""
    return prefix.removesuffix(ALONE)


def next_code(prefix: str) -> str:
    """Return the end of the codes that begin with `prefix`: `33` -> `34`, `E479` -> `E48`.

    Nines at the end are dropped: `E48` follows all of `E479`. The range
    `prefix <= code < next_code(prefix)` is right in every collation, not only in byte order.
    """
    if prefix.endswith(ALONE):
        return prefix
    kept = prefix.rstrip("9") or "9"
    return kept[:-1] + chr(ord(kept[-1]) + 1)


def in_range(column: str, prefix: str) -> Q:
    """Select the rows whose code begins with `prefix`, as a range that an index serves."""
    return Q(**{f"{column}__gte": first_code(prefix), f"{column}__lt": next_code(prefix)})


def holds_code(prefixes: Iterable[str], code: str) -> bool:
    """Return whether a code begins with one of the prefixes."""
    return any(first_code(prefix) <= code < next_code(prefix) for prefix in prefixes)


FIRST_OF_COUNTRIES = "A"  # ISO 3166 has capital letters; national codes begin with digits
FOREIGN = "foreign"  # all countries but the home country; the code of no region


def is_abroad(column: str) -> Q:
    """Select the rows whose region is of another country; those of `beyond` are none."""
    coded = Q(**{f"{column}__gte": FIRST_OF_COUNTRIES})
    profile = settings.PROFILE
    return coded if profile.nested_codes else coded & ~in_range(column, profile.country)


def lies_abroad(code: str) -> bool:
    """Return whether a region is of another country."""
    profile = settings.PROFILE
    at_home = not profile.nested_codes and code.startswith(profile.country)
    return code >= FIRST_OF_COUNTRIES and not at_home


def is_beyond(column: str) -> Q:
    """Select the rows whose region counts neither as domestic nor as abroad."""
    found = Q(pk__in=[])
    for prefix in settings.PROFILE.beyond:
        found |= in_range(column, prefix)
    return found


_OWN_ROWS = ("names", "members")  # relations whose rows are part of a term


class Named(WithTexts):
    """A row with a Chinese or an English name, or both."""

    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_has_a_name",
                condition=~Q(name_zh="") | ~Q(name_en=""),
                violation_error_message=_("Give a Chinese or an English name, or both."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return pick_name(self.name_zh, self.name_en)


def pick_name(name_zh: str, name_en: str) -> str:
    """Return the name in the active language, or else the other one."""
    if (get_language() or "").startswith("zh"):
        return name_zh or name_en
    return name_en or name_zh


class Term(Named):
    """A coded term, whose writes are recorded without versions.

    It is deleted only as a mistake: if somebody added it here, and nothing ever referred to it.
    """

    audience: ClassVar[Audience] = Audience()

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self._state.adding:
            require_unretired(self)

    def is_mistake(self) -> bool:
        """Return whether an account added it, and no row or past version ever referred to it."""
        added = {"resource": self._meta.label_lower, "row_key": self.pk, "op": Change.Op.CREATE}
        if not Change.objects.filter(**added, revision__user_id__isnull=False).exists():
            return False
        links = self._meta.get_fields(include_hidden=True)
        return not any(
            link.related_model._default_manager.filter(**{link.field.name: self.pk}).exists()
            for link in links
            if isinstance(link, models.ManyToOneRel) and link.related_name not in _OWN_ROWS
        )

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete a mistake and retire its code; raise `ValidationError` for all other terms."""
        if not self.is_mistake():
            message = _(
                "“%(code)s” came with the ledger, or a row or a past version refers to it, so it "
                "cannot be deleted; a term retires on its last day (“valid_to”)."
            )
            raise blame_column("code", message, code="term_in_use", params={"code": self.pk})
        with recorded() as writer:
            RetiredCode.retire(self)
            writer.note_deletion(self)
            return super().delete(*args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_new = self._state.adding
        with recorded() as writer:
            super().save(*args, **kwargs)
            writer.note(type(self), [self.pk], Change.Op.CREATE if is_new else Change.Op.UPDATE)


class VocabularyQuerySet(models.QuerySet[Any]):
    """Rows of a vocabulary, which retire."""

    def in_force(self) -> "VocabularyQuerySet":
        """Select the rows that are valid today, or on the day of `as_of`."""
        today = history.today()
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=today),
            Q(valid_to__isnull=True) | Q(valid_to__gte=today),
        )


class Vocabulary(Term):
    """A coded term, valid for a time. Retire it with `valid_to`."""

    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The last day; set it to retire a code.")
    )

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [*Named.Meta.constraints, require_validity("%(class)s")]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"  # many places share a name


class Region(Vocabulary):
    """An administrative division by GB/T 2260, or a country by ISO 3166-1 alpha-2."""

    is_official = True  # codes are safe in spreadsheets

    class Level(models.TextChoices):
        COUNTRY = "country", _("country")
        PROVINCE = "province", _("province")
        PREFECTURE = "prefecture", _("prefecture")
        COUNTY = "county", _("county")

    code = CodeField(_("code"), primary_key=True, max_length=6, validators=[validate_region_code])
    level = models.CharField(_("level"), max_length=10, choices=Level)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    parent = refer_to("self", _("part of"), related_name="children")
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    is_statistical = models.BooleanField(
        _("statistical only"),
        default=False,
        help_text=_("Coded by the statistics bureau alone; overlaps a real division."),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta(Vocabulary.Meta):
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes of the codes of this region, which come first, and of its parts."""
        if settings.PROFILE.nested_codes:
            lengths: dict[str, int] = {self.Level.PROVINCE: 2, self.Level.PREFECTURE: 4}
            return (self.code[: lengths.get(self.level, len(self.code))],)
        own = self.code if self.level == self.Level.COUNTRY else f"{self.code}{ALONE}"
        found = below = [self.code]
        while below:
            parts = Region.objects.filter(parent__in=below).exclude(pk__in=found)
            below = list(parts.values_list("code", flat=True))
            found = found + below
        return (own, *(f"{code}{ALONE}" for code in found if not holds_code([own], code)))

    def save(self, *args: Any, **kwargs: Any) -> None:
        with recorded():
            super().save(*args, **kwargs)
            RegionName.rebuild([self])


class RegionName(models.Model):
    """A name by which filters and imports find a region; written by `Region.save`."""

    class Rank(models.IntegerChoices):
        FULL = 1, _("full name")
        SHORT = 2, _("name without its type, or another name")

    region = models.ForeignKey(Region, models.CASCADE, related_name="names")
    key = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField(choices=Rank)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "region"], name="region_name_once")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def rebuild(cls, regions: "list[Region]") -> None:
        """Replace the names of these regions."""
        names: list[Any] = [
            cls(region=region, key=key, rank=rank)
            for region in regions
            for key, rank in rank_names(region).items()
        ]
        with transaction.atomic():
            cls.objects.filter(region__in=regions).delete()
            cls.objects.bulk_create(names, batch_size=2000)


def rank_names(region: Region) -> dict[str, int]:
    """List the names of a region with their ranks; official names come first."""
    full = [name_key(name) for name in (region.name_zh, region.name_en) if name]
    found = dict.fromkeys(full, int(RegionName.Rank.FULL))
    short = [*map(without_type, full), *map(name_key, region.aliases)]
    return dict.fromkeys(filter(None, short), int(RegionName.Rank.SHORT)) | found


class Group(Term):
    """A named set of codes, addressed by a lower-case code."""

    code = CodeField(_("code"), primary_key=True, max_length=32, validators=[validate_lower_code])
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        abstract = True
        constraints = [*Named.Meta.constraints]

    @property
    def keys(self) -> set[str]:
        """The normalised names by which a filter finds the group."""
        return {
            name_key(name)
            for name in (self.code, self.name_zh, self.name_en, *self.aliases)
            if name
        }


class RegionGroup(Group):
    """A named set of regions with dated members, such as the Yangtze River Delta."""

    family = models.CharField(
        _("family"),
        max_length=32,
        blank=True,
        help_text=_("Groups of one family do not overlap and can be added up."),
    )
    definition_zh = models.CharField(_("definition in Chinese"), max_length=300, blank=True)
    definition_en = models.CharField(_("definition in English"), max_length=300, blank=True)
    has_countries = models.BooleanField(
        _("with all countries"),
        default=False,
        help_text=_("Every country but China is in the group, besides its members."),
    )

    class Meta(Group.Meta):
        verbose_name = _("region group")
        verbose_name_plural = _("region groups")
        ordering = ["code"]

    def require_apart(self) -> None:
        """Raise `ValidationError` if a group of its family has one of its regions at one time."""
        family = RegionGroup.objects.filter(family=self.family).exclude(pk=self.pk)
        for other in family.prefetch_related("members__region") if self.family else ():
            if place := self.find_common(other):
                message = _("“%(group)s”, of the same family, has “%(place)s”, too.")
                params = {"group": other.name, "place": place}
                raise blame_column("family", message, code="groups_overlap", params=params)

    def find_common(self, other: "RegionGroup") -> str:
        """Name a region that both have at one time; blank if there is none."""
        for mine in self.members.select_related("region"):
            for theirs in other.members.all():
                if mine.overlaps(theirs):
                    return mine.region.name
        for one, two in ((self, other), (other, self)):
            for member in two.members.all() if one.has_countries else ():
                if member.region_id >= FIRST_OF_COUNTRIES:
                    return str(member.region.name)
        return str(_("all countries")) if self.has_countries and other.has_countries else ""


class RegionGroupMember(models.Model):
    """A region in a group, from one day to another."""

    group = models.ForeignKey(RegionGroup, models.CASCADE, related_name="members")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = VocabularyQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["region_id", "valid_from"]
        constraints = [
            require_unique(
                "region_group_member_once",
                ["group", "region", "valid_from"],
                _("This region is already in the group."),
            ),
            require_unique(
                "region_group_member_once_undated",
                ["group", "region"],
                _("This region is already in the group."),
                condition=Q(valid_from__isnull=True),
            ),
            require_validity("region_group_member"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.region_id}"

    def overlaps(self, other: "RegionGroupMember") -> bool:
        """Return whether one region has the other as a part, and both are members at one time."""
        starts = max(each.valid_from or date.min for each in (self, other))
        ends = min(each.valid_to or date.max for each in (self, other))
        is_within = holds_code(self.region.prefixes, other.region_id)
        return (is_within or holds_code(other.region.prefixes, self.region_id)) and starts <= ends


class HiTech(models.TextChoices):
    """Whether a sector is in the official list of high-tech industries; blank is unknown."""

    YES = "yes", _("high-tech industry")
    NO = "no", _("not a high-tech industry")


class Sector(Vocabulary):
    """An industry by GB/T 4754-2017, its code led by the letter of its section: C3973."""

    is_official = True  # codes are safe in spreadsheets

    class Level(models.TextChoices):
        SECTION = "section", _("section")
        DIVISION = "division", _("division")
        GROUP = "group", pgettext_lazy("sector", "group")  # not a group of users
        CLASS = "class", _("class")

    code = CodeField(_("code"), primary_key=True, max_length=5, validators=[validate_sector_code])
    level = models.CharField(_("level"), max_length=10, choices=Level)
    parent = refer_to("self", _("part of"), related_name="children")
    hitech = models.CharField(_("high-tech industry"), max_length=3, choices=HiTech, blank=True)

    class Meta(Vocabulary.Meta):
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ["code"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Sector.objects.filter(pk=self.pk).values_list("hitech", flat=True).first()
        with recorded():
            super().save(*args, **kwargs)
            if before != self.hitech:
                derive_from(self)


class SectorGroup(Group):
    """A named set of sectors across sections, such as integrated circuits."""

    class Meta(Group.Meta):
        verbose_name = _("sector group")
        verbose_name_plural = _("sector groups")
        ordering = ["code"]


class SectorGroupMember(models.Model):
    """A sector with its parts in a group, or excluded from a broader member."""

    class Position(models.TextChoices):
        UPSTREAM = "upstream", _("upstream")
        MIDSTREAM = "midstream", _("midstream")
        DOWNSTREAM = "downstream", _("downstream")

    group = models.ForeignKey(SectorGroup, models.CASCADE, related_name="members")
    sector = models.ForeignKey(Sector, models.PROTECT, verbose_name=_("sector"))
    position = models.CharField(
        _("position in the chain"),
        max_length=10,
        choices=Position,
        blank=True,
        default="",
        db_default="",
    )
    excluded = models.BooleanField(
        _("taken out"), default=False, help_text=_("Takes this sector out of a broader member.")
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["sector_id"]
        constraints = [
            require_unique(
                "sector_group_member_once",
                ["group", "sector"],
                _("This sector is already in the group."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.sector_id}"
