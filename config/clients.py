"""Who asks, as far as what they see goes: what is compiled for one is good for all who see it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Client:
    """Who asks. `visibility` is the same text for all who see the same rows: they are equal."""

    visibility: str
    person: Any = field(compare=False)
