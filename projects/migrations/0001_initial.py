import config.dates
import config.fields
import config.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import parks.models.ledger
import parks.models.located
import projects.models.naming
import projects.models.targets
import projects.national_codes
import simple_history.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parks", "0002_texts_by_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="Project",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "new"),
                            ("expansion", "expansion"),
                            ("upgrade", "technical upgrade"),
                            ("relocation", "relocation"),
                            ("acquisition", "acquisition"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "function",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("manufacturing", "manufacturing"),
                            ("rnd", "research and development"),
                            ("headquarters", "headquarters"),
                            ("services", "services"),
                            ("logistics", "logistics"),
                            ("incubation", "incubation"),
                            ("energy", "energy"),
                            ("fund", "fund"),
                        ],
                        max_length=14,
                        verbose_name="function",
                    ),
                ),
                (
                    "site_mode",
                    models.CharField(
                        blank=True,
                        choices=[("land", "buys land"), ("lease", "leases"), ("owned", "own site")],
                        max_length=6,
                        verbose_name="way of having its site",
                    ),
                ),
                (
                    "land_mu",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="land (mu)",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Where the investor comes from.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.region",
                        verbose_name="origin",
                    ),
                ),
                (
                    "origin_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stated", "stated"),
                            ("name", "from the company's name"),
                            ("registered", "place of registration"),
                            ("headquarters", "seat of the headquarters"),
                            ("inferred", "inferred"),
                        ],
                        max_length=12,
                        verbose_name="basis of origin",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.sector",
                        verbose_name="sector",
                    ),
                ),
                (
                    "sector_basis",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("mapped", "our mapping")],
                        max_length=6,
                        verbose_name="basis of sector",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("suspended", "suspended"),
                            ("terminated", "terminated"),
                            ("merged", "merged into another"),
                            ("closed", "closed"),
                        ],
                        default="active",
                        max_length=10,
                        verbose_name="standing",
                    ),
                ),
                (
                    "is_umbrella",
                    models.BooleanField(
                        default=False,
                        help_text="Its amount is that of other projects; it is left out of totals.",
                        verbose_name="umbrella agreement",
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
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lead", "lead"),
                            ("negotiating", "in negotiation"),
                            ("intended", "intent signed"),
                            ("signed", "contract signed"),
                            ("registered", "entity registered"),
                            ("approved", "approved"),
                            ("started", "construction started"),
                            ("completed", "completed"),
                            ("operating", "operating"),
                            ("full_capacity", "at full capacity"),
                        ],
                        editable=False,
                        max_length=13,
                        verbose_name="stage",
                    ),
                ),
                (
                    "stage_on",
                    models.DateField(editable=False, null=True, verbose_name="stage since"),
                ),
                (
                    "stage_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "intended_on",
                    models.DateField(editable=False, null=True, verbose_name="intent signed on"),
                ),
                (
                    "intended_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "signed_on",
                    models.DateField(editable=False, null=True, verbose_name="contract signed on"),
                ),
                (
                    "signed_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "started_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="construction started on"
                    ),
                ),
                (
                    "started_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "completed_on",
                    models.DateField(editable=False, null=True, verbose_name="completed on"),
                ),
                (
                    "completed_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "operating_on",
                    models.DateField(editable=False, null=True, verbose_name="operating since"),
                ),
                (
                    "operating_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "agreement_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "not stated"),
                            ("intent", "letter of intent"),
                            ("framework", "framework agreement"),
                            ("contract", "contract"),
                        ],
                        editable=False,
                        max_length=9,
                        verbose_name="agreement",
                    ),
                ),
                (
                    "hitech",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "high-tech industry"), ("no", "not a high-tech industry")],
                        editable=False,
                        max_length=3,
                        verbose_name="high-tech industry",
                    ),
                ),
                (
                    "project_region",
                    config.fields.CodeField(
                        editable=False,
                        max_length=7,
                        null=True,
                        verbose_name="region of the project",
                    ),
                ),
                (
                    "capital_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("domestic", "domestic capital"),
                            ("foreign", "foreign capital"),
                            ("hmt", "capital of Hong Kong, Macao or Taiwan"),
                            ("joint", "Chinese-foreign joint venture"),
                        ],
                        editable=False,
                        max_length=8,
                        verbose_name="capital",
                    ),
                ),
                (
                    "investment_cny",
                    models.BigIntegerField(
                        editable=False, null=True, verbose_name="investment (yuan)"
                    ),
                ),
                (
                    "investment_qualifier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("exact", "exact"),
                            ("over", "over"),
                            ("at_least", "at least"),
                            ("about", "about"),
                            ("nearly", "nearly"),
                            ("at_most", "at most"),
                            ("under", "under"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="qualifier of the investment",
                    ),
                ),
                (
                    "investment_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "agreed in a contract"),
                            ("planned", "planned"),
                            ("intended", "intended"),
                            ("reported", "reported, basis not stated"),
                        ],
                        editable=False,
                        max_length=8,
                        verbose_name="basis of the investment",
                    ),
                ),
                (
                    "paid_in_cny",
                    models.BigIntegerField(
                        editable=False, null=True, verbose_name="paid in (yuan)"
                    ),
                ),
                (
                    "news_on",
                    models.DateField(editable=False, null=True, verbose_name="last news on"),
                ),
                (
                    "next_planned_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="next step planned for"
                    ),
                ),
                (
                    "has_intent",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="intent signed, at any time"
                    ),
                ),
                (
                    "has_money",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="money came in"
                    ),
                ),
                (
                    "intended_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("intended_on", "intended_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "signed_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("signed_on", "signed_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "started_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("started_on", "started_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "completed_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("completed_on", "completed_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "operating_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("operating_on", "operating_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "signed_year",
                    models.GeneratedField(
                        db_persist=True,
                        expression=config.dates.YearOf("signed_on"),
                        null=True,
                        output_field=models.IntegerField(null=True),
                        verbose_name="signing year",
                    ),
                ),
                (
                    "stage_rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.Case(
                                models.When(stage="lead", then=models.Value(0)),
                                models.When(stage="negotiating", then=models.Value(1)),
                                models.When(stage="intended", then=models.Value(2)),
                                models.When(stage="signed", then=models.Value(3)),
                                models.When(stage="registered", then=models.Value(4)),
                                models.When(stage="approved", then=models.Value(5)),
                                models.When(stage="started", then=models.Value(6)),
                                models.When(stage="completed", then=models.Value(7)),
                                models.When(stage="operating", then=models.Value(8)),
                                models.When(stage="full_capacity", then=models.Value(9)),
                            ),
                            models.Value(-1),
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
                (
                    "totals_exclusion",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(is_umbrella=True, then=models.Value("umbrella")),
                            models.When(duplicate_of__isnull=False, then=models.Value("duplicate")),
                            models.When(standing="merged", then=models.Value("merged")),
                            models.When(
                                counts_apart__isnull=True,
                                part_of__isnull=False,
                                then=models.Value("part"),
                            ),
                            models.When(
                                models.Q(
                                    (
                                        "stage__in",
                                        [
                                            "signed",
                                            "registered",
                                            "approved",
                                            "started",
                                            "completed",
                                            "operating",
                                            "full_capacity",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                then=models.Value("no_contract"),
                            ),
                            default=models.Value(""),
                            output_field=models.CharField(),
                        ),
                        output_field=models.CharField(
                            blank=True,
                            choices=[
                                ("umbrella", "umbrella agreement"),
                                ("duplicate", "duplicate of another project"),
                                ("merged", "merged into another project"),
                                ("part", "part of another project"),
                                ("no_contract", "no contract yet"),
                            ],
                            max_length=11,
                        ),
                    ),
                ),
                (
                    "investment_rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            "investment_cny", models.Value(-1)
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                (
                    "origin_province",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(origin__isnull=True, then=None),
                            models.When(
                                models.Q(("origin__gte", "A")), then=models.Value("foreign")
                            ),
                            default=django.db.models.functions.text.Concat(
                                django.db.models.functions.text.Substr("origin", 1, 2),
                                models.Value("0000"),
                            ),
                            output_field=config.fields.CodeField(),
                        ),
                        null=True,
                        output_field=config.fields.CodeField(max_length=7, null=True),
                    ),
                ),
                (
                    "origin_city",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(origin__isnull=True, then=None),
                            models.When(
                                models.Q(("origin__gte", "A")), then=models.Value("foreign")
                            ),
                            models.When(
                                models.Q(
                                    models.Q(("origin__gte", "11"), ("origin__lt", "12")),
                                    models.Q(("origin__gte", "12"), ("origin__lt", "13")),
                                    models.Q(("origin__gte", "31"), ("origin__lt", "32")),
                                    models.Q(("origin__gte", "50"), ("origin__lt", "51")),
                                    models.Q(("origin__gte", "81"), ("origin__lt", "82")),
                                    models.Q(("origin__gte", "82"), ("origin__lt", "83")),
                                    _connector="OR",
                                ),
                                then=django.db.models.functions.text.Concat(
                                    django.db.models.functions.text.Substr("origin", 1, 2),
                                    models.Value("0000"),
                                ),
                            ),
                            models.When(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Substr("origin", 3, 4),
                                    models.Value("0000"),
                                ),
                                then=None,
                            ),
                            models.When(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Substr("origin", 3, 2),
                                    models.Value("90"),
                                ),
                                then="origin",
                            ),
                            default=django.db.models.functions.text.Concat(
                                django.db.models.functions.text.Substr("origin", 1, 4),
                                models.Value("00"),
                            ),
                            output_field=config.fields.CodeField(),
                        ),
                        null=True,
                        output_field=config.fields.CodeField(max_length=7, null=True),
                    ),
                ),
                (
                    "origin_scope",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(origin__isnull=True, then=models.Value("")),
                            models.When(
                                models.Q(("origin__gte", "A")), then=models.Value("abroad")
                            ),
                            models.When(
                                models.Q(
                                    models.Q(("origin__gte", "71"), ("origin__lt", "72")),
                                    models.Q(("origin__gte", "81"), ("origin__lt", "82")),
                                    models.Q(("origin__gte", "82"), ("origin__lt", "83")),
                                    _connector="OR",
                                ),
                                then=models.Value("hmt"),
                            ),
                            models.When(
                                models.Q(
                                    ("project_region__isnull", True),
                                    ("project_region__gte", "A"),
                                    _connector="OR",
                                ),
                                then=models.Value(""),
                            ),
                            models.When(
                                models.Q(
                                    django.db.models.lookups.Exact(
                                        django.db.models.functions.text.Substr("origin", 1, 2),
                                        django.db.models.functions.text.Substr(
                                            "project_region", 1, 2
                                        ),
                                    ),
                                    _negated=True,
                                ),
                                then=models.Value("other_province"),
                            ),
                            models.When(
                                models.Q(
                                    models.Q(("origin__gte", "11"), ("origin__lt", "12")),
                                    models.Q(("origin__gte", "12"), ("origin__lt", "13")),
                                    models.Q(("origin__gte", "31"), ("origin__lt", "32")),
                                    models.Q(("origin__gte", "50"), ("origin__lt", "51")),
                                    models.Q(("origin__gte", "81"), ("origin__lt", "82")),
                                    models.Q(("origin__gte", "82"), ("origin__lt", "83")),
                                    _connector="OR",
                                ),
                                then=models.Value("same_city"),
                            ),
                            models.When(
                                models.Q(
                                    django.db.models.lookups.Exact(
                                        django.db.models.functions.text.Substr("origin", 3, 4),
                                        models.Value("0000"),
                                    ),
                                    django.db.models.lookups.Exact(
                                        django.db.models.functions.text.Substr(
                                            "project_region", 3, 4
                                        ),
                                        models.Value("0000"),
                                    ),
                                    _connector="OR",
                                ),
                                then=models.Value(""),
                            ),
                            models.When(
                                models.Q(
                                    django.db.models.lookups.Exact(
                                        models.F("origin"), models.F("project_region")
                                    ),
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            django.db.models.functions.text.Substr("origin", 1, 4),
                                            django.db.models.functions.text.Substr(
                                                "project_region", 1, 4
                                            ),
                                        ),
                                        models.Q(
                                            django.db.models.lookups.Exact(
                                                django.db.models.functions.text.Substr(
                                                    "origin", 3, 2
                                                ),
                                                models.Value("90"),
                                            ),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                then=models.Value("same_city"),
                            ),
                            default=models.Value("other_city"),
                            output_field=models.CharField(),
                        ),
                        output_field=models.CharField(
                            blank=True,
                            choices=[
                                ("abroad", "from abroad"),
                                ("hmt", "from Hong Kong, Macao or Taiwan"),
                                ("other_province", "from another province"),
                                ("other_city", "from another city of the province"),
                                ("same_city", "from the same city"),
                            ],
                            max_length=14,
                        ),
                        verbose_name="distance of the origin",
                    ),
                ),
                (
                    "sector_section",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Substr("sector", 1, 1),
                        null=True,
                        output_field=config.fields.CodeField(max_length=1, null=True),
                    ),
                ),
                (
                    "sector_division",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length("sector"),
                                    models.Value(3),
                                ),
                                then=django.db.models.functions.text.Substr("sector", 1, 3),
                            ),
                            default=None,
                            output_field=config.fields.CodeField(),
                        ),
                        null=True,
                        output_field=config.fields.CodeField(max_length=3, null=True),
                    ),
                ),
                (
                    "national_code",
                    projects.national_codes.NationalCodeField(
                        blank=True, default="", max_length=24, verbose_name="national project code"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Where the project itself stands; blank: where its park lies.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "address",
                    models.CharField(blank=True, max_length=300, verbose_name="street address"),
                ),
                (
                    "site",
                    models.CharField(
                        blank=True,
                        help_text="The plot by its name or number.",
                        max_length=200,
                        verbose_name="plot",
                    ),
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
                (
                    "reported_on",
                    models.DateField(
                        blank=True,
                        help_text="The day of the newest report.",
                        null=True,
                        verbose_name="known as of",
                    ),
                ),
                (
                    "reported_on_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “known as of”",
                    ),
                ),
                (
                    "reported_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("reported_on", "reported_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "capital_type_stated",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("domestic", "domestic capital"),
                            ("foreign", "foreign capital"),
                            ("hmt", "capital of Hong Kong, Macao or Taiwan"),
                            ("joint", "Chinese-foreign joint venture"),
                        ],
                        help_text="Blank: as the investors and the companies above them are registered.",
                        max_length=8,
                        verbose_name="capital as stated",
                    ),
                ),
                (
                    "origin_text",
                    models.CharField(blank=True, max_length=200, verbose_name="origin as reported"),
                ),
                (
                    "sector_text",
                    models.CharField(blank=True, max_length=200, verbose_name="sector as reported"),
                ),
                (
                    "standing_on",
                    models.DateField(blank=True, null=True, verbose_name="standing since"),
                ),
                (
                    "standing_on_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “standing since”",
                    ),
                ),
                (
                    "standing_reason",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="reason for standing"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("open_issues", models.TextField(blank=True, verbose_name="open issues")),
                (
                    "responsible_unit",
                    models.CharField(blank=True, max_length=200, verbose_name="responsible unit"),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True,
                        help_text="Never public.",
                        max_length=200,
                        verbose_name="contact",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duplicates",
                        to="projects.project",
                        verbose_name="duplicate of",
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="projects.project",
                        verbose_name="part of",
                    ),
                ),
                (
                    "latest_progress",
                    models.TextField(editable=False, null=True, verbose_name="latest progress"),
                ),
                (
                    "latest_progress_on",
                    models.DateField(editable=False, null=True, verbose_name="latest progress on"),
                ),
                (
                    "next_step",
                    models.TextField(editable=False, null=True, verbose_name="next step"),
                ),
                (
                    "next_step_due_on",
                    models.DateField(editable=False, null=True, verbose_name="next step due on"),
                ),
                (
                    "counts_apart",
                    models.BooleanField(
                        editable=False,
                        null=True,
                        verbose_name="counts apart from what it is a part of",
                    ),
                ),
            ],
            options={
                "verbose_name": "project",
                "verbose_name_plural": "projects",
                "ordering": ["code"],
                "indexes": [
                    config.indexes.CoveringIndex(
                        models.F("park"),
                        models.OrderBy(models.F("investment_rank"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        include=(
                            "publication",
                            "stage",
                            "agreement_type",
                            "investment_cny",
                            "investment_qualifier",
                            "investment_basis",
                            "origin_province",
                            "sector_section",
                            "signed_year",
                            "standing",
                            "totals_exclusion",
                            "stage_rank",
                            "kind",
                            "function",
                            "site_mode",
                            "hitech",
                            "paid_in_cny",
                            "news_on",
                            "origin_city",
                            "sector_division",
                            "origin",
                            "sector",
                            "signed_on",
                            "signed_on_precision",
                            "has_intent",
                            "has_money",
                            "started_on",
                            "completed_on",
                            "operating_on",
                        ),
                        name="project_by_park",
                    ),
                    config.indexes.CoveringIndex(
                        models.OrderBy(models.F("investment_rank"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        include=(
                            "publication",
                            "park",
                            "investment_cny",
                            "stage",
                            "standing",
                            "signed_year",
                            "origin",
                            "sector",
                            "signed_on",
                            "totals_exclusion",
                            "kind",
                            "hitech",
                        ),
                        name="project_by_amount",
                    ),
                    config.indexes.CoveringIndex(
                        models.F("origin"),
                        models.F("sector"),
                        include=(
                            "publication",
                            "park",
                            "investment_cny",
                            "stage",
                            "standing",
                            "signed_year",
                            "investment_rank",
                            "code_key",
                        ),
                        name="project_by_origin",
                    ),
                    config.indexes.CoveringIndex(
                        models.F("sector"),
                        models.F("origin"),
                        include=(
                            "publication",
                            "park",
                            "investment_cny",
                            "stage",
                            "standing",
                            "signed_year",
                            "investment_rank",
                            "code_key",
                        ),
                        name="project_by_sector",
                    ),
                    models.Index(fields=["signed_on", "id"], name="project_by_signing"),
                    models.Index(fields=["stage_on", "id"], name="project_by_stage_date"),
                    models.Index(fields=["name_zh", "id"], name="project_by_chinese_name"),
                    models.Index(fields=["name_en", "id"], name="project_by_english_name"),
                    models.Index(fields=["created_at", "id"], name="project_by_creation"),
                    models.Index(fields=["updated_at", "id"], name="project_by_update"),
                    models.Index(
                        projects.models.naming.NameKey("name_zh"),
                        models.F("park"),
                        name="project_by_name_zh",
                    ),
                    models.Index(
                        projects.models.naming.NameKey("name_en"),
                        models.F("park"),
                        name="project_by_name_en",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="project_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="project_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("national_code", ""), _negated=True),
                        fields=("national_code",),
                        name="project_national_code_once",
                        violation_error_code="unique",
                        violation_error_message="Another project has this national code.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("standing_on__isnull", True), ("standing_on_precision", "")),
                            models.Q(
                                ("standing_on__isnull", False),
                                models.Q(("standing_on_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="project_standing_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reported_on__isnull", True), ("reported_on_precision", "")),
                            models.Q(
                                ("reported_on__isnull", False),
                                models.Q(("reported_on_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="project_reported_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("standing", "active"),
                            models.Q(("standing_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="project_standing_with_reason",
                        violation_error_code="without_reason",
                        violation_error_message="Say why the project is suspended, terminated, merged or closed.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("land_mu__isnull", True), ("land_mu__gte", 0), _connector="OR"
                        ),
                        name="project_land_not_negative",
                        violation_error_message="The land area cannot be negative.",
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
                        name="project_point_is_whole",
                        violation_error_code="half_a_point",
                        violation_error_message="A point has a latitude and a longitude; give both, or neither.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("investment_cny__isnull", True),
                            ("investment_cny__gte", 0),
                            _connector="OR",
                        ),
                        name="project_investment_not_negative",
                        violation_error_message="The investment cannot be negative.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("origin__isnull", False), ("origin_basis", ""), _connector="OR"
                        ),
                        name="project_basis_of_an_origin",
                        violation_error_code="basis_of_nothing",
                        violation_error_message="There is no origin that could have this basis.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sector__isnull", False), ("sector_basis", ""), _connector="OR"
                        ),
                        name="project_basis_of_a_sector",
                        violation_error_code="basis_of_nothing",
                        violation_error_message="There is no sector that could have this basis.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("part_of__isnull", True),
                                models.Q(("part_of", models.F("id")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("duplicate_of__isnull", True),
                                models.Q(("duplicate_of", models.F("id")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="project_not_of_itself",
                        violation_error_message="A project cannot be a part or duplicate of itself.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningEvent",
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
                            ("signing", "signing"),
                            ("start", "start of construction"),
                            ("promotion", "promotion"),
                            ("opening", "opening"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("held_on", models.DateField(blank=True, null=True, verbose_name="held on")),
                (
                    "held_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of “held on”"
                    ),
                ),
                (
                    "held_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("held_on", "held_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                ("host", models.CharField(blank=True, max_length=300, verbose_name="host")),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="parks.source",
                        verbose_name="source",
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
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="signingevent_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name_zh", ""), _negated=True),
                            models.Q(("name_en", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="signingevent_has_a_name",
                        violation_error_message="Give a Chinese or an English name, or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_on__isnull", True), ("held_on_precision", "")),
                            models.Q(
                                ("held_on__isnull", False),
                                models.Q(("held_on_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="event_held_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSigningEvent",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("signing", "signing"),
                            ("start", "start of construction"),
                            ("promotion", "promotion"),
                            ("opening", "opening"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("held_on", models.DateField(blank=True, null=True, verbose_name="held on")),
                (
                    "held_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of “held on”"
                    ),
                ),
                (
                    "held_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("held_on", "held_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("host", models.CharField(blank=True, max_length=300, verbose_name="host")),
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
                ("note", models.TextField(blank=True, verbose_name="note")),
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
                    "park",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.park",
                        verbose_name="park",
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
                "verbose_name": "historical event",
                "verbose_name_plural": "historical events",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_91b4db_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_109651_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTarget",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="year",
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("signed_count", "projects signed"),
                            ("agreed_cny", "agreed investment"),
                            ("started_count", "projects started"),
                            ("operating_count", "projects put into operation"),
                            ("paid_in_cny", "funds paid in"),
                            ("completed_cny", "investment completed in the year"),
                            ("foreign_cny", "foreign capital used in the year"),
                        ],
                        max_length=15,
                        verbose_name="measure",
                    ),
                ),
                (
                    "size_floor_cny",
                    models.BigIntegerField(
                        default=0,
                        help_text="Only projects of at least this investment (以上); 0 is all of them.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="size from (yuan)",
                    ),
                ),
                (
                    "origin_scope",
                    models.CharField(
                        blank=True,
                        help_text="Only what comes from there: other_province,other_city; blank is all.",
                        max_length=60,
                        validators=[projects.models.targets.validate_scopes],
                        verbose_name="distance of the origin",
                    ),
                ),
                (
                    "value",
                    models.BigIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="target",
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
                        default="at_least",
                        max_length=10,
                        verbose_name="qualifier",
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
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
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
                        help_text="With all parks that lie in it.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="region",
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
                "verbose_name": "historical target",
                "verbose_name_plural": "historical targets",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_a2f35f_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_4fcf8d_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Target",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        help_text="With all parks that lie in it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parks.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="year",
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("signed_count", "projects signed"),
                            ("agreed_cny", "agreed investment"),
                            ("started_count", "projects started"),
                            ("operating_count", "projects put into operation"),
                            ("paid_in_cny", "funds paid in"),
                            ("completed_cny", "investment completed in the year"),
                            ("foreign_cny", "foreign capital used in the year"),
                        ],
                        max_length=15,
                        verbose_name="measure",
                    ),
                ),
                (
                    "size_floor_cny",
                    models.BigIntegerField(
                        default=0,
                        help_text="Only projects of at least this investment (以上); 0 is all of them.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="size from (yuan)",
                    ),
                ),
                (
                    "origin_scope",
                    models.CharField(
                        blank=True,
                        help_text="Only what comes from there: other_province,other_city; blank is all.",
                        max_length=60,
                        validators=[projects.models.targets.validate_scopes],
                        verbose_name="distance of the origin",
                    ),
                ),
                (
                    "value",
                    models.BigIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="target",
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
                        default="at_least",
                        max_length=10,
                        verbose_name="qualifier",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="parks.source",
                        verbose_name="source",
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
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "target",
                "verbose_name_plural": "targets",
                "ordering": ["-year", "code"],
                "indexes": [models.Index(fields=["year", "id"], name="target_by_year")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="target_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("park__isnull", False), ("region__isnull", True)),
                            models.Q(("park__isnull", True), ("region__isnull", False)),
                            _connector="OR",
                        ),
                        name="target_of_one",
                        violation_error_message="Say whose target this is: of one park or one region.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("park__isnull", False)),
                        fields=("park", "year", "measure", "size_floor_cny", "origin_scope"),
                        name="target_once_a_park",
                        violation_error_code="unique",
                        violation_error_message="There is a target of this measure and year already; change that one.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("region__isnull", False)),
                        fields=("region", "year", "measure", "size_floor_cny", "origin_scope"),
                        name="target_once_a_region",
                        violation_error_code="unique",
                        violation_error_message="There is a target of this measure and year already; change that one.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DistinctPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "one",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("one", "other"), name="distinct_pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))),
                        name="distinct_pair_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Funding",
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fundings",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paid_in", "paid in"),
                            ("completed", "investment completed"),
                            ("foreign", "foreign capital used"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                (
                    "month",
                    models.DateField(help_text="The first day of the month.", verbose_name="month"),
                ),
                (
                    "reported_cny",
                    models.BigIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(-9000000000000000),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="reported (yuan)",
                    ),
                ),
                (
                    "is_cumulative",
                    models.BooleanField(
                        default=False,
                        help_text="Reported is the total up to this month.",
                        verbose_name="cumulative",
                    ),
                ),
                (
                    "amount_cny",
                    models.BigIntegerField(
                        editable=False, verbose_name="amount of the month (yuan)"
                    ),
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
                        related_name="+",
                        to="parks.source",
                        verbose_name="source",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "funding",
                "verbose_name_plural": "fundings",
                "ordering": ["project_id", "kind", "month"],
                "indexes": [
                    models.Index(fields=["month", "id"], name="funding_by_month"),
                    models.Index(fields=["amount_cny", "id"], name="funding_by_amount"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "kind", "month"),
                        name="funding_once_a_month",
                        violation_error_code="unique",
                        violation_error_message="This month already has a report of this kind.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_cumulative", False), ("reported_cny__gte", 0), _connector="OR"
                        ),
                        name="funding_cumulative_not_negative",
                        violation_error_message="A cumulative amount cannot be negative.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_cumulative", True),
                            ("reported_cny__gte", 0),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="funding_reduction_with_reason",
                        violation_error_code="without_reason",
                        violation_error_message="A negative amount is a reduction: say in the note why.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalFunding",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paid_in", "paid in"),
                            ("completed", "investment completed"),
                            ("foreign", "foreign capital used"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                (
                    "month",
                    models.DateField(help_text="The first day of the month.", verbose_name="month"),
                ),
                (
                    "reported_cny",
                    models.BigIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(-9000000000000000),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="reported (yuan)",
                    ),
                ),
                (
                    "is_cumulative",
                    models.BooleanField(
                        default=False,
                        help_text="Reported is the total up to this month.",
                        verbose_name="cumulative",
                    ),
                ),
                (
                    "amount_cny",
                    models.BigIntegerField(
                        editable=False, verbose_name="amount of the month (yuan)"
                    ),
                ),
                (
                    "as_reported",
                    models.CharField(blank=True, max_length=300, verbose_name="as reported"),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
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
                "verbose_name": "historical funding",
                "verbose_name_plural": "historical fundings",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_499a01_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_0dcfc1_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalInvestor",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("lead", "lead investor"),
                            ("co", "co-investor"),
                            ("land", "gives the land"),
                            ("fund", "fund"),
                        ],
                        default="lead",
                        max_length=4,
                        verbose_name="role",
                    ),
                ),
                (
                    "share_bp",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="100 basis points are 1 %; all investors together have at most 10,000.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(
                                10000, "A share can be at most 10,000 basis points (100 %%)."
                            ),
                        ],
                        verbose_name="share",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
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
                "verbose_name": "historical investor",
                "verbose_name_plural": "historical investors",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_04a4a6_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_474230_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProject",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "new"),
                            ("expansion", "expansion"),
                            ("upgrade", "technical upgrade"),
                            ("relocation", "relocation"),
                            ("acquisition", "acquisition"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "function",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("manufacturing", "manufacturing"),
                            ("rnd", "research and development"),
                            ("headquarters", "headquarters"),
                            ("services", "services"),
                            ("logistics", "logistics"),
                            ("incubation", "incubation"),
                            ("energy", "energy"),
                            ("fund", "fund"),
                        ],
                        max_length=14,
                        verbose_name="function",
                    ),
                ),
                (
                    "site_mode",
                    models.CharField(
                        blank=True,
                        choices=[("land", "buys land"), ("lease", "leases"), ("owned", "own site")],
                        max_length=6,
                        verbose_name="way of having its site",
                    ),
                ),
                (
                    "land_mu",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="land (mu)",
                    ),
                ),
                (
                    "origin_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stated", "stated"),
                            ("name", "from the company's name"),
                            ("registered", "place of registration"),
                            ("headquarters", "seat of the headquarters"),
                            ("inferred", "inferred"),
                        ],
                        max_length=12,
                        verbose_name="basis of origin",
                    ),
                ),
                (
                    "sector_basis",
                    models.CharField(
                        blank=True,
                        choices=[("stated", "stated"), ("mapped", "our mapping")],
                        max_length=6,
                        verbose_name="basis of sector",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("suspended", "suspended"),
                            ("terminated", "terminated"),
                            ("merged", "merged into another"),
                            ("closed", "closed"),
                        ],
                        default="active",
                        max_length=10,
                        verbose_name="standing",
                    ),
                ),
                (
                    "is_umbrella",
                    models.BooleanField(
                        default=False,
                        help_text="Its amount is that of other projects; it is left out of totals.",
                        verbose_name="umbrella agreement",
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
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lead", "lead"),
                            ("negotiating", "in negotiation"),
                            ("intended", "intent signed"),
                            ("signed", "contract signed"),
                            ("registered", "entity registered"),
                            ("approved", "approved"),
                            ("started", "construction started"),
                            ("completed", "completed"),
                            ("operating", "operating"),
                            ("full_capacity", "at full capacity"),
                        ],
                        editable=False,
                        max_length=13,
                        verbose_name="stage",
                    ),
                ),
                (
                    "stage_on",
                    models.DateField(editable=False, null=True, verbose_name="stage since"),
                ),
                (
                    "stage_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "intended_on",
                    models.DateField(editable=False, null=True, verbose_name="intent signed on"),
                ),
                (
                    "intended_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "signed_on",
                    models.DateField(editable=False, null=True, verbose_name="contract signed on"),
                ),
                (
                    "signed_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "started_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="construction started on"
                    ),
                ),
                (
                    "started_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "completed_on",
                    models.DateField(editable=False, null=True, verbose_name="completed on"),
                ),
                (
                    "completed_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "operating_on",
                    models.DateField(editable=False, null=True, verbose_name="operating since"),
                ),
                (
                    "operating_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", editable=False, max_length=7
                    ),
                ),
                (
                    "agreement_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "not stated"),
                            ("intent", "letter of intent"),
                            ("framework", "framework agreement"),
                            ("contract", "contract"),
                        ],
                        editable=False,
                        max_length=9,
                        verbose_name="agreement",
                    ),
                ),
                (
                    "hitech",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "high-tech industry"), ("no", "not a high-tech industry")],
                        editable=False,
                        max_length=3,
                        verbose_name="high-tech industry",
                    ),
                ),
                (
                    "project_region",
                    config.fields.CodeField(
                        editable=False,
                        max_length=7,
                        null=True,
                        verbose_name="region of the project",
                    ),
                ),
                (
                    "capital_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("domestic", "domestic capital"),
                            ("foreign", "foreign capital"),
                            ("hmt", "capital of Hong Kong, Macao or Taiwan"),
                            ("joint", "Chinese-foreign joint venture"),
                        ],
                        editable=False,
                        max_length=8,
                        verbose_name="capital",
                    ),
                ),
                (
                    "investment_cny",
                    models.BigIntegerField(
                        editable=False, null=True, verbose_name="investment (yuan)"
                    ),
                ),
                (
                    "investment_qualifier",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("exact", "exact"),
                            ("over", "over"),
                            ("at_least", "at least"),
                            ("about", "about"),
                            ("nearly", "nearly"),
                            ("at_most", "at most"),
                            ("under", "under"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="qualifier of the investment",
                    ),
                ),
                (
                    "investment_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "agreed in a contract"),
                            ("planned", "planned"),
                            ("intended", "intended"),
                            ("reported", "reported, basis not stated"),
                        ],
                        editable=False,
                        max_length=8,
                        verbose_name="basis of the investment",
                    ),
                ),
                (
                    "paid_in_cny",
                    models.BigIntegerField(
                        editable=False, null=True, verbose_name="paid in (yuan)"
                    ),
                ),
                (
                    "news_on",
                    models.DateField(editable=False, null=True, verbose_name="last news on"),
                ),
                (
                    "next_planned_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="next step planned for"
                    ),
                ),
                (
                    "has_intent",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="intent signed, at any time"
                    ),
                ),
                (
                    "has_money",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="money came in"
                    ),
                ),
                (
                    "intended_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("intended_on", "intended_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "signed_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("signed_on", "signed_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "started_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("started_on", "started_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "completed_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("completed_on", "completed_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "operating_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("operating_on", "operating_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "signed_year",
                    models.GeneratedField(
                        db_persist=True,
                        expression=config.dates.YearOf("signed_on"),
                        null=True,
                        output_field=models.IntegerField(null=True),
                        verbose_name="signing year",
                    ),
                ),
                (
                    "stage_rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.Case(
                                models.When(stage="lead", then=models.Value(0)),
                                models.When(stage="negotiating", then=models.Value(1)),
                                models.When(stage="intended", then=models.Value(2)),
                                models.When(stage="signed", then=models.Value(3)),
                                models.When(stage="registered", then=models.Value(4)),
                                models.When(stage="approved", then=models.Value(5)),
                                models.When(stage="started", then=models.Value(6)),
                                models.When(stage="completed", then=models.Value(7)),
                                models.When(stage="operating", then=models.Value(8)),
                                models.When(stage="full_capacity", then=models.Value(9)),
                            ),
                            models.Value(-1),
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
                (
                    "totals_exclusion",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(is_umbrella=True, then=models.Value("umbrella")),
                            models.When(duplicate_of__isnull=False, then=models.Value("duplicate")),
                            models.When(standing="merged", then=models.Value("merged")),
                            models.When(
                                counts_apart__isnull=True,
                                part_of__isnull=False,
                                then=models.Value("part"),
                            ),
                            models.When(
                                models.Q(
                                    (
                                        "stage__in",
                                        [
                                            "signed",
                                            "registered",
                                            "approved",
                                            "started",
                                            "completed",
                                            "operating",
                                            "full_capacity",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                then=models.Value("no_contract"),
                            ),
                            default=models.Value(""),
                            output_field=models.CharField(),
                        ),
                        output_field=models.CharField(
                            blank=True,
                            choices=[
                                ("umbrella", "umbrella agreement"),
                                ("duplicate", "duplicate of another project"),
                                ("merged", "merged into another project"),
                                ("part", "part of another project"),
                                ("no_contract", "no contract yet"),
                            ],
                            max_length=11,
                        ),
                    ),
                ),
                (
                    "investment_rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            "investment_cny", models.Value(-1)
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                (
                    "origin_province",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(origin__isnull=True, then=None),
                            models.When(
                                models.Q(("origin__gte", "A")), then=models.Value("foreign")
                            ),
                            default=django.db.models.functions.text.Concat(
                                django.db.models.functions.text.Substr("origin", 1, 2),
                                models.Value("0000"),
                            ),
                            output_field=config.fields.CodeField(),
                        ),
                        null=True,
                        output_field=config.fields.CodeField(max_length=7, null=True),
                    ),
                ),
                (
                    "origin_city",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(origin__isnull=True, then=None),
                            models.When(
                                models.Q(("origin__gte", "A")), then=models.Value("foreign")
                            ),
                            models.When(
                                models.Q(
                                    models.Q(("origin__gte", "11"), ("origin__lt", "12")),
                                    models.Q(("origin__gte", "12"), ("origin__lt", "13")),
                                    models.Q(("origin__gte", "31"), ("origin__lt", "32")),
                                    models.Q(("origin__gte", "50"), ("origin__lt", "51")),
                                    models.Q(("origin__gte", "81"), ("origin__lt", "82")),
                                    models.Q(("origin__gte", "82"), ("origin__lt", "83")),
                                    _connector="OR",
                                ),
                                then=django.db.models.functions.text.Concat(
                                    django.db.models.functions.text.Substr("origin", 1, 2),
                                    models.Value("0000"),
                                ),
                            ),
                            models.When(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Substr("origin", 3, 4),
                                    models.Value("0000"),
                                ),
                                then=None,
                            ),
                            models.When(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Substr("origin", 3, 2),
                                    models.Value("90"),
                                ),
                                then="origin",
                            ),
                            default=django.db.models.functions.text.Concat(
                                django.db.models.functions.text.Substr("origin", 1, 4),
                                models.Value("00"),
                            ),
                            output_field=config.fields.CodeField(),
                        ),
                        null=True,
                        output_field=config.fields.CodeField(max_length=7, null=True),
                    ),
                ),
                (
                    "origin_scope",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(origin__isnull=True, then=models.Value("")),
                            models.When(
                                models.Q(("origin__gte", "A")), then=models.Value("abroad")
                            ),
                            models.When(
                                models.Q(
                                    models.Q(("origin__gte", "71"), ("origin__lt", "72")),
                                    models.Q(("origin__gte", "81"), ("origin__lt", "82")),
                                    models.Q(("origin__gte", "82"), ("origin__lt", "83")),
                                    _connector="OR",
                                ),
                                then=models.Value("hmt"),
                            ),
                            models.When(
                                models.Q(
                                    ("project_region__isnull", True),
                                    ("project_region__gte", "A"),
                                    _connector="OR",
                                ),
                                then=models.Value(""),
                            ),
                            models.When(
                                models.Q(
                                    django.db.models.lookups.Exact(
                                        django.db.models.functions.text.Substr("origin", 1, 2),
                                        django.db.models.functions.text.Substr(
                                            "project_region", 1, 2
                                        ),
                                    ),
                                    _negated=True,
                                ),
                                then=models.Value("other_province"),
                            ),
                            models.When(
                                models.Q(
                                    models.Q(("origin__gte", "11"), ("origin__lt", "12")),
                                    models.Q(("origin__gte", "12"), ("origin__lt", "13")),
                                    models.Q(("origin__gte", "31"), ("origin__lt", "32")),
                                    models.Q(("origin__gte", "50"), ("origin__lt", "51")),
                                    models.Q(("origin__gte", "81"), ("origin__lt", "82")),
                                    models.Q(("origin__gte", "82"), ("origin__lt", "83")),
                                    _connector="OR",
                                ),
                                then=models.Value("same_city"),
                            ),
                            models.When(
                                models.Q(
                                    django.db.models.lookups.Exact(
                                        django.db.models.functions.text.Substr("origin", 3, 4),
                                        models.Value("0000"),
                                    ),
                                    django.db.models.lookups.Exact(
                                        django.db.models.functions.text.Substr(
                                            "project_region", 3, 4
                                        ),
                                        models.Value("0000"),
                                    ),
                                    _connector="OR",
                                ),
                                then=models.Value(""),
                            ),
                            models.When(
                                models.Q(
                                    django.db.models.lookups.Exact(
                                        models.F("origin"), models.F("project_region")
                                    ),
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            django.db.models.functions.text.Substr("origin", 1, 4),
                                            django.db.models.functions.text.Substr(
                                                "project_region", 1, 4
                                            ),
                                        ),
                                        models.Q(
                                            django.db.models.lookups.Exact(
                                                django.db.models.functions.text.Substr(
                                                    "origin", 3, 2
                                                ),
                                                models.Value("90"),
                                            ),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                then=models.Value("same_city"),
                            ),
                            default=models.Value("other_city"),
                            output_field=models.CharField(),
                        ),
                        output_field=models.CharField(
                            blank=True,
                            choices=[
                                ("abroad", "from abroad"),
                                ("hmt", "from Hong Kong, Macao or Taiwan"),
                                ("other_province", "from another province"),
                                ("other_city", "from another city of the province"),
                                ("same_city", "from the same city"),
                            ],
                            max_length=14,
                        ),
                        verbose_name="distance of the origin",
                    ),
                ),
                (
                    "sector_section",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Substr("sector", 1, 1),
                        null=True,
                        output_field=config.fields.CodeField(max_length=1, null=True),
                    ),
                ),
                (
                    "sector_division",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length("sector"),
                                    models.Value(3),
                                ),
                                then=django.db.models.functions.text.Substr("sector", 1, 3),
                            ),
                            default=None,
                            output_field=config.fields.CodeField(),
                        ),
                        null=True,
                        output_field=config.fields.CodeField(max_length=3, null=True),
                    ),
                ),
                (
                    "national_code",
                    projects.national_codes.NationalCodeField(
                        blank=True, default="", max_length=24, verbose_name="national project code"
                    ),
                ),
                (
                    "address",
                    models.CharField(blank=True, max_length=300, verbose_name="street address"),
                ),
                (
                    "site",
                    models.CharField(
                        blank=True,
                        help_text="The plot by its name or number.",
                        max_length=200,
                        verbose_name="plot",
                    ),
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
                (
                    "reported_on",
                    models.DateField(
                        blank=True,
                        help_text="The day of the newest report.",
                        null=True,
                        verbose_name="known as of",
                    ),
                ),
                (
                    "reported_on_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “known as of”",
                    ),
                ),
                (
                    "reported_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("reported_on", "reported_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "capital_type_stated",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("domestic", "domestic capital"),
                            ("foreign", "foreign capital"),
                            ("hmt", "capital of Hong Kong, Macao or Taiwan"),
                            ("joint", "Chinese-foreign joint venture"),
                        ],
                        help_text="Blank: as the investors and the companies above them are registered.",
                        max_length=8,
                        verbose_name="capital as stated",
                    ),
                ),
                (
                    "origin_text",
                    models.CharField(blank=True, max_length=200, verbose_name="origin as reported"),
                ),
                (
                    "sector_text",
                    models.CharField(blank=True, max_length=200, verbose_name="sector as reported"),
                ),
                (
                    "standing_on",
                    models.DateField(blank=True, null=True, verbose_name="standing since"),
                ),
                (
                    "standing_on_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of “standing since”",
                    ),
                ),
                (
                    "standing_reason",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="reason for standing"
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("open_issues", models.TextField(blank=True, verbose_name="open issues")),
                (
                    "responsible_unit",
                    models.CharField(blank=True, max_length=200, verbose_name="responsible unit"),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True,
                        help_text="Never public.",
                        max_length=200,
                        verbose_name="contact",
                    ),
                ),
                (
                    "latest_progress",
                    models.TextField(editable=False, null=True, verbose_name="latest progress"),
                ),
                (
                    "latest_progress_on",
                    models.DateField(editable=False, null=True, verbose_name="latest progress on"),
                ),
                (
                    "next_step",
                    models.TextField(editable=False, null=True, verbose_name="next step"),
                ),
                (
                    "next_step_due_on",
                    models.DateField(editable=False, null=True, verbose_name="next step due on"),
                ),
                (
                    "counts_apart",
                    models.BooleanField(
                        editable=False,
                        null=True,
                        verbose_name="counts apart from what it is a part of",
                    ),
                ),
                (
                    "park",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.park",
                        verbose_name="park",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Where the investor comes from.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="origin",
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
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Where the project itself stands; blank: where its park lies.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parks.region",
                        verbose_name="region",
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
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="duplicate of",
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="part of",
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
                "verbose_name": "historical project",
                "verbose_name_plural": "historical projects",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_b36b17_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_c06e62_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProjectTag",
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
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
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
                "verbose_name": "historical tag of a project",
                "verbose_name_plural": "historical tags of projects",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_388fc0_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_7d59ba_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalYearPlan",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="year",
                    ),
                ),
                (
                    "planned_cny",
                    models.BigIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="planned investment (yuan)",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
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
                "verbose_name": "historical plan of a year",
                "verbose_name_plural": "historical plans of years",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_f7afe4_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_342b14_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Investor",
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="investors",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="investments",
                        to="parks.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("lead", "lead investor"),
                            ("co", "co-investor"),
                            ("land", "gives the land"),
                            ("fund", "fund"),
                        ],
                        default="lead",
                        max_length=4,
                        verbose_name="role",
                    ),
                ),
                (
                    "share_bp",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="100 basis points are 1 %; all investors together have at most 10,000.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(
                                10000, "A share can be at most 10,000 basis points (100 %%)."
                            ),
                        ],
                        verbose_name="share",
                    ),
                ),
            ],
            options={
                "verbose_name": "investor",
                "verbose_name_plural": "investors",
                "ordering": ["project_id", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "organisation", "role"),
                        name="investor_once",
                        violation_error_code="unique",
                        violation_error_message="This organisation already has this role.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("role", "lead")),
                        fields=("project",),
                        name="investor_one_lead",
                        violation_error_code="unique",
                        violation_error_message="A project has one lead investor; any other is a co-investor.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("share_bp__isnull", True),
                            models.Q(("share_bp__gte", 1), ("share_bp__lte", 10000)),
                            _connector="OR",
                        ),
                        name="investor_share_at_most_all",
                        violation_error_message="A share must be between 1 and 10,000 basis points (100 %%).",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgressNote",
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="progress",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                ("noted_on", models.DateField(verbose_name="noted on")),
                (
                    "text",
                    models.TextField(
                        max_length=2000,
                        validators=[django.core.validators.MaxLengthValidator(2000)],
                        verbose_name="progress",
                    ),
                ),
                (
                    "next_step",
                    models.TextField(
                        blank=True,
                        max_length=1000,
                        validators=[django.core.validators.MaxLengthValidator(1000)],
                        verbose_name="next step",
                    ),
                ),
                (
                    "due_on",
                    models.DateField(
                        blank=True,
                        help_text="The day by which the next step is due.",
                        null=True,
                        verbose_name="due on",
                    ),
                ),
                (
                    "noted_by",
                    models.CharField(
                        blank=True,
                        help_text="The person or the office, in words.",
                        max_length=200,
                        verbose_name="noted by",
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
                        to="projects.progressnote",
                        verbose_name="superseded by",
                    ),
                ),
                (
                    "is_withdrawn",
                    models.BooleanField(
                        default=False,
                        help_text="The note does not hold and nothing took its place.",
                        verbose_name="withdrawn",
                    ),
                ),
            ],
            options={
                "verbose_name": "progress note",
                "verbose_name_plural": "progress notes",
                "ordering": ["project_id", "-noted_on", "-id"],
                "indexes": [
                    models.Index(fields=["project", "noted_on"], name="progress_of_project"),
                    models.Index(fields=["noted_on", "id"], name="progress_by_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="progressnote_code_once",
                        violation_error_code="unique",
                        violation_error_message="This code is taken.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_on__isnull", True),
                            models.Q(("next_step", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="progress_due_with_step",
                        violation_error_code="without_step",
                        violation_error_message="Say what is due: give the next step.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectFigure",
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
                        to="projects.projectfigure",
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
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "investment_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "agreed in a contract"),
                            ("planned", "planned"),
                            ("intended", "intended"),
                            ("reported", "reported, basis not stated"),
                        ],
                        max_length=8,
                        verbose_name="basis of the investment",
                    ),
                ),
            ],
            options={
                "verbose_name": "project figure",
                "verbose_name_plural": "project figures",
                "ordering": ["project_id", "indicator_id", "-as_of", "code"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["project", "indicator"], name="project_figure_by_indicator"
                    ),
                    models.Index(fields=["code", "id"], name="project_figure_by_code"),
                    models.Index(fields=["as_of", "id"], name="project_figure_by_day"),
                    models.Index(fields=["updated_at", "id"], name="project_figure_by_update"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="projectfigure_code_once",
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
                        name="projectfigure_as_of_in_full",
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
                        name="projectfigure_from_in_full",
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
                        name="projectfigure_to_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", False),
                            ("value__isnull", False),
                            models.Q(("value_text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="projectfigure_says_something",
                        violation_error_message="Give an amount, a value, or the value in words.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", True), ("value__isnull", True), _connector="OR"
                        ),
                        name="projectfigure_one_number",
                        violation_error_message="Give an amount in yuan or another value, not both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", True), ("currency", ""), _connector="OR"
                        ),
                        name="projectfigure_yuan_without_currency",
                        violation_error_message="An amount in another currency is a value, not yuan.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period_from__isnull", True),
                            ("period_to__isnull", True),
                            ("period_from__lte", models.F("period_to")),
                            _connector="OR",
                        ),
                        name="projectfigure_period_in_order",
                        violation_error_message="The period begins after it ends.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount_cny__isnull", True), ("investment_basis", "")),
                            models.Q(
                                ("indicator", "investment"),
                                models.Q(("investment_basis", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("indicator", "investment"), _negated=True),
                                ("investment_basis", ""),
                            ),
                            _connector="OR",
                        ),
                        name="project_figure_basis_of_investment",
                        violation_error_message="An amount of investment says what it rests on; no other figure does.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("indicator", "investment"), _negated=True),
                            ("amount_cny__isnull", True),
                            ("amount_cny__gte", 0),
                            _connector="OR",
                        ),
                        name="project_figure_investment_not_negative",
                        violation_error_message="The investment cannot be negative.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectTag",
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag of a project",
                "verbose_name_plural": "tags of projects",
                "ordering": ["project_id", "tag_id", "-year", "id"],
                "indexes": [models.Index(fields=["tag", "project"], name="project_by_tag")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="projecttag_valid_in_order",
                        violation_error_message="The first day of validity is after the last.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("year__isnull", True), _negated=True),
                        fields=("project", "tag", "year"),
                        name="projecttag_once_a_year",
                        violation_error_code="unique",
                        violation_error_message="This tag is given already; change that row.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("year__isnull", True),
                            models.Q(("valid_from__isnull", True), _negated=True),
                        ),
                        fields=("project", "tag", "valid_from"),
                        name="projecttag_once_a_term",
                        violation_error_code="unique",
                        violation_error_message="This tag is given already; change that row.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("year__isnull", True), ("valid_from__isnull", True)),
                        fields=("project", "tag"),
                        name="projecttag_once",
                        violation_error_code="unique",
                        violation_error_message="This tag is given already; change that row.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="YearPlan",
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plans",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="year",
                    ),
                ),
                (
                    "planned_cny",
                    models.BigIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9000000000000000),
                        ],
                        verbose_name="planned investment (yuan)",
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
            ],
            options={
                "verbose_name": "plan of a year",
                "verbose_name_plural": "plans of years",
                "ordering": ["project_id", "year"],
                "indexes": [models.Index(fields=["year", "id"], name="plan_by_year")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "year"),
                        name="plan_once_a_year",
                        violation_error_code="unique",
                        violation_error_message="The project has a plan of this year already; change that one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventFigure",
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
                        to="projects.eventfigure",
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
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="projects.signingevent",
                        verbose_name="event",
                    ),
                ),
            ],
            options={
                "verbose_name": "event figure",
                "verbose_name_plural": "event figures",
                "ordering": ["event_id", "indicator_id", "-as_of", "code"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="eventfigure_code_once",
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
                        name="eventfigure_as_of_in_full",
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
                        name="eventfigure_from_in_full",
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
                        name="eventfigure_to_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", False),
                            ("value__isnull", False),
                            models.Q(("value_text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="eventfigure_says_something",
                        violation_error_message="Give an amount, a value, or the value in words.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", True), ("value__isnull", True), _connector="OR"
                        ),
                        name="eventfigure_one_number",
                        violation_error_message="Give an amount in yuan or another value, not both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cny__isnull", True), ("currency", ""), _connector="OR"
                        ),
                        name="eventfigure_yuan_without_currency",
                        violation_error_message="An amount in another currency is a value, not yuan.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period_from__isnull", True),
                            ("period_to__isnull", True),
                            ("period_from__lte", models.F("period_to")),
                            _connector="OR",
                        ),
                        name="eventfigure_period_in_order",
                        violation_error_message="The period begins after it ends.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalMilestone",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("lead", "lead"),
                            ("negotiating", "in negotiation"),
                            ("intended", "intent signed"),
                            ("signed", "contract signed"),
                            ("registered", "entity registered"),
                            ("approved", "approved"),
                            ("started", "construction started"),
                            ("completed", "completed"),
                            ("operating", "operating"),
                            ("full_capacity", "at full capacity"),
                        ],
                        max_length=13,
                        verbose_name="type",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("scheduled", "scheduled"),
                            ("met", "met"),
                            ("revoked", "revoked"),
                        ],
                        default="met",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("planned_on", models.DateField(blank=True, null=True, verbose_name="planned on")),
                (
                    "planned_on_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of the planned date",
                    ),
                ),
                (
                    "planned_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("planned_on", "planned_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "actual_on",
                    models.DateField(
                        blank=True,
                        help_text="May be unknown even if met.",
                        null=True,
                        verbose_name="met on",
                    ),
                ),
                (
                    "actual_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of “met on”"
                    ),
                ),
                (
                    "actual_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("actual_on", "actual_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "type_rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(then=models.Value(0), type="lead"),
                            models.When(then=models.Value(1), type="negotiating"),
                            models.When(then=models.Value(2), type="intended"),
                            models.When(then=models.Value(3), type="signed"),
                            models.When(then=models.Value(4), type="registered"),
                            models.When(then=models.Value(5), type="approved"),
                            models.When(then=models.Value(6), type="started"),
                            models.When(then=models.Value(7), type="completed"),
                            models.When(then=models.Value(8), type="operating"),
                            models.When(then=models.Value(9), type="full_capacity"),
                        ),
                        output_field=models.SmallIntegerField(null=True),
                    ),
                ),
                (
                    "agreement_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "not stated"),
                            ("intent", "letter of intent"),
                            ("framework", "framework agreement"),
                            ("contract", "contract"),
                        ],
                        help_text="What was signed; only for the two signings.",
                        max_length=9,
                        verbose_name="agreement",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="Why it was revoked.",
                        max_length=300,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.signingevent",
                        verbose_name="event",
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
                "verbose_name": "historical milestone",
                "verbose_name_plural": "historical milestones",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_0af40a_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_62c0b2_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalParticipation",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("signed", "signed"),
                            ("started", "started"),
                            ("opened", "opened"),
                            ("presented", "presented"),
                            ("attended", "took part"),
                        ],
                        help_text="Left blank, it follows from the kind of the event and the milestones.",
                        max_length=9,
                        verbose_name="role",
                    ),
                ),
                (
                    "agreement_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "not stated"),
                            ("intent", "letter of intent"),
                            ("framework", "framework agreement"),
                            ("contract", "contract"),
                        ],
                        max_length=9,
                        verbose_name="agreement",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.signingevent",
                        verbose_name="event",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
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
                "verbose_name": "historical participation",
                "verbose_name_plural": "historical participations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_20a118_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_7f2118_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Milestone",
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
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("lead", "lead"),
                            ("negotiating", "in negotiation"),
                            ("intended", "intent signed"),
                            ("signed", "contract signed"),
                            ("registered", "entity registered"),
                            ("approved", "approved"),
                            ("started", "construction started"),
                            ("completed", "completed"),
                            ("operating", "operating"),
                            ("full_capacity", "at full capacity"),
                        ],
                        max_length=13,
                        verbose_name="type",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("scheduled", "scheduled"),
                            ("met", "met"),
                            ("revoked", "revoked"),
                        ],
                        default="met",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("planned_on", models.DateField(blank=True, null=True, verbose_name="planned on")),
                (
                    "planned_on_precision",
                    config.fields.PrecisionField(
                        blank=True,
                        default="",
                        max_length=7,
                        verbose_name="precision of the planned date",
                    ),
                ),
                (
                    "planned_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("planned_on", "planned_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "actual_on",
                    models.DateField(
                        blank=True,
                        help_text="May be unknown even if met.",
                        null=True,
                        verbose_name="met on",
                    ),
                ),
                (
                    "actual_on_precision",
                    config.fields.PrecisionField(
                        blank=True, default="", max_length=7, verbose_name="precision of “met on”"
                    ),
                ),
                (
                    "actual_on_end",
                    config.fields.PeriodEndField(
                        db_persist=True,
                        expression=config.dates.PeriodEnd("actual_on", "actual_on_precision"),
                        output_field=models.DateField(null=True),
                    ),
                ),
                (
                    "type_rank",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(then=models.Value(0), type="lead"),
                            models.When(then=models.Value(1), type="negotiating"),
                            models.When(then=models.Value(2), type="intended"),
                            models.When(then=models.Value(3), type="signed"),
                            models.When(then=models.Value(4), type="registered"),
                            models.When(then=models.Value(5), type="approved"),
                            models.When(then=models.Value(6), type="started"),
                            models.When(then=models.Value(7), type="completed"),
                            models.When(then=models.Value(8), type="operating"),
                            models.When(then=models.Value(9), type="full_capacity"),
                        ),
                        output_field=models.SmallIntegerField(null=True),
                    ),
                ),
                (
                    "agreement_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "not stated"),
                            ("intent", "letter of intent"),
                            ("framework", "framework agreement"),
                            ("contract", "contract"),
                        ],
                        help_text="What was signed; only for the two signings.",
                        max_length=9,
                        verbose_name="agreement",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="projects.signingevent",
                        verbose_name="event",
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
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="Why it was revoked.",
                        max_length=300,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "milestone",
                "verbose_name_plural": "milestones",
                "ordering": ["project_id", "id"],
                "indexes": [
                    models.Index(fields=["project", "status", "type"], name="milestone_of_project")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("planned_on__isnull", True), ("planned_on_precision", "")),
                            models.Q(
                                ("planned_on__isnull", False),
                                models.Q(("planned_on_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="milestone_planned_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("actual_on__isnull", True), ("actual_on_precision", "")),
                            models.Q(
                                ("actual_on__isnull", False),
                                models.Q(("actual_on_precision", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="milestone_actual_in_full",
                        violation_error_message="A date and its precision must be given together.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "scheduled"), _negated=True),
                            ("actual_on__isnull", True),
                            _connector="OR",
                        ),
                        name="milestone_scheduled_not_met",
                        violation_error_message="A scheduled milestone cannot have a date at which it was met.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "revoked"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="milestone_revoked_with_reason",
                        violation_error_message="Say why the milestone is revoked.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreement_type", ""),
                            ("type__in", ["intended", "signed"]),
                            _connector="OR",
                        ),
                        name="milestone_agreement_of_signing",
                        violation_error_message="Only a signing has a type of agreement.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Participation",
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
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="projects.signingevent",
                        verbose_name="event",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participations",
                        to="projects.project",
                        verbose_name="project",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("signed", "signed"),
                            ("started", "started"),
                            ("opened", "opened"),
                            ("presented", "presented"),
                            ("attended", "took part"),
                        ],
                        help_text="Left blank, it follows from the kind of the event and the milestones.",
                        max_length=9,
                        verbose_name="role",
                    ),
                ),
                (
                    "agreement_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "not stated"),
                            ("intent", "letter of intent"),
                            ("framework", "framework agreement"),
                            ("contract", "contract"),
                        ],
                        max_length=9,
                        verbose_name="agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "participation",
                "verbose_name_plural": "participations",
                "ordering": ["event_id", "project_id", "role"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "event", "role"),
                        name="participation_once",
                        violation_error_code="unique",
                        violation_error_message="The project already has this role at the event.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role", ""), _negated=True),
                        name="participation_with_role",
                        violation_error_message="Say what the project did at the event.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalProgressNote",
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
                ("history_user_id", models.BigIntegerField(null=True)),
                ("history_change_reason", models.CharField(max_length=300, null=True)),
                ("noted_on", models.DateField(verbose_name="noted on")),
                (
                    "text",
                    models.TextField(
                        max_length=2000,
                        validators=[django.core.validators.MaxLengthValidator(2000)],
                        verbose_name="progress",
                    ),
                ),
                (
                    "next_step",
                    models.TextField(
                        blank=True,
                        max_length=1000,
                        validators=[django.core.validators.MaxLengthValidator(1000)],
                        verbose_name="next step",
                    ),
                ),
                (
                    "due_on",
                    models.DateField(
                        blank=True,
                        help_text="The day by which the next step is due.",
                        null=True,
                        verbose_name="due on",
                    ),
                ),
                (
                    "noted_by",
                    models.CharField(
                        blank=True,
                        help_text="The person or the office, in words.",
                        max_length=200,
                        verbose_name="noted by",
                    ),
                ),
                (
                    "is_withdrawn",
                    models.BooleanField(
                        default=False,
                        help_text="The note does not hold and nothing took its place.",
                        verbose_name="withdrawn",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
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
                        to="projects.progressnote",
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
                "verbose_name": "historical progress note",
                "verbose_name_plural": "historical progress notes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_accfeb_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_1a6426_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProjectFigure",
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
                    "investment_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "agreed in a contract"),
                            ("planned", "planned"),
                            ("intended", "intended"),
                            ("reported", "reported, basis not stated"),
                        ],
                        max_length=8,
                        verbose_name="basis of the investment",
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
                        to="projects.projectfigure",
                        verbose_name="superseded by",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                        verbose_name="project",
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
                "verbose_name": "historical project figure",
                "verbose_name_plural": "historical project figures",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_6de6d0_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_56e6e5_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEventFigure",
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
                        to="projects.eventfigure",
                        verbose_name="superseded by",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.signingevent",
                        verbose_name="event",
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
                "verbose_name": "historical event figure",
                "verbose_name_plural": "historical event figures",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["history_date", "id"], name="projects_hi_history_4acb82_idx"
                    ),
                    models.Index(fields=["id", "version"], name="projects_hi_id_7b0a38_idx"),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
