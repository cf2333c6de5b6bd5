"""Serve tools that read the ledger over stdin and stdout, to a program on this machine."""

import sys
from typing import Any

import orjson
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from api.asking import build_site_request
from api.renderers import dump_json
from pages.mcp import answer_message


class Command(BaseCommand):
    help = (
        "Serve the Model Context Protocol over stdio, with the rights of an account or the public."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", help="The account that asks; the public if left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["user"]
        user = get_user_model().objects.filter(username=name, is_active=True).first()
        if name and user is None:
            raise CommandError(f"There is no active account “{name}”.")
        request = build_site_request(user or AnonymousUser())
        for line in sys.stdin.buffer:
            close_old_connections()  # as between two requests
            try:
                message = orjson.loads(line)
            except ValueError:
                message = None
            _status, answer = answer_message(request, message)
            if answer is not None:
                sys.stdout.buffer.write(dump_json(answer) + b"\n")
                sys.stdout.buffer.flush()
