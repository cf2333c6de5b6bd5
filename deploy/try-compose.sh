#!/bin/sh
# Runs docker-compose.yml as docs/how-to/deploy.md, upgrade.md and backup.md say, and looks whether it holds what
# they promise. Needs Docker with Compose (Debian: docker.io, docker-cli, docker-compose), curl, jq, and git;
# takes half an hour and 6 GB.
#   sh deploy/try-compose.sh               with the images that are named, from their registry
#   BASES=debian sh deploy/try-compose.sh  where none is reached: with stand-ins of Debian's packages (also
#                                          mmdebstrap, as root); they stay, under the names of the images
# It tries the newest commit, in a folder, a project (ledger-try) and volumes of its own, and removes them.
set -eu
cd "$(dirname "$0")/.."
[ "${BASES:-}" != debian ] || sh deploy/try/bases.sh
former=$(git log -n 1 --format=%H --extended-regexp --grep='^Release [0-9.]+$')
folder=$(mktemp -d)
git clone --quiet "$PWD" "$folder"
cd "$folder"
export COMPOSE_PROJECT_NAME=ledger-try PORT="${PORT:-8765}" PROMETHEUS_PORT="${PROMETHEUS_PORT:-9765}"
clean_up() {
    # shellcheck disable=SC2046 # several of them
    docker compose --profile '*' down --volumes --remove-orphans --timeout 5 >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
. deploy/try/compose-checks.sh
echo RATE_LIMIT_ANONYMOUS=0 > .env # what follows asks without a pause
docker compose --profile '*' down --volumes --remove-orphans >/dev/null 2>&1 || true

say "deploy.md: up"
printed deploy "With Docker Compose" | head -n 2 > typed.sh
type_it
wait_until_healthy
ask /api/v1/projects?limit=1 | jq --exit-status '.results | length == 1' >/dev/null
docker compose exec --env DJANGO_SUPERUSER_PASSWORD=a-long-password-to-try web \
    python manage.py createsuperuser --no-input --username ann --email ann@example.org

say "Nothing can be written, nothing is more than it must be, everything is bounded"
for service in database pooler web nginx work; do check_bounds "$service"; done
check_memory
check_networks
check_roles

say "A project is written, through nginx and PgBouncer"
token=$(docker compose exec -T web python manage.py create_token ann --name try --scope write 2>/dev/null)
write_project "Before the backup"
code=$written

say "backup.md: a key, a backup, a drill"
printed backup "With Docker Compose" > all.sh
head -n 1 all.sh > typed.sh
sh -ex typed.sh 2>&1 | tee said
grep -q AGE-SECRET-KEY backup-key || fail "no key"
grep -o '^age1[a-z0-9]*' said | sed 's/^/BACKUP_RECIPIENT=/' >> .env
docker compose up --detach
sleep 5 # it makes one as it starts
sed 1d all.sh > typed.sh
type_it
ls -l backups

say "backup.md: restored into an empty cluster"
docker compose down
docker volume rm ledger-try_database
docker compose up --detach database
{ grep ^LAST= all.sh; printed backup "Restore with Docker Compose" | sed 's/ --replace//'; } > typed.sh
type_it
wait_until_healthy
has_project "$code" || fail "$code is lost"

say "The same, in the place of what is there"
write_project "After the backup"
lost=$written
{ grep ^LAST= all.sh; printed backup "Restore with Docker Compose"; } > typed.sh
type_it
wait_until_healthy
has_project "$code" || fail "$code is lost"
! has_project "$lost" || fail "$lost is still there"

say "upgrade.md: a new image, and what was written stays; what was asked for is answered"
write_project "Before the upgrade"
echo "# A newer version" >> config/__init__.py
image=$(docker compose images --quiet web)
printed upgrade "Upgrade" | grep docker > typed.sh
type_it
wait_until_healthy
[ "$image" != "$(docker compose images --quiet web)" ]
has_project "$written" || fail "$written is lost"
docker compose restart
wait_until_healthy
has_project "$written" || fail "$written is lost"
check_graceful

say "deploy.md: images by their digests"
printed deploy "Pin the images" > typed.sh
printed deploy "Pin the images" ini >> .env
type_it
wait_until_healthy
cat docker-compose.pins.yml
[ "$(docker compose config --images | grep -c @sha256:)" -ge 2 ] || fail "nothing is pinned"
of_container database '{{ .Config.Image }}' | grep @sha256: || fail "another one runs"
has_project "$written" || fail "$written is lost"

say "deploy.md: a standby, and metrics"
printed deploy "A standby, and metrics" ini >> .env
printed deploy "A standby, and metrics" | sed 's/park-ledger_/ledger-try_/' > all.sh
head -n 1 all.sh > typed.sh
type_it
wait_until_healthy
for service in standby prometheus; do check_bounds "$service"; done
check_standby
sed 1d all.sh > typed.sh
type_it
wait_until_healthy
sleep 10
check_standby
check_metrics

say "more-machines.md: a second web machine"
sed -i 's/^COMPOSE_PROFILES=.*/&,two/' .env
printed more-machines "A second web machine" > typed.sh
type_it
wait_until_healthy
check_bounds web-2
check_two

say "upgrade.md: a ledger of 1.1.0, restored by this version"
for name in 1.1.0.dump 1.1.0.dump.json; do
    docker compose exec -T work sh -c "cat > /var/backups/park-ledger/$name" < "tests/data/released/$name"
done
docker compose stop nginx web work
docker compose run --rm restore /var/backups/park-ledger/1.1.0.dump --replace
docker compose up --detach
wait_until_healthy
! has_project "$written" || fail "$written is still there"
ask "/api/v1/projects?limit=1" | jq --exit-status '.results | length == 1' >/dev/null

say "Every setting of .env reaches the ledger; sign-in.md, messages.md; a backup that fails is noticed"
cp .env .env.before
# The recipient there is no key, so backups fail
{ grep ^COMPOSE_ .env.before; cat deploy/try/every-setting.env; printf 'SITEURL=misspelt\nEMAIL_FROMM=\n'; } > .env
docker compose up --detach
wait_until_healthy
check_settings web
check_settings work DATABASE_REPLICA_URLS # which are for readers
! docker compose exec -T work python manage.py backup || fail "a backup without a key"
docker compose exec -T web python - < deploy/try/sign_in.py | tee said
grep -q "reminded by mail" said || fail "sign-in and reminders"
[ "$(grep -c W008 said)" = 3 ] || fail "settings that do nothing"
for each in "setting SITEURL" "SECRET_KEY does" "DATABASE_PASSWORD does" "last backup failed"; do
    grep -q "$each" said || fail "doctor does not say: $each"
done
! grep -q "E02[67]" said || fail "doctor does not reach the provider or the mail server"
check_backup_metrics 1
grep ^BACKUP_RECIPIENT= .env.before >> .env
docker compose up --detach
wait_until_healthy
docker compose exec -T work python manage.py backup
docker compose exec -T web python manage.py doctor | tee said || true
! grep -q "last backup failed" said || fail "the failure is not over"
check_backup_metrics 0

say "It ends in order"
docker compose stop
check_ends

say "upgrade.md: from the release before"
docker compose --profile '*' down --volumes --remove-orphans
echo RATE_LIMIT_ANONYMOUS=0 > .env
printed upgrade "Upgrade" | grep docker > up.sh
printed upgrade "Go back" | sed '/^docker compose up/q' > back.sh
git tag "$(sed -n 's/^git checkout //p' back.sh)" "$former"
git checkout --quiet --force "$former"
docker compose up --detach --build
wait_until_healthy
docker compose exec --env DJANGO_SUPERUSER_PASSWORD=a-long-password-to-try web \
    python manage.py createsuperuser --no-input --username ann --email ann@example.org
token=$(docker compose exec -T web python manage.py create_token ann --name try --scope write 2>/dev/null)
write_project "Before the upgrade"
code=$written
head -n 1 up.sh | sed 's/ work / backup /' > typed.sh # its name before 1.2
type_it
backup=$(docker compose exec -T backup sh -c 'ls /var/backups/park-ledger/*.dump' | tail -n 1)
git checkout --quiet -
sed 1d up.sh > typed.sh
type_it
wait_until_healthy
has_project "$code" || fail "$code is lost"
docker compose ps --all --services | grep -qx backup && fail "backup is still there"
write_project "After the upgrade"
lost=$written

say "upgrade.md: and back"
sed "s#^BACKUP=.*#BACKUP=$backup#" back.sh > typed.sh
type_it
wait_until_healthy
has_project "$code" || fail "$code is lost"
! has_project "$lost" || fail "$lost is still there"
say "All that was typed went well."
