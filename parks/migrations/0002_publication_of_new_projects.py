from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parks", "0001_initial")]

    operations = [
        migrations.AddField(
            name,
            "default_publication",
            models.CharField(
                blank=True,
                choices=[("draft", "draft"), ("published", "published")],
                help_text="What a new project takes that does not say it. Blank: draft.",
                max_length=10,
                verbose_name="publication of new projects",
            ),
        )
        for name in ("park", "historicalpark")
    ]
