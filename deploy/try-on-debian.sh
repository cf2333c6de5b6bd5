#!/bin/sh
# Tries docs/how-to/deploy.md, upgrade.md and backup.md in an empty Debian 13: what they print is run there, as
# it is printed. In another one, the release before is upgraded to this commit and taken back. As root on Debian,
# with mmdebstrap and git; takes a quarter of an hour and 2 GB in TMPDIR:
#   sh deploy/try-on-debian.sh            both
#   sh deploy/try-on-debian.sh typed      or one of them: typed, upgrade
# The ports 80, 443, 5432, 6432, 8000, 9464, 14000 and 15000 must be free.
set -eu
cd "$(dirname "$0")/.."
before=$(git log -n 1 --format=%H --extended-regexp --grep='^Release [0-9.]+$' HEAD~1)
root=
trap 'rm -rf --one-file-system "$root"' EXIT
unpack() { mkdir -p "$root$2" && git archive "$1" | tar -x -C "$root$2"; }

for script in ${1:-typed upgrade}; do
    root=$(mktemp -d)
    mmdebstrap --quiet --variant=minbase --include=ca-certificates,curl,python3,sudo,procps trixie "$root"
    # What this machine needs to reach the networks, the other needs as well
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    mkdir -p "$root/run/systemd/system"
    unpack HEAD /srv/try
    if [ "$script" = typed ]; then
        unpack HEAD /srv/park-ledger
    else
        unpack HEAD /srv/park-ledger-new
        unpack "$before" /srv/park-ledger
    fi
    install -m 755 deploy/try/systemctl.py "$root/usr/bin/systemctl"
    unshare --mount --pid --fork --kill-child chroot "$root" sh "/srv/try/deploy/try/$script.sh"
    rm -rf --one-file-system "$root"
done
