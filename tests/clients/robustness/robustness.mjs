#!/usr/bin/env node
// Random lawful and unlawful actions of departments, faults of every kind beside them, and the rules that hold nevertheless. Prints what was
// done and every violation; exit code 0 without one.
//
//   MINUTES, SEED    how long, and where the random numbers begin
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Departments } from './actions.mjs';
import { Faults } from './faults.mjs';
import { History } from './history.mjs';
import { attempt, closeAll, data, entities, isAlive, pidOf, processes, read, readStream, residentMegabytes, start } from './suite.mjs';

const minutes = Number(process.env.MINUTES ?? 3), seed = Number(process.env.SEED ?? 1);
const postgres = process.env.ENGINE === 'postgres';
const workers = 6, openBucps = 5, patience = 60_000, mostMegabytes = 512;

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
const faults = new Faults(history, randomFrom(seed + 1), { postgres });

async function makeFaults(until) {
  const under = new Set();
  while (Date.now() < until) {
    await pause(faults.between(500, 4500));
    if (under.size >= 3) continue;
    const fault = faults.one().catch((error) => console.log(`a fault could not be made: ${error.message}`)).finally(() => under.delete(fault));
    under.add(fault);
  }
  await Promise.all(under);
}

async function heal() {
  for (const name of processes()) if (!isAlive(pidOf(name))) start(name, faults.exited);
  for (const name of processes()) {
    const until = Date.now() + patience;
    while (!isAlive(pidOf(name)) && Date.now() < until) await pause(100);
  }
}

async function timeline(bucp) {
  const answer = await read('cdss', 'GetTimeline', { bucp }, 20);
  return (answer?.items ?? []).map((item) => item.event);
}

async function log(bucp) {
  for (let tries = 0; tries < 5; ++tries) {
    const { messages, error } = await readStream('odi', 'WatchBucp', { name: bucp }, 1_000);
    if (!error || messages.length > 0) return messages.filter((message) => message.event).map((message) => message.event);
  }
  return [];
}

// Why the services do not agree yet about a BUCP; empty if they do.
async function unsettled(bucp) {
  const seen = await departments.look(bucp);
  if (!seen) return 'cannot be read';
  const routing = await departments.routing(bucp);
  const dispute = await departments.dispute(bucp);
  if (['STATE_IN_REVIEW', 'STATE_SIGNING'].includes(seen.state)) {
    if (routing?.digest !== seen.frozenDigest) return `${seen.state} without a routing`;
    if (routing.state === 'ROUTING_STATE_COMPLETE') return `${seen.state} with a complete routing`;
  }
  if (seen.state === 'STATE_DISPUTED' && !dispute) return 'held by no dispute';
  if (seen.state !== 'STATE_DISPUTED' && dispute?.holds) return `${seen.state} with an open dispute`;
  if (['STATE_EXECUTED', 'STATE_FILED'].includes(seen.state)) {
    const filing = await departments.filing(bucp);
    if (!filing) return `${seen.state} and not in the register`;
    if (seen.state === 'STATE_EXECUTED' && filing.fileTime) return 'filed, and drafting does not know';
  }
  return '';
}

// Runs `act` for each of the list, ten at a time.
async function forEach(list, act) {
  const left = [...list];
  await Promise.all([...Array(10)].map(async () => {
    while (left.length > 0) await act(left.shift());
  }));
}

async function settle(bucps) {
  const until = Date.now() + patience;
  let left = bucps, why = new Map();
  while (left.length > 0 && Date.now() < until) {
    why = new Map();
    await forEach(left, async (bucp) => {
      let reason = await unsettled(bucp);
      if (!reason) {
        const there = new Set((await timeline(bucp)).map((event) => event.eventId));
        const missing = (await log(bucp)).filter((event) => !there.has(event.eventId));
        if (missing.length > 0) reason = `${missing.length} events are not in the timeline: ${missing[0].type}`;
      }
      if (reason) why.set(bucp, reason);
    });
    left = [...why.keys()];
    if (left.length > 0) await pause(1_000);
  }
  for (const [bucp, reason] of why) history.violate('nothing is stuck 60 s after healing', `${bucp}: ${reason}`);
}

async function checkBucp(bucp) {
  const seen = departments.seen.get(bucp);
  const events = await timeline(bucp), own = await log(bucp);
  history.checkEffects(bucp, events);
  history.checkOrder(bucp, events, own);
  const { executed } = history.checkPath(bucp, own, seen?.state);
  // What was executed and then not approved has no routing that counts.
  if (executed > 0 && seen?.state !== 'STATE_NOT_APPROVED') {
    const answer = await read('odi', 'ListRoutings', { filter: `bucp = "${bucp}"`, pageSize: 100 });
    const complete = (answer?.routings ?? []).filter((each) => each.state === 'ROUTING_STATE_COMPLETE');
    const routing = complete.find((each) => each.digest === seen.frozenDigest) ?? complete[0];
    const signatures = routing ? (await read('odi', 'ListSignatures', { parent: routing.name }))?.signatures ?? [] : [];
    history.checkSigned(bucp, routing, signatures, seen.frozenDigest);
  }
  const signed = history.calls.filter((call) => call.bucp === bucp && call.method === 'SignBucp').map((call) => call.begin);
  const ended = history.calls.filter((call) => call.bucp === bucp && call.method === 'TerminateFiling' && call.outcome === 'acknowledged').map((call) => call.end);
  history.checkExchange(bucp, executed > 0 ? Math.min(...signed) : null, ended.length > 0 ? Math.min(...ended) : null);
}

// Exactly one agreement of an amendment family is in force.
async function checkFamilies(bucps) {
  const parent = new Map();
  for (const bucp of bucps) if (departments.seen.get(bucp)?.amends) parent.set(bucp, departments.seen.get(bucp).amends);
  const root = (bucp) => (parent.has(bucp) ? root(parent.get(bucp)) : bucp);
  const inForce = new Map();
  for (const bucp of bucps) {
    if (!['FILING_STATE_UNFILED', 'FILING_STATE_FILED'].includes((await departments.filing(bucp))?.state)) continue;
    inForce.set(root(bucp), [...(inForce.get(root(bucp)) ?? []), bucp]);
  }
  for (const [family, members] of inForce) {
    if (members.length > 1) history.violate('one of an amendment family is in force', `${family}: ${members.join(', ')}`);
  }
}

// What was acknowledged is answered alike when it is sent again.
async function checkReplays() {
  const acknowledged = history.calls.filter((call) => call.outcome === 'acknowledged');
  for (let i = 0; i < Math.min(50, acknowledged.length); ++i) {
    const call = departments.pick(acknowledged);
    const { answer, code, reason } = await attempt(call.by, call.method, call.request, call.id, 10_000);
    if (!isDeepStrictEqual(answer, call.answer)) {
      history.violate('a request sent again has the first answer', `${call.method} ${call.id}: ${answer ? 'another answer' : `${code} ${reason}`}`);
    }
  }
}

function checkLog() {
  const key = path.join(data, 'robustness.pub');
  try {
    execFileSync('sh', ['-c', 'ideactl log checkpoint -o json | jq -r .verifier >"$1" && ideactl --as odi log verify --key "$1"', 'sh', key], { stdio: 'pipe' });
  } catch (error) {
    history.violate('every filing has its leaf', `ideactl log verify: ${error.stdout} ${error.stderr}`);
  }
}

function checkProcesses() {
  const sizes = [];
  for (const name of processes()) {
    const size = residentMegabytes(pidOf(name));
    sizes.push(`${name} ${Math.round(size)}`);
    if (size > mostMegabytes) history.violate('memory is bounded', `${name}: ${Math.round(size)} MiB`);
  }
  for (const file of readdirSync(path.join(data, 'log'))) {
    const text = readFileSync(path.join(data, 'log', file), 'utf8');
    const bad = /.*(terminate called|Assertion|AddressSanitizer|ThreadSanitizer|runtime error:).*/.exec(text);
    if (bad) history.violate('no abort', `${file}: ${bad[0].slice(0, 300)}`);
  }
  return sizes;
}

const until = Date.now() + minutes * 60_000;
const working = [...Array(workers)].map(() => departments.work(openBucps));
const probing = departments.probe();
const all = new Set();
const remember = setInterval(() => departments.bucps.forEach((bucp) => all.add(bucp)), 200);
await makeFaults(until);
await heal();
departments.stopped = true;
await Promise.all([...working, probing]);
clearInterval(remember);
departments.bucps.forEach((bucp) => all.add(bucp));

if (!await departments.filedWithin(patience)) history.violate('nothing is stuck 60 s after healing', 'a new agreement does not get to its filing');
departments.bucps.forEach((bucp) => all.add(bucp));
history.calls.filter((call) => call.method === 'AmendBucp' && call.answer?.bucp).forEach((call) => all.add(call.answer.bucp.name));
const bucps = [...all];
await settle(bucps);
await forEach(bucps, checkBucp);
await checkFamilies(bucps);
await checkReplays();
checkLog();
const sizes = checkProcesses();
closeAll();

const kinds = new Map();
for (const fault of history.faults) kinds.set(fault.split(':')[0], (kinds.get(fault.split(':')[0]) ?? 0) + 1);
const states = new Map();
for (const bucp of bucps) states.set(departments.seen.get(bucp)?.state, (states.get(departments.seen.get(bucp)?.state) ?? 0) + 1);
const table = (map) => [...map].map(([name, count]) => `${name} ${count}`).join(', ');
console.log(`\nseed ${seed}, ${minutes} minutes on ${postgres ? 'PostgreSQL' : 'SQLite'}, ${Object.keys(entities).length} entities`);
console.log(`faults      ${history.faults.length} (${table(kinds)})`);
console.log(`calls       ${history.calls.length} writes: ${['acknowledged', 'refused', 'unknown'].map((each) => `${history.count(each)} ${each}`).join(', ')}`);
const refusals = new Map();
for (const call of history.calls.filter((each) => each.outcome === 'refused')) refusals.set(call.reason || call.code, (refusals.get(call.reason || call.code) ?? 0) + 1);
console.log(`refusals    ${table(refusals)}`);
console.log(`checks      ${history.checks.length} exchange checks, ${history.checks.filter((each) => each.permitted).length} permitted`);
console.log(`agreements  ${bucps.length} (${table(states)})`);
console.log(`memory      MiB: ${sizes.join(', ')}`);
console.log(`violations  ${history.violations.length}`);
process.exit(history.violations.length > 0 ? 1 : 0);
