#!/usr/bin/python3
"""Do what `systemctl start|stop|restart|reload UNIT...` does where no systemd runs: to try units.

A unit of ours is run as its file says: user, folder, environment, umask. Debian's own are started
by their programs. Everything else that systemctl does, such as `enable`, is left out.
"""

import os
import pwd
import signal
import subprocess
import sys
import time
from fnmatch import filter
from pathlib import Path

UNITS = Path("/etc/systemd/system")
RUN = Path("/run/tried")
OF_DEBIAN = {
    "postgresql": "pg_ctlcluster --skip-systemctl-redirect 17 main {} || [ $? = 2 ]",
    "nginx": "if [ {} = start ]; then nginx; else pkill -QUIT -o -x nginx; sleep 1; fi",
    "pgbouncer": "if [ {} = start ]; then setsid runuser -u postgres -- "
    "pgbouncer -q /etc/pgbouncer/pgbouncer.ini >/tmp/pgbouncer.log 2>&1 & sleep 1; "
    "else pkill -x pgbouncer; sleep 1; fi",
}


def main(action: str, names: list[str]) -> int:
    """Do it with each unit; returns 1 if one could not be started."""
    steps = {"restart": ["stop", "start"]}.get(action, [action])
    codes = [0]
    known = [path.name for path in UNITS.glob("*.service")]
    for name in names:
        for unit in filter(known, name) if "*" in name else [name]:
            if not unit.endswith(".timer"):
                within = (step for step in steps if step in ("start", "stop", "reload"))
                codes += [do(step, unit.removesuffix(".service")) for step in within]
    return int(any(codes))


def do(step: str, unit: str) -> int:
    """Start, stop or reload one unit; stopping what does not run is no mistake."""
    if unit in OF_DEBIAN:
        command = OF_DEBIAN[unit].format(step)
        done = subprocess.run(["/bin/sh", "-c", command], check=False)  # noqa: S603 ours
        return done.returncode if step == "start" else 0
    pid_file = RUN / unit
    if not (UNITS / f"{unit}.service").exists():
        return 0
    if step == "start":
        return start(unit, pid_file)
    if pid_file.exists() and (process := Path(f"/proc/{pid_file.read_text()}")).exists():
        os.kill(int(process.name), signal.SIGHUP if step == "reload" else signal.SIGTERM)
        while step == "stop" and process.exists():
            time.sleep(0.1)
    return 0


def start(unit: str, pid_file: Path) -> int:
    """Start a unit of ours, and wait for it if it runs once."""
    said = read_unit(UNITS / f"{unit}.service")
    user = pwd.getpwnam(said["User"][-1])
    environment = {"PATH": os.environ["PATH"], "HOME": user.pw_dir}
    for path in said.get("EnvironmentFile", []):
        environment |= dict(line.split("=", 1) for line in Path(path).read_text().splitlines())
    for line in said.get("Environment", []):
        environment |= dict(word.split("=", 1) for word in line.split())
    log = RUN / f"{unit}.log"
    RUN.mkdir(exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 what our units say
            said["ExecStart"][-1].split(),
            cwd=said["WorkingDirectory"][-1],
            env=environment,
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            umask=int(said["UMask"][-1], 8),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    if said.get("Type", ["simple"])[-1] == "oneshot":
        code = process.wait()
        sys.stdout.write(log.read_text())
        return code
    pid_file.write_text(str(process.pid))
    return 0


def read_unit(path: Path) -> dict[str, list[str]]:
    """Read the lines of a unit file, by their names."""
    said: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _equals, value = line.partition("=")
            said.setdefault(name, []).append(value)
    return said


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    sys.exit(main(words[0] if words else "", words[1:]))
