"""Who says what: people, and the posts from which they speak."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.fields import PrecisionField, refer_to, require_full_date
from parks.access import Publication
from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.models.made_for import MAKERS_ALONE, OF_MAKERS, MadeFor
from parks.models.organisations import Organisation
from parks.models.vocabularies import Named
from parks.recording.change_rows import Audience


class Person(LedgerModel, Named, MadeFor):
    """A person who is quoted in public; nothing is kept but what sources print."""

    code_prefix = "person-"
    owns = ("posts",)
    audience = OF_MAKERS
    work = MAKERS_ALONE

    source = refer_to("parks.Source", _("source"), related_name="people")
    note = models.TextField(_("note"), blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["code"]
        constraints = [*LedgerModel.Meta.constraints, *Named.Meta.constraints]


PERSON_IS_OPEN = models.Q(person__publication=Publication.PUBLISHED) | models.Q(
    person__publication=""
)


class Post(LedgerModel, Named):
    """What a person is or was, such as deputy mayor of a district; its names are the titles."""

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

    @property
    def is_open(self) -> bool:
        """Whether everybody sees it: with the person."""
        return self.person.is_open

    def __str__(self) -> str:
        return f"{self.person}, {self.name}"
