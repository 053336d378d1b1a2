// Backs up and restores the databases of the suite with an operator's tools.
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { data, isAlive, pidOf, processes, redis, serviceOf, start } from '../robustness/suite.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const postgres = process.env.ENGINE === 'postgres';
export const services = ['registry', 'drafting', 'review', 'dispute', 'inventory', 'notification'];

const bash = (script, ...args) => execFileSync('bash', ['-euc', script, 'bash', ...args], { encoding: 'utf8', cwd: root });
const servers = (script, ...args) => bash(`source scripts/servers.sh; ${script}`, ...args).trim();
const cluster = path.join(data, 'postgres');
const addressOf = (database) => servers('start_postgres "$1"', cluster).replace(/\/idea$/, `/${database}`);

// While the service runs.
export async function backUp(service, folder) {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, service);
  rmSync(file, { force: true });
  const [program, ...args] = postgres
    ? ['bash', '-euc', 'source scripts/servers.sh; "$POSTGRES_BIN/pg_dump" -Fc -f "$1" "$2"', 'bash', file, addressOf(`idea_${service}`)]
    : ['python3', '-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))', path.join(data, `${service}.db`), file];
  await promisify(execFile)(program, args, { cwd: root });
}

// All of PostgreSQL's databases into a new cluster at the old address, one alone into a new database; or over the SQLite files, which keep
// their inodes. No process of these services may run.
export function restore(names, folder) {
  if (postgres && names.length === services.length) {
    servers('stop_pidfile "$1/data/postmaster.pid"; rm -rf -- "$(realpath "$1/data")" "$1/data"', cluster);
  }
  for (const service of names) {
    const backup = path.join(folder, service);
    const file = path.join(data, `${service}.db`);
    if (postgres) {
      servers('"$POSTGRES_BIN/dropdb" --if-exists -f --maintenance-db "$1" "$2"; "$POSTGRES_BIN/createdb" --maintenance-db "$1" "$2"; ' +
        '"$POSTGRES_BIN/pg_restore" --exit-on-error -d "$3" "$4"', addressOf('idea'), `idea_${service}`, addressOf(`idea_${service}`), backup);
    } else {
      for (const log of [`${file}-wal`, `${file}-shm`]) rmSync(log, { force: true });
      copyFileSync(backup, file);
    }
  }
}

// A copy of the cluster's files, and its recovery to the moment at which that copy was complete. The six services may run while it is copied.
const base = path.join(cluster, 'base');
export function backUpCluster() {
  addressOf('idea');
  servers('chmod a+r "$1/data/start.log"; _as_postgres "$POSTGRES_BIN/pg_basebackup" -h "$(<"$1/socket")" -U idea -D "$2" -c fast -X stream', cluster, base);
}
export function recoverCluster() {
  servers('files=$(realpath "$1/data"); stop_pidfile "$files/postmaster.pid"; rm -rf -- "$files"; mv "$2" "$files"; _as_postgres touch "$files/recovery.signal"; ' +
    `printf '%s\n' "restore_command = 'false'" "recovery_target = 'immediate'" "recovery_target_action = 'promote'" >>"$files/postgresql.auto.conf"`, cluster, base);
  addressOf('idea');
}

// A SQLite backup into the file of a running service, as sqlite3's .restore does it.
export function restoreUnder(service, folder) {
  execFileSync('python3', ['-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))',
    path.join(folder, service), path.join(data, `${service}.db`)]);
}

export const emptyRedis = () => servers('redis-cli -p "$(<"$1/redis.port")" flushall', redis);

async function until(condition, what) {
  for (let tries = 0; tries < 600; ++tries) {
    if (condition()) return;
    await pause(100);
  }
  throw new Error(`${what} takes more than a minute`);
}

const processesOf = (names) => processes().filter((name) => names.includes(serviceOf(name)));

export async function stop(names, signal) {
  const pids = processesOf(names).map(pidOf);
  pids.forEach((pid) => process.kill(pid, signal));
  await until(() => !pids.some(isAlive), 'the stop');
}

export async function startAgain(names) {
  for (const name of processesOf(names)) {
    rmSync(path.join(data, `${name}.ready`), { force: true });
    start(name, () => {});
  }
  await until(() => processesOf(names).every((name) => bash('[[ -s $1 ]] && echo yes || true', path.join(data, `${name}.ready`))), 'the start');
}
