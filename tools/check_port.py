"""Says in one line if nothing can listen on 127.0.0.1:$PORT, before the long work begins."""

import os
import socket
import sys

given = os.environ.get("PORT", "8000")
if not (given.isascii() and given.isdigit() and 0 < int(given) < 65536):
    sys.exit(f"PORT={given} is no port: give a number from 1 to 65535.")
with socket.socket() as probe:
    # As the server will: a port that was in use a moment ago is free.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(given)))
    except PermissionError:
        sys.exit(f"Port {given} is kept for the administrator: choose another, PORT=8001 make run")
    except OSError:
        sys.exit(
            f"Port {given} is taken: stop what listens there, or choose another, PORT=8001 make run"
        )
