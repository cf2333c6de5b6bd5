"""`manage.py make_demo`: fills the current database with synthetic parks and projects."""

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from parks.models import Sector
from projects.models import Project
from projects.seeding.demo import make_projects
from projects.seeding.demo_meeting import make_meeting_park
from projects.seeding.demo_world import CHIPS, CODE_PREFIX, World
from projects.seeding.fixtures import analyse


class Command(BaseCommand):
    help = (
        "Fill the current database with synthetic parks and projects whose names and codes say "
        "that they are a demonstration. What is there already stays as it is; a ledger that "
        "holds other projects is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--projects", type=int, default=5000, metavar="N", help="how many (5000)"
        )
        parser.add_argument(
            "--seed", type=int, default=1, metavar="S", help="another seed, other projects (1)"
        )
        parser.add_argument(
            "--only-drawn", action="store_true", help="without the park of the weekly meeting"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.check_database()
        start = perf_counter()
        if not options["only_drawn"]:
            make_meeting_park()
        made = sum(make_projects(World(options["seed"]), options["projects"]))
        analyse()
        if not options["verbosity"]:
            return
        self.stdout.write(
            _("Made %(made)d synthetic projects in %(seconds).1f s; there are %(count)d now.")
            % {"made": made, "seconds": perf_counter() - start, "count": Project.objects.count()}
        )

    def check_database(self) -> None:
        """Raise `CommandError` unless this is an empty ledger or one of synthetic projects."""
        others = Project.objects.exclude(code_key__startswith=CODE_PREFIX).count()
        if others:
            raise CommandError(
                _(
                    "The database “%(name)s” contains %(count)d projects that are not synthetic: "
                    "name another one in DATABASE_URL, or use `make demo`."
                )
                % {"name": connection.settings_dict["NAME"], "count": others}
            )
        if not Sector.objects.filter(code=CHIPS[0]).exists():
            raise CommandError(
                _("Synthetic projects need what PROFILE=china loads: `manage.py load_fixtures`.")
            )
