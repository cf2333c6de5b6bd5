"""Secrets kept in files that only their owner can read."""

import os
import secrets
import tempfile
from pathlib import Path


def read_or_make(path: Path, length: int) -> str:
    """Read the secret in `path`, or make one there of `length` random bytes (mode 0600).

    The file is made whole or not at all, so processes that start together read the same secret.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp's file is for its owner alone from the first moment; the link gives it its name
        # with the text already inside, unless another process was faster.
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(length) + "\n")
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(temporary)
    secret = path.read_text(encoding="ascii").strip()
    if not secret:
        raise ValueError(f"{path} is empty: remove it, and a new secret is made")
    return secret
