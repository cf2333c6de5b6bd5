from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parks", "0005_drafts_of_shared_rows")]

    operations = [
        migrations.CreateModel(
            name="WriteMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
            ],
        ),
    ]
