"""A sector of a group may have a position in an industry chain."""

from typing import ClassVar

from django.db import migrations, models

POSITIONS = [(word, word) for word in ("upstream", "midstream", "downstream")]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("parks", "0006_promised_results")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="sectorgroupmember",
            name="position",
            field=models.CharField(
                blank=True,
                choices=POSITIONS,
                max_length=10,
                verbose_name="position in the chain",
            ),
        ),
    ]
