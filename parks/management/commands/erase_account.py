"""Erase the personal data of an account; its writes stay."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from parks.accounts.erasure import erase


class Command(BaseCommand):
    help = (
        "Blank the name and e-mail address of USER, replace the username, end all rights and "
        "tokens. Rows that the account wrote keep its number."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="The username.")
        parser.add_argument("--no-input", action="store_true", help="Do not ask again.")

    def handle(self, *args: Any, **options: Any) -> None:
        account = get_user_model().objects.filter(username=options["user"]).first()
        if account is None:
            raise CommandError(f"There is no account “{options['user']}”.")
        question = f"Erase “{account.username}” for good? Type the username again: "
        if not options["no_input"] and input(question) != account.username:
            raise CommandError("Nothing was changed.")
        erase(account)
        self.stdout.write(f"It is “{account.username}” now.")
