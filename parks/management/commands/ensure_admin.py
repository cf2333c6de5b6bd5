"""`manage.py ensure_admin`: the first administrator, so that a new ledger can be entered."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from config.environment import read_or_make

NAME = "admin"


class Command(BaseCommand):
    help = "Makes the first administrator, with a random password, unless there is one."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        accounts = get_user_model()._default_manager
        if accounts.filter(is_superuser=True).exists():
            self.stdout.write(_("There is already an administrator; nothing was changed."))
            return
        if accounts.filter(username=NAME).exists():
            raise CommandError(
                _(
                    "The account “%(name)s” exists but is not an administrator: name another "
                    "with `manage.py createsuperuser`."
                )
                % {"name": NAME}
            )
        # All databases of this folder share the password in the file
        path: Path = settings.VAR_DIR / "admin-password"
        password = read_or_make(path, length=16)
        try:
            validate_password(password, get_user_model()(username=NAME))
        except ValidationError as error:
            raise CommandError("\n".join([f"{path}:", *error.messages])) from error
        path.chmod(0o600)  # the file may have been copied with the folder
        get_user_model().objects.create_superuser(NAME, password=password)
        said = _("Administrator “%(name)s” created; the password is in %(path)s.")
        self.stdout.write(said % {"name": NAME, "path": path})
        if self.stdout.isatty():  # the logs of a service are read by others
            self.stdout.write(password)
