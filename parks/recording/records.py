"""Models of recording: revisions, changes, seals, retired codes."""

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from sheets.fields import CodeField


class RetiredCode(models.Model):
    """The code of a deleted row, which is never reused.

    If the row was merged: the code of the other row, and the revision of the merge.
    """

    model = models.CharField(max_length=64)
    code_key = CodeField(max_length=64)
    retired_at = models.DateTimeField(auto_now_add=True)
    successor = CodeField(max_length=64, blank=True)
    revision = models.ForeignKey("parks.Revision", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "code_key"], name="retired_code_once")
        ]

    @classmethod
    def retire(cls, row: Any) -> None:
        """Keep the code of a row that is deleted."""
        cls.objects.get_or_create(model=row._meta.label_lower, code_key=row.code.lower())


class SeededRow(models.Model):
    """A row from `fixtures/`: the digest of its fixture, and the version that this made.

    `load_fixtures` updates the row if the fixture changed and nobody has edited the row since.
    """

    model = models.CharField(max_length=64)
    code_key = CodeField(max_length=64)
    digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "code_key"], name="seeded_row_once")
        ]


class Revision(models.Model):
    """A transaction that wrote: by whom, when and why.

    Accounts are stored by key without a foreign key, so that revisions survive them.
    """

    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20, blank=True)  # what the account was; blank for commands
    token = models.CharField(max_length=100, blank=True)  # the name of the API token
    request_id = models.CharField(max_length=32, blank=True)
    batch = models.CharField(max_length=64, blank=True)  # the code of the import
    reason = models.CharField(max_length=300, blank=True)

    @property
    def author(self) -> str:
        """The name of the account, or else its role then; blank for commands."""
        if self.user_id is None:
            return self.role
        account = get_user_model()._default_manager.filter(pk=self.user_id).first()
        return account.get_username() if account else self.role

    class Meta:
        indexes = [models.Index(fields=["batch"], name="revision_by_batch")]

    def __str__(self) -> str:
        return f"{self.pk} ({self.at:%Y-%m-%d %H:%M})"


class Change(models.Model):
    """A row was created, changed or deleted; and who could see it before and after.

    `number` is its place in the feed, without gaps, assigned after the commit, so that later
    commits have greater ones. Changes are pruned; the history keeps versions for ever.
    """

    class Op(models.TextChoices):
        CREATE = "+", _("created")
        UPDATE = "~", _("changed")
        DELETE = "-", _("deleted")

    number = models.BigIntegerField(null=True)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="changes")
    resource = models.CharField(max_length=40)  # the label of the model, such as parks.park
    row_key = CodeField(max_length=64)  # its primary key, which is never given again
    op = models.CharField(max_length=1, choices=Op)
    code = CodeField(max_length=64)
    owner = CodeField(max_length=64, blank=True)  # the code of the row below which it stands
    successor = CodeField(max_length=64, blank=True)  # of a row that was merged into another
    version = models.PositiveIntegerField(null=True)
    was_public = models.BooleanField()
    is_public = models.BooleanField()
    was_in_park_id = models.BigIntegerField(null=True)
    park_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["resource", "row_key", "id"], name="change_of_row"),
            models.Index(
                fields=["id"], condition=models.Q(number__isnull=True), name="change_unsettled"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["number"], name="change_number_once")]

    def __str__(self) -> str:
        return f"{self.op} {self.resource} {self.code}"


class Seal(models.Model):
    """The digests of a batch of history rows, chained to the previous seal: see `seals`."""

    first_number = models.BigIntegerField()
    last_number = models.BigIntegerField()
    manifest = models.BinaryField()  # which rows, and the SHA-256 of each
    digest = models.CharField(max_length=64)  # of the digest before and this manifest

    class Meta:
        constraints = [models.UniqueConstraint(fields=["last_number"], name="seal_once")]


class WriteMark(models.Model):
    """The mark of the last write to the ledger (without park) or to a park: see `leave_marks`.

    There is a row for each concurrent writer.
    """

    number = models.BigIntegerField()
    park_id = models.BigIntegerField(null=True)  # a park that is gone has its marks still


class Identity(models.Model):
    """The identity of this ledger: cursors of its feed are not valid in another one."""

    uuid = models.UUIDField(default=uuid.uuid4)
    forgotten_to = models.BigIntegerField(default=0)  # changes up to this number were pruned

    @classmethod
    def of_ledger(cls) -> "Identity":
        """Get the only row; insert it if the database was emptied."""
        return cls.objects.first() or cls.objects.get_or_create(pk=1)[0]

    def __str__(self) -> str:
        return str(self.uuid)
