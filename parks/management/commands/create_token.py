"""Make an API token for a user, and print it once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from parks.models import ApiToken


class Command(BaseCommand):
    help = "Make an API token for USER and print it, once: only its digest is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="The username.")
        parser.add_argument("--name", required=True, help="What the token is for.")
        parser.add_argument(
            "--scope",
            choices=ApiToken.Scope.values,
            default=ApiToken.Scope.READ,
            help="read (if left out), or write, which reads, too.",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=90,
            help=f"How long it lasts, at most {ApiToken.MAX_DAYS} days; 90 if left out.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None or not user.is_active:
            raise CommandError(f"There is no active account “{options['user']}”.")
        try:
            token, secret = ApiToken.issue(
                user, options["name"], scope=options["scope"], days=options["days"]
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(secret)  # alone, so that a script can take it
        self.stderr.write(f"Expires on {token.expires_at:%Y-%m-%d}. It is not shown again.")
