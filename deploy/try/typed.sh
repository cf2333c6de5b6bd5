#!/bin/sh
# Types what the docs print, in the Debian that try-on-debian.sh has made.
set -eu
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/shm && mount -t tmpfs tmpfs /dev/shm
[ -x /usr/bin/python3 ] || apt-get -qq update && apt-get -qq install -y --no-install-recommends python3 >/dev/null
echo "127.0.0.1 localhost $(cat /proc/sys/kernel/hostname)" > /etc/hosts
cd /srv/park-ledger

# The blocks of commands under a heading of a page, without those for containers
printed() {
    awk -v heading="$2" '
        /^##* / { inside = index($0, heading) > 0 }
        /^ *```sh/ { if (inside) { block = 1; next } }
        /^ *```/ { block = 0 }
        block && !/docker/ { sub(/^   /, ""); print }
    ' "docs/how-to/$1.md"
}
say() { printf '\n=== %s\n' "$*"; }
ask() { .venv/bin/python -c '
import sys, urllib.request as r
asked = r.Request(sys.argv[1], headers={"Host": "ledger.example.org", "X-Forwarded-Proto": "https"})
print(r.urlopen(asked, timeout=20).read().decode())' "$1"; }
wait_until_ready() {
    for _second in $(seq 60); do
        if ask http://127.0.0.1/readyz 2>/dev/null | grep -q ready; then return 0; fi
        sleep 1
    done
    cat /run/tried/*.log >&2
    return 1
}

say "deploy.md: install"
printed deploy "On Debian 13" | grep install-on-debian > /tmp/install.sh
sh -ex /tmp/install.sh
wait_until_ready
ask "http://127.0.0.1:8000/api/v1/projects?count=exact&limit=1" | grep -q '"count"'

say "deploy.md: the first administrator, the doctor"
printed deploy "On Debian 13" | grep -v install-on-debian > /tmp/after.sh
export DJANGO_SUPERUSER_PASSWORD=a-long-password-to-try DJANGO_SUPERUSER_EMAIL=a@example.org
sed -i 's/^ledger createsuperuser/ledger createsuperuser --no-input --username ann/; s/sudo -u ledger env/sudo --preserve-env=DJANGO_SUPERUSER_PASSWORD,DJANGO_SUPERUSER_EMAIL -u ledger env/' /tmp/after.sh
sh -ex /tmp/after.sh

say "monitor.md: metrics"
ask http://127.0.0.1:9464/metrics | head -n 2

say "upgrade.md"
printed upgrade "Upgrade" | sed 's/^ *//' | sh -ex
wait_until_ready

say "backup.md"
set -a; . /etc/park-ledger/environment; set +a
# As its owner, and past PgBouncer
export PGBOUNCER=false DATABASE_URL=postgres://ledger@127.0.0.1:5432/ledger METRICS_ADDRESS=
export DATABASE_PASSWORD_FILE=/etc/park-ledger/owner-password
{ printed backup "Make a key"; printed backup "Back up, every day"; printed backup "Try it"; } > /tmp/backup.sh
printed backup "Restore" > /tmp/restore.sh
# A restored cluster begins with an empty database
sed -i '/systemctl stop park-ledger/a sudo -u postgres dropdb --force ledger\nsudo -u postgres createdb -O ledger -E UTF8 --locale C.UTF-8 -T template0 ledger\nsudo -u postgres psql -qc "GRANT CONNECT ON DATABASE ledger TO ledger_application"' /tmp/restore.sh
cat /tmp/backup.sh /tmp/restore.sh > /tmp/typed.sh
sh -ex /tmp/typed.sh
wait_until_ready
ask "http://127.0.0.1:8000/api/v1/projects?count=exact&limit=1" | grep -q '"count"'

say "backup.md: to any moment"
count() { sudo -u postgres psql -Atc "SELECT count(*) FROM parks_source" ledger; }
printed backup "To any moment" > /tmp/archive.sh
sh -ex /tmp/archive.sh
kept=$(count) moment=$(date +"%Y-%m-%d %H:%M:%S.%N%:z")
sleep 2
sudo -u postgres psql -qc "CREATE TABLE a_mistake AS SELECT 1; TRUNCATE parks_source CASCADE" ledger
sudo -u postgres psql -qc "SELECT pg_switch_wal()" ledger >/dev/null
printed backup "Go back to a moment" | sed "s/^MOMENT=.*/MOMENT=\"$moment\"/" > /tmp/back.sh
sh -ex /tmp/back.sh
sleep 5
[ "$(count)" = "$kept" ] && [ "$kept" -gt 0 ]
wait_until_ready

say "All that was typed went well."
