#!/usr/bin/env node
// Standard clients in C++, Python and JavaScript read, write and watch through two replicas of each service that are restarted in turn, beside two
// attackers. Prints each client's calls and its failures by kind, then one line that sums it up; exit code 0 without a failure. Runs after run.sh,
// with its DATA and IDEACTL_CONTEXT in the environment.
//
//   MINUTES  how long
//   CLIENT   path of the client in C++
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addressesOf, attempt, callLine, closeAll, content, data, entities, isAlive, pidOf, processes, residentMegabytes, serviceOf, services, start } from '../robustness/suite.mjs';

const minutes = Number(process.env.MINUTES ?? 30);
const { cdss, dhcs } = entities;
const anyUuid = '00000000-0000-0000-0000-000000000000';
const here = (file) => path.join(path.dirname(fileURLToPath(import.meta.url)), '..', file);
const failures = [];

const { answer } = await attempt('cdss', 'ListBucps', { pageSize: 1 });
const bucp = answer.bucps[0].name;
closeAll();

// The calls of a client. Its watch shows the inbox that the other clients fill.
const calls = path.join(data, 'soak.calls');
writeFileSync(calls, [
  callLine('GetEntity', { name: cdss }),
  callLine('GetBucp', { name: bucp }),
  callLine('CreateBucp', { content: content('draft'), requestId: anyUuid }),
  callLine('ListBucps', { pageSize: 5 }),
  callLine('ListRoutings', { filter: `bucp = "${bucp}"` }),
  callLine('ListInbox', { parent: cdss, pageSize: 5 }),
  callLine('CheckExchange', { provider: dhcs, recipient: cdss, dataElements: ['Coverage Month'], purpose: bucp }),
  callLine('WatchInbox', { parent: cdss }),
].join('\n'));

function run(name, command, ...args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = [];
  child.stdout.on('data', (text) => lines.push(text));
  child.stderr.on('data', (text) => lines.push(text));
  const done = new Promise((resolve) => { child.on('exit', (code) => resolve(code)); });
  return { name, child, lines, done };
}
const certificate = path.join(data, 'certs', cdss);
const standard = [calls, here('../../docs/service-config.json'), certificate, path.join(data, 'tokens/cdss-program.jwt')];
const clients = [
  run('C++', process.env.CLIENT, ...standard),
  run('Python', '/usr/bin/python3', here('rolling_client.py'), ...standard),
  run('JavaScript', process.execPath, here('rolling_client.mjs'), ...standard),
];
const attackers = [
  run('without a certificate', process.execPath, here('attacker.mjs'), services.flatMap(addressesOf).join(','), certificate),
  run('another department', process.execPath, here('soak/intruder.mjs'), bucp),
];

async function until(what, holds) {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) { failures.push(`${what} took longer than a minute`); return; }
    await pause(50);
  }
}

// The text of a log from a position.
function logged(file, from) {
  const log = openSync(file), bytes = Buffer.alloc(statSync(file).size - from);
  readSync(log, bytes, 0, bytes.length, from);
  closeSync(log);
  return bytes;
}

const called = new Set(['registry', 'drafting', 'review', 'inventory', 'notification']);
async function restart(name) {
  const pid = pidOf(name);
  process.kill(pid, 'SIGTERM');
  await until(`the stop of ${name}`, () => !isAlive(pid));
  const log = path.join(data, 'log', `${name}.log`), ready = path.join(data, `${name}.ready`);
  const from = statSync(log).size;
  rmSync(ready, { force: true });
  start(name, (_, id, code, signal) => { if (code !== 0) failures.push(`${name} (${id}) ended with ${signal ?? code}`); });
  await until(`the start of ${name}`, () => existsSync(ready) && statSync(ready).size > 0);
  // As a rolling update waits until a replica gets its share of the calls: a client that has not found it again must not lose the other one.
  for (const client of called.has(serviceOf(name)) ? ['cc', 'py', 'js'] : []) {
    await until(`a call of ${client} to ${name}`, () => logged(log, from).includes(`"request_id":"${client}-`));
  }
}

const end = Date.now() + minutes * 60_000;
const sizes = new Map();
let restarts = 0;
for (const turns = processes(); Date.now() < end; ++restarts) {
  await restart(turns[restarts % turns.length]);
  for (const name of turns) sizes.set(name, Math.max(sizes.get(name) ?? 0, Math.round(residentMegabytes(pidOf(name)))));
}

[...clients, ...attackers].forEach(({ child }) => child.stdin.end());
let made = 0;
for (const { name, lines, done } of clients) {
  const code = await done;
  const text = lines.join('').trim();
  made += Number(/^(\d+) calls/m.exec(text)?.[1] ?? 0);
  console.log(text.replace(/^/gm, `${name}: `));
  if (code !== 0) failures.push(`the client in ${name} failed`);
}
for (const { name, lines, done } of attackers) {
  const code = await done;
  console.log(lines.join('').trim().replace(/^/gm, `attacker, ${name}: `));
  if (code !== 0) failures.push(`the attacker, ${name}, had an answer that it must not have`);
}
console.log(`memory at most, in MiB: ${[...sizes].map(([name, size]) => `${name} ${size}`).join(', ')}`);
for (const failure of failures) console.log(`failure: ${failure}`);
console.log(`soak: ${minutes} minutes: ${restarts} restarts, ${made} calls, ${failures.length} failures`);
process.exit(failures.length > 0 ? 1 : 0);
