#!/bin/sh
# What try-compose.sh asks of the services that run; read by it.
# shellcheck shell=sh disable=SC2154 # written, token: of try-compose.sh
here=http://127.0.0.1:$PORT

# The blocks of a kind (sh) under a heading of a page
printed() {
    awk -v heading="$2" -v kind="${3:-sh}" '
        /^##* / { inside = index($0, heading) > 0 }
        $0 ~ "^ *```" kind "$" { if (inside) { block = 1; next } }
        /^ *```/ { block = 0 }
        block { sub(/^   /, ""); print }
    ' "docs/how-to/$1.md"
}
say() { printf '\n=== %s  %s\n' "$(date +%T)" "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    docker compose ps --all >&2
    docker compose logs --tail 15 >&2
    exit 1
}
type_it() { sh -ex typed.sh || fail "typing of the docs"; }
ask() {
    address=$here$1
    shift
    curl --silent --show-error --fail --max-time 20 "$address" "$@"
}
container() { docker compose ps --all --quiet "$1"; }
of_container() { docker inspect --format "$2" "$(container "$1")"; }
sql() { docker compose exec -T --user postgres "$1" psql -U postgres -Atc "$2" "${3:-ledger}"; }

wait_until_healthy() {
    for _second in $(seq 120); do
        states=$(docker compose ps --format '{{ .Health }}' | sort -u | tr '\n' ' ')
        # The service `work` has no check of its own
        case " $states" in *starting* | *unhealthy*) ;; *healthy*) ask /readyz >/dev/null && return 0 ;; esac
        sleep 1
    done
    fail "not healthy: $states"
}

check_bounds() {
    service=$1
    [ "$(of_container "$service" '{{ .HostConfig.ReadonlyRootfs }} {{ .HostConfig.CapDrop }}')" = "true [ALL]" ] || fail "$service"
    docker compose exec -T "$service" sh -c 'exec 2>/dev/null
        for file in /a /etc/a /usr/a /srv/a /var/a; do if touch "$file"; then exit 1; fi; done' ||
        fail "$service can write"
    # The process that serves: of the database, the one that its root has started
    state=$(docker compose exec -T "$service" cat /proc/1/status)
    echo "$state" | grep -q '^CapEff:[[:space:]]*0*$' || fail "$service has capabilities"
    echo "$state" | grep -q '^NoNewPrivs:[[:space:]]*1$' || fail "$service can have more rights"
    echo "$state" | grep -q '^Uid:[[:space:]]*0' && fail "$service is root"
    [ "$(of_container "$service" '{{ .HostConfig.Memory }}')" -gt 0 ] || fail "$service: memory"
    [ "$(of_container "$service" '{{ index .HostConfig.LogConfig.Config "max-size" }}')" = 10m ] || fail "$service: logs"
    echo "$service: no root, no capability, no new rights, nothing written, bounded"
}
check_memory() {
    # Twice what the pooler may have, in another container of the same service
    ! docker compose run --rm --no-deps pooler sh -c 'head -c 150M /dev/zero | tail -c 150M | wc -c' 2>/dev/null |
        grep -q 157286400 || fail "memory is not bounded"
    echo "memory: what takes more is ended"
}
check_networks() {
    # No way out: neither a route, nor a port to the outside
    docker compose exec -T database sh -c '! grep -q "^[a-z0-9]*[[:space:]]00000000" /proc/net/route'
    [ "$(docker compose ps --format '{{ .Service }} {{ .Publishers }}' | grep -c "127.0.0.1.*$PORT")" = 1 ]
    if docker compose exec -T nginx sh -c 'getent hosts database'; then fail "nginx reaches the database"; fi
    echo "networks: the database leads nowhere, nginx alone has a port and does not reach it"
}
check_roles() {
    rights=$(sql database "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication
        FROM pg_roles WHERE rolname LIKE 'ledger%' ORDER BY 1")
    [ "$rights" = "$(printf 'ledger|f|f|f|f\nledger_application|f|f|f|f')" ] || fail "roles: $rights"
    [ "$(sql database "SELECT usename FROM pg_stat_activity WHERE datname = 'ledger' AND usename <> 'postgres'
        GROUP BY 1")" = ledger_application ] || fail "others are connected"
    docker compose exec -T web sh -c 'ls /run/secrets' | grep -q database-password && fail "web knows the owner"
    echo "roles: no superuser; only ledger_application is connected"
}

# Writes a project; its code is in $written
write_project() {
    written=$(ask /api/v1/projects --header "Authorization: Bearer $token" --json \
        "{\"park\": \"baodi-zgc\", \"name_zh\": \"$1\", \"publication\": \"published\"}" | jq --raw-output .code)
    [ -n "$written" ] || fail "not written"
    ask "/api/v1/projects/$written" >/dev/null
    echo "written: $written, $1"
}
has_project() { ask "/api/v1/projects/$1" >/dev/null 2>&1; }

# Clients that ask without a pause; how each was answered, and for how long, in the file
begin_asking() {
    : > answers
    asking=
    for target in /api/v1/projects '/api/v1/projects/summary?group_by=stage&measures=count' /api/v1/projects.xlsx; do
        while :; do
            curl --silent --output /dev/null --write-out "%{http_code} %{exitcode} $target\n" "$here$target"
        done >> answers &
        asking="$asking $!"
    done
}
end_asking() {
    # shellcheck disable=SC2086 # several of them
    kill $asking && wait $asking 2>/dev/null || true
}
check_graceful() {
    begin_asking
    sleep 3
    docker compose kill --signal HUP web
    sleep 8
    end_asking
    grep -v '^200 0 ' answers && fail "dropped while it was loaded again"
    echo "loaded again under clients: $(wc -l < answers) answers, all 200"
    # What has been begun when it is told to stop is answered whole
    : > answers
    for number in 1 2 3 4; do
        curl --silent --output /dev/null --write-out '%{http_code} %{exitcode}\n' \
            "$here/api/v1/projects.xlsx?investment_max=${number}000000000000" >> answers &
    done
    sleep 0.2
    docker compose stop web
    wait
    [ "$(grep -c '^200 0$' answers)" = 4 ] || fail "cut: $(cat answers)"
    [ "$(of_container web '{{ .State.ExitCode }}')" = 0 ] || fail "web did not end in order"
    docker compose start web
    wait_until_healthy
    echo "stopped with four files on the way: all are whole"
}

check_standby() {
    [ "$(sql database "SELECT state FROM pg_stat_replication WHERE application_name = 'standby'")" = streaming ] ||
        fail "no standby"
    asked() { sql standby "SELECT sum(calls) FROM (SELECT xact_commit AS calls FROM pg_stat_database WHERE datname = 'ledger') AS a"; }
    before=$(asked)
    # Each another, as answers are kept; PostgreSQL counts with some delay
    for number in $(seq 40); do ask "/api/v1/projects?investment_max=$(date +%s)$number" >/dev/null; done
    for _second in $(seq 15); do
        read_there=$(($(asked) - before))
        [ "$read_there" -gt 40 ] && break
        sleep 1
    done
    [ "$read_there" -gt 40 ] || fail "only $read_there transactions on the standby"
    sql standby "SELECT pg_wal_replay_pause()"
    for number in $(seq 5); do
        write_project "While the standby lags, $number of $(date +%s)"
        ask "/api/v1/projects?code=$written" | jq --exit-status '.results | length == 1' >/dev/null ||
            fail "what was written is not read"
    done
    sql standby "SELECT pg_wal_replay_resume()"
    docker compose kill standby
    for number in $(seq 5); do ask "/api/v1/projects?limit=$number" >/dev/null; done
    ask /readyz | grep degraded
    docker compose up --detach standby
    wait_until_healthy
    for _second in $(seq 30); do ask /readyz | grep -q ready && return; sleep 1; done
    fail "the standby did not come back"
}
# Both answer; while one is away, the other does
check_two() {
    for number in $(seq 30); do ask "/api/v1/parks?limit=$number" >/dev/null; done
    for service in web web-2; do
        docker compose logs --since 1m "$service" | grep -q '"/api/v1/parks' || fail "$service is not asked"
    done
    docker compose stop web
    for number in $(seq 10); do ask "/api/v1/projects?limit=$number" >/dev/null; done
    docker compose start web
    wait_until_healthy
    echo "two: both answer, and one while the other is away"
}
query() {
    curl --silent --fail --get "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/query" --data-urlencode "query=$1" |
        jq --raw-output '.data.result[].value[1]' | head -n 1
}
check_metrics() {
    docker compose exec -T prometheus promtool check config /etc/prometheus/prometheus.yml
    for _second in $(seq 60); do [ "$(query up)" = 1 ] && break; sleep 1; done
    sleep 16
    for each in up ledger_database_pool_size ledger_spool_free_bytes ledger_standbys_away ledger_unsettled_changes \
        'sum(ledger_requests_total)' 'sum(ledger_request_seconds_count)'; do
        value=$(query "$each")
        [ -n "$value" ] || fail "no $each"
        echo "$each: $value"
    done
    [ "$(curl --silent "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/rules" | jq '.data.groups[].rules | length')" -ge 8 ]
    # The readers' port has none
    [ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$here/metrics")" = 404 ]
}
# What the first process of a service was given, of what every-setting.env has, but for the setting $2
check_settings() {
    docker compose exec -T "$1" sh -c 'tr "\0" "\n" < /proc/1/environ' > reached
    is_wanted=no
    grep -v "^${2:-none}" deploy/try/every-setting.env > wanted
    while IFS= read -r line; do
        case "$line" in
            "# The ledger reads"*) is_wanted=yes ;;
            "#"*) ;;
            *) if grep -qxF -- "$line" reached; then is_there=yes; else is_there=no; fi
                [ $is_there = $is_wanted ] || fail "$1: $line, wanted: $is_wanted, there: $is_there" ;;
        esac
    done < wanted
    echo "$1: every setting is there, but those that docker-compose.yml decides"
}
check_backup_metrics() {
    sleep 20 # until they are asked for again
    failed=$(query ledger_backup_failed_timestamp_seconds)
    [ "$(query 'sum(ledger_backup_failed_timestamp_seconds > bool 0)')" = "$1" ] || fail "the last failure: $failed"
    age=$(query ledger_backup_age_seconds)
    case "$age" in [0-9]*) ;; *) fail "age of backups: $age" ;; esac
    echo "the last backup is $age seconds old, one failed at $failed"
}
check_ends() {
    for service in nginx web web-2 pooler work database standby prometheus; do
        code=$(of_container "$service" '{{ .State.ExitCode }}')
        echo "$service ended with $code"
        [ "$code" = 0 ] || fail "$service was killed"
    done
}
