"""`remove_second_factor`: for somebody whose phone and spare codes are lost."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from parks.accounts.second_factor import remove_second_factor


class Command(BaseCommand):
    help = "Removes the second factor of an account. Be sure that its owner asks for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the name of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["user"]
        user = get_user_model()._default_manager.filter(username=name).first()
        if user is None or not remove_second_factor(user):
            raise CommandError(_("“%(name)s” has no second factor.") % {"name": name})
        self.stdout.write(_("Removed: the password alone signs in."))
