"""The environment, of which settings are read; knows which variables there are."""

from typing import Any

import environ

# Variables that docker-compose.yml reads itself, from the same `.env` as the settings
COMPOSE_VARIABLES = {"DATABASE_MEMORY", "LISTEN", "PROMETHEUS_PORT", "SPOOL_SIZE", "WEB_MEMORY"}


class Environment(environ.FileAwareEnv):
    """Reads variables, also NAME_FILE for every NAME: secrets can be mounted as files.

    An empty variable counts as unset. `asked` collects the names of all settings.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get_value(
        self, var: str, cast: Any = None, default: Any = None, parse_default: bool = False
    ) -> Any:
        """Return the value of a variable, or the default where it is unset or empty.

        Unlike django-environ, take a value that begins with `$` as it is: a password may.
        """
        self.asked.add(var)
        value = self.ENVIRON.get(var, "")
        return self.parse_value(value, cast) if value.strip() else default
