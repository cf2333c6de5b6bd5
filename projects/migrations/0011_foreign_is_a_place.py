from django.db import migrations, models
from django.db.models.functions import Concat, Substr
from django.db.models.lookups import Exact

from config.fields import CodeField

PROJECTS = ("project", "historicalproject")
ORIGINS = ("origin_province", "origin_city")
MUNICIPALITIES = ("11", "12", "31", "50", "81", "82")  # Hong Kong and Macao as if they were
PROVINCE = Concat(Substr("origin", 1, 2), models.Value("0000"))


def is_its_own_city():
    inside = models.Q()
    for code in MUNICIPALITIES:
        inside |= models.Q(("origin__gte", code), ("origin__lt", str(int(code) + 1)))
    return inside


def begin():
    return [
        models.When(origin__isnull=True, then=None),
        models.When(models.Q(("origin__gte", "A")), then=models.Value("foreign")),
    ]


EXPRESSIONS = {
    "origin_province": models.Case(*begin(), default=PROVINCE, output_field=CodeField()),
    "origin_city": models.Case(
        *begin(),
        models.When(is_its_own_city(), then=PROVINCE),
        models.When(Exact(Substr("origin", 3, 4), models.Value("0000")), then=None),
        models.When(Exact(Substr("origin", 3, 2), models.Value("90")), then="origin"),
        default=Concat(Substr("origin", 1, 4), models.Value("00")),
        output_field=CodeField(),
    ),
}


def generate_again(apps, schema_editor):
    """Have the database work out the places of origin by their new expressions, where they stand."""
    for name in PROJECTS:
        model = apps.get_model("projects", name)
        if schema_editor.connection.vendor == "sqlite":
            schema_editor._remake_table(model)
            continue
        for column in ORIGINS:
            field = model._meta.get_field(column)
            schema_editor.remove_field(model, field)
            schema_editor.add_field(model, field)


class Migration(migrations.Migration):
    dependencies = [("projects", "0010_parts_of_what_does_not_count")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, generate_again),  # for the way back
        # Django alters no generated field, and one that is added again would stand last
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    name,
                    column,
                    models.GeneratedField(
                        db_persist=True,
                        expression=EXPRESSIONS[column],
                        null=True,
                        output_field=CodeField(max_length=7, null=True),
                    ),
                )
                for name in PROJECTS
                for column in ORIGINS
            ]
        ),
        migrations.RunPython(generate_again, migrations.RunPython.noop),
    ]
