import django.db.models.deletion
from django.db import migrations, models

CHOICES = [("draft", "draft"), ("published", "published"), ("withdrawn", "withdrawn")]
HISTORY = "historicalorganisation"
WHO = (
    "A draft is seen by the park for which it was made, and by those who edit what all parks share."
)


def build_publication(default):
    return models.CharField(
        choices=CHOICES,
        default=default,
        help_text=WHO,
        max_length=10,
        verbose_name="publication",
    )


def build_park(on_delete, **options):
    return models.ForeignKey(
        blank=True,
        help_text="The park whose roles see and change it while it is a draft.",
        null=True,
        on_delete=on_delete,
        related_name="+",
        to="parks.park",
        verbose_name="made for park",
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("parks", "0004_words_as_printed")]

    operations = [
        # Blank in old versions, of which the seals hold so
        migrations.AddField(HISTORY, "publication", build_publication("")),
        migrations.AlterField(HISTORY, "publication", build_publication("published")),
        migrations.AddField(
            HISTORY,
            "park",
            build_park(
                django.db.models.deletion.DO_NOTHING, db_constraint=False, db_index=False
            ),
        ),
        *(
            operation
            for name in ("organisation", "person", "source")
            for operation in (
                migrations.AddField(name, "publication", build_publication("published")),
                migrations.AddField(name, "park", build_park(django.db.models.deletion.PROTECT)),
            )
        ),
    ]
