"""Models of imports: files with their reports, and saved mappings of columns."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parks.models.ledger import WithTexts, draw_code
from sheets.fields import CodeField, require_unique
from sheets.imports import BLOCKING, TO_WRITE

_CHUNK = 2**16  # bytes


class ImportBatch(models.Model):
    """One file and its report; the content is kept until nothing more can be done with it."""

    class State(models.TextChoices):
        CHECKED = "checked", _("checked, may be applied")
        REFUSED = "refused", _("refused, something is wrong")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("applied and undone")

    code = CodeField(_("code"), max_length=64)
    resource = models.CharField(_("kind of rows"), max_length=20)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    user_id = models.BigIntegerField(_("account"), null=True)  # as in revisions
    state = models.CharField(_("state"), max_length=8, choices=State)
    options = models.JSONField(_("options"), default=dict)
    counts = models.JSONField(_("counts"), default=dict)
    summary = models.JSONField(_("how the file was read"), default=dict)
    outcome = models.CharField(_("SHA-256 of the outcome"), max_length=64)
    packed_rows = models.BinaryField()
    packed_content = models.BinaryField(null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied at"), null=True)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["user_id", "id"], name="import_by_person")]
        constraints = [require_unique("import_code_once", ["code"], _("This code is taken."))]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.code})" if self.file_name else self.code

    @staticmethod
    def readable_by(actor: Any) -> Q:
        """Select the actor's own imports, or all for superusers: files are not public."""
        if actor is None or not actor.is_active:
            return Q(pk__in=[])
        return Q() if actor.is_superuser else Q(user_id=actor.pk)

    @classmethod
    def new_code(cls) -> str:
        return "imp-" + draw_code(10)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The reports of all lines; see `sheets.imports.RowReport.as_dict`."""
        return [*self.read_rows()]

    def read_rows(self) -> Iterator[dict[str, Any]]:
        """Unpack the reports of lines one by one, since there may be many."""
        unpacker, rest = zlib.decompressobj(), b""
        for start in range(0, len(self.packed_rows), _CHUNK):
            waiting = self.packed_rows[start : start + _CHUNK]
            while waiting:  # equal rows are compressed a thousand times
                *lines, rest = (rest + unpacker.decompress(waiting, _CHUNK)).split(b"\n")
                waiting = unpacker.unconsumed_tail
                yield from (orjson.loads(row) for line in lines if (row := line.strip(b"[],")))
        *lines, _end = (rest + unpacker.flush()).split(b"\n")
        yield from (orjson.loads(row) for line in lines if (row := line.strip(b"[],")))

    def keep_rows(self, rows: Iterable[dict[str, Any]]) -> None:
        """Pack the reports of lines, as JSON with a line for each."""
        packer = zlib.compressobj(1)
        packed, sign = [], b"["
        for row in rows:
            packed.append(packer.compress(sign + orjson.dumps(row)))
            sign = b",\n"
        end = b"]\n" if packed else b"[]\n"
        self.packed_rows = b"".join([*packed, packer.compress(end), packer.flush()])

    @property
    def content(self) -> bytes | None:
        """The file, as long as it is kept."""
        return None if self.packed_content is None else zlib.decompress(self.packed_content)

    @content.setter
    def content(self, data: bytes | None) -> None:
        self.packed_content = None if data is None else zlib.compress(data, 1)

    @property
    def may_be_applied(self) -> bool:
        return self.state == self.State.CHECKED

    @property
    def doubts(self) -> list[dict[str, Any]]:
        """The unconfirmed doubts that prevent applying it."""
        return self.open_doubts if self.may_be_applied else []

    @property
    def open_doubts(self) -> list[dict[str, Any]]:
        """The doubts that may be confirmed already, even if wrong rows prevent applying it."""
        return self.summary.get("doubts", []) if self.is_open else []

    @property
    def is_open(self) -> bool:
        """Whether nothing was written yet."""
        return self.state in (self.State.CHECKED, self.State.REFUSED)

    @property
    def left_out(self) -> int:
        """The number of wrong rows, which are left out."""
        return sum(self.counts.get(action, 0) for action in BLOCKING)

    @property
    def has_failures(self) -> bool:
        return self.left_out > 0

    @property
    def good_rows(self) -> int:
        """The number of rows that can be written without the wrong ones."""
        if not self.is_open or self.summary.get("problems"):
            return 0
        return sum(self.counts.get(action, 0) for action in TO_WRITE)


class ImportMapping(WithTexts):
    """A named mapping of columns and words for everybody; only its author replaces it.

    `content` is parsed by `sheets.reading.columns.parse_mapping`.
    """

    name = models.CharField(_("name"), max_length=64)
    content = models.JSONField(_("mapping"), default=dict)
    user_id = models.BigIntegerField(_("account"), null=True, editable=False)  # as in revisions
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("saved mapping of columns")
        verbose_name_plural = _("saved mappings of columns")
        ordering = ["name"]
        constraints = [
            require_unique("import_mapping_name_once", ["name"], _("This name is taken."))
        ]

    def __str__(self) -> str:
        return self.name

    def may_be_changed_by(self, actor: Any) -> bool:
        """Return whether the actor saved it, is a superuser, or the operator (None)."""
        return actor is None or actor.is_superuser or self.user_id == actor.pk
