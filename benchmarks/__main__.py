"""`python -m benchmarks`: measures on SQLite, then on a throw-away PostgreSQL."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile

RUN = [sys.executable, "-m", "benchmarks.run"]
COMMANDS = {
    "sqlite": RUN,
    "postgresql": [sys.executable, "-m", "tests.postgres", "--", *RUN],
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="Other arguments go to benchmarks.run: --projects N (100000), --rounds R (15).",
    )
    parser.add_argument("--only", choices=COMMANDS, help="measure on this database alone")
    options, others = parser.parse_known_args()
    for name in [options.only] if options.only else COMMANDS:
        with tempfile.TemporaryDirectory(prefix="ledger-bench-") as folder:
            environment = os.environ | {
                "DATABASE_URL": "",
                "DEBUG": "",
                "ENV_FILE": os.devnull,  # measured as it is shipped
                "LOG_LEVEL": "WARNING",
                "SECRET_KEY": secrets.token_urlsafe(32),
                "VAR_DIR": folder,
            }
            ended = subprocess.run([*COMMANDS[name], *others], env=environment, check=False)
        if ended.returncode:
            return ended.returncode
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
