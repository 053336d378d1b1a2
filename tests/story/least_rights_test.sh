#!/usr/bin/env bash
# Each service has its own database and role on one PostgreSQL with passwords. The owner of a database runs `migrate`; the services may not
# change a schema and not read each other's databases. A service that starts first waits for its schema.
#
# usage: tests/story/least_rights_test.sh <build folder>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
readonly bin=$1/bin
[[ -x $POSTGRES_BIN/initdb ]] || { echo "skipped: PostgreSQL is not installed"; exit 0; }
work=$(mktemp -d) suite=""
chmod 755 "$work"
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  [[ -z $suite ]] || kill -KILL "$suite" 2>/dev/null || true
  stop_postgres "$work/postgres" 2>/dev/null || true
  rm -rf -- "$work"
}
trap cleanup EXIT
fail() { echo "not ok: $*"; tail -5 "$work/log"; exit 1; }
readonly services=(registry drafting review dispute inventory notification)

scripts/certs.sh "$work/certs" california-department-of-social-services office-of-data-and-innovation >/dev/null
scripts/issuer.sh init "$work/issuer"
scripts/log_key.sh "$work/log.key"
super=$(start_postgres "$work/postgres")
psql() { "$POSTGRES_BIN/psql" -Xq -v ON_ERROR_STOP=1 "$@"; }
scripts/database_roles.sh | psql "$super"
scripts/database_roles.sh | psql "$super" || fail "the SQL cannot be run twice"
# A password with characters that an address must escape.
readonly secret='p%40 &=/?#"'\''x'
for service in "${services[@]}"; do
  for role in "idea_$service" "idea_${service}_owner"; do
    psql -v password="$secret-$role" "$super" <<<"ALTER ROLE $role PASSWORD :'password'"
    printf '%s\n' "$secret-$role" >"$work/$role.password"
  done
done
cluster=$(realpath "$work/postgres/data")
printf 'local all idea trust\nlocal all all scram-sha-256\n' >"$cluster/pg_hba.conf"
psql -c 'SELECT pg_reload_conf()' "$super" >/dev/null

# The address of each service's database, as its role and as its owner.
runtime="${super%%idea@*}idea_{service}@${super#*@}"
runtime="${runtime%/*}/idea_{service}"
owner=${runtime/idea_\{service\}@/idea_\{service\}_owner@}
as_owner() { IDEA_DATABASE=$owner IDEA_DATABASE_PASSWORD_FILE="$work/idea_{service}_owner.password" "$@"; }
as_service() { IDEA_DATABASE=$runtime IDEA_DATABASE_PASSWORD_FILE="$work/idea_{service}.password" "$@"; }

! as_owner "$bin/suite" migrate status >"$work/said" || fail "an empty database is up to date"
[[ $(grep -c 'files missing' "$work/said") == 6 ]] || fail "status says $(<"$work/said")"
as_owner "$bin/suite" migrate plan >"$work/plan"
grep -qx 'registry: would run events/0001_events.sql' "$work/plan" || fail "plan says $(<"$work/plan")"
[[ -z $(psql -Atc "SELECT to_regclass('events')" "${super%/*}/idea_registry") ]] || fail "plan has changed a database"
code=0
as_owner "$bin/suite" migrate undo 2>"$work/log" || code=$?
[[ $code == 2 ]] || fail "a wrong action ends with $code"
echo "ok: plan and status change nothing"

admin=127.0.0.1:$(free_port)
IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_LOG_KEY=$work/log.key IDEA_REDIS=unix:$work/no-redis \
  IDEA_DATABASE=$runtime IDEA_DATABASE_PASSWORD_FILE="$work/idea_{service}.password" \
  IDEA_LISTEN=127.0.0.1:0 IDEA_READY_FILE=$work/ready IDEA_METRICS_LISTEN=$admin "$bin/suite" 2>"$work/log" &
suite=$!
_wait_for "the suite" grep -q "this role may not change it" "$work/log" || fail "no log line says that the role may not change the schema"
[[ ! -s $work/ready ]] || fail "the suite serves without a schema"
as_owner "$bin/suite" migrate apply >"$work/said"
sed 's/: would run/: ran/' "$work/plan" | diff - "$work/said" || fail "apply has not run what plan has printed"
_wait_for "the suite" test -s "$work/ready" || fail "the suite does not serve"
as_service "$bin/suite" migrate status >"$work/said" || fail "status says $(<"$work/said")"
echo "ok: a service waits for the owner to migrate"

cdo=$work/certs/entities/office-of-data-and-innovation
"$bin/ideactl" --timeout 10 --endpoint "$(<"$work/ready")" --ca "$cdo/ca.crt" --cert "$cdo/tls.crt" --key "$cdo/tls.key" entities list >/dev/null ||
  fail "a read fails"
curl -sf "http://$admin/readyz" >/dev/null || fail "the suite is not ready"
# Each service writes its log's positions and cursors with these rights.
! grep -q 42501 "$work/log" || fail "a right is missing: $(grep -m 1 42501 "$work/log")"

# may <role> <database> <sql>
may() { PGPASSWORD="$secret-$1" psql -Atc "$3" "${super%%idea@*}$1@$(sed 's/.*@//; s|/[^/]*$||' <<<"$super")/$2" >/dev/null 2>&1; }
may idea_registry idea_registry 'SELECT count(*) FROM events' || fail "a service cannot read its database"
! may idea_registry idea_registry 'CREATE TABLE x (n int)' || fail "a service can create a table"
! may idea_registry idea_registry 'ALTER TABLE events ADD COLUMN x int' || fail "a service can change a table"
! may idea_registry idea_registry 'DROP TABLE events' || fail "a service can drop a table"
! may idea_registry idea_drafting 'SELECT 1' || fail "a service can connect to another one's database"
! may idea_registry idea 'CREATE ROLE x' || fail "a service can create a role"
echo "ok: a service has no further right"

# A changed password counts for the next connection.
kill -TERM "$suite"
wait "$suite" || fail "SIGTERM ended the process with $?"
suite=""
printf 'wrong\n' >"$work/idea_registry.password"
! as_service "$bin/registry" migrate status 2>"$work/log" || fail "a wrong password is accepted"
! grep -q wrong "$work/log" || fail "the password is in an error"
rm "$work/idea_registry.password"
! as_service "$bin/registry" migrate status 2>"$work/log" || fail "a missing password file is accepted"
grep -q 'IDEA_DATABASE_PASSWORD_FILE' "$work/log" || fail "the error does not name the setting: $(<"$work/log")"
echo "ok: passwords are read from files"

# A look at a SQLite database creates no file.
! IDEA_DATABASE="sqlite:$work/none/{service}.db" "$bin/drafting" migrate status >/dev/null || fail "a missing file is up to date"
[[ ! -e $work/none ]] || fail "status has created a file"
IDEA_DATABASE="sqlite:$work/none/{service}.db" "$bin/drafting" migrate apply >/dev/null
IDEA_DATABASE="sqlite:$work/none/{service}.db" "$bin/drafting" migrate status | grep -qx 'drafting: up to date' || fail "apply left files"
echo "ok: migrate on SQLite"
