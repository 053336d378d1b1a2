#!/usr/bin/env node
// Backs up the databases one after another while agreements in every state proceed, and restores them. Then every agreement reaches its
// filing, the inboxes are complete, and tokens of lost data are refused. Runs after the demo, as `scripts/run.sh --processes --then`. Exit
// code 0 if all of this holds.
//
//   ENGINE   sqlite or postgres
//   PLANS    which plans, by name [all but random]
//   SEED     of the random numbers, which say in what order the plan `random` backs up the databases [1]
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Departments } from '../robustness/actions.mjs';
import { Checks } from '../robustness/checks.mjs';
import { History } from '../robustness/history.mjs';
import { closeAll, data, entities, isReady, read, readStream } from '../robustness/suite.mjs';
import { backUp, backUpCluster, emptyRedis, postgres, recoverCluster, restore, restoreUnder, services, startAgain, stop } from './backups.mjs';
import { Walks, inbox, patience } from './walks.mjs';

const { cdss } = entities;
const history = new History();
function randomFrom(state) {
  return () => { state = (state * 1103515245 + 12345) % 2 ** 31; return state / 2 ** 31; };
}
// Between 0.15 and 0.75: no write is sent twice at once, no dispute is withdrawn, and each is decided for sharing.
const random = randomFrom(Number(process.env.SEED ?? 1));
const departments = new Departments(history, () => 0.15 + 0.6 * random());
const checks = new Checks(history, departments);
const walks = new Walks(history, departments);

const straight = ['sent', 'frozen', 'someOpinions', 'opinions', 'someSignatures', 'executed', 'filed'];
const tracks = [
  straight,
  ['sent', 'disputed', 'settled', 'frozen', 'opinions', 'someSignatures', 'executed', 'filed'],
  ['sent', 'frozen', 'opinions', 'disputed', 'settled', 'someSignatures', 'executed', 'filed'],
  ['sent', 'frozen', 'someOpinions', 'unfrozen', 'edited', 'frozen', 'opinions', 'someSignatures', 'executed'],
];
// Where the agreements are when the first backup begins: the track, and how many steps of it were taken.
const starts = [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4], [0, 5], [0, 6], [1, 1], [1, 2], [2, 2], [2, 3], [3, 1], [3, 3]];

async function step(walk) {
  const name = walk.track[walk.at];
  if (!name) return;
  ++walk.at;
  await walks.steps[name](walk.bucp);
}

async function begin([track, at]) {
  const walk = { bucp: await departments.create(), track: tracks[track], at: 0 };
  while (walk.at < at) await step(walk);
  return walk;
}

const shuffled = (list) => list.map((value) => [random(), value]).sort(([a], [b]) => a - b).map(([, value]) => value);

const plans = {
  forward: { names: services, loseRedis: false, signal: 'SIGTERM' },
  backward: { names: [...services].reverse(), loseRedis: true, signal: 'SIGKILL' },
  random: { names: shuffled(services), loseRedis: false, signal: 'SIGKILL' },
};
if (postgres) plans.recovery = { names: services, loseRedis: false, signal: 'SIGTERM', ofFiles: true };
else plans.running = { names: ['review'], runs: true };
// One service's database alone.
for (const name of services) plans[name] = { names: [name], loseRedis: false, signal: 'SIGTERM' };

const watch = async (by, method, request) => (await readStream(by, method, request, 700)).messages.filter((message) => !message.heartbeat);

async function checkInboxes(bucps) {
  const end = Date.now() + patience;
  let wrong = [];
  do {
    if (wrong.length > 0) await pause(500);
    wrong = [];
    for (const who of ['cdss', 'dhcs']) {
      const items = await inbox(read, who);
      const ids = items.map((item) => item.event.eventId);
      if (new Set(ids).size !== ids.length) wrong.push(['an event is delivered once', `${who}: ${ids.length - new Set(ids).size} twice`]);
      await Promise.all(bucps.map(async (bucp) => {
        const log = (await watch('odi', 'WatchBucp', { name: bucp })).map((message) => message.event);
        const shown = items.filter((item) => item.event.bucp === bucp).map((item) => item.event.eventId);
        const wanted = log.filter((event) => event.audience.includes(entities[who])).map((event) => event.eventId);
        const missing = wanted.filter((id) => !shown.includes(id));
        if (missing.length > 0) wrong.push(['an inbox is whole', `${who} lacks ${missing.length} of ${wanted.length} events of ${bucp}`]);
        const kept = shown.filter((id) => wanted.includes(id));
        if (missing.length === 0 && kept.join() !== wanted.join()) wrong.push(['events are in order', `${who}, ${bucp}`]);
      }));
    }
  } while (wrong.length > 0 && Date.now() < end);
  wrong.forEach(([rule, text]) => history.violate(rule, text));
}

async function refuses(by, method, request, what) {
  const { error } = await readStream(by, method, request, 3_000);
  const outcome = error ?? { details: 'not refused' };
  if (!/of another database, or of what this one lost/.test(outcome.details ?? '')) history.violate('tokens of what was lost are refused', `${what}: ${outcome.details}`);
}

// Creates and sends agreements continuously. Those that are not lost must be in the inboxes.
async function load(state) {
  while (!state.stopped) {
    const bucp = await departments.create();
    if (bucp) await walks.write('cdss/program', 'SendBucp', { name: bucp }, bucp);
    state.bucps.push(bucp);
    await pause(300);
  }
}

// Until `state.done`: whether all services were ready all the time.
async function watchHealth(state) {
  while (!state.done) {
    const answers = await Promise.all(services.map(isReady));
    state.ready &&= answers.every(Boolean);
    await pause(500);
  }
}

async function runPlan(name) {
  const { names, loseRedis, signal, ofFiles, runs } = plans[name];
  const folder = path.join(data, `backup-${name}`);
  const all = names.length === services.length;
  const under = { stopped: false, bucps: [] };
  const draft = await departments.create();
  const going = await Promise.all(starts.map(begin));
  const loading = load(under);
  if (ofFiles) backUpCluster();
  for (const service of names) {
    if (!ofFiles) await backUp(service, folder);
    await Promise.all(going.map(step));
  }
  // Lost in every database that is restored.
  await Promise.all(going.map(step));
  await walks.steps.sent(draft);
  under.stopped = true;
  await loading;
  await pause(1_500);
  const inboxToken = (await watch('cdss', 'WatchInbox', { parent: cdss })).at(-1).resumeToken;
  const logToken = (await watch('odi', 'WatchBucp', { name: draft })).at(-1).resumeToken;

  if (!runs) await stop(names, signal);
  if (runs) restoreUnder(names[0], folder);
  else if (ofFiles) recoverCluster();
  else restore(names, folder);
  if (loseRedis) emptyRedis();
  const restored = Date.now();
  if (!runs) await startAgain(names);
  const health = { ready: true, done: false };
  const watching = watchHealth(health);
  if (names.includes('notification')) await refuses('cdss', 'WatchInbox', { parent: cdss, resumeToken: inboxToken }, 'inbox, before anything new');
  const bucps = going.map((walk) => walk.bucp);
  // The steps that were lost, of a single service too, are taken again while the hand-overs are made good.
  await Promise.all(going.map((walk) => walks.complete(walk.bucp, walk.track.includes('unfrozen'))));
  const seconds = ((Date.now() - restored) / 1000).toFixed(2);
  await checks.settle(bucps);
  health.done = true;
  await watching;
  const kept = [];
  for (const bucp of under.bucps) if (await read('cdss', 'GetBucp', { name: bucp }, 50)) kept.push(bucp);
  await checkInboxes([...bucps, draft, ...kept]);
  if (names.includes('notification')) await refuses('cdss', 'WatchInbox', { parent: cdss, resumeToken: inboxToken }, 'inbox, after as much again');
  if (names.includes('drafting')) await refuses('odi', 'WatchBucp', { name: draft, resumeToken: logToken }, 'log');
  console.log(`plan ${name}: ${names.join(', ')}; ${bucps.length} agreements filed, ${kept.length} of ${under.bucps.length} others kept`);
  const fault = ofFiles ? 'Files of the cluster recovered to an earlier moment' : all ? 'Backups of different moments restored'
    : runs ? 'One database restored under its running process' : 'One database of six restored';
  const engine = postgres ? 'PostgreSQL' : 'SQLite';
  console.log(`fault: ${fault}, ${engine}: recovered in ${seconds} s`);
  console.log(`fault: ${fault}, ${engine}: health ${health.ready ? 'ready' : 'not ready'}`);
}

for (const name of [entities.cdss, entities.dhcs, entities.calhhs]) {
  await walks.write('odi/cdo', 'SetGovernorAuthority', { name, governorAuthority: 'GOVERNOR_AUTHORITY_UNDER' }, null);
}
for (const name of (process.env.PLANS ?? `forward backward review drafting ${postgres ? 'recovery' : 'running'}`).split(' ').filter(Boolean)) await runPlan(name);
closeAll();
console.log(`violations  ${history.violations.length}`);
process.exit(history.violations.length > 0 ? 1 : 0);
