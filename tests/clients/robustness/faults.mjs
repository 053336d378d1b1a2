// What happens to the processes, the queue, the database and the network while the departments work. Each fault heals itself before it resolves.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { data, isAlive, pidOf, processes, redis, start } from './suite.mjs';

const run = promisify(execFile);
const servers = (script) => run('bash', ['-c', `source scripts/servers.sh; ${script}`], { timeout: 60_000 });

export class Faults {
  constructor(history, random, { postgres }) {
    this.history = history;
    this.random = random;
    this.expected = new Set();  // process ids that this class ends
    this.busy = new Set();      // what a fault is at
    const filters = this.canFilter();
    this.kinds = [
      ['kill', 6, () => this.end('SIGKILL')], ['restart', 3, () => this.end('SIGTERM')], ['freeze', 3, () => this.freeze()],
      ['redis killed', 2, () => this.redis('KILL')], ['redis frozen', 1, () => this.redis('STOP')], ['queue deleted', 1, () => this.redisCall('DEL', 'idea:events')],
      ['redis emptied', 1, () => this.redisCall('FLUSHALL')],
      ...(postgres
        ? [['database connections cut', 3, () => this.cutConnections()], ['database restarted', 2, () => this.postgres('QUIT')], ['database killed', 1, () => this.postgres('KILL')],
          ['database frozen', 1, () => this.freezePostgres()]]
        : [['database file away', 1, () => this.moveFile()]]),
      ...(filters ? [['packets dropped', 2, () => this.drop()]] : []),
    ];
  }

  between(least, most) { return least + this.random() * (most - least); }
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

  async exclusively(what, act) {
    if (this.busy.has(what)) return '';
    this.busy.add(what);
    try { return (await act()) ?? what; } finally { this.busy.delete(what); }
  }

  exited = (name, pid, code, signal) => {
    if (this.expected.has(pid) || code === 0) return;
    this.history.violate('no process ends by itself', `${name} (${pid}) ended with ${signal ?? code}`);
  };

  end(signal) {
    const name = this.pick(processes());
    return this.exclusively(name, async () => {
      const pid = pidOf(name);
      if (!isAlive(pid)) { this.history.violate('no process ends by itself', `${name} is gone`); start(name, this.exited); return ''; }
      this.expected.add(pid);
      process.kill(pid, signal);
      const until = Date.now() + 25_000;
      while (isAlive(pid) && Date.now() < until) await pause(20);
      if (isAlive(pid)) {
        this.history.violate('a stop is bounded', `${name} runs 25 s after ${signal}`);
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
    return this.exclusively(name, async () => {
      const pid = pidOf(name);
      if (!isAlive(pid)) return '';
      process.kill(pid, 'SIGSTOP');
      await pause(this.between(300, 6000));
      process.kill(pid, 'SIGCONT');
      return name;
    });
  }

  redis(signal) {
    return this.exclusively('redis', async () => {
      const pid = pidOf('redis');
      if (!isAlive(pid)) return '';
      process.kill(pid, `SIG${signal}`);
      await pause(this.between(200, 2000));
      if (signal === 'STOP') process.kill(pid, 'SIGCONT');
      else await servers(`start_redis '${redis}'`);
      return undefined;
    });
  }

  redisCall(...words) {
    return this.exclusively('redis', async () => {
      await run('redis-cli', ['-p', readFileSync(path.join(redis, 'redis.port'), 'utf8').trim(), ...words]).catch(() => null);
      return undefined;
    });
  }

  postgresPid() { return Number(readFileSync(path.join(data, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]); }

  cutConnections() {
    return this.exclusively('database', async () => {
      await run('psql', ['-h', readFileSync(path.join(data, 'postgres/socket'), 'utf8').trim(), '-U', 'idea', 'idea', '-qAtc',
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"]).catch(() => null);
      return undefined;
    });
  }

  postgres(signal) {
    return this.exclusively('database', async () => {
      process.kill(this.postgresPid(), `SIG${signal}`);
      await pause(this.between(200, 3000));
      await servers(`start_postgres '${data}/postgres'`);
      return undefined;
    });
  }

  freezePostgres() {
    return this.exclusively('database', async () => {
      const pids = execFileSync('pgrep', ['-P', String(this.postgresPid())], { encoding: 'utf8' }).trim().split('\n').map(Number);
      for (const pid of pids) try { process.kill(pid, 'SIGSTOP'); } catch { /* ended meanwhile */ }
      await pause(this.between(500, 5000));
      for (const pid of pids) try { process.kill(pid, 'SIGCONT'); } catch { /* ended meanwhile */ }
      return undefined;
    });
  }

  moveFile() {
    const file = path.join(data, `${this.pick(['registry', 'drafting', 'review', 'dispute', 'inventory', 'notification'])}.db`);
    return this.exclusively('file', async () => {
      if (!existsSync(file)) return '';
      renameSync(file, `${file}.away`);
      await pause(this.between(200, 2000));
      // A process that was started meanwhile has made a new file: the old one goes back over it.
      renameSync(`${file}.away`, file);
      return path.basename(file);
    });
  }

  drop() {
    const name = this.pick(processes());
    return this.exclusively('packets', async () => {
      const port = readFileSync(path.join(data, `${name}.ready`), 'utf8').trim().split(':').pop();
      const rule = ['INPUT', '-i', 'lo', '-p', 'tcp', '--dport', port, '-j', 'DROP'];
      await run('iptables', ['-w', '-I', ...rule]);
      try { await pause(this.between(500, 6000)); } finally { await run('iptables', ['-w', '-D', ...rule]); }
      return name;
    });
  }
}
