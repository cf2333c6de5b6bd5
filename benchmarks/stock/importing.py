"""Imports a sheet of so many projects by django-import-export, into a table of its own."""

import os
import sys
from time import perf_counter
from typing import Any, ClassVar

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.stock.settings"
django.setup()

import tablib  # noqa: E402
from django.db import connection, models  # noqa: E402
from import_export import resources  # noqa: E402


class StockProject(models.Model):
    """A project as the sheet has it, without anything derived."""

    code = models.CharField(max_length=60, unique=True)
    name_zh = models.CharField(max_length=200, db_index=True)
    park = models.CharField(max_length=60, db_index=True)
    investor = models.CharField(max_length=200)
    origin = models.CharField(max_length=12, db_index=True)
    sector = models.CharField(max_length=12, db_index=True)
    investment_cny = models.BigIntegerField(null=True, db_index=True)
    signed_on = models.DateField(null=True, db_index=True)
    stage = models.CharField(max_length=20)
    note = models.TextField(blank=True)

    class Meta:
        app_label = "projects"

    def __str__(self) -> str:
        return self.code


class StockResource(resources.ModelResource):
    class Meta:
        model = StockProject
        import_id_fields: ClassVar[Any] = ["code"]
        exclude: ClassVar[Any] = ["id"]


def main(count: int) -> None:
    with connection.schema_editor() as editor:
        editor.create_model(StockProject)
    names = [field.name for field in StockProject._meta.fields if field.name != "id"]
    sheet = tablib.Dataset(headers=names)
    for n in range(count):
        sheet.append(
            [
                *(f"p-{n}", f"第{n}号项目", f"park-{n % 20}", f"华北{n}科技有限公司", "110108"),
                *("C3973", 100_000_000 + n, "2023-11-05", "signed", ""),
            ]
        )
    start = perf_counter()
    result = StockResource().import_data(sheet, dry_run=False, raise_errors=True)
    print(f"{perf_counter() - start:.3f} s, {result.totals}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
