# shellcheck shell=bash
# Private servers for tests, benches and the laptop: each in a folder of its own, reachable from this machine only.
# To be sourced. A folder that has data is started again as it was.

POSTGRES_BIN=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
PGBOUNCER=${PGBOUNCER:-/usr/sbin/pgbouncer}

# alive <pid>: runs, and is not merely waiting for a parent to take note of its end. Where the process ends meanwhile `read` says no;
# $(<file) would end the script.
alive() { local stat; read -r stat <"/proc/$1/stat" && [[ $stat != *") Z "* ]]; } 2>/dev/null

# runs <pid> <program>: the process of that id is the program still, and not one that has been given the id since.
runs() { local name; alive "$1" && read -r name <"/proc/$1/comm" && [[ $name == "$2" ]]; } 2>/dev/null

# stop_pidfile <file>: ends the process whose id stands in the file, and only that one; waits until it is gone.
stop_pidfile() {
  local pid tries
  [[ -s $1 ]] || return 0
  read -r pid <"$1"
  kill -TERM "$pid" 2>/dev/null || { rm -f "$1"; return 0; }
  for ((tries = 0; tries < 100; tries++)); do
    alive "$pid" || break
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$1"
}

# free_port: prints a loopback port that nobody listens on, nor was told of within the last minute.
free_port() {
  local port told=${TMPDIR:-/tmp}/idea-ports-$EUID
  [[ -d $told ]] || mkdir -p "$told"
  while :; do
    port=$((20000 + RANDOM % 12000))
    mkdir "$told/$port" 2>/dev/null || { find "$told" -mindepth 1 -mmin +1 -delete 2>/dev/null || true; continue; }
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return 0; }
  done
}

# _wait_for <what> <command...>: tries the command for 10 seconds.
_wait_for() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 100; tries++)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "$what does not answer" >&2
  return 1
}

# _redis_is_ready <port>: answers, and has loaded its file.
_redis_is_ready() { [[ $(redis-cli -h 127.0.0.1 -p "$1" ping) == PONG ]]; }

# start_redis <dir>: a Redis that keeps an append-only file in <dir>. Prints host:port; its process id is in <dir>/redis.pid.
# Started again it has the same port (<dir>/redis.port). A file that it cannot read, as after a full disk, is removed: Redis has the only copy
# of nothing.
start_redis() {
  local dir=$1 port
  mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || return 1
  [[ -s $dir/redis.port ]] || free_port >"$dir/redis.port"
  read -r port <"$dir/redis.port"
  if ! { [[ -s $dir/redis.pid ]] && runs "$(<"$dir/redis.pid")" redis-server; }; then
    if [[ -s $dir/appendonlydir/appendonly.aof.manifest ]] && ! redis-check-aof "$dir/appendonlydir/appendonly.aof.manifest" &>/dev/null; then
      rm -rf -- "$dir/appendonlydir"
    fi
    redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --appendonly yes --save '' --daemonize yes \
      --pidfile "$dir/redis.pid" --logfile "$dir/redis.log" >/dev/null || return 1
  fi
  _wait_for "redis ($dir/redis.log)" _redis_is_ready "$port" || return 1
  echo "127.0.0.1:$port"
}

# PostgreSQL refuses to run as root.
_as_postgres() {
  if ((EUID == 0)); then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# _postgres_answers <socket> <port>
_postgres_answers() { "$POSTGRES_BIN/pg_isready" -q -h "$1" -p "$2"; }

# _postgres_folder <dir>: makes the folder, and what <dir>/data leads to, for the user postgres. Prints its absolute path.
_postgres_folder() {
  local dir=$1 cluster
  mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || return 1
  if ((EUID == 0)); then
    chown postgres "$dir" || return 1
    if [[ ! -e $dir/data ]] && ! _as_postgres test -x "$dir"; then
      cluster=$(_as_postgres mktemp -d ~postgres/idea-XXXXXX) && ln -sfn "$cluster" "$dir/data" || return 1
    fi
  fi
  echo "$dir"
}

# start_postgres <dir>: a PostgreSQL whose data is in <dir>/data, with the superuser and database `idea`, on a unix socket only, or also on
# the loopback port in <dir>/port if that file exists. Where the user postgres may not enter <dir>, as in root's home, <dir>/data is a link
# to a folder in that user's own home.
# Prints its postgresql:// address; its process id is the first line of <dir>/data/postmaster.pid, which stop_pidfile takes.
start_postgres() {
  local dir cluster socket tries port=5432 listen=""
  dir=$(_postgres_folder "$1") || return 1
  if [[ -s $dir/port ]]; then read -r port <"$dir/port" && listen=127.0.0.1; fi
  cluster=$(realpath -m "$dir/data")
  if [[ ! -s $cluster/PG_VERSION ]]; then
    _as_postgres "$POSTGRES_BIN/initdb" -D "$cluster" -U idea -A trust -E UTF8 --locale=C >"$dir/initdb.log" || return 1
  fi
  if [[ -s $dir/socket ]] && _postgres_answers "$(<"$dir/socket")" "$port"; then
    _postgres_address "$(<"$dir/socket")" "$port" "$listen"
    return 0
  fi
  # A socket's path has at most 107 characters, a folder of the caller's may have more.
  if [[ -s $dir/socket && -d $(<"$dir/socket") ]]; then
    socket=$(<"$dir/socket")
  else
    socket=$(_as_postgres mktemp -d /tmp/idea-pg-XXXXXX) || return 1
    echo "$socket" >"$dir/socket"
  fi
  # After a crash the children of the old server may hold its memory for some seconds more.
  for ((tries = 0; tries < 10; tries++)); do
    _as_postgres "$POSTGRES_BIN/pg_ctl" -D "$cluster" -l "$cluster/server.log" -w -t 30 \
      -o "-p $port -c listen_addresses='$listen' -c unix_socket_directories='$socket' -c unix_socket_permissions=0777 -c fsync=on" \
      start &>"$cluster/start.log" && break
    sleep 1
  done
  _wait_for "postgres ($cluster/server.log)" _postgres_answers "$socket" "$port" || return 1
  "$POSTGRES_BIN/createdb" -h "$socket" -p "$port" -U idea idea 2>/dev/null || true
  _postgres_address "$socket" "$port" "$listen"
}

# _postgres_address <socket> <port> <address that it listens on, or "">
# start_standby <dir> <postgresql:// address>: a standby of that server, which follows it from now on; the rest is as of start_postgres.
start_standby() {
  local dir
  dir=$(_postgres_folder "$1") || return 1
  if [[ ! -s $dir/data/PG_VERSION ]]; then
    _as_postgres "$POSTGRES_BIN/pg_basebackup" -d "$2" -D "$(realpath -m "$dir/data")" -R -X stream -c fast >"$dir/backup.log" 2>&1 || return 1
  fi
  start_postgres "$dir"
}

_postgres_address() {
  if [[ -n $3 ]]; then echo "postgresql://idea@$3:$2/idea"; else echo "postgresql://idea@${1//\//%2F}/idea"; fi
}

# start_pgbouncer <dir> <postgresql:// address>: a PgBouncer in transaction mode before the server that start_postgres has started, for all its
# databases and roles. Prints the postgresql:// address to use instead; its process id is in <dir>/pgbouncer.pid.
start_pgbouncer() {
  local dir=$1 server=$2 port=5432 socket
  mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || return 1
  if ((EUID == 0)); then chown postgres "$dir" || return 1; fi
  if [[ ! -s $dir/socket || ! -d $(<"$dir/socket") ]]; then
    socket=$(_as_postgres mktemp -d /tmp/idea-pgb-XXXXXX) || return 1
    chmod 755 "$socket" && echo "$socket" >"$dir/socket" || return 1
  fi
  socket=$(<"$dir/socket")
  server=${server#*@} server=${server%/*}
  if [[ $server == *:* ]]; then port=${server##*:} server=${server%:*}; fi
  echo '"idea" ""' >"$socket/users.txt"
  cat >"$socket/pgbouncer.ini" <<END || return 1
[databases]
* = host=${server//%2F//} port=$port
[pgbouncer]
pool_mode = transaction
auth_type = trust
auth_file = $socket/users.txt
auth_user = idea
listen_port = 6432
unix_socket_dir = $socket
pidfile = $socket/pgbouncer.pid
logfile = $socket/pgbouncer.log
default_pool_size = 20
max_db_connections = 80
max_client_conn = 500
server_idle_timeout = 10
END
  chmod 644 "$socket"/{users.txt,pgbouncer.ini} || return 1
  if ! { [[ -s $dir/pgbouncer.pid ]] && runs "$(<"$dir/pgbouncer.pid")" pgbouncer; }; then
    rm -f "$socket/pgbouncer.pid"
    _as_postgres "$PGBOUNCER" -q -d "$socket/pgbouncer.ini" || return 1
  fi
  _wait_for "pgbouncer ($socket/pgbouncer.log)" "$POSTGRES_BIN/pg_isready" -q -h "$socket" -p 6432 -U idea -d idea || return 1
  cp "$socket/pgbouncer.pid" "$dir/pgbouncer.pid"
  echo "postgresql://idea@${socket//\//%2F}:6432/idea"
}

# stop_pgbouncer <dir>: ends it and removes its socket's folder.
stop_pgbouncer() {
  stop_pidfile "$1/pgbouncer.pid"
  [[ -s $1/socket ]] && rm -rf -- "$(<"$1/socket")"
  rm -f "$1/socket"
}

# stop_postgres <dir>: ends it and removes its socket's folder.
stop_postgres() {
  stop_pidfile "$1/data/postmaster.pid"
  [[ -s $1/socket ]] && rm -rf -- "$(<"$1/socket")"
  rm -f "$1/socket"
}
