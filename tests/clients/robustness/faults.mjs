// Faults of the processes, the queue, the database, the disk and the network while the departments work. Each fault repairs its damage before
// it resolves.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { data, groupOf, isAlive, isInGroup, pidOf, processes, redis, serviceOf, services, start } from './suite.mjs';

const run = promisify(execFile);
const servers = (script) => run('bash', ['-c', `source scripts/servers.sh; ${script}`], { timeout: 60_000 });
const signal = (pids, name) => pids.forEach((pid) => { try { process.kill(pid, name); } catch { /* ended before */ } });

export class Faults {
  // only: which kinds may happen. disk: the folder of a small file system that holds the databases; empty if there is none.
  constructor(history, random, { postgres, only = /./, disk = '' }) {
    this.history = history;
    this.random = random;
    this.disk = disk;
    this.expected = new Set();  // process ids that this class ends
    this.busy = new Set();      // what a fault is at
    this.postgres = postgres;
    this.kinds = [
      ['process killed', 6, () => this.end('SIGKILL')], ['process restarted', 3, () => this.end('SIGTERM')], ['process frozen', 3, () => this.freeze()],
      ['redis killed', 2, () => this.killRedis()], ['redis frozen', 1, () => this.freezeRedis()],
      ['redis lost its data', 1, () => this.killRedis(true)], ['queue deleted', 1, () => this.redisCall('DEL', 'idea:events')],
      ['redis emptied', 1, () => this.redisCall('FLUSHALL')],
      ...(postgres ? this.postgresKinds() : [['database file away', 1, () => this.moveFile()]]),
      ...(disk ? [['disk full', 2, () => this.fillDisk()]] : []),
      ...(this.canFilter() ? this.networkKinds() : []),
    ].filter(([name]) => only.test(name));
    if (this.kinds.length === 0) throw new Error(`no kind of fault is named like ${only}`);
  }

  postgresKinds() {
    return [
      ['database connections cut', 3, () => this.cutConnections()], ['database backend killed', 1, () => this.killBackend()],
      ['database stopped', 1, () => this.restartPostgres('SIGINT')], ['database restarted', 1, () => this.restartPostgres('SIGQUIT')],
      ['database killed', 1, () => this.restartPostgres('SIGKILL')], ['database frozen', 1, () => this.freezePostgres()],
      ['database read-only', 1, () => this.makeReadOnly()], ['transaction open elsewhere', 2, () => this.openTransaction()],
    ];
  }

  networkKinds() {
    return [
      ['packets dropped', 2, () => this.filter(['-j', 'DROP'], 6000)],
      ['packets lost', 2, () => this.filter(['-m', 'statistic', '--mode', 'random', '--probability', '0.3', '-j', 'DROP'], 6000)],
      ['connections reset', 2, () => this.filter(['-j', 'REJECT', '--reject-with', 'tcp-reset'], 2000)],
      ['process cut off from Redis', 3, () => this.cutOff('redis', path.join(redis, 'redis.port'))],
      ...(this.postgres ? [['process cut off from the database', 3, () => this.cutOff('database', path.join(data, 'postgres/port'))]] : []),
    ];
  }

  between(least, most) { return least + this.random() * (most - least); }
  line(file) { return readFileSync(file, 'utf8').trim(); }
  pick(list) { return list[Math.floor(this.random() * list.length)]; }

  canFilter() {
    try { execFileSync('iptables', ['-w', '-L', 'INPUT', '-n'], { stdio: 'ignore' }); return true; } catch { return false; }
  }

  // One fault, chosen by weight; nothing if what it needs is away already.
  async one() {
    let luck = this.random() * this.kinds.reduce((sum, [, weight]) => sum + weight, 0);
    const [name, , act] = this.kinds.find(([, weight]) => (luck -= weight) < 0) ?? this.kinds[0];
    const what = await act();
    if (what) this.history.faults.push(`${name}: ${what}`);
  }

  // Resolves to the first of the names, or to '' without a fault if one of them is at another fault already or if `act` resolves to ''.
  async exclusively(names, act) {
    if (names.some((name) => this.busy.has(name))) return '';
    names.forEach((name) => this.busy.add(name));
    try { return (await act()) ?? names[0]; } finally { names.forEach((name) => this.busy.delete(name)); }
  }

  exited = (name, pid, code, signalName) => {
    if (this.expected.has(pid) || code === 0) return;
    this.history.violate('no process ends by itself', `${name} (${pid}) ended with ${signalName ?? code}`);
  };

  // Processes that ended although nobody ended them. They are started again.
  watchProcesses() {
    for (const name of processes().filter((each) => !this.busy.has(each) && !isAlive(pidOf(each)))) {
      this.history.violate('no process ends by itself', `${name} is gone`);
      start(name, this.exited);
    }
  }

  end(how) {
    const name = this.pick(processes());
    return this.exclusively([name], async () => {
      const pid = pidOf(name);
      if (!isAlive(pid)) return '';
      this.expected.add(pid);
      process.kill(pid, how);
      const until = Date.now() + 25_000;
      while (isAlive(pid) && Date.now() < until) await pause(20);
      if (isAlive(pid)) {
        this.history.violate('a stop is bounded', `${name} runs 25 s after ${how}`);
        process.kill(pid, 'SIGKILL');
      }
      await pause(this.between(100, 1500));
      start(name, this.exited);
      await pause(500);
      return name;
    });
  }

  freeze() {
    const name = this.pick(processes());
    return this.exclusively([name], async () => {
      const pid = pidOf(name);
      if (!isAlive(pid)) return '';
      process.kill(pid, 'SIGSTOP');
      await pause(this.between(300, 6000));
      signal([pid], 'SIGCONT');
      return name;
    });
  }

  // Starts the queue and the database if a fault could not.
  startServers() { return servers(`start_redis '${redis}'${this.postgres ? ` && start_postgres '${data}/postgres'` : ''}`); }

  killRedis(empty = false) {
    return this.exclusively(['redis'], async () => {
      const pid = pidOf('redis');
      if (!isAlive(pid)) return '';
      process.kill(pid, 'SIGKILL');
      while (isAlive(pid)) await pause(20);
      if (empty) rmSync(path.join(redis, 'appendonlydir'), { recursive: true, force: true });
      await pause(this.between(200, 2000));
      await servers(`start_redis '${redis}'`);
      return undefined;
    });
  }

  freezeRedis() {
    return this.exclusively(['redis'], async () => {
      const pid = pidOf('redis');
      if (!isAlive(pid)) return '';
      process.kill(pid, 'SIGSTOP');
      await pause(this.between(200, 2000));
      signal([pid], 'SIGCONT');
      return undefined;
    });
  }

  redisCall(...words) {
    return this.exclusively(['redis'], async () => {
      await run('redis-cli', ['-p', this.line(path.join(redis, 'redis.port')), ...words]).catch(() => null);
      return undefined;
    });
  }

  postmaster() { return Number(readFileSync(path.join(data, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]); }
  children() { return execFileSync('pgrep', ['-P', String(this.postmaster())], { encoding: 'utf8' }).trim().split('\n').map(Number); }
  psql(sql) {
    const statements = sql.flatMap((each) => ['-c', each]);
    return run('psql', ['-h', '127.0.0.1', '-p', this.line(path.join(data, 'postgres/port')), '-U', 'idea', 'idea', '-qAt', ...statements]);
  }

  cutConnections() {
    return this.exclusively(['database'], async () => {
      await this.psql(["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"]).catch(() => null);
      return undefined;
    });
  }

  // The server ends all its other processes then, and recovers.
  killBackend() {
    return this.exclusively(['database'], async () => {
      const { stdout } = await this.psql(["SELECT pid FROM pg_stat_activity WHERE datname LIKE 'idea\\_%'"]);
      const pids = stdout.trim().split('\n').filter(Boolean).map(Number);
      if (pids.length === 0) return '';
      signal([this.pick(pids)], 'SIGKILL');
      await pause(this.between(200, 2000));
      return undefined;
    });
  }

  restartPostgres(how) {
    return this.exclusively(['database'], async () => {
      process.kill(this.postmaster(), how);
      await pause(this.between(200, 3000));
      await servers(`start_postgres '${data}/postgres'`);
      return undefined;
    });
  }

  freezePostgres() {
    return this.exclusively(['database'], async () => {
      const pids = this.children();
      signal(pids, 'SIGSTOP');
      await pause(this.between(500, 5000));
      signal(pids, 'SIGCONT');
      return undefined;
    });
  }

  makeReadOnly() {
    return this.exclusively(['database'], async () => {
      await this.psql(['ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()']);
      try { await pause(this.between(500, 4000)); } finally {
        await this.psql(['ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()']);
      }
      return undefined;
    });
  }

  // A transaction that has written in another database of the server, and does not end.
  openTransaction() {
    return this.exclusively(['transaction'], async () => {
      await this.psql([`BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(${this.between(1, 8).toFixed(1)}); COMMIT`]).catch(() => null);
      return undefined;
    });
  }

  // No process of the service is started during the fault, because writes to a new file would be lost.
  moveFile() {
    const service = this.pick(services);
    return this.exclusively(['file', ...processes().filter((name) => serviceOf(name) === service)], async () => {
      const file = path.join(data, `${service}.db`);
      if (!existsSync(file)) return '';
      renameSync(file, `${file}.away`);
      await pause(this.between(200, 2000));
      renameSync(`${file}.away`, file);
      return path.basename(file);
    });
  }

  // Nothing is started during the fault, because its process id could not be written. PostgreSQL may have ended.
  fillDisk() {
    return this.exclusively(['disk', 'redis', 'database', ...processes()], async () => {
      const ballast = path.join(this.disk, 'ballast');
      try {
        await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M']).catch(() => null);  // dd fails when nothing is left
        await pause(this.between(500, 4000));
      } finally { rmSync(ballast, { force: true }); }
      if (this.postgres) await servers(`start_postgres '${data}/postgres'`);
      return undefined;
    });
  }

  // Applies a rule to what comes in at the port of one process.
  filter(rule, most) {
    const name = this.pick(processes());
    return this.exclusively(['packets'], async () => {
      const port = this.line(path.join(data, `${name}.ready`)).split(':').pop();
      if (!port) return '';
      await this.filtered(['INPUT', '-i', 'lo', '-p', 'tcp', '--dport', port, ...rule], most);
      return name;
    });
  }

  // Nothing that one process sends to the queue or the database arrives there; the others go on.
  cutOff(from, portFile) {
    const name = this.pick(processes());
    return this.exclusively([`packets to ${from}`], async () => {
      const group = groupOf(name);
      if (!isInGroup(pidOf(name), group)) return '';
      await this.filtered(['OUTPUT', '-m', 'owner', '--gid-owner', String(group), '-p', 'tcp', '--dport', this.line(portFile), '-j', 'DROP'], 8000);
      return name;
    });
  }

  async filtered(words, most) {
    await run('iptables', ['-w', '-I', ...words]);
    try { await pause(this.between(500, most)); } finally { await run('iptables', ['-w', '-D', ...words]); }
  }
}
