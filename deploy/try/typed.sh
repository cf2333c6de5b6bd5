#!/bin/sh
# Types what the docs print, in the Debian that try-on-debian.sh has made.
set -eu
. /srv/try/deploy/try/debian-checks.sh
cd /srv/park-ledger

say "deploy.md: install"
printed deploy "On Debian 13" > /tmp/install.sh
sh -ex /tmp/install.sh
wait_until_ready
check_http
ask "http://ledger.example.org/api/v1/projects?count=exact&limit=1" | grep -q '"count"'

say "deploy.md: a certificate"
start_pebble
printed deploy "A certificate" > /tmp/certificate.sh
sh -ex /tmp/certificate.sh
wait_until_ready
check_https

say "deploy.md: the first administrator, the doctor"
printed deploy "The first administrator" > /tmp/after.sh
export DJANGO_SUPERUSER_PASSWORD=a-long-password-to-try DJANGO_SUPERUSER_EMAIL=a@example.org
sed -i 's/^ledger createsuperuser/ledger createsuperuser --no-input --username ann/; s/sudo -u ledger env/sudo --preserve-env=DJANGO_SUPERUSER_PASSWORD,DJANGO_SUPERUSER_EMAIL -u ledger env/' /tmp/after.sh
sh -ex /tmp/after.sh

say "deploy.md: run again, nothing that certbot or somebody has edited changes; certbot renews"
sed -i 's/^default_pool_size = .*/default_pool_size = 7/' /etc/pgbouncer/park-ledger.ini
sed -i 's/client_max_body_size 21m;/client_max_body_size 33m;/' /etc/nginx/sites-available/park-ledger
find /etc/nginx /etc/pgbouncer /etc/systemd/system -type f -exec sha256sum {} + > /tmp/before
sh -ex /tmp/install.sh | tee /tmp/said
sha256sum --check --quiet /tmp/before
! grep Note: /tmp/said || fail "there is nothing to do for the operator"
wait_until_ready
old=$(check_https)
certbot renew --force-renewal --no-random-sleep-on-renew
[ "$(check_https)" != "$old" ] || fail "not renewed"

say "monitor.md: metrics"
ask http://127.0.0.1:9464/metrics | head -n 2

say "backup.md"
set -a; . /etc/park-ledger/environment; set +a
# As its owner, and past PgBouncer
export PGBOUNCER=false DATABASE_URL=postgres://ledger@127.0.0.1:5432/ledger METRICS_ADDRESS=
export DATABASE_PASSWORD_FILE=/etc/park-ledger/owner-password
{ printed backup "Make a key"; printed backup "Back up"; printed backup "Try it"; } > /tmp/backup.sh
printed backup "Restore" > /tmp/restore.sh
# A restored cluster begins with an empty database
sed -i '/systemctl stop park-ledger/a sudo -u postgres dropdb --force ledger\nsudo -u postgres createdb -O ledger -E UTF8 --locale C.UTF-8 -T template0 ledger\nsudo -u postgres psql -qc "GRANT CONNECT ON DATABASE ledger TO ledger_application"' /tmp/restore.sh
cat /tmp/backup.sh /tmp/restore.sh > /tmp/typed.sh
sh -ex /tmp/typed.sh
wait_until_ready
ask "https://ledger.example.org/api/v1/projects?count=exact&limit=1" | grep -q '"count"'

say "backup.md: to any moment"
count() { sudo -u postgres psql -Atc "SELECT count(*) FROM parks_source" ledger; }
printed backup "To any moment" > /tmp/archive.sh
sh -ex /tmp/archive.sh
sleep 2 # pgBackRest counts in seconds, and the backup must have ended before the moment
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
