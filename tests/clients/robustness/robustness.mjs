#!/usr/bin/env node
// Random lawful and unlawful actions of departments, faults of every kind beside them, and the rules that hold nevertheless. Prints what was
// done, every violation, and last one line that sums it up; exit code 0 without a violation.
//
//   MINUTES, SEED    how long, and where the random numbers begin
//   FAULTS           a regular expression: only kinds of faults whose name it matches
//   DISK             folder of a small file system that holds the databases and may be filled; empty: none
import { setTimeout as pause } from 'node:timers/promises';
import { Departments } from './actions.mjs';
import { Checks, forEach, patience } from './checks.mjs';
import { Faults } from './faults.mjs';
import { History } from './history.mjs';
import { closeAll, entities, isAlive, pidOf, processes, residentMegabytes } from './suite.mjs';
import { Watcher } from './watcher.mjs';

const minutes = Number(process.env.MINUTES ?? 3), seed = Number(process.env.SEED ?? 1);
const postgres = process.env.ENGINE === 'postgres';
const workers = 6, openBucps = 5, mostMegabytes = 512;

// Mulberry32: the same numbers for the same seed.
function randomFrom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const history = new History();
const departments = new Departments(history, randomFrom(seed));
const faults = new Faults(history, randomFrom(seed + 1), { postgres, only: new RegExp(process.env.FAULTS ?? '.'), disk: process.env.DISK });
const checks = new Checks(history, departments);

async function makeFaults(until) {
  const under = new Set();
  while (Date.now() < until) {
    await pause(faults.between(300, 3000));
    if (under.size >= 3) continue;
    const fault = faults.one().catch((error) => console.log(`a fault could not be made: ${error.message}`)).finally(() => under.delete(fault));
    under.add(fault);
  }
  await Promise.all(under);
}

// The largest resident size of each process.
const sizes = new Map();
function measure() {
  for (const name of processes()) sizes.set(name, Math.max(sizes.get(name) ?? 0, residentMegabytes(pidOf(name))));
}

async function heal() {
  await faults.startServers();
  for (const name of processes()) {
    const until = Date.now() + patience;
    while (!isAlive(pidOf(name)) && Date.now() < until) await pause(100);
    if (!isAlive(pidOf(name))) history.violate('no process ends by itself', `${name} is gone after the faults`);
  }
}

const all = new Set();
const remember = () => departments.bucps.forEach((bucp) => all.add(bucp));
const watching = setInterval(() => {
  remember();
  measure();
  faults.watchProcesses();
  if (!departments.stopped) history.checkProgress(patience);
}, 500);
const watchers = [new Watcher(history, entities.cdss, 'cdss'), new Watcher(history, entities.dhcs, 'dhcs')];
const watches = watchers.map((watcher) => watcher.run());
const working = [...Array(workers)].map(() => departments.work(openBucps));
const probing = departments.probe();
await makeFaults(Date.now() + minutes * 60_000);
await heal();
departments.stopped = true;
await Promise.all([...working, probing]);

if (!await departments.filedWithin(patience)) history.violate('nothing is stuck 60 s after healing', 'a new agreement does not get to its filing');
remember();
history.calls.filter((call) => call.method === 'AmendBucp' && call.answer?.bucp).forEach((call) => all.add(call.answer.bucp.name));
const bucps = [...all];
await checks.settle(bucps);
await forEach(bucps, (bucp) => checks.checkBucp(bucp));
await checks.checkFamilies(bucps);
await checks.checkReplays();
await checks.checkInboxes(watchers);
checks.checkLog();
checks.checkLogs();
clearInterval(watching);
for (const [name, size] of sizes) if (size > mostMegabytes) history.violate('memory is bounded', `${name}: ${Math.round(size)} MiB`);
await Promise.all(watches);
closeAll();

const countBy = (list, key) => list.reduce((map, each) => map.set(key(each), (map.get(key(each)) ?? 0) + 1), new Map());
const table = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`).join(', ');
const replicas = processes().filter((name) => /^registry/.test(name)).length;
const setUp = `${postgres ? 'PostgreSQL' : 'SQLite'}, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}, seed ${seed}, ${minutes} minutes`;
const refused = history.calls.filter((each) => each.outcome === 'refused');
console.log(`\nfaults      ${history.faults.length} (${table(countBy(history.faults, (fault) => fault.split(':')[0]))})`);
console.log(`calls       ${history.calls.length} writes: ${['acknowledged', 'refused', 'unknown'].map((each) => `${history.count(each)} ${each}`).join(', ')}`);
console.log(`refusals    ${table(countBy(refused, (call) => call.reason || call.code))}`);
console.log(`checks      ${history.checks.length} exchange checks, ${history.checks.filter((each) => each.permitted).length} permitted`);
console.log(`watches     ${watchers.map((each) => `${each.events.length} events, resumed ${each.resumed} times`).join('; ')}`);
console.log(`agreements  ${bucps.length} (${table(countBy(bucps, (bucp) => departments.seen.get(bucp)?.state))})`);
console.log(`memory      at most, in MiB: ${table(new Map([...sizes].map(([name, size]) => [name, Math.round(size)])))}`);
for (const { rule, text } of history.violations) console.log(`violation   ${rule}: ${text}`);
console.log(`robustness: ${setUp}: ${history.faults.length} faults, ${history.calls.length} calls, ${history.violations.length} violations`);
process.exit(history.violations.length > 0 ? 1 : 0);
