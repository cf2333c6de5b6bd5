"""The environment, of which settings are read; knows which variables there are."""

from typing import Any

import environ


class Environment(environ.FileAwareEnv):
    """Reads variables, also NAME_FILE for every NAME: secrets can be mounted as files.

    `asked` has the names that were asked for, by which a misspelt one is told.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get_value(self, var: str, *arguments: Any, **options: Any) -> Any:
        """Give the value of a variable, and remember its name."""
        self.asked.add(var)
        return super().get_value(var, *arguments, **options)
