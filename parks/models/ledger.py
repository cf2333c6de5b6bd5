"""Base models of the ledger: permanent codes, versions, times, checked texts."""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.constraints import BaseConstraint
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from config.texts import check_text, find_whole
from parks.access import Publication
from parks.recording.change_rows import Audience, chunks
from parks.recording.recording import find_changed_columns, has_history, recorded
from parks.recording.records import Change, RetiredCode, Revision
from sheets.dates import PartialDate
from sheets.fields import (
    CodeField,
    WrittenAtField,
    blame_column,
    refer_to,
    require_unique,
    store_column,
    validate_code,
)


class WithTexts(models.Model):
    """A row whose texts, also in lists, have a maximum length and no control characters."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict({})
        for field in self._meta.concrete_fields:
            value = None if field.generated else getattr(self, field.attname)
            if not (value and isinstance(value, str | dict | list)):
                continue
            if field.name in (exclude or ()) or field.name in errors:
                continue
            try:
                for text in _find_texts(value):
                    check_text(text, has_lines=isinstance(field, models.TextField))
            except ValidationError as error:
                errors[field.name] = error.error_list
        if errors:
            raise ValidationError(errors)


def _find_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _find_texts([*value, *value.values()])
    elif isinstance(value, list):
        for member in value:
            yield from _find_texts(member)


class DerivingQuerySet(models.QuerySet[Any]):
    """Rows that are derived by the rule of their model (`register_derivation`)."""

    def derive(self) -> int:
        """Derive these rows, as new versions, when the revision ends; return how many."""
        with recorded() as writer:
            keys = list(self.order_by().values_list("pk", flat=True))
            writer.postpone(self.model, keys)
        return len(keys)

    derive.alters_data = True  # type: ignore[attr-defined]


def derive_from(row: models.Model) -> None:
    """Derive the rows of all models that refer to this one."""
    for relation in row._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            rows = relation.related_model._default_manager.filter(**{relation.field.name: row})
            if isinstance(rows, DerivingQuerySet):
                rows.derive()


CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no characters that look alike
RESERVED_CODES = frozenset(
    "bulk changes cohorts compare docs duplicates export facets follow-through funnel history "
    "import imports overview schema summary template unknown".split()
)


def validate_not_reserved(code: str) -> None:
    """Raise `ValidationError` if the code is a word of URLs or filters."""
    if code.lower() in RESERVED_CODES:
        raise ValidationError(
            _("“%(code)s” is reserved for URLs; choose another code."),
            code="reserved_code",
            params={"code": code},
        )


def draw_code(length: int) -> str:
    """Draw a random code of CODE_ALPHABET."""
    return "".join(secrets.choice(CODE_ALPHABET) for _sign in range(length))


def require_unretired(row: Any) -> None:
    """Raise `ValidationError` if the code of a new row belonged to a deleted one."""
    retired = RetiredCode.objects.filter(model=row._meta.label_lower, code_key=row.code.lower())
    if not row.code or not retired.exists():
        return
    message = _("The code “%(code)s” belonged to a deleted row; choose another.")
    if has_history(type(row)):
        message = _(
            "The code “%(code)s” belonged to a deleted row; choose another, or restore "
            "that row from its history."
        )
    raise blame_column("code", message, code="code_retired", params={"code": row.code})


class InRevision(models.Model):
    """A row of the history: a version of a ledger row."""

    revision = models.ForeignKey(Revision, models.DO_NOTHING, db_constraint=False, related_name="+")

    class Meta:
        abstract = True


class Versions(HistoricalRecords):
    """The history of a model, with an index by row and version."""

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        options: dict[str, Any] = super().get_meta_options(model)
        options["indexes"] = [*options["indexes"], models.Index(fields=("id", "version"))]
        return options

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        fields: dict[str, Any] = super().copy_fields(model)
        if "version" in fields:  # a member of a relation has none
            fields["id"].db_index = False  # it begins that index
        return fields


def build_history(*, unindexed: Iterable[str] = (), members: Iterable[Any] = ()) -> Versions:
    """Build the history of a model, which `recorded` writes.

    `unindexed` names foreign keys without an index, `members` the many-to-many fields of a version.
    """
    return Versions(
        bases=[InRevision],
        history_id_field=models.BigAutoField(),
        history_user_id_field=models.BigIntegerField(null=True),
        history_change_reason_field=models.CharField(max_length=300, null=True),
        no_db_index=list(unindexed),
        m2m_fields=list(members),
    )


class RecordedQuerySet(models.QuerySet[Any]):
    """Rows whose writes are recorded, bulk writes included."""

    def update(self, **changes: Any) -> int:
        """Update as Django does, with a new version of each row."""
        with recorded():
            # By keys: other rows may match by now
            return self.update_by_keys(list(self.order_by().values_list("pk", flat=True)), changes)

    update.alters_data = True  # type: ignore[attr-defined]

    def update_by_keys(self, keys: Sequence[Any], changes: Mapping[str, Any]) -> int:
        """Update the rows with these keys, with a new version of each; return how many."""
        with recorded() as writer:
            columns = {self.model._meta.get_field(name).name for name in changes}
            writer.note(self.model, keys, columns=columns)
            rows: Any = models.QuerySet(self.model)
            return sum(rows.filter(pk__in=chunk).update(**changes) for chunk in chunks(keys))

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        with recorded() as writer:
            rows = super().bulk_create(objs, *args, **options)
            writer.note(self.model, [row.pk for row in rows], Change.Op.CREATE)
            return rows

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete one by one: each retires its code, and rows that derive from it are derived."""
        total = 0
        by_model: dict[str, int] = {}
        with recorded():
            for row in self:
                count, each = row.delete()
                total += count
                for label, n in each.items():
                    by_model[label] = by_model.get(label, 0) + n
        return total, by_model

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def touch(self) -> int:
        """Give every row a new version, because a row that belongs to it has changed."""
        with recorded() as writer:
            keys = list(self.order_by().values_list("pk", flat=True))
            writer.note(self.model, keys, columns=())
        return len(keys)


class Recorded(WithTexts):
    """A row with a version, whose writes are recorded.

    `owns` names the relations whose rows are deleted with it; `known_rows` those whose every write
    makes a new version of this row; `identified_by` the columns that identify it below its owner;
    `private` the columns that only roles of the park see, and that no history outside of the admin
    and no feed shows; `work` those that history and feed show to these roles; `computed_columns`
    those that are computed when the revision ends; `tells_apart` those in which rows to merge must
    not differ; `describes` maps a column to the one it describes: a merge copies it only if both
    rows agree on that one.

    `unchanged`, set by callers that draft a change, are the columns with their stored values. Only
    constraints and links with a changed column are checked: all would take a quarter of a write.
    """

    owns: tuple[str, ...] = ()
    known_rows: tuple[str, ...] = ()
    identified_by: ClassVar[tuple[str, ...]] = ()
    private: ClassVar[frozenset[str]] = frozenset()
    work: ClassVar[frozenset[str]] = frozenset()
    computed_columns: ClassVar[tuple[str, ...]] = ("version", "updated_at")
    audience: ClassVar[Audience] = Audience()
    tells_apart: ClassVar[tuple[str, ...]] = ()
    describes: ClassVar[dict[str, str]] = {}
    unchanged: frozenset[str] = frozenset()

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = WrittenAtField(_("created at"), auto_now_add=True)
    updated_at = WrittenAtField(_("updated at"), auto_now=True)

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_only_of(self, person: Any) -> bool:
        """Return whether this user added the row, nobody else changed it, and the feed knows it."""
        row = {"resource": self._meta.label_lower, "row_key": str(self.pk)}
        writes = Change.objects.filter(**row).values_list("op", "revision__user_id").distinct()
        return {*writes} - {(Change.Op.UPDATE, person.pk)} == {(Change.Op.CREATE, person.pk)}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save as Django does; the version is incremented when the revision ends."""
        is_new = self._state.adding
        if not is_new and kwargs.get("update_fields") is None:
            # Without the version and its date: this copy may be stale
            unread = {"version", "updated_at", *self.get_deferred_fields()}
            kwargs["update_fields"] = [
                f.name
                for f in self._meta.concrete_fields
                if not (f.generated or f.primary_key or f.attname in unread)
            ]
        with recorded() as writer:
            super().save(*args, **kwargs)
            writer.note(type(self), [self.pk], Change.Op.CREATE if is_new else Change.Op.UPDATE)
            writer.refresh_at_end(self)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        links = {f.name for f in self._meta.concrete_fields if f.is_relation}
        super().clean_fields({*(exclude or ()), *(links & self.unchanged)})

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[Any]]]:
        """List the constraints that the change may break, the checks of columns as one."""
        found = find_columns_of_constraints(type(self))
        asked = [each for each in found if not each[1] <= self.unchanged]
        checks = [each for each in asked if isinstance(each[0], models.CheckConstraint)]
        others = [each for each, _columns in asked if not isinstance(each, models.CheckConstraint)]
        return [(type(self), [*([ChecksAtOnce(checks)] if checks else []), *others])]

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check each constraint with its own columns.

        Django would query all columns, which takes half of the time to write a project.
        """
        named = {name for _each, names in find_columns_of_constraints(type(self)) for name in names}
        others = {f.name for f in self._meta.concrete_fields if f.name not in named}
        super().validate_constraints({*(exclude or ()), *others})

    def changes_since(self, seen: str) -> dict[str, Any]:
        """Describe the changes since a version: `changed_fields`, `changed_by`, `changed_at`.

        Empty for an unknown version, or without changes.
        """
        number = find_whole(seen)
        if not number or not has_history(type(self)):
            return {}
        since = type(self).history.filter(id=self.pk, version__gte=number)  # type: ignore[attr-defined]
        versions = list(since.select_related("revision").order_by("history_id"))
        if len(versions) < 2:
            return {}
        return {
            "changed_fields": find_changed_columns(type(self), versions[0], versions[-1]),
            "changed_by": versions[-1].revision.author,
            "changed_at": versions[-1].history_date.isoformat(),
        }

    def recall(self, seen: str, owner: Any = None) -> Any:
        """Return this row as it was when its owner, or itself, had a version; None if unknown."""
        number, owner = find_whole(seen), owner or self
        if not number or not has_history(type(self)):
            return None
        then = type(owner).history.filter(id=owner.pk, version__lte=number).values("revision")
        known = type(self).history.filter(id=self.pk, revision__in=then)  # type: ignore[attr-defined]
        past = known.order_by("-history_id").first()
        return past and past.instance

    def yield_to_others(self) -> None:
        """Adapt this row to the other rows of the row it was moved to by a merge.

        Raise `ValidationError` if one of them is equal.
        """

    def is_promised(self) -> bool:
        """Return whether the stored row is a promise, which is taken back before it is deleted."""
        return False

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with recorded() as writer:
            for relation in self.owns:
                getattr(self, relation).all().delete()
            writer.note_deletion(self)
            return super().delete(*args, **kwargs)


class ChecksAtOnce:
    """Check constraints that a row usually passes by one query."""

    def __init__(self, checks: Sequence[tuple[BaseConstraint, frozenset[str]]]) -> None:
        self.checks = checks

    def validate(self, model: Any, row: Any, exclude: Collection[str], using: str) -> None:
        asked = [each for each, columns in self.checks if columns.isdisjoint(exclude)]
        if errors := [*find_broken(asked, model, row, exclude, using)]:
            raise ValidationError(errors)


def find_broken(checks: Sequence[Any], *row: Any) -> Iterator[ValidationError]:
    """Yield the errors of the checks that a row breaks, halving those of which it breaks some."""
    conditions = (each.condition for each in checks)
    whole = models.CheckConstraint(condition=Q(*conditions), name="whole")
    try:
        if checks:
            (whole if checks[1:] else checks[0]).validate(*row)
    except ValidationError as error:
        if len(checks) == 1:
            yield error
        else:
            half = len(checks) // 2
            yield from find_broken(checks[:half], *row)
            yield from find_broken(checks[half:], *row)


@cache
def find_columns_of_constraints(
    model: type[models.Model],
) -> list[tuple[BaseConstraint, frozenset[str]]]:
    """List the constraints of a model with their columns, and the sources of generated ones."""
    return [(each, frozenset(_list_columns(model, each))) for each in model._meta.constraints]


def _list_columns(model: Any, constraint: Any) -> Iterator[str]:
    condition = getattr(constraint, "condition", None)
    parts = [*getattr(constraint, "fields", ()), *getattr(constraint, "expressions", ())]
    for name in list_names([*parts, *([condition] if condition else [])]):
        column = model._meta.get_field("id" if name == "pk" else name)
        yield column.name
        if column.generated:
            yield from list_names([column.expression])


def list_names(parts: Iterable[Any]) -> Iterator[str]:
    """List the columns that names, conditions and expressions refer to."""
    part: Any
    for part in parts:
        if isinstance(part, str):
            yield part.split("__")[0]
        elif isinstance(part, models.F):
            yield part.name.split("__")[0]  # type: ignore[attr-defined]
        elif isinstance(part, tuple):  # a lookup and its value
            yield part[0].split("__")[0]
            yield from list_names([part[1]] if hasattr(part[1], "resolve_expression") else [])
        elif isinstance(part, models.Q):
            yield from list_names(part.children)
        elif hasattr(part, "get_source_expressions"):
            yield from list_names(part.get_source_expressions())


class LedgerQuerySet(RecordedQuerySet):
    """Rows with public codes; bulk inserts draw missing ones."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.code = row.code or row.new_code()
        return super().bulk_create(rows, *args, **options)


class LedgerModel(Recorded):
    """A row with a public code: unique ignoring case, unchangeable, never reused."""

    code_prefix = ""
    _stored_code: str | None = None
    is_code_free = False  # whether the code of a new row is known not to be retired

    code = CodeField(
        _("code"),
        max_length=64,
        blank=True,
        validators=[validate_code, validate_not_reserved],
        help_text=_(
            "The public code of the row, the end of its URL. Generated when left blank; never "
            "changes."
        ),
    )
    code_key = store_column(Lower("code"), CodeField(max_length=64))

    objects = LedgerQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True
        constraints = [
            require_unique("%(class)s_code_once", ["code_key"], _("This code is taken."))
        ]

    def __str__(self) -> str:
        return getattr(self, "name", self.code)

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **kwargs: Any) -> Self:
        row = super().from_db(db, field_names, values, **kwargs)
        row._stored_code = row.__dict__.get("code")
        return row

    @classmethod
    def new_code(cls) -> str:
        return cls.code_prefix + draw_code(8)

    def clean(self) -> None:
        super().clean()
        self.check_code()

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check as Django does; report a taken code at `code`, not at its key."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            if "code_key" in error.error_dict:
                error.error_dict["code"] = error.error_dict.pop("code_key")
            raise

    def check_code(self) -> None:
        """Raise `ValidationError` if the code was changed, or belonged to a deleted row."""
        if self._state.adding:
            if not self.is_code_free:
                require_unretired(self)
        elif self._stored_code is not None and self.code != self._stored_code:
            raise blame_column(
                "code",
                _("The code of a row never changes; it stays “%(code)s”."),
                code="immutable",
                params={"code": self._stored_code},
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and not self.code:
            self.code = self.new_code()
        self.check_code()
        super().save(*args, **kwargs)
        self._stored_code = self.code

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with recorded():
            RetiredCode.retire(self)
            return super().delete(*args, **kwargs)


# Blank in versions older than the column, which everybody saw
OPEN = models.Q(publication=Publication.PUBLISHED) | models.Q(publication="")


class SharedRow(models.Model):
    """A row that all parks share; only the park for which it was made sees a draft."""

    publication = models.CharField(
        _("publication"),
        max_length=10,
        choices=Publication,
        default=Publication.PUBLISHED,
        help_text=_(
            "A draft is seen by the park for which it was made, and by those who edit what all "
            "parks share."
        ),
    )
    park = refer_to(
        "parks.Park",
        _("made for park"),
        help_text=_("The park whose roles see and change it while it is a draft."),
    )

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether everybody sees it."""
        return self.publication in ("", Publication.PUBLISHED)


SHARED_AUDIENCE = Audience(park="park_id", public=OPEN, is_shared=True)
DRAFT_PARK = frozenset({"park"})  # columns that say for whom it was made


IS_STANDING = Q(superseded_by__isnull=True, is_withdrawn=False)


def index_successors(prefix: str) -> models.Index:
    """Build the index of superseded rows; most rows are not.

    It leaves out the others: SQLite would use it to find rows that stand.
    """
    is_superseded = Q(superseded_by__isnull=False)
    return models.Index(
        fields=["superseded_by"], condition=is_superseded, name=f"{prefix}_superseded"
    )


def refer_to_successor() -> models.ForeignKey:
    """Build the foreign key to the row that supersedes this one."""
    return refer_to(
        "self",
        _("superseded by"),
        on_delete=models.SET_NULL,
        related_name="supersedes",
        db_index=False,
    )


class AppendedQuerySet(LedgerQuerySet):
    """Rows that may be superseded or withdrawn."""

    def standing(self) -> Self:
        """Select the rows that are neither superseded nor withdrawn."""
        return self.filter(IS_STANDING)

    def supersede(self, successors: Mapping[int, int]) -> None:
        """Store many successors, by the key of the earlier row; unchecked, unlike `Appended`."""
        rows = [self.model(pk=old, superseded_by_id=new) for old, new in successors.items()]
        self.bulk_update(rows, ["superseded_by"], batch_size=200)


class Appended(LedgerModel):
    """A row that is written once, and then superseded or withdrawn.

    Its model has the columns `superseded_by` and `is_withdrawn`. `about` are the foreign keys to
    its subject, `mendable` the columns that may be changed.
    """

    about: ClassVar[tuple[str, ...]] = ()
    mendable: ClassVar[frozenset[str]] = frozenset()
    about_another: ClassVar[Promise] = _("The two are about different things.")
    superseded_by_id: int | None
    is_withdrawn: Any

    objects = AppendedQuerySet.as_manager()  # type: ignore[misc]

    class Meta(LedgerModel.Meta):
        abstract = True

    @classmethod
    def list_compared(cls) -> tuple[str, ...]:
        """List the foreign keys in which a row and the one it supersedes must agree."""
        return cls.about

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with recorded():
            # Not left to the foreign key, so that the change is recorded
            model: Any = type(self)
            model.objects.filter(superseded_by=self).update(superseded_by=None)
            return super().delete(*args, **kwargs)

    def check_supersedes(self, earlier: Any) -> None:
        """Raise `ValidationError` if this row cannot supersede an earlier one."""
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
        """Supersede earlier rows; raise `ValidationError` if that is not allowed."""
        with recorded():
            for row in earlier:
                self.check_supersedes(row)
                row.superseded_by = self
                row.save()

    @property
    def is_standing(self) -> bool:
        """Whether it is neither superseded nor withdrawn."""
        return self.superseded_by_id is None and not self.is_withdrawn


def refuse_days_to_come(row: models.Model, names: Iterable[str], message: Any) -> None:
    """Raise the error of a day that lies after today; `message` has a place for the `day`.

    A month, quarter or year that has begun is not to come. What is stored already, or was before
    the row was deleted, is left alone.
    """
    today = timezone.localdate()
    to_come = [name for name in names if (getattr(row, name) or today) > today]
    stored: Any = {}
    if to_come and row.pk is not None:
        rows: Any = type(row)._default_manager
        stored = rows.filter(pk=row.pk).values(*to_come).first()
    for name in to_come if stored is not None else ():
        day = getattr(row, name)
        if stored.get(name) != day:
            told = {"day": PartialDate.from_columns(day, getattr(row, f"{name}_precision"))}
            raise blame_column(name, message, code="in_the_future", params=told)
