"""Who says what: people, and the posts from which they speak."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.fields import PrecisionField, refer_to, require_full_date
from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.models.organisations import Organisation
from parks.models.vocabularies import Named


class Person(LedgerModel, Named):
    """A person who is quoted in public; nothing is kept but what sources print."""

    code_prefix = "person-"
    owns = ("posts",)

    source = refer_to("parks.Source", _("source"), related_name="people")
    note = models.TextField(_("note"), blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["code"]
        constraints = [*LedgerModel.Meta.constraints, *Named.Meta.constraints]


class Post(LedgerModel, Named):
    """What a person is or was, such as deputy mayor of a district; its names are the titles."""

    code_prefix = "post-"

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="posts", verbose_name=_("person")
    )
    organisation = refer_to(Organisation, _("organisation"), related_name="posts")
    source = refer_to("parks.Source", _("source"), related_name="posts")
    held_from = models.DateField(_("held from"), null=True, blank=True)
    held_from_precision = PrecisionField(_("precision of “held from”"))
    held_to = models.DateField(_("held to"), null=True, blank=True)
    held_to_precision = PrecisionField(_("precision of “held to”"))

    objects = LedgerQuerySet.as_manager()

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

    def __str__(self) -> str:
        return f"{self.person}, {self.name}"
