"""The WSGI application that gunicorn serves."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application: Any = get_wsgi_application()

# These modules read settings when they are imported.
from config.checks import refuse_unsafe  # noqa: E402
from config.database.time_limits import limit_connections  # noqa: E402
from sheets.reading.apart import start_reading  # noqa: E402

refuse_unsafe()
limit_connections()
start_reading()  # gunicorn loads this before its workers, which then share the program
if settings.METRICS_ADDRESS:
    from config.metrics import wrap_application  # which costs memory

    application = wrap_application(application)
