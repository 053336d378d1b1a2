#!/usr/bin/env bash
# A process or script that cannot start prints one line on standard error (besides JSON log lines) and returns the documented exit code.
#
# usage: tests/story/faults_test.sh <build folder>
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
readonly bin=$1/bin
work=$(mktemp -d)
occupant=""
# shellcheck disable=SC2317 # called by the trap
cleanup() {
  [[ -z $occupant ]] || { kill -TERM "$occupant" && wait "$occupant"; } 2>/dev/null
  ! mountpoint -q "$work/disk" || umount "$work/disk"
  rm -rf -- "$work"
}
trap cleanup EXIT
failed=0

# refuses <exit code> <text in the line> <command...>
refuses() {
  local wanted=$1 words=$2 code=0 said
  shift 2
  timeout 60 "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
  said=$(grep -v '^{' "$work/err")
  if ((code == wanted)) && [[ $said == *"$words"* ]] && (($(wc -l <<<"$said") == 1)); then
    echo "ok: $said"
  else
    echo "not ok: exit code $code, expected $wanted and one line with \"$words\": $*"
    cat "$work/out" "$work/err"
    failed=1
  fi
}

# helps <command>: its help has an example or a usage line.
helps() {
  # Without a pipe: closing one would break a program that is still writing.
  [[ $("$@" --help </dev/null 2>&1) =~ example|usage ]] || {
    echo "not ok: no help: $*"
    failed=1
  }
}

scripts/certs.sh "$work/certs" >/dev/null && scripts/issuer.sh init "$work/issuer" && scripts/log_key.sh "$work/log.key" || exit 1
export IDEA_TLS_DIR="$work/certs/{service}" IDEA_TOKEN_KEYS_DIR=$work/issuer/keys IDEA_LOG_KEY=$work/log.key
export IDEA_DATABASE="sqlite:$work/{service}.db" IDEA_REDIS=unix:$work/no-redis IDEA_LISTEN=127.0.0.1:0

refuses 2 "unknown flag --lissten" "$bin/suite" --lissten 127.0.0.1:0
refuses 2 "unknown setting IDEA_LISSTEN; did you mean IDEA_LISTEN?" env IDEA_LISSTEN=x "$bin/suite"
refuses 2 "IDEA_WORKERS wants a number" "$bin/registry" --workers many
refuses 2 "IDEA_TRUST_DOMAIN wants lower-case letters" env IDEA_TRUST_DOMAIN= "$bin/suite"
refuses 2 "IDEA_TOKEN_ISSUER wants a text that is not empty" env IDEA_TOKEN_ISSUER= "$bin/suite"
refuses 2 "IDEA_LOG_LEVEL wants debug, info, warn or error" env IDEA_LOG_LEVEL=loud "$bin/suite"
refuses 2 "IDEA_TIME_ZONE: unknown time zone" env IDEA_TIME_ZONE=Mars/Phobos "$bin/registry"
refuses 1 "cannot read $work/nowhere/tls.crt" env IDEA_TLS_DIR="$work/nowhere" "$bin/registry"
refuses 1 "cannot read $work/nowhere.pem" env IDEA_TLS_CRL_FILE="$work/nowhere.pem" "$bin/registry"
refuses 1 "cannot create the folder" "$bin/registry" --database "sqlite:/proc/nowhere/{service}.db"
cp "$work/log.key" "$work/open.key" && chmod 644 "$work/open.key"
refuses 1 "the log's key $work/open.key may be read by others: chmod 600 it" env IDEA_LOG_KEY="$work/open.key" "$bin/inventory"
refuses 1 "the log's key $work/no.key cannot be read" env IDEA_LOG_KEY="$work/no.key" "$bin/suite"
refuses 1 "database of registry: cannot open the database file $work/certs: unable to open database file" "$bin/registry" --database "sqlite:$work/certs"

# A port in use by another process.
"$bin/registry" --ready-file "$work/ready" >"$work/registry.log" 2>&1 &
occupant=$!
for ((i = 0; i < 300; i++)); do [[ -s $work/ready ]] && break; sleep 0.1; done
refuses 1 "cannot serve metrics and health on $(<"$work/ready")" "$bin/drafting" --metrics-listen "$(<"$work/ready")"
refuses 1 "cannot listen on $(<"$work/ready"): is the port in use?" "$bin/drafting" --listen "$(<"$work/ready")"

# A full disk: a separate file system, too small for the tables.
mkdir "$work/disk"
if ((EUID == 0)) && mount -t tmpfs -o size=64k tmpfs "$work/disk" 2>/dev/null; then
  refuses 1 "disk is full" "$bin/registry" --database "sqlite:$work/disk/{service}.db"
  refuses 1 "is full: free at least 64 MB" env SKIP_INSTALL=1 IDEA_LISTEN= scripts/run.sh --once --data "$work/disk" --preset "$(basename "$1")"
else
  echo "skipped: a full disk (this user may not mount a tmpfs)"
fi

# If a process does not start, the others are stopped.
refuses 1 "suite did not start: " env SKIP_INSTALL=1 IDEA_LISSTEN=x scripts/run.sh --once --data "$work/demo" --preset "$(basename "$1")"
if redis-cli -p "$(<"$work/demo/redis/redis.port")" ping >/dev/null 2>&1; then
  echo "not ok: redis-server is still running"
  failed=1
fi

# A missing tool: PATH has only the programs that the script needs to report it.
mkdir "$work/path"
for tool in bash dirname env sed mktemp; do ln -s "$(command -v "$tool")" "$work/path/$tool"; done
refuses 1 "cmake is not installed: run scripts/install.sh" env SKIP_INSTALL=1 PATH="$work/path" bash scripts/run.sh --once
refuses 2 "--replicas needs --postgres" scripts/run.sh --once --replicas 3
refuses 2 "--replicas needs a number from 1 to 9" scripts/run.sh --once --postgres --replicas many
for script in run test presubmit; do refuses 2 "--" "scripts/$script.sh" --lissten; done
refuses 2 "--lissten: unknown flag" "$bin/ideactl" --lissten

for process in suite registry drafting review dispute inventory notification ideactl; do helps "$bin/$process"; done
for script in run test presubmit; do helps "scripts/$script.sh"; done

# Only their user can read the files of programs and scripts: databases, keys and tokens.
scripts/issuer.sh tokens "$work/issuer" "$work/tokens" 600 cdss-program cdss-sponsor
for pattern in '*.db*' '*.key' '*.jwt' ready; do
  files=$(find "$work" -path "$work/open.key" -prune -o -type f -name "$pattern" -print)
  open_files=$(find "$work" -path "$work/open.key" -prune -o -type f -name "$pattern" -perm /077 -print)
  if [[ -z $files || -n $open_files ]]; then
    echo "not ok: others may read $open_files (of $pattern)"
    failed=1
  fi
done
if [[ -n $(find "$work/demo" -type f \( -name '*.log' -o -name '*.jwt' -o -name '*.db*' -o -name 'start-*' \) -perm /077) ]]; then
  echo "not ok: run.sh writes files that others may read"
  failed=1
fi

# A stop returns exit code 0.
kill -TERM "$occupant"
wait "$occupant" || { echo "not ok: SIGTERM ended the registry with $?"; failed=1; }
occupant=""
exit "$failed"
