"""`settle`: number all committed changes for the feed, and seal their history."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from parks.recording.seals import settle


class Command(BaseCommand):
    help = (
        "Numbers and seals what is not settled yet, in batches, while others read and write. "
        "Nobody has to run it: whoever writes or reads the feed settles a batch. After a load of "
        "very many rows that was killed, it is done sooner so."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("%(count)d changes settled.") % {"count": settle()})
