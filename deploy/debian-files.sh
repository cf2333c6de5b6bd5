#!/bin/sh
# Writes the ledger's own files for nginx, PgBouncer and systemd on Debian; install-on-debian.sh runs it.
#   sh deploy/debian-files.sh ledger.example.org
# An edited file is kept. Of Debian's files only pgbouncer.ini is changed: one line is appended, once.
# Lines that begin with "Note:" are for the operator. ROOT is another root folder, for tests.
set -eu
host=$1 root=${ROOT:-}
cd "$(dirname "$0")/.."
nginx=/etc/nginx pgbouncer=/etc/pgbouncer
written=$root/etc/park-ledger/written # each file as the last run wrote it
mkdir -p "$written"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
note() { printf 'Note: %s\n' "$*"; }

is_of_1_0_0() { grep -q "^$(sha256sum < "$1" | cut -d ' ' -f 1) " deploy/units-of-1.0.0.sha256; }

# Write standard input to a file of the ledger, unless somebody has edited that file
place() {
    cat > "$new"
    last=$written/$(echo "${1#/}" | tr / -)
    if [ ! -e "$root$1" ] || cmp -s "$root$1" "$last" || is_of_1_0_0 "$root$1"; then
        cat "$new" > "$root$1"
    fi
    if cmp -s "$new" "$root$1"; then
        rm -f "$root$1.new"
    else
        cat "$new" > "$root$1.new"
        note "$1 was edited and is kept. This version's file is $1.new: compare the two, and merge what you need."
    fi
    cat "$new" > "$last"
}

# --- nginx ------------------------------------------------------------------------------------
part() {
    sed -e "1,/# begin $1/d" -e "/# end $1/,\$d" -e "s/^ \{$2\}//" \
        -e "s/server web:8000/server 127.0.0.1:8000/" -e "s#/dev/stdout#/var/log/nginx/access.log#" \
        deploy/nginx/nginx.conf
}
# The first enabled file, other than ours, that has such a line
other_with() {
    (cd "$root$nginx" && grep -Els "^[^#]*$1" nginx.conf sites-enabled/* conf.d/*) |
        grep -v '/park-ledger' | head -n 1
}
site=sites-available/park-ledger
other=$(other_with 'upstream ledger *\{')
namesake=$(other_with "server_name .*$host")
if [ -n "$other" ]; then # of release 1.0.0, or written by hand
    note "$nginx/$other already passes requests on to the ledger, and is kept. Nothing is written for nginx." \
        "To move to the files of this version: docs/how-to/upgrade.md, \"The nginx.conf of 1.0.0\"."
else
    part http 4 | place $nginx/conf.d/park-ledger.conf
    part server 8 | place $nginx/snippets/park-ledger.conf
    if [ -n "$namesake" ] && ! grep -q snippets/park-ledger.conf "$root$nginx/$namesake"; then
        note "$nginx/$namesake already serves $host, and is kept. Let its server include snippets/park-ledger.conf," \
            "as in docs/how-to/deploy.md."
    elif [ -z "$namesake" ] && [ ! -e "$root$nginx/$site" ]; then
        cat > "$root$nginx/$site" <<END
# Yours: install-on-debian.sh writes this file once. certbot adds its lines here.
server {
    listen 80;
    listen [::]:80;
    server_name $host;
    client_max_body_size 21m;   # an upload of UPLOAD_MAX_BYTES, and the rest of its form
    set \$forwarded_proto \$scheme;   # behind another proxy: \$http_x_forwarded_proto
    include snippets/park-ledger.conf;   # the ledger's: each upgrade writes it again
}
END
        ln -sf ../$site "$root$nginx/sites-enabled/park-ledger"
    fi
fi

# --- PgBouncer --------------------------------------------------------------------------------
ini=$root$pgbouncer/pgbouncer.ini
if ! grep -Eq '^ledger *=|^%include .*park-ledger.ini' "$ini"; then
    if sed -n '/^\[databases\]/,/^\[[^d]/p' "$ini" | grep -Eq '^[^;#[]+='; then
        note "$pgbouncer/pgbouncer.ini has databases of others, and is kept. Add what deploy/pgbouncer.sh writes" \
            "for the database ledger, or the ledger cannot reach PgBouncer."
    else
        [ -e "$root$pgbouncer/park-ledger.ini" ] ||
            sh deploy/pgbouncer.sh --write "$root$pgbouncer" "$root/etc/park-ledger/application-password" 127.0.0.1
        printf '%%include %s/park-ledger.ini\n' $pgbouncer >> "$ini"
    fi
fi

# --- systemd ----------------------------------------------------------------------------------
for unit in deploy/systemd/*; do place "/etc/systemd/system/${unit##*/}" < "$unit"; done
# Up to 1.1 timers did what park-ledger-work does
for name in backup.timer backup.service backup-failed.service reminders.timer reminders.service; do
    unit=/etc/systemd/system/park-ledger-$name last=$written/etc-systemd-system-park-ledger-$name
    if [ ! -e "$root$unit" ]; then
        continue
    elif cmp -s "$root$unit" "$last" || is_of_1_0_0 "$root$unit"; then
        rm -f "$root$unit" "$last"
    else
        note "$unit was edited and is kept, though park-ledger-work now does its work: disable it."
    fi
done
