"""Creates a superuser as Django does; also without questions, the password must keep the rules."""

import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> Any:
        password = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        if password is not None and not options["interactive"]:
            try:
                validate_password(password)
            except ValidationError as error:
                raise CommandError("\n".join(error.messages)) from error
        return super().handle(*args, **options)
