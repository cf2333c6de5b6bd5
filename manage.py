#!/usr/bin/env python
"""Django's command line for the ledger: `python manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line

from config.environment import collect_seldom

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    collect_seldom()
    execute_from_command_line(sys.argv)
