"""What each kind of measurement works with: the servers, how often to ask, and where results go."""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.clients import Client
from benchmarks.results import Results


@dataclass
class Bench:
    """One database being measured. `ports` are those of the servers by name; missing ones are out.

    `ledger` keeps no answers. `peers` is the Python that
    has what the ledger is measured beside, `token` that of somebody who may write.
    """

    results: Results
    url: str
    count: int
    rounds: int
    ports: dict[str, int] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    peers: Path | None = None
    token: str = ""

    @property
    def vendor(self) -> str:
        return "sqlite" if self.url.startswith("sqlite") else "postgresql"

    @property
    def few(self) -> int:
        """Rounds of what takes long."""
        return max(self.rounds // 3, 3)

    def has(self, name: str) -> bool:
        return name in self.ports

    def client(self, name: str) -> Client:
        return Client(self.ports[name], **self.headers.get(name, {}))
