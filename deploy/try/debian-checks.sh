#!/bin/sh
# What typed.sh and upgrade.sh share, in the Debian that try-on-debian.sh has made; read by them.
# shellcheck disable=SC2154 # token: of those that read this
export HOME=/root DEBIAN_FRONTEND=noninteractive PYTHONWARNINGS=ignore LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset TMPDIR # a folder of the machine outside
mount -t proc proc /proc
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/shm && mount -t tmpfs tmpfs /dev/shm
echo "127.0.0.1 localhost $(cat /proc/sys/kernel/hostname) ledger.example.org" > /etc/hosts
docs=/srv/try/docs/how-to
authority=/tmp/authority.pem

# The blocks of commands under a heading of a page, without those for containers
printed() {
    awk -v heading="$2" '
        /^##* / { inside = index($0, heading) > 0 }
        /^ *```sh/ { if (inside) { block = 1; next } }
        /^ *```/ { block = 0 }
        block && !/docker/ { sub(/^   /, ""); print }
    ' "$docs/$1.md"
}
say() { printf '\n=== %s  %s\n' "$(date +%T)" "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}
# Ask under the name of the site; https with the authority of pebble
ask() { curl --silent --show-error --fail --max-time 20 --cacert "$authority" "$@"; }
wait_until_ready() {
    for _second in $(seq 60); do
        if ask http://127.0.0.1:8000/readyz 2>/dev/null | grep -q ready; then return 0; fi
        sleep 1
    done
    cat /run/tried/*.log >&2
    fail "not ready"
}
# As in deploy.md, by the account of the service
manage() {
    # shellcheck disable=SC2046 # several variables
    sudo --preserve-env=DJANGO_SUPERUSER_PASSWORD -u ledger env $(cat /etc/park-ledger/environment) .venv/bin/python manage.py "$@"
}
# Write a project over https; its code is in $written
write_project() {
    written=$(ask https://ledger.example.org/api/v1/projects --header "Authorization: Bearer $token" --json \
        "{\"park\": \"baodi-zgc\", \"name_zh\": \"$1\", \"publication\": \"published\"}" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["code"])')
    has_project "$written" || fail "not written: $1"
}
has_project() { ask "https://ledger.example.org/api/v1/projects/$1" >/dev/null 2>&1; }

# An authority that issues certificates as Let's Encrypt does: certbot asks it by default
start_pebble() {
    apt-get -qq install -y --no-install-recommends pebble openssl >/dev/null
    mkdir -p /root/.config/letsencrypt
    printf '%s\n' 'server = https://localhost:14000/dir' 'no-verify-ssl = true' 'non-interactive = true' \
        'agree-tos = true' 'register-unsafely-without-email = true' > /root/.config/letsencrypt/cli.ini
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout /tmp/pebble.key -out /tmp/pebble.pem 2>/dev/null
    cat > /tmp/pebble.json <<END
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
 "certificate": "/tmp/pebble.pem", "privateKey": "/tmp/pebble.key", "httpPort": 80, "tlsPort": 443}}
END
    pebble-challtestsrv -defaultIPv6 "" -http01 "" -https01 "" -tlsalpn01 "" -doh "" >/tmp/names.log 2>&1 &
    PEBBLE_VA_NOSLEEP=1 pebble -config /tmp/pebble.json -dnsserver 127.0.0.1:8053 >/tmp/pebble.log 2>&1 &
    sleep 2
    curl --silent --fail --insecure https://localhost:15000/roots/0 > "$authority" || fail "no pebble: $(cat /tmp/pebble.log)"
}
certificate() {
    openssl s_client -connect 127.0.0.1:443 -servername ledger.example.org </dev/null 2>/dev/null |
        openssl x509 -noout -serial
}
# http is redirected to https, which is served with a certificate for the name, and with HSTS
check_https() {
    [ "$(curl --silent --output /dev/null --write-out '%{http_code} %{redirect_url}' http://ledger.example.org/projects)" = \
        "301 https://ledger.example.org/projects" ] || fail "http is not redirected"
    ask --head https://ledger.example.org/projects | grep -i '^strict-transport-security: max-age' || fail "no HSTS"
    certificate
}
# Without https nothing may send people there
check_http() {
    ask --head http://ledger.example.org/projects > /tmp/head || fail "http is not served: $(cat /tmp/head)"
    grep -Ei '^(strict-transport-security|location)' /tmp/head && fail "https is not served, and people are sent there"
    certificate 2>/dev/null && fail "who serves https?"
    echo "http is served, without redirect and HSTS"
}
