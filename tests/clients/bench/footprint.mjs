// What the services need while they run: memory, space, the time to start, and the rate of an import.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { data, entities, isAlive, pidOf, residentMegabytes, services, start } from '../robustness/suite.mjs';

// What a program prints.
function output(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
  return stdout;
}

// The service with the most resident memory, in MiB.
export function largest() {
  const sizes = services.map((name) => ({ name, size: residentMegabytes(pidOf(name)) }));
  return sizes.reduce((most, each) => (each.size > most.size ? each : most));
}

// The bytes of all databases of the services.
export function databaseBytes() {
  const [, address] = /IDEA_DATABASE='([^']+)'/.exec(readFileSync(path.join(data, 'start-drafting'), 'utf8'));
  if (address.startsWith('sqlite:')) {
    // The size that the files will have when the write-ahead log is copied into them.
    const files = services.map((name) => address.slice('sqlite:'.length).replace('{service}', name));
    return Number(output('python3', ['-c', `import sqlite3, sys
print(sum(sqlite3.connect(file).execute('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size').fetchone()[0] for file in sys.argv[1:]))`, ...files]));
  }
  return services.map((name) => Number(output('psql', [address.replace('{service}', name), '-Atc', 'SELECT pg_database_size(current_database())'])))
    .reduce((a, b) => a + b);
}

// The milliseconds from the start of a service until it serves calls.
export async function startTime(name) {
  process.kill(pidOf(name), 'SIGTERM');
  for (const pid = pidOf(name); isAlive(pid);) await pause(5);
  const ready = path.join(data, `${name}.ready`);
  writeFileSync(ready, '');
  const began = performance.now();
  start(name, () => {});
  while (!existsSync(ready) || statSync(ready).size === 0) {
    if (performance.now() - began > 60_000) throw new Error(`${name} does not start`);
    await pause(1);
  }
  return performance.now() - began;
}

// Imports earlier agreements with ideactl. Returns the rows per second.
export function importRate(ideactl, rows) {
  const file = path.join(data, 'bench', 'earlier.jsonl');
  const line = (n) => JSON.stringify({
    reference: `E-${n}`, title: `Earlier agreement ${n}`, recipients: [entities.cdss], providers: [entities.dhcs], dataCategories: ['demographic'],
    executeDate: { year: 2022, month: 3, day: 1 }, fileDate: { year: 2022, month: 3, day: 15 },
  });
  writeFileSync(file, [...Array(rows)].map((_, n) => `${line(n)}\n`).join(''));
  const began = performance.now();
  output(ideactl, ['--as', 'odi/cdo', 'filings', 'import', file, '--source', 'bench']);
  return rows / (performance.now() - began) * 1000;
}
