"""What the ledger remembers about its own rows: codes that are gone, rows that were seeded."""

from django.db import models

from config.fields import CodeField


class RetiredCode(models.Model):
    """A code of a deleted row: it is never given to another one."""

    model = models.CharField(max_length=64)
    code_key = CodeField(max_length=64)
    retired_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "code_key"], name="retired_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.code_key}"


class SeededRow(models.Model):
    """A ledger row that came from `fixtures/`: in which wording, and which version that made.

    `load_fixtures` updates the row when the fixture's wording changed and the row still has this
    version; a row that somebody edited since has a newer one and is left alone.
    """

    model = models.CharField(max_length=64)
    code_key = CodeField(max_length=64)
    digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "code_key"], name="seeded_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.code_key}"
