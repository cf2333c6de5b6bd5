"""`renew_ledger`: make readers of the feed start again, after restoring an older copy."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from parks.recording.records import Identity


class Command(BaseCommand):
    help = (
        "Gives the ledger a new identity. Cursors of the changes feed that were given out before "
        "are refused with 410: run this after a restore that took back changes."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        Identity.objects.update(uuid=uuid.uuid4())
        self.stdout.write(_("Readers of the changes feed have to start again from the beginning."))
