# shellcheck shell=bash
# Private servers for tests, benchmarks and demos, each in its own folder and reachable from this machine only. Source this file. A server
# whose folder has data is started with that data.

POSTGRES_BIN=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
PGBOUNCER=${PGBOUNCER:-/usr/sbin/pgbouncer}

# alive <pid>: whether the process runs and is not a zombie. Uses `read`, because $(<file) would end the script if the process ends at this
# moment.
alive() { local stat; read -r stat <"/proc/$1/stat" && [[ $stat != *") Z "* ]]; } 2>/dev/null

# runs <pid> <program>: whether the process of that id runs the program, and the id was not reused.
runs() { local name; alive "$1" && read -r name <"/proc/$1/comm" && [[ $name == "$2" ]]; } 2>/dev/null

# stop_pidfile <file>: stops the process whose id is in the file, and waits until it has ended.
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

# free_port: prints a free loopback port that it has not printed within the last minute.
free_port() {
  local port reserved=${TMPDIR:-/tmp}/idea-ports-$EUID
  [[ -d $reserved ]] || mkdir -p "$reserved"
  while :; do
    port=$((20000 + RANDOM % 12000))
    mkdir "$reserved/$port" 2>/dev/null || { find "$reserved" -mindepth 1 -mmin +1 -delete 2>/dev/null || true; continue; }
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return 0; }
  done
}

# _wait_for <name> <command...>: repeats the command until it succeeds, for 10 s.
_wait_for() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 100; tries++)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "$what does not answer: read its log" >&2
  return 1
}

# _redis_is_ready <port>: whether it answers and has loaded its file.
_redis_is_ready() { [[ $(redis-cli -h 127.0.0.1 -p "$1" ping) == PONG ]]; }

# start_redis <dir>: a Redis that keeps an append-only file in <dir>. Prints host:port; its process id is in <dir>/redis.pid.
# A restart uses the same port (<dir>/redis.port). A file that it cannot read, as after a full disk, is removed: everything in Redis can be
# rebuilt from the databases.
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

# Runs a command as the user postgres if the caller is root: PostgreSQL refuses to run as root.
_as_postgres() {
  if ((EUID == 0)); then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# _postgres_answers <socket> <port>
_postgres_answers() { "$POSTGRES_BIN/pg_isready" -q -h "$1" -p "$2"; }

# _postgres_folder <dir>: creates the folder and the target of <dir>/data for the user postgres. Prints its absolute path.
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
# the loopback port in <dir>/port if that file exists. If the user postgres may not enter <dir>, as in root's home, <dir>/data is a link
# to a folder in the home of postgres.
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
  # A socket's path has at most 107 characters; the caller's folder may have a longer one.
  if [[ -s $dir/socket && -d $(<"$dir/socket") ]]; then
    socket=$(<"$dir/socket")
  else
    socket=$(_as_postgres mktemp -d /tmp/idea-pg-XXXXXX) || return 1
    echo "$socket" >"$dir/socket"
  fi
  # After a crash the children of the old server may hold its shared memory for some seconds.
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

# start_standby <dir> <postgresql:// address>: like start_postgres, for a standby that follows that server.
start_standby() {
  local dir
  dir=$(_postgres_folder "$1") || return 1
  if [[ ! -s $dir/data/PG_VERSION ]]; then
    _as_postgres "$POSTGRES_BIN/pg_basebackup" -d "$2" -D "$(realpath -m "$dir/data")" -R -X stream -c fast >"$dir/backup.log" 2>&1 || return 1
  fi
  start_postgres "$dir"
}

# _postgres_address <socket> <port> <address that it listens on, or "">
_postgres_address() {
  if [[ -n $3 ]]; then echo "postgresql://idea@$3:$2/idea"; else echo "postgresql://idea@${1//\//%2F}/idea"; fi
}

# start_pgbouncer <dir> <postgresql:// address>: a PgBouncer in transaction mode for all databases and roles of a server of start_postgres.
# Prints the postgresql:// address to use instead. Its process id is in <dir>/pgbouncer.pid.
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

# stop_pgbouncer <dir>: stops it and removes its socket's folder.
stop_pgbouncer() {
  stop_pidfile "$1/pgbouncer.pid"
  [[ -s $1/socket ]] && rm -rf -- "$(<"$1/socket")"
  rm -f "$1/socket"
}

# stop_postgres <dir>: stops it and removes its socket's folder.
stop_postgres() {
  stop_pidfile "$1/data/postmaster.pid"
  [[ -s $1/socket ]] && rm -rf -- "$(<"$1/socket")"
  rm -f "$1/socket"
}
