"""Rows that are appended, not overwritten: a newer one takes the place of what was wrong."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.recording.recording import recorded

IS_STANDING = Q(superseded_by__isnull=True, is_withdrawn=False)


def index_successors(prefix: str) -> models.Index:
    """Build the index by which rows are found that another one superseded; most rows are not.

    With those in it SQLite would take it for the way to the rows that stand, which are most.
    """
    is_superseded = Q(superseded_by__isnull=False)
    return models.Index(
        fields=["superseded_by"], condition=is_superseded, name=f"{prefix}_superseded"
    )


def refer_to_successor() -> models.ForeignKey:
    """Build the foreign key to the row that took the place of this one."""
    return models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("superseded by"),
        db_index=False,
    )


class AppendedQuerySet(LedgerQuerySet):
    """Rows of which the standing ones are neither superseded nor withdrawn."""

    def standing(self) -> Self:
        """Select the rows that hold: neither superseded nor withdrawn."""
        return self.filter(IS_STANDING)

    def supersede(self, successors: Mapping[int, int]) -> None:
        """Store many successors at once: the key of the newer row by that of the earlier one.

        Unlike `Appended.supersede` it trusts that each pair is about the same.
        """
        rows = [self.model(pk=old, superseded_by_id=new) for old, new in successors.items()]
        self.bulk_update(rows, ["superseded_by"], batch_size=200)


class Appended(LedgerModel):
    """A row that is written once: another supersedes it, or it is withdrawn.

    Its model has the columns `superseded_by` and `is_withdrawn`. `about` are the foreign keys to
    what it is about, `mendable` the columns that may be written later.
    """

    about: ClassVar[tuple[str, ...]] = ()
    mendable: ClassVar[frozenset[str]] = frozenset()
    about_another: ClassVar[Promise] = _("The two are about different things.")
    superseded_by_id: int | None
    is_withdrawn: Any

    class Meta(LedgerModel.Meta):
        abstract = True

    @classmethod
    def list_compared(cls) -> tuple[str, ...]:
        """List the foreign keys that a row has in common with the one that it supersedes."""
        return cls.about

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with recorded():
            # Not left to the foreign key: the rows that stand again are recorded
            model: Any = type(self)
            model.objects.filter(superseded_by=self).update(superseded_by=None)
            return super().delete(*args, **kwargs)

    def check_supersedes(self, earlier: Any) -> None:
        """Raise ValidationError where this row cannot take the place of an earlier one."""
        keys = [f"{name}_id" for name in self.list_compared()]
        if self.pk is not None and self.pk == earlier.pk:
            message: Any = _("It cannot take the place of itself.")
            code = "circle"
        elif any(getattr(self, key) != getattr(earlier, key) for key in keys):
            message, code = self.about_another, "not_about_the_same"
        elif self.superseded_by_id is not None and self.superseded_by_id == earlier.pk:
            message, code = _("It already takes the place of that one."), "circle"
        elif earlier.superseded_by_id is not None:
            message, code = _("“%(code)s” is already superseded."), "already_superseded"
        else:
            return
        raise ValidationError(message, code=code, params={"code": earlier.code})

    def supersede(self, *earlier: Any) -> None:
        """Take the place of earlier rows; raise ValidationError where that cannot be."""
        with recorded():
            for row in earlier:
                self.check_supersedes(row)
                row.superseded_by = self
                row.save()

    @property
    def is_standing(self) -> bool:
        """Whether it holds: neither superseded nor withdrawn."""
        return self.superseded_by_id is None and not self.is_withdrawn
