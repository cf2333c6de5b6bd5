from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parks", "0002_publication_of_new_projects")]

    operations = [
        migrations.AddField(
            "regiongroup",
            "has_countries",
            models.BooleanField(
                default=False,
                help_text="Every country but China is in the group, besides its members.",
                verbose_name="with all countries",
            ),
        )
    ]
