#!/bin/sh
# Tries docs/how-to/deploy.md, upgrade.md and backup.md in an empty Debian 13: what they print is run there, as
# it is printed. As root on Debian, with mmdebstrap; takes ten minutes and 2 GB in TMPDIR:
#   sh deploy/try-on-debian.sh
set -eu
cd "$(dirname "$0")/.."
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=ca-certificates,sudo,procps trixie "$root"
# What this machine needs to reach the networks, the other needs as well
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$root/srv/park-ledger" "$root/run/systemd/system"
git archive HEAD | tar -x -C "$root/srv/park-ledger"
install -m 755 deploy/try/systemctl.py "$root/usr/bin/systemctl"
unshare --mount --pid --fork --kill-child chroot "$root" sh /srv/park-ledger/deploy/try/typed.sh
