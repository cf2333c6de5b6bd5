#!/bin/sh
# Upgrades the release before (/srv/park-ledger) to this commit (/srv/park-ledger-new) as upgrade.md prints it, and
# goes back, in the Debian that try-on-debian.sh has made. First on PostgreSQL with the installers, then on SQLite.
# shellcheck disable=SC2154,SC2034 # written, token: of debian-checks.sh
set -eu
. /srv/try/deploy/try/debian-checks.sh
cd /srv/park-ledger
# Type the commands of a section; going back names the backup that was made before the upgrade
type_section() {
    printed upgrade "$1" | sed "s#^BACKUP=.*#BACKUP=${backup:-}#" > /tmp/typed.sh
    sh -ex /tmp/typed.sh
    cd /srv/park-ledger
}
newest_backup() { find /var/backups/park-ledger -name '*.dump' | sort | tail -n 1; }
check_kept() {
    wait_until_ready
    has_project "$kept" || fail "$kept is lost"
    check_https
    [ "$(certificate)" = "$served" ] || fail "another certificate is served"
    grep -rq '^default_pool_size = 7$' /etc/pgbouncer || fail "pgbouncer is reset"
    grep -rq 'client_max_body_size 33m;' /etc/nginx || fail "nginx is reset"
}

say "The release before: installed, with a certificate, a project, and edits by hand"
sh deploy/install-on-debian.sh ledger.example.org
wait_until_ready
start_pebble
apt-get -qq install -y --no-install-recommends certbot python3-certbot-nginx >/dev/null
certbot --nginx --domain ledger.example.org
export DJANGO_SUPERUSER_PASSWORD=a-long-password-to-try
manage createsuperuser --no-input --username ann --email a@example.org
token=$(manage create_token ann --name try --scope write 2>/dev/null)
write_project "Before the upgrade"
kept=$written
sed -i 's/^default_pool_size = .*/default_pool_size = 7/' /etc/pgbouncer/*.ini
find /etc/nginx -type f -exec sed -i 's/client_max_body_size 21m;/client_max_body_size 33m;/' {} +
systemctl restart pgbouncer nginx
served=$(certificate)
check_kept

say "upgrade.md: to this commit"
type_section "Upgrade" > /tmp/said
grep Note: /tmp/said || echo "nothing is left for the operator to do"
backup=$(newest_backup)
check_kept
manage doctor
certbot renew --force-renewal --no-random-sleep-on-renew
served=$(certificate)
write_project "After the upgrade"
lost=$written

say "upgrade.md: and back"
type_section "Go back"
check_kept
! has_project "$lost" || fail "$lost is still there"
write_project "After going back"

say "upgrade.md: once more, and to the files of this version"
type_section "Upgrade"
check_kept
type_section "The nginx.conf of 1.0.0" > /tmp/said
grep "Note: SECURE_SSL=true" /tmp/said || fail "nobody is told that there is no certificate yet"
sed -i 's/client_max_body_size 21m;/client_max_body_size 33m;/' /etc/nginx/sites-available/park-ledger
nginx -s reload
check_kept
certbot renew --force-renewal --no-random-sleep-on-renew
check_https

say "The same on SQLite"
export DATABASE_URL=sqlite:////tmp/ledger.sqlite3 VAR_DIR=/tmp/var BACKUP_DIR=/tmp/backups
before() { (cd /srv/park-ledger-old && .venv/bin/python manage.py "$@"); }
after() { (cd /srv/park-ledger && .venv/bin/python manage.py "$@"); }
# How many projects and accounts a ledger holds
holds() {
    python3 -c 'import sqlite3
for table in "projects_project", "auth_user":
    print(table, *sqlite3.connect("/tmp/ledger.sqlite3").execute(f"SELECT count(*) FROM {table}").fetchone())'
}
account() { "$1" createsuperuser --no-input --username "$2" --email a@example.org; }
before migrate --verbosity 0
before load_fixtures >/dev/null
account before ann
kept=$(holds)
echo "$kept"
before backup
after migrate --verbosity 0
[ "$(holds)" = "$kept" ] || fail "lost in the upgrade: $(holds)"
account after bob
[ "$(holds)" != "$kept" ]
before restore "$(find /tmp/backups -name '*.sqlite3.gz' | head -n 1)" --replace
[ "$(holds)" = "$kept" ] || fail "not as it was before: $(holds)"
before doctor

say "Upgraded, and taken back, with all that was there."
