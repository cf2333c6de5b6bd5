"""Models of organisations, people and their posts, and of pairs of distinct organisations."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as StdnumError

from config.database.indexes import index_orders
from parks.access import Publication
from parks.models.ledger import DRAFT_PARK, SHARED_AUDIENCE, LedgerModel, SharedRow, build_history
from parks.models.vocabularies import ORGANISATION_TEXTS, Named, Region
from parks.recording.change_rows import Audience
from sheets.fields import PrecisionField, refer_to, require_full_date, require_unique


def validate_uscc(code: str) -> None:
    """Raise `ValidationError` unless the code is one by GB 32100-2015, check character included."""
    try:
        uscc.validate(code)
    except StdnumError as error:
        raise ValidationError(
            _(
                "“%(code)s” is not a unified social credit code: 18 characters, the last of "
                "which is a check character."
            ),
            code="invalid_uscc",
            params={"code": code},
        ) from error


class Organisation(LedgerModel, Named, SharedRow):
    """A legal person or agency."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("company")
        UNIVERSITY = "university", _("university")
        INSTITUTE = "institute", _("research institute")
        AGENCY = "agency", _("public agency")
        FUND = "fund", _("fund")
        ASSOCIATION = "association", _("association")

    class Ownership(models.TextChoices):
        CENTRAL_STATE = "central_state", _("central state-owned")
        LOCAL_STATE = "local_state", _("local state-owned")
        STATE = "state", _("state-owned, of which level is unknown")
        PRIVATE = "private", _("privately owned")
        FOREIGN = "foreign", _("foreign-owned")
        HMT = "hmt", _("owned from Hong Kong, Macao or Taiwan")
        MIXED = "mixed", _("mixed ownership")

    code_prefix = "org-"
    owns = ("tags",)
    audience = SHARED_AUDIENCE
    work = DRAFT_PARK
    tells_apart = ("uscc",)
    text_index = ORGANISATION_TEXTS
    history = build_history(unindexed=["region", "parent", "source", "park"])

    uscc = models.CharField(
        _("unified social credit code"),
        max_length=18,
        blank=True,
        validators=[validate_uscc],
        help_text=_("统一社会信用代码 by GB 32100-2015, 18 characters."),
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, blank=True)
    ownership = models.CharField(_("ownership"), max_length=13, choices=Ownership, blank=True)
    region = refer_to(Region, _("registered in"))
    aliases = models.TextField(
        _("other names"), blank=True, help_text=_("Short names and earlier ones, one per line.")
    )
    parent = refer_to("self", _("parent organisation"), related_name="children")
    source = refer_to("parks.Source", _("source"), related_name="organisations")
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["code"]
        indexes = index_orders(
            "organisation",
            code="code",
            chinese_name="name_zh",
            english_name="name_en",
            update="updated_at",
        )
        constraints = [
            *LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            require_unique(
                "organisation_uscc_once",
                ["uscc"],
                _("Another organisation has this credit code."),
                condition=~models.Q(uscc=""),
            ),
            models.CheckConstraint(
                name="organisation_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                violation_error_message=_("An organisation cannot be its own parent."),
            ),
        ]


class Person(LedgerModel, Named, SharedRow):
    """A person who is quoted in public; only what sources print is stored."""

    code_prefix = "person-"
    owns = ("posts",)
    audience = SHARED_AUDIENCE
    work = DRAFT_PARK

    source = refer_to("parks.Source", _("source"), related_name="people")
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["code"]
        constraints = [*LedgerModel.Meta.constraints, *Named.Meta.constraints]


PERSON_IS_OPEN = models.Q(person__publication=Publication.PUBLISHED) | models.Q(
    person__publication=""
)


class Post(LedgerModel, Named):
    """A post of a person, such as deputy mayor of a district; its names are the titles."""

    code_prefix = "post-"
    audience = Audience(
        park="person__park_id", public=PERSON_IS_OPEN, under=("person",), is_shared=True
    )

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="posts", verbose_name=_("person")
    )
    organisation = refer_to(Organisation, _("organisation"), related_name="posts")
    source = refer_to("parks.Source", _("source"), related_name="posts")
    held_from = models.DateField(_("held from"), null=True, blank=True)
    held_from_precision = PrecisionField(_("precision of “held from”"))
    held_to = models.DateField(_("held to"), null=True, blank=True)
    held_to_precision = PrecisionField(_("precision of “held to”"))

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["person_id", "held_from", "code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            require_full_date("post_held_from_in_full", "held_from"),
            require_full_date("post_held_to_in_full", "held_to"),
        ]

    @property
    def is_open(self) -> bool:
        """Whether everybody sees it: with the person."""
        return self.person.is_open

    def __str__(self) -> str:
        return f"{self.person}, {self.name}"


class Distinct(models.Model):
    """Two similar rows that are distinct; `one` has the smaller key.

    The database does not check the keys, so that a row can be deleted at the same time.
    """

    one: Any
    other: Any
    one_id: int
    other_id: int

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="%(class)s_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="%(class)s_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"

    @classmethod
    def keep(cls, pairs: Iterable[tuple[int, int]]) -> None:
        """Store that the rows of each pair of keys are distinct."""
        model: Any = cls
        rows = [model(one_id=min(pair), other_id=max(pair)) for pair in pairs]
        model._default_manager.bulk_create(rows, ignore_conflicts=True)

    @classmethod
    def find(cls, rows: Iterable[int]) -> set[frozenset[int]]:
        """Find the distinct pairs with one of these rows, by key."""
        keys = list(rows)
        manager: Any = cls._default_manager
        pairs = manager.filter(Q(one__in=keys) | Q(other__in=keys))
        return {frozenset(pair) for pair in pairs.values_list("one_id", "other_id")}


class DistinctOrganisations(Distinct):
    """Two organisations of one name."""

    one = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_constraint=False)
    other = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_constraint=False)
