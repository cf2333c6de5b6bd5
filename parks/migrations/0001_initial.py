import config.dates
import config.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import parks.models.ledger
import parks.models.located
import parks.models.organisations
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What the token is for.", max_length=100, verbose_name="name"
                    ),
                ),
                (
                    "prefix",
                    models.CharField(editable=False, max_length=12, verbose_name="begins with"),
                ),
                ("digest", models.CharField(editable=False, max_length=64)),
                (
                    "scope",
                    models.CharField(
                        choices=[("read", "read"), ("write", "read and write")],
                        default="read",
                        max_length=5,
                        verbose_name="scope",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "revoked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="revoked at"),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last used at"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("digest",),
                        name="api_token_once",
                        violation_error_code="unique",
                        violation_error_message="Such a token already exists.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="api_token_expires_later",
                        violation_error_message="A token must expire after it was created.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("user_id", models.BigIntegerField(null=True)),
                ("role", models.CharField(blank=True, max_length=20)),
                ("token", models.CharField(blank=True, max_length=100)),
                ("request_id", models.CharField(blank=True, max_length=32)),
                ("batch", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [models.Index(fields=["batch"], name="revision_by_batch")],
            },
        ),
        migrations.CreateModel(
            name="Indicator",
            fields=[
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "code",
                    models.SlugField(
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9_-]+\\Z",
                                "An indicator's code may contain only lower-case letters, digits, hyphens and underscores.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("money", "money"),
                            ("count", "count"),
                            ("ratio", "ratio"),
                            ("area", "area"),
                            ("length", "length"),
                            ("text", "text"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=40, verbose_name="unit")),
                ("is_summable", models.BooleanField(default=False, verbose_name="may be summed")),
                ("definition", models.TextField(blank=True, verbose_name="definition")),
                (
                    "headline_rank",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Of the figures of a park 1 comes first; those without come after them.",
                        null=True,
                        verbose_name="place among the headlines",
                    ),
                ),
            ],
            options={
                "verbose_name": "indicator",
                "verbose_name_plural": "indicators",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="indicator_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The last day; set it to retire a code.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        max_length=6,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A(\\d{6}|[A-Z]{2})\\Z",
                                "Give six digits (GB/T 2260) or two capital letters (ISO 3166-1).",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("country", "country"),
                            ("province", "province"),
                            ("prefecture", "prefecture"),
                            ("county", "county"),
                        ],
                        max_length=10,
                        verbose_name="level",
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=40, verbose_name="kind")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="parks.region",
                        verbose_name="part of",
                    ),
                ),
                ("aliases", models.JSONField(blank=True, default=list, verbose_name="other names")),
                (
                    "is_statistical",
                    models.BooleanField(
                        default=False,
                        help_text="Coded by the statistics bureau alone; overlaps a real division.",
                        verbose_name="statistical only",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "region",
                "verbose_name_plural": "regions",
                "ordering": ["code"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="region_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="region_valid_in_order",
                        violation_error_message="The first day of validity is after the last.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegionGroup",
            fields=[
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9-]+\\Z",
                                "A group's code may contain only lower-case letters, digits and hyphens.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("aliases", models.JSONField(blank=True, default=list, verbose_name="other names")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "family",
                    models.CharField(
                        blank=True,
                        help_text="Groups of one family do not overlap and can be added up.",
                        max_length=32,
                        verbose_name="family",
                    ),
                ),
                (
                    "definition",
                    models.CharField(blank=True, max_length=300, verbose_name="definition"),
                ),
                (
                    "has_countries",
                    models.BooleanField(
                        default=False,
                        help_text="Every country but China is in the group, besides its members.",
                        verbose_name="with all countries",
                    ),
                ),
            ],
            options={
                "verbose_name": "region group",
                "verbose_name_plural": "region groups",
                "ordering": ["code"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="regiongroup_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sector",
            fields=[
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The last day; set it to retire a code.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        max_length=5,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-T]\\d{0,4}\\Z",
                                "Give a section letter and up to four digits, such as C3973 (GB/T 4754-2017).",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("section", "section"),
                            ("division", "division"),
                            ("group", "group"),
                            ("class", "class"),
                        ],
                        max_length=10,
                        verbose_name="level",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="parks.sector",
                        verbose_name="part of",
                    ),
                ),
                (
                    "hitech",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "high-tech industry"), ("no", "not a high-tech industry")],
                        max_length=3,
                        verbose_name="high-tech industry",
                    ),
                ),
            ],
            options={
                "verbose_name": "sector",
                "verbose_name_plural": "sectors",
                "ordering": ["code"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="sector_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="sector_valid_in_order",
                        violation_error_message="The first day of validity is after the last.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SectorGroup",
            fields=[
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9-]+\\Z",
                                "A group's code may contain only lower-case letters, digits and hyphens.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("aliases", models.JSONField(blank=True, default=list, verbose_name="other names")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
            ],
            options={
                "verbose_name": "sector group",
                "verbose_name_plural": "sector groups",
                "ordering": ["code"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="sectorgroup_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The last day; set it to retire a code.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9-]+\\Z",
                                "A group's code may contain only lower-case letters, digits and hyphens.",
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "bearer",
                    models.CharField(
                        choices=[("organisation", "an organisation"), ("project", "a project")],
                        max_length=12,
                        verbose_name="given to",
                    ),
                ),
                (
                    "is_yearly",
                    models.BooleanField(
                        default=False,
                        help_text="Its publisher makes a new list every year; each membership says of which.",
                        verbose_name="list of a year",
                    ),
                ),
                (
                    "term_years",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="For how many years a certificate holds, where nothing else is said.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20),
                        ],
                        verbose_name="term (years)",
                    ),
                ),
                (
                    "is_of_group",
                    models.BooleanField(
                        default=False,
                        help_text="What belongs to a tagged organisation has it, too, as that of its group.",
                        verbose_name="counts for the group",
                    ),
                ),
                (
                    "publisher",
                    models.CharField(blank=True, max_length=200, verbose_name="publisher"),
                ),
                (
                    "definition",
                    models.CharField(blank=True, max_length=300, verbose_name="definition"),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ["code"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="tag_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="tag_valid_in_order",
                        violation_error_message="The first day of validity is after the last.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4)),
                ("forgotten_to", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", config.fields.CodeField(max_length=64, verbose_name="code")),
                ("resource", models.CharField(max_length=20, verbose_name="kind of rows")),
                ("file_name", models.CharField(blank=True, max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the file")),
                ("user_id", models.BigIntegerField(null=True, verbose_name="account")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checked", "checked, may be applied"),
                            ("refused", "refused, something is wrong"),
                            ("applied", "applied"),
                            ("undone", "applied and undone"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("options", models.JSONField(default=dict, verbose_name="options")),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                ("summary", models.JSONField(default=dict, verbose_name="how the file was read")),
                ("outcome", models.CharField(max_length=64, verbose_name="SHA-256 of the outcome")),
                ("packed_rows", models.BinaryField()),
                ("packed_content", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("applied_at", models.DateTimeField(null=True, verbose_name="applied at")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone at")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["user_id", "id"], name="import_by_person")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code",),
                        name="import_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="name")),
                ("content", models.JSONField(default=dict, verbose_name="mapping")),
                (
                    "user_id",
                    models.BigIntegerField(editable=False, null=True, verbose_name="account"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
            ],
            options={
                "verbose_name": "saved mapping of columns",
                "verbose_name_plural": "saved mappings of columns",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name",),
                        name="import_mapping_name_once",
                        violation_error_code="unique",
                        violation_error_message="This name is taken.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LoginAttempts",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=0)),
                ("forgotten_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "login attempts",
                "verbose_name_plural": "login attempts",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_number", models.BigIntegerField()),
                ("last_number", models.BigIntegerField()),
                ("manifest", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("last_number",), name="seal_once")],
            },
        ),
        migrations.CreateModel(
            name="SeededRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=64)),
                ("code_key", config.fields.CodeField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("model", "code_key"), name="seeded_row_once")
                ],
            },
        ),
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
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(null=True)),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="parks.revision",
                    ),
                ),
                ("resource", models.CharField(max_length=40)),
                ("row_key", config.fields.CodeField(max_length=64)),
                (
                    "op",
                    models.CharField(
                        choices=[("+", "created"), ("~", "changed"), ("-", "deleted")], max_length=1
                    ),
                ),
                ("code", config.fields.CodeField(max_length=64)),
                ("owner", config.fields.CodeField(blank=True, max_length=64)),
                ("successor", config.fields.CodeField(blank=True, max_length=64)),
                ("version", models.PositiveIntegerField(null=True)),
                ("was_public", models.BooleanField()),
                ("is_public", models.BooleanField()),
                ("was_in_park_id", models.BigIntegerField(null=True)),
                ("park_id", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["resource", "row_key", "id"], name="change_of_row"),
                    models.Index(
                        condition=models.Q(("number__isnull", True)),
                        fields=["id"],
                        name="change_unsettled",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("number",), name="change_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetiredCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=64)),
                ("code_key", config.fields.CodeField(max_length=64)),
                ("retired_at", models.DateTimeField(auto_now_add=True)),
                ("successor", config.fields.CodeField(blank=True, max_length=64)),
                (
                    "revision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.revision",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("model", "code_key"), name="retired_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RegionName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="parks.region",
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                (
                    "rank",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "full name"), (2, "name without its type, or another name")]
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "region"), name="region_name_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RegionGroupMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="parks.regiongroup",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "ordering": ["region_id", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "region", "valid_from"),
                        name="region_group_member_once",
                        violation_error_code="unique",
                        violation_error_message="This region is already in the group.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_from__isnull", True)),
                        fields=("group", "region"),
                        name="region_group_member_once_undated",
                        violation_error_code="unique",
                        violation_error_message="This region is already in the group.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="region_group_member_valid_in_order",
                        violation_error_message="The first day of validity is after the last.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Park",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("science_town", "science town"),
                            ("science_park", "science park"),
                            ("hitech_zone", "high-tech zone"),
                            ("economic_zone", "economic zone"),
                            ("industrial_park", "industrial park"),
                            ("bonded_zone", "bonded zone"),
                            ("new_area", "new area"),
                            ("new_town", "new town"),
                            ("business_district", "business district"),
                            ("demonstration_zone", "demonstration zone"),
                            ("innovation_centre", "innovation centre"),
                            ("pilot_base", "pilot base"),
                            ("office_area", "office area"),
                            ("district", "district (no park named)"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parks",
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "aliases",
                    models.TextField(
                        blank=True,
                        help_text="Short names and earlier ones, one per line.",
                        verbose_name="other names",
                    ),
                ),
                (
                    "brand",
                    models.CharField(
                        blank=True,
                        help_text="Such as Zhongguancun.",
                        max_length=100,
                        verbose_name="parent brand",
                    ),
                ),
                (
                    "is_placeholder",
                    models.BooleanField(
                        default=False,
                        help_text="A district where sources name no park; left out of comparisons.",
                        verbose_name="stands for no named park",
                    ),
                ),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "default_publication",
                    models.CharField(
                        blank=True,
                        choices=[("draft", "draft"), ("published", "published")],
                        help_text="What a new project takes that does not say it. Blank: draft.",
                        max_length=10,
                        verbose_name="publication of new projects",
                    ),
                ),
                (
                    "address",
                    models.CharField(blank=True, max_length=300, verbose_name="street address"),
                ),
                (
                    "latitude",
                    parks.models.located.DegreesField(
                        blank=True,
                        decimal_places=6,
                        limit=90,
                        max_digits=9,
                        null=True,
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    parks.models.located.DegreesField(
                        blank=True,
                        decimal_places=6,
                        limit=180,
                        max_digits=9,
                        null=True,
                        verbose_name="longitude",
                    ),
                ),
                (
                    "point_accuracy",
                    parks.models.located.PointWordField(
                        blank=True,
                        choices=[
                            ("site", "the site itself"),
                            ("address", "its street or address"),
                            ("area", "the town or district around it"),
                        ],
                        max_length=7,
                        verbose_name="accuracy of the point",
                    ),
                ),
                (
                    "point_datum",
                    parks.models.located.PointWordField(
                        blank=True,
                        choices=[
                            ("wgs84", "WGS 84"),
                            ("gcj02", "GCJ-02 (shifted, as by Amap and Tencent)"),
                            ("bd09", "BD-09 (shifted, as by Baidu)"),
                        ],
                        help_text="WGS 84 unless another is said; it is never converted.",
                        max_length=7,
                        verbose_name="datum of the point",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "leading_sectors",
                    models.ManyToManyField(
                        blank=True,
                        related_name="parks",
                        to="parks.sectorgroup",
                        verbose_name="leading sectors",
                    ),
                ),
            ],
            options={
                "verbose_name": "park",
                "verbose_name_plural": "parks",
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="park_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="park_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("latitude__isnull", True),
                                ("longitude__isnull", True),
                                ("point_accuracy", ""),
                                ("point_datum", ""),
                            ),
                            models.Q(
                                ("latitude__isnull", False),
                                ("longitude__isnull", False),
                                models.Q(("point_datum", ""), _negated=True),
                                ("latitude__gte", -90),
                                ("latitude__lte", 90),
                                ("longitude__gte", -180),
                                ("longitude__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="park_point_is_whole",
                        violation_error_code="half_a_point",
                        violation_error_message="A point has a latitude and a longitude; give both, or neither.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SectorGroupMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="parks.sectorgroup",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.sector",
                        verbose_name="sector",
                    ),
                ),
                (
                    "excluded",
                    models.BooleanField(
                        default=False,
                        help_text="Takes this sector out of a broader member.",
                        verbose_name="taken out",
                    ),
                ),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "ordering": ["sector_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "sector"),
                        name="sector_group_member_once",
                        violation_error_code="unique",
                        violation_error_message="This sector is already in the group.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("editor", "editor"), ("viewer", "viewer")],
                        max_length=6,
                        verbose_name="role",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["park_id", "user_id"],
                "permissions": [("edit_vocabularies", "Can edit what all parks share")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "park"),
                        name="membership_once",
                        violation_error_code="unique",
                        violation_error_message="This person already has a role in this park.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        help_text="A draft is seen by the park for which it was made, and by those who edit what all parks share.",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        help_text="The park whose roles see and change it while it is a draft.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.park",
                        verbose_name="made for park",
                    ),
                ),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                (
                    "publisher",
                    models.CharField(blank=True, max_length=300, verbose_name="publisher"),
                ),
                ("author", models.CharField(blank=True, max_length=200, verbose_name="author")),
                (
                    "published_on",
                    models.DateField(blank=True, null=True, verbose_name="published on"),
                ),
                (
                    "published_on_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of publication date",
                    ),
                ),
                (
                    "published_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("published_on", "published_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        blank=True,
                        max_length=1000,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                        verbose_name="address",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("official", "official"),
                            ("media", "media"),
                            ("company", "company"),
                            ("academic", "academic"),
                            ("internal", "internal"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "is_copy",
                    models.BooleanField(
                        default=False,
                        help_text="The original publication was not seen.",
                        verbose_name="is a copy",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "source",
                "verbose_name_plural": "sources",
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="source_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("published_on__isnull", True), ("published_on_precision", "")
                            ),
                            models.Q(
                                ("published_on__isnull", False),
                                models.Q(("published_on_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="source_published_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        help_text="A draft is seen by the park for which it was made, and by those who edit what all parks share.",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        help_text="The park whose roles see and change it while it is a draft.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.park",
                        verbose_name="made for park",
                    ),
                ),
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "uscc",
                    models.CharField(
                        blank=True,
                        help_text="统一社会信用代码 by GB 32100-2015, 18 characters.",
                        max_length=18,
                        validators=[parks.models.organisations.validate_uscc],
                        verbose_name="unified social credit code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("company", "company"),
                            ("university", "university"),
                            ("institute", "research institute"),
                            ("agency", "public agency"),
                            ("fund", "fund"),
                            ("association", "association"),
                        ],
                        max_length=11,
                        verbose_name="kind",
                    ),
                ),
                (
                    "ownership",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("central_state", "central state-owned"),
                            ("local_state", "local state-owned"),
                            ("state", "state-owned, of which level is unknown"),
                            ("private", "privately owned"),
                            ("foreign", "foreign-owned"),
                            ("hmt", "owned from Hong Kong, Macao or Taiwan"),
                            ("mixed", "mixed ownership"),
                        ],
                        max_length=13,
                        verbose_name="ownership",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.region",
                        verbose_name="registered in",
                    ),
                ),
                (
                    "aliases",
                    models.TextField(
                        blank=True,
                        help_text="Short names and earlier ones, one per line.",
                        verbose_name="other names",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="parks.organisation",
                        verbose_name="parent organisation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisations",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
                "ordering": ["code"],
                "indexes": [
                    models.Index(fields=["code", "id"], name="organisation_by_code"),
                    models.Index(fields=["name_zh", "id"], name="organisation_by_chinese_name"),
                    models.Index(fields=["name_en", "id"], name="organisation_by_english_name"),
                    models.Index(fields=["updated_at", "id"], name="organisation_by_update"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="organisation_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="organisation_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("uscc", ""), _negated=True),
                        fields=("uscc",),
                        name="organisation_uscc_once",
                        violation_error_code="unique",
                        violation_error_message="Another organisation has this credit code.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="organisation_not_its_own_parent",
                        violation_error_message="An organisation cannot be its own parent.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        help_text="A draft is seen by the park for which it was made, and by those who edit what all parks share.",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        help_text="The park whose roles see and change it while it is a draft.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.park",
                        verbose_name="made for park",
                    ),
                ),
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="person_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="person_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalOrganisation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "revision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.revision",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                (
                    "created_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="created at"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="updated at"),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        help_text="A draft is seen by the park for which it was made, and by those who edit what all parks share.",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "uscc",
                    models.CharField(
                        blank=True,
                        help_text="统一社会信用代码 by GB 32100-2015, 18 characters.",
                        max_length=18,
                        validators=[parks.models.organisations.validate_uscc],
                        verbose_name="unified social credit code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("company", "company"),
                            ("university", "university"),
                            ("institute", "research institute"),
                            ("agency", "public agency"),
                            ("fund", "fund"),
                            ("association", "association"),
                        ],
                        max_length=11,
                        verbose_name="kind",
                    ),
                ),
                (
                    "ownership",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("central_state", "central state-owned"),
                            ("local_state", "local state-owned"),
                            ("state", "state-owned, of which level is unknown"),
                            ("private", "privately owned"),
                            ("foreign", "foreign-owned"),
                            ("hmt", "owned from Hong Kong, Macao or Taiwan"),
                            ("mixed", "mixed ownership"),
                        ],
                        max_length=13,
                        verbose_name="ownership",
                    ),
                ),
                (
                    "aliases",
                    models.TextField(
                        blank=True,
                        help_text="Short names and earlier ones, one per line.",
                        verbose_name="other names",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="The park whose roles see and change it while it is a draft.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.park",
                        verbose_name="made for park",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="registered in",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.organisation",
                        verbose_name="parent organisation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical organisation",
                "verbose_name_plural": "historical organisations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="parks_histo_history_b8c3b0_idx"
                    ),
                    models.Index(fields=["id", "version"], name="parks_histo_id_79ef12_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalOrganisationTag",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "revision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.revision",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                (
                    "created_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="created at"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="updated at"),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="list of the year",
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The last day on which it holds.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True,
                        help_text="The exchange and code, the place in the list, the number of the certificate.",
                        max_length=200,
                        verbose_name="detail",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "tag",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.tag",
                        verbose_name="tag",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tag of an organisation",
                "verbose_name_plural": "historical tags of organisations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="parks_histo_history_63b46b_idx"
                    ),
                    models.Index(fields=["id", "version"], name="parks_histo_id_9efec8_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPark",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "revision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.revision",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                (
                    "created_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="created at"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="updated at"),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("science_town", "science town"),
                            ("science_park", "science park"),
                            ("hitech_zone", "high-tech zone"),
                            ("economic_zone", "economic zone"),
                            ("industrial_park", "industrial park"),
                            ("bonded_zone", "bonded zone"),
                            ("new_area", "new area"),
                            ("new_town", "new town"),
                            ("business_district", "business district"),
                            ("demonstration_zone", "demonstration zone"),
                            ("innovation_centre", "innovation centre"),
                            ("pilot_base", "pilot base"),
                            ("office_area", "office area"),
                            ("district", "district (no park named)"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "aliases",
                    models.TextField(
                        blank=True,
                        help_text="Short names and earlier ones, one per line.",
                        verbose_name="other names",
                    ),
                ),
                (
                    "brand",
                    models.CharField(
                        blank=True,
                        help_text="Such as Zhongguancun.",
                        max_length=100,
                        verbose_name="parent brand",
                    ),
                ),
                (
                    "is_placeholder",
                    models.BooleanField(
                        default=False,
                        help_text="A district where sources name no park; left out of comparisons.",
                        verbose_name="stands for no named park",
                    ),
                ),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "default_publication",
                    models.CharField(
                        blank=True,
                        choices=[("draft", "draft"), ("published", "published")],
                        help_text="What a new project takes that does not say it. Blank: draft.",
                        max_length=10,
                        verbose_name="publication of new projects",
                    ),
                ),
                (
                    "address",
                    models.CharField(blank=True, max_length=300, verbose_name="street address"),
                ),
                (
                    "latitude",
                    parks.models.located.DegreesField(
                        blank=True,
                        decimal_places=6,
                        limit=90,
                        max_digits=9,
                        null=True,
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    parks.models.located.DegreesField(
                        blank=True,
                        decimal_places=6,
                        limit=180,
                        max_digits=9,
                        null=True,
                        verbose_name="longitude",
                    ),
                ),
                (
                    "point_accuracy",
                    parks.models.located.PointWordField(
                        blank=True,
                        choices=[
                            ("site", "the site itself"),
                            ("address", "its street or address"),
                            ("area", "the town or district around it"),
                        ],
                        max_length=7,
                        verbose_name="accuracy of the point",
                    ),
                ),
                (
                    "point_datum",
                    parks.models.located.PointWordField(
                        blank=True,
                        choices=[
                            ("wgs84", "WGS 84"),
                            ("gcj02", "GCJ-02 (shifted, as by Amap and Tencent)"),
                            ("bd09", "BD-09 (shifted, as by Baidu)"),
                        ],
                        help_text="WGS 84 unless another is said; it is never converted.",
                        max_length=7,
                        verbose_name="datum of the point",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.organisation",
                        verbose_name="operator",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical park",
                "verbose_name_plural": "historical parks",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="parks_histo_history_6f8942_idx"
                    ),
                    models.Index(fields=["id", "version"], name="parks_histo_id_0cd8d7_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="OrganisationTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.tag",
                        verbose_name="tag",
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="list of the year",
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(
                        blank=True,
                        help_text="The last day on which it holds.",
                        null=True,
                        verbose_name="valid to",
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True,
                        help_text="The exchange and code, the place in the list, the number of the certificate.",
                        max_length=200,
                        verbose_name="detail",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="parks.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag of an organisation",
                "verbose_name_plural": "tags of organisations",
                "ordering": ["organisation_id", "tag_id", "-year", "id"],
                "indexes": [
                    models.Index(fields=["tag", "organisation"], name="organisation_by_tag")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="organisationtag_valid_in_order",
                        violation_error_message="The first day of validity is after the last.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("year__isnull", True), _negated=True),
                        fields=("organisation", "tag", "year"),
                        name="organisationtag_once_a_year",
                        violation_error_code="unique",
                        violation_error_message="This tag is given already; change that row.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("year__isnull", True),
                            models.Q(("valid_from__isnull", True), _negated=True),
                        ),
                        fields=("organisation", "tag", "valid_from"),
                        name="organisationtag_once_a_term",
                        violation_error_code="unique",
                        violation_error_message="This tag is given already; change that row.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("year__isnull", True), ("valid_from__isnull", True)),
                        fields=("organisation", "tag"),
                        name="organisationtag_once",
                        violation_error_code="unique",
                        violation_error_message="This tag is given already; change that row.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="parks.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="parks.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                ("held_from", models.DateField(blank=True, null=True, verbose_name="held from")),
                (
                    "held_from_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “held from”",
                    ),
                ),
                ("held_to", models.DateField(blank=True, null=True, verbose_name="held to")),
                (
                    "held_to_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of “held to”"
                    ),
                ),
            ],
            options={
                "verbose_name": "post",
                "verbose_name_plural": "posts",
                "ordering": ["person_id", "held_from", "code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="post_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="post_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_from__isnull", True), ("held_from_precision", "")),
                            models.Q(
                                ("held_from__isnull", False),
                                models.Q(("held_from_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="post_held_from_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_to__isnull", True), ("held_to_precision", "")),
                            models.Q(
                                ("held_to__isnull", False),
                                models.Q(("held_to_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="post_held_to_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPark_leading_sectors",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.park",
                    ),
                ),
                (
                    "sectorgroup",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_tablespace="",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.sectorgroup",
                    ),
                ),
                (
                    "history",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="parks.historicalpark",
                    ),
                ),
                (
                    "m2m_history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
            ],
            options={
                "verbose_name": "HistoricalPark_leading_sectors",
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Figure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "region_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.regiongroup",
                        verbose_name="region group",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.indicator",
                        verbose_name="indicator",
                    ),
                ),
                (
                    "amount_cny",
                    models.BigIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-9000000000000000),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="amount (yuan)",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="value"
                    ),
                ),
                (
                    "value_text",
                    models.CharField(blank=True, max_length=300, verbose_name="value in words"),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        help_text="ISO 4217, for money other than yuan.",
                        max_length=3,
                        verbose_name="currency",
                    ),
                ),
                (
                    "qualifier",
                    models.CharField(
                        choices=[
                            ("exact", "exact"),
                            ("over", "over"),
                            ("at_least", "at least"),
                            ("about", "about"),
                            ("nearly", "nearly"),
                            ("at_most", "at most"),
                            ("under", "under"),
                        ],
                        default="exact",
                        max_length=10,
                        verbose_name="qualifier",
                    ),
                ),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("actual", "actual"),
                            ("intended", "intended"),
                            ("projected", "projected"),
                            ("target", "target"),
                            ("at_capacity", "at full capacity"),
                            ("interest", "interest only"),
                            ("recommended", "recommended"),
                        ],
                        default="actual",
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                ("as_of", models.DateField(blank=True, null=True, verbose_name="as of")),
                (
                    "as_of_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of “as of”"
                    ),
                ),
                (
                    "as_of_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("as_of", "as_of_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "as_of_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("printed", "printed"),
                            ("period", "end of the period"),
                            ("publication", "day of publication"),
                        ],
                        help_text="Printed with the value, the end of its period, or only that of publication.",
                        max_length=11,
                        verbose_name="how the day is known",
                    ),
                ),
                (
                    "period_from",
                    models.DateField(
                        blank=True,
                        help_text="For flows: when counting began.",
                        null=True,
                        verbose_name="period from",
                    ),
                ),
                (
                    "period_from_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “period from”",
                    ),
                ),
                ("period_to", models.DateField(blank=True, null=True, verbose_name="period to")),
                (
                    "period_to_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “period to”",
                    ),
                ),
                (
                    "period_to_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("period_to", "period_to_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "period_text",
                    models.CharField(
                        blank=True,
                        help_text="As printed, such as: over the last decade.",
                        max_length=100,
                        verbose_name="period in words",
                    ),
                ),
                (
                    "base_period",
                    models.CharField(
                        blank=True,
                        help_text="What a growth or multiple is measured against, such as 2013.",
                        max_length=50,
                        verbose_name="base period",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        blank=True,
                        help_text="Only what comes from this region.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.region",
                        verbose_name="origin",
                    ),
                ),
                (
                    "origin_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.regiongroup",
                        verbose_name="origin group",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.sector",
                        verbose_name="sector",
                    ),
                ),
                (
                    "sector_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.sectorgroup",
                        verbose_name="sector group",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        help_text="Only what lies in this region.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.region",
                        verbose_name="place",
                    ),
                ),
                (
                    "size_floor_cny",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Only projects of at least this investment (以上).",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="size from (yuan)",
                    ),
                ),
                (
                    "scope_text",
                    models.CharField(
                        blank=True,
                        help_text="What it is of, such as: central state-owned enterprises.",
                        max_length=200,
                        verbose_name="scope in words",
                    ),
                ),
                (
                    "scope_is_whole",
                    models.BooleanField(
                        blank=True,
                        help_text="Yes where these words say what the whole is of, and narrow it to no part.",
                        null=True,
                        verbose_name="scope is the whole",
                    ),
                ),
                (
                    "condition",
                    models.CharField(
                        blank=True,
                        help_text="Under which it holds, as printed, such as: at full operational capacity.",
                        max_length=200,
                        verbose_name="condition",
                    ),
                ),
                (
                    "printed_conversion",
                    models.CharField(
                        blank=True,
                        help_text="A conversion that the source prints beside it, such as $2.4 billion.",
                        max_length=100,
                        verbose_name="printed conversion",
                    ),
                ),
                (
                    "as_reported",
                    models.CharField(blank=True, max_length=300, verbose_name="as reported"),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.post",
                        verbose_name="said by",
                    ),
                ),
                (
                    "said_by_text",
                    models.CharField(blank=True, max_length=200, verbose_name="said by, in words"),
                ),
                (
                    "attribution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("narration", "the source's own words"),
                            ("quotation", "quoted directly"),
                            ("reported", "reported speech"),
                            ("data", "according to data"),
                            ("caption", "caption"),
                        ],
                        max_length=9,
                        verbose_name="attribution",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="supersedes",
                        to="parks.figure",
                        verbose_name="superseded by",
                    ),
                ),
                (
                    "is_withdrawn",
                    models.BooleanField(
                        default=False,
                        help_text="The claim does not hold and nothing took its place.",
                        verbose_name="withdrawn",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "figure",
                "verbose_name_plural": "figures",
                "ordering": ["indicator_id", "-as_of", "code"],
                "abstract": False,
                "indexes": [
                    models.Index(fields=["park", "indicator", "as_of"], name="figure_by_indicator")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="figure_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("as_of__isnull", True), ("as_of_precision", "")),
                            models.Q(
                                ("as_of__isnull", False),
                                models.Q(("as_of_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="figure_as_of_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("period_from__isnull", True), ("period_from_precision", "")),
                            models.Q(
                                ("period_from__isnull", False),
                                models.Q(("period_from_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="figure_from_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("period_to__isnull", True), ("period_to_precision", "")),
                            models.Q(
                                ("period_to__isnull", False),
                                models.Q(("period_to_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="figure_to_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", False),
                            ("value__isnull", False),
                            models.Q(("value_text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="figure_says_something",
                        violation_error_message="Give an amount, a value, or the value in words.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", True), ("value__isnull", True), _connector="OR"
                        ),
                        name="figure_one_number",
                        violation_error_message="Give an amount in yuan or another value, not both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", True), ("currency", ""), _connector="OR"
                        ),
                        name="figure_yuan_without_currency",
                        violation_error_message="An amount in another currency is a value, not yuan.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period_from__isnull", True),
                            ("period_to__isnull", True),
                            ("period_from__lte", models.F("period_to")),
                            _connector="OR",
                        ),
                        name="figure_period_in_order",
                        violation_error_message="The period begins after it ends.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("organisation__isnull", True),
                                ("park__isnull", False),
                                ("region__isnull", True),
                                ("region_group__isnull", True),
                            ),
                            models.Q(
                                ("organisation__isnull", True),
                                ("park__isnull", True),
                                ("region__isnull", False),
                                ("region_group__isnull", True),
                            ),
                            models.Q(
                                ("organisation__isnull", True),
                                ("park__isnull", True),
                                ("region__isnull", True),
                                ("region_group__isnull", False),
                            ),
                            models.Q(
                                ("organisation__isnull", False),
                                ("park__isnull", True),
                                ("region__isnull", True),
                                ("region_group__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="figure_about_one",
                        violation_error_message="Say what this is about: one park, region, region group or organisation.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TimelineEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "name_zh",
                    models.CharField(blank=True, max_length=200, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=200, verbose_name="English name"),
                ),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "region_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.regiongroup",
                        verbose_name="region group",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parks.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("agreement", "agreement"),
                            ("policy", "policy"),
                            ("approval", "approval"),
                            ("start", "start"),
                            ("opening", "opening"),
                            ("renaming", "renaming"),
                            ("research", "research"),
                            ("recommendation", "recommendation"),
                            ("description", "description"),
                            ("other", "other"),
                        ],
                        max_length=14,
                        verbose_name="kind",
                    ),
                ),
                ("happened_on", models.DateField(blank=True, null=True, verbose_name="date")),
                (
                    "happened_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of the date"
                    ),
                ),
                (
                    "happened_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("happened_on", "happened_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("actual", "actual"),
                            ("intended", "intended"),
                            ("projected", "projected"),
                            ("target", "target"),
                            ("at_capacity", "at full capacity"),
                            ("interest", "interest only"),
                            ("recommended", "recommended"),
                        ],
                        default="actual",
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.post",
                        verbose_name="said by",
                    ),
                ),
                (
                    "said_by_text",
                    models.CharField(blank=True, max_length=200, verbose_name="said by, in words"),
                ),
                (
                    "as_reported",
                    models.CharField(blank=True, max_length=300, verbose_name="as reported"),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="timeline_entries",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "timeline entry",
                "verbose_name_plural": "timeline entries",
                "ordering": ["happened_on", "code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="timelineentry_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="timelineentry_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("organisation__isnull", True),
                                ("park__isnull", False),
                                ("region__isnull", True),
                                ("region_group__isnull", True),
                            ),
                            models.Q(
                                ("organisation__isnull", True),
                                ("park__isnull", True),
                                ("region__isnull", False),
                                ("region_group__isnull", True),
                            ),
                            models.Q(
                                ("organisation__isnull", True),
                                ("park__isnull", True),
                                ("region__isnull", True),
                                ("region_group__isnull", False),
                            ),
                            models.Q(
                                ("organisation__isnull", False),
                                ("park__isnull", True),
                                ("region__isnull", True),
                                ("region_group__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="timelineentry_about_one",
                        violation_error_message="Say what this is about: one park, region, region group or organisation.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("happened_on__isnull", True), ("happened_on_precision", "")),
                            models.Q(
                                ("happened_on__isnull", False),
                                models.Q(("happened_on_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="timelineentry_dated_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalFigure",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, verbose_name="ID")),
                (
                    "revision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.revision",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                (
                    "created_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="created at"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(blank=True, editable=False, verbose_name="updated at"),
                ),
                (
                    "code",
                    config.fields.CodeField(
                        blank=True,
                        help_text="The public code of the row, the end of its URL. Generated when left blank; never changes.",
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]+\\Z",
                                "A code may contain only the letters A-Z and a-z, digits, hyphens and underscores.",
                            ),
                            parks.models.ledger.validate_not_reserved,
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "code_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("code"),
                        output_field=config.fields.CodeField(max_length=64),
                    ),
                ),
                (
                    "amount_cny",
                    models.BigIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(-9000000000000000),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="amount (yuan)",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="value"
                    ),
                ),
                (
                    "value_text",
                    models.CharField(blank=True, max_length=300, verbose_name="value in words"),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        help_text="ISO 4217, for money other than yuan.",
                        max_length=3,
                        verbose_name="currency",
                    ),
                ),
                (
                    "qualifier",
                    models.CharField(
                        choices=[
                            ("exact", "exact"),
                            ("over", "over"),
                            ("at_least", "at least"),
                            ("about", "about"),
                            ("nearly", "nearly"),
                            ("at_most", "at most"),
                            ("under", "under"),
                        ],
                        default="exact",
                        max_length=10,
                        verbose_name="qualifier",
                    ),
                ),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("actual", "actual"),
                            ("intended", "intended"),
                            ("projected", "projected"),
                            ("target", "target"),
                            ("at_capacity", "at full capacity"),
                            ("interest", "interest only"),
                            ("recommended", "recommended"),
                        ],
                        default="actual",
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                ("as_of", models.DateField(blank=True, null=True, verbose_name="as of")),
                (
                    "as_of_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of “as of”"
                    ),
                ),
                (
                    "as_of_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("as_of", "as_of_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "as_of_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("printed", "printed"),
                            ("period", "end of the period"),
                            ("publication", "day of publication"),
                        ],
                        help_text="Printed with the value, the end of its period, or only that of publication.",
                        max_length=11,
                        verbose_name="how the day is known",
                    ),
                ),
                (
                    "period_from",
                    models.DateField(
                        blank=True,
                        help_text="For flows: when counting began.",
                        null=True,
                        verbose_name="period from",
                    ),
                ),
                (
                    "period_from_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “period from”",
                    ),
                ),
                ("period_to", models.DateField(blank=True, null=True, verbose_name="period to")),
                (
                    "period_to_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “period to”",
                    ),
                ),
                (
                    "period_to_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("period_to", "period_to_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "period_text",
                    models.CharField(
                        blank=True,
                        help_text="As printed, such as: over the last decade.",
                        max_length=100,
                        verbose_name="period in words",
                    ),
                ),
                (
                    "base_period",
                    models.CharField(
                        blank=True,
                        help_text="What a growth or multiple is measured against, such as 2013.",
                        max_length=50,
                        verbose_name="base period",
                    ),
                ),
                (
                    "size_floor_cny",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Only projects of at least this investment (以上).",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="size from (yuan)",
                    ),
                ),
                (
                    "scope_text",
                    models.CharField(
                        blank=True,
                        help_text="What it is of, such as: central state-owned enterprises.",
                        max_length=200,
                        verbose_name="scope in words",
                    ),
                ),
                (
                    "scope_is_whole",
                    models.BooleanField(
                        blank=True,
                        help_text="Yes where these words say what the whole is of, and narrow it to no part.",
                        null=True,
                        verbose_name="scope is the whole",
                    ),
                ),
                (
                    "condition",
                    models.CharField(
                        blank=True,
                        help_text="Under which it holds, as printed, such as: at full operational capacity.",
                        max_length=200,
                        verbose_name="condition",
                    ),
                ),
                (
                    "printed_conversion",
                    models.CharField(
                        blank=True,
                        help_text="A conversion that the source prints beside it, such as $2.4 billion.",
                        max_length=100,
                        verbose_name="printed conversion",
                    ),
                ),
                (
                    "as_reported",
                    models.CharField(blank=True, max_length=300, verbose_name="as reported"),
                ),
                (
                    "said_by_text",
                    models.CharField(blank=True, max_length=200, verbose_name="said by, in words"),
                ),
                (
                    "attribution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("narration", "the source's own words"),
                            ("quotation", "quoted directly"),
                            ("reported", "reported speech"),
                            ("data", "according to data"),
                            ("caption", "caption"),
                        ],
                        max_length=9,
                        verbose_name="attribution",
                    ),
                ),
                (
                    "is_withdrawn",
                    models.BooleanField(
                        default=False,
                        help_text="The claim does not hold and nothing took its place.",
                        verbose_name="withdrawn",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "region_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.regiongroup",
                        verbose_name="region group",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.indicator",
                        verbose_name="indicator",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Only what comes from this region.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="origin",
                    ),
                ),
                (
                    "origin_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.regiongroup",
                        verbose_name="origin group",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.sector",
                        verbose_name="sector",
                    ),
                ),
                (
                    "sector_group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.sectorgroup",
                        verbose_name="sector group",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Only what lies in this region.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="place",
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.post",
                        verbose_name="said by",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.figure",
                        verbose_name="superseded by",
                    ),
                ),
                (
                    "history_id",
                    models.BigAutoField(editable=False, primary_key=True, serialize=False),
                ),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical figure",
                "verbose_name_plural": "historical figures",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="parks_histo_history_b274b2_idx"
                    ),
                    models.Index(fields=["id", "version"], name="parks_histo_id_26f362_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name="park",
            name="operator",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="operated_parks",
                to="parks.organisation",
                verbose_name="operator",
            ),
        ),
        migrations.AddField(
            model_name="park",
            name="source",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parks",
                to="parks.source",
                verbose_name="source",
            ),
        ),
    ]
