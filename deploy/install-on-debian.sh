#!/bin/sh
# Installs the ledger on Debian 13, from the folder it lies in (/srv/park-ledger): PostgreSQL,
# PgBouncer, nginx, two services. Run it as root, with the name of the site:
#   sh deploy/install-on-debian.sh ledger.example.org
# Run it again for each upgrade: files that somebody has edited are kept. How and why: docs/how-to/deploy.md
set -eu
host=${1:?the name under which the site is reached, such as ledger.example.org}
cd "$(dirname "$0")/.."
here=$(pwd) settings=/etc/park-ledger state=/var/lib/park-ledger backups=/var/backups/park-ledger
[ "$here" = /srv/park-ledger ] || { echo "Put the project's folder at /srv/park-ledger." >&2; exit 1; }
has_systemd() { [ -d /run/systemd/system ]; }
start() { if has_systemd; then systemctl "$@"; fi; }

export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends python3 python3-venv openssl fonts-wqy-microhei \
    postgresql postgresql-client pgbouncer nginx >/dev/null

# --- The user, folders, secrets ---------------------------------------------------------------
getent passwd ledger >/dev/null || useradd --system --home-dir "$state" --shell /usr/sbin/nologin ledger
install -d -m 750 -o root -g ledger "$settings"
install -d -m 700 -o ledger -g ledger "$state" "$backups"
umask 027
for name in secret-key owner-password application-password; do
    [ -s "$settings/$name" ] || openssl rand -hex 32 > "$settings/$name"
    chgrp ledger "$settings/$name"
done
chmod 600 "$settings/owner-password" # migrations are root's: the service does not know it
if [ ! -e "$settings/environment" ]; then
    cat > "$settings/environment" <<END
ALLOWED_HOSTS=$host
SECURE_SSL=false
TRUSTED_PROXIES=1
SECRET_KEY_FILE=$settings/secret-key
DATABASE_URL=postgres://ledger_application@127.0.0.1:6432/ledger
DATABASE_PASSWORD_FILE=$settings/application-password
PGBOUNCER=true
VAR_DIR=$state
STATIC_ROOT=$here/static
BACKUP_DIR=$backups
LOG_FORMAT=json
METRICS_ADDRESS=127.0.0.1:9464
END
    chgrp ledger "$settings/environment"
fi

# --- The program ------------------------------------------------------------------------------
umask 022
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python tools/install.py requirements.txt
for task in 'collectstatic --no-input --verbosity 0' build_openapi; do
    # shellcheck disable=SC2086 # a task and its options
    SECRET_KEY=$(cat "$settings/secret-key") STATIC_ROOT=$here/static VAR_DIR=$state DATABASE_URL='' \
        .venv/bin/python manage.py $task
done

# --- The database: two roles that are no superusers --------------------------------------------
start start postgresql
has_systemd || pg_ctlcluster "$(pg_lsclusters -h | awk 'NR == 1 { print $1 }')" main start 2>/dev/null || true
if [ -z "$(su postgres -c "psql -Atc \"SELECT 1 FROM pg_roles WHERE rolname = 'ledger'\"")" ]; then
    owner=$(cat "$settings/owner-password") application=$(cat "$settings/application-password")
    # In the environment: arguments of a program can be seen by others
    OWNER_PASSWORD=$owner APPLICATION_PASSWORD=$application \
        su postgres -c "sh deploy/postgresql/make-roles.sh"
fi
as_owner() {
    env SECRET_KEY_FILE="$settings/secret-key" VAR_DIR="$state" STATIC_ROOT="$here/static" \
        DATABASE_URL=postgres://ledger@127.0.0.1:5432/ledger \
        DATABASE_PASSWORD_FILE="$settings/owner-password" .venv/bin/python manage.py "$@"
}
as_owner migrate --verbosity 0
as_owner load_fixtures >/dev/null
as_owner protect_history ledger_application

# --- PgBouncer, nginx, units --------------------------------------------------------------------
start disable --quiet --now park-ledger-backup.timer park-ledger-reminders.timer 2>/dev/null || true # of 1.1
sh deploy/debian-files.sh "$host"
[ ! -e /etc/pgbouncer/park-ledger.ini ] || chown postgres:postgres /etc/pgbouncer/park-ledger.ini /etc/pgbouncer/users.txt
nginx -t -q
if has_systemd; then
    systemctl daemon-reload
    systemctl enable --quiet park-ledger park-ledger-work pgbouncer nginx
    systemctl restart pgbouncer park-ledger park-ledger-work nginx
fi

# --- Is https served, and does the ledger know? -------------------------------------------------
serves_https() {
    openssl s_client -connect 127.0.0.1:443 -servername "$host" </dev/null 2>/dev/null |
        openssl x509 -noout -checkhost "$host" 2>/dev/null | grep -q "does match"
}
is_secure() { grep -Eiq '^SECURE_SSL=(true|1|yes|on)' "$settings/environment"; }
if serves_https && ! is_secure; then
    echo "Note: nginx serves https. Set SECURE_SSL=true in $settings/environment: cookies are then sent by https alone."
elif is_secure && has_systemd && ! serves_https; then
    echo "Note: SECURE_SSL=true redirects http to https, and nginx has no certificate for $host here. Unless another proxy"
    echo "in front serves https, run certbot (docs/how-to/deploy.md), or set SECURE_SSL=false in $settings/environment."
fi
echo "Installed. Next: a certificate, the first administrator, the doctor (docs/how-to/deploy.md)."
