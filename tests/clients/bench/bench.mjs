#!/usr/bin/env node
// Measures the services over mTLS, each in its own process, beside references in the same run: a bare gRPC server, a bare durable writer, and etcd.
// The rounds of all of them alternate. Prints a table with a verdict for each target and writes it as JSON. Runs after run.sh, with its DATA and
// IDEACTL_CONTEXT in the environment.
//
//   BUILD     folder of the build, with the programs of tests/bench
//   DATABASE  sqlite:FILE or postgresql://..., an empty database for the bare writer
//   QUICK     if not empty: fewer and shorter rounds
//   JSON      the file to write
//   COMPARE   a file of an earlier run: rates that fell beyond the spread of both runs are reported
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { callLine, closeAll, content, data, entities } from '../robustness/suite.mjs';
import { agree, call, Count, draft, freeze } from './agreement.mjs';
import { databaseBytes, importRate, largest, startTime } from './footprint.mjs';

const { BUILD, DATABASE, JSON: out, COMPARE: earlier } = process.env;
const quick = Boolean(process.env.QUICK);
const rounds = quick ? 3 : 5, seconds = quick ? 1 : 3;
const engine = DATABASE.startsWith('sqlite:') ? 'SQLite' : 'PostgreSQL';
const anyUuid = '00000000-0000-0000-0000-000000000000';
const callers = 64;
const work = path.join(data, 'bench');
mkdirSync(work, { recursive: true });

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const program = (name) => path.join(BUILD, 'tests/bench', name);
const fold = (folder) => path.join(data, 'certs', folder);

// References

const children = [];
function serve(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let error = '';
  child.stderr.on('data', (text) => { error = (error + text).slice(-2000); });
  child.on('exit', (code) => { if (code) { console.error(`${command} ended with ${code}: ${error}`); process.exit(1); } });
  children.push(child);
  return child;
}
const stopAll = () => children.forEach((child) => { child.removeAllListeners('exit'); child.kill(); });
process.on('exit', stopAll);

async function startReference(size) {
  const child = serve(program('reference_server'), [fold('inventory'), String(size), DATABASE]);
  return new Promise((resolve) => { child.stdout.once('data', (line) => resolve(String(line).trim())); });
}

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});

// etcd with the certificates of the suite; empty if it is not installed.
async function startEtcd() {
  if (spawnSync('etcd', ['--version']).error) return '';
  const [client, peer] = [await freePort(), await freePort()];
  const files = fold('inventory');
  serve('etcd', ['--data-dir', path.join(work, 'etcd'), '--listen-client-urls', `https://127.0.0.1:${client}`, '--advertise-client-urls', `https://127.0.0.1:${client}`,
    '--listen-peer-urls', `http://127.0.0.1:${peer}`, '--cert-file', `${files}/tls.crt`, '--key-file', `${files}/tls.key`, '--trusted-ca-file', `${files}/ca.crt`,
    '--client-cert-auth', '--log-level', 'error']);
  return `localhost:${client}`;
}

const { etcdserverpb } = grpc.loadPackageDefinition(loader.loadSync(path.join(path.dirname(fileURLToPath(import.meta.url)), 'etcd.proto')));
const etcdLine = (address, method, request) => {
  const { path: rpc, requestSerialize } = etcdserverpb.KV.service[method];
  return `${address} ${rpc} ${requestSerialize({ ...request, key: Buffer.from(request.key) }).toString('base64')}`;
};

// Measurements

// Calls with the identity of `by`: "cdss", or "cdss/program" with that person's token.
const as = (by, lines) => {
  const [who, role] = by.split('/');
  return lines.map((line) => `${line} ${fold(entities[who])} ${role ? path.join(data, 'tokens', `${who}-${role}.jwt`) : '-'}`);
};

// The calls of `lines` by `many` callers in another process, for some seconds or each line once.
function load(lines, many, span = seconds) {
  const plan = path.join(work, 'calls');
  writeFileSync(plan, `${lines.join('\n')}\n`);
  const { stdout, stderr, status } = spawnSync(program('load_client'), [plan, String(many), String(span)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`load_client: ${stderr}`);
  return JSON.parse(stdout);
}

const rows = [];
function report(row) {
  const verdict = row.target === undefined ? '' : row.holds ?? row.ratio >= row.target ? 'met' : 'NOT MET';
  rows.push({ ...row, verdict });
  const cell = (value, digits) => (value === undefined ? '' : value.toFixed(digits));
  console.log([row.name.padEnd(38), String(row.callers ?? '').padStart(7), cell(row.rate, 0).padStart(9), cell(row.median, 2).padStart(8), cell(row.p99, 2).padStart(8),
    (row.beside ?? '').padEnd(20), cell(row.reference, 0).padStart(9), cell(row.ratio, 2).padStart(6), cell(row.target, 2).padStart(7), verdict].join(' ').trimEnd());
}

// The median of the rounds of ours and of each reference, one after another in each round. `linesOf(round)` may differ from round to round.
function compare(name, many, linesOf, references, { span = seconds, times = rounds } = {}) {
  const results = { ours: [], ...Object.fromEntries(references.map((each) => [each.beside, []])) };
  for (let round = 0; round < times; ++round) {
    results.ours.push(load(linesOf(round), many, span));
    for (const { beside, lines } of references) results[beside].push(load(lines, many, span));
  }
  const rates = results.ours.map((each) => each.rate);
  const common = {
    name, callers: many, rate: median(rates), spread: [Math.min(...rates), Math.max(...rates)],
    median: median(results.ours.map((each) => each.median)), p99: median(results.ours.map((each) => each.p99)),
  };
  for (const { beside, target } of references) {
    const theirs = results[beside].map((each) => each.rate);
    report({ ...common, beside, reference: median(theirs), ratio: median(rates.map((rate, i) => rate / theirs[i])), target,
      referenceP99: median(results[beside].map((each) => each.p99)) });
  }
}

// Set-up

const count = new Count();
const idle = largest();
console.log(`${engine}, six processes, ${rounds} rounds of ${seconds} s; rates per second, times in ms\n`);
const filing = await agree(count);
const routing = (await call(count, 'cdss', 'ListRoutings', { filter: `bucp = "${filing.bucp}"` })).routings[0];
const inParallel = (times, run) => Promise.all([...Array(times)].map(run));
const drafts = await inParallel(callers, () => draft(count));
const reads = {
  GetBucp: as('cdss', [callLine('GetBucp', { name: filing.bucp })]),
  GetRouting: as('cdss', [callLine('GetRouting', { name: routing.name })]),
  GetFiling: as('cdss', [callLine('GetFiling', { name: filing.name })]),
};
const sizes = Object.fromEntries(Object.entries(reads).map(([method, lines]) => [method, load(lines, 1).bytes]));
const etcd = await startEtcd();
if (!etcd) console.log('etcd is not installed: without it (apt-get install etcd-server)\n');
console.log(['what'.padEnd(38), 'callers', '   rate/s', '  median', '     p99', 'beside'.padEnd(20), '   rate/s', ' ratio', ' target', 'verdict'].join(' '));

// Reads. One caller alone measures how the machine wakes threads up, and has no target.

for (const [method, lines] of Object.entries(reads)) {
  const raw = await startReference(sizes[method]);
  const references = [{ beside: 'raw gRPC', lines: as('cdss', [etcdLine(raw, 'Range', { key: 'k' })]), target: engine === 'SQLite' ? 0.6 : 0.5 }];
  if (etcd && method === 'GetBucp') {
    load(as('cdss', [etcdLine(etcd, 'Put', { key: 'k', value: Buffer.alloc(sizes[method], 'x') })]), 1);
    references.push({ beside: 'etcd Range', lines: as('cdss', [etcdLine(etcd, 'Range', { key: 'k' })]) });
  }
  for (const many of quick ? (method === 'GetBucp' ? [1, callers] : [callers]) : [1, 8, callers]) {
    compare(method, many, () => lines, references.map((each) => ({ ...each, target: many === callers ? each.target : undefined })));
  }
  children.pop().removeAllListeners('exit').kill();
}

// Durable writes. The bare writer and etcd store the bytes of the same requests.

const bare = await startReference(1);
const beside = (lines) => {
  const puts = (address) => as('cdss', lines.map((line, i) => etcdLine(address, 'Put', { key: `bucps/${i}`, value: Buffer.from(line.split(' ')[2], 'base64') })));
  return [{ beside: 'bare durable writer', lines: puts(bare), target: 0.6 }, ...(etcd ? [{ beside: 'etcd Put', lines: puts(etcd), target: 1 }] : [])];
};
const technical = { technical: { ...content('technical').technical, destruction: { description: `Held at ${anyUuid}.` } } };
const edits = as('cdss/program', drafts.map((name) => callLine('UpdateBucp', { name, content: technical, updateMask: { paths: ['technical'] }, requestId: anyUuid })));
for (const many of [1, 8, callers]) compare('UpdateBucp (one section)', many, () => edits, beside(edits));

// An opinion or a signature can be given once, so that each round has its own BUCPs.
for (const many of quick ? [callers] : [1, 8, callers]) {
  const times = quick ? 1 : 3, each = Math.max(many, 16);
  const frozen = [];
  for (let left = times * each; left > 0; left -= 16) frozen.push(...await inParallel(16, async () => freeze(count, await draft(count))));
  const parts = [...Array(times)].map((_, round) => frozen.slice(round * each, (round + 1) * each));
  const both = (role, method, request) => parts.map((part) => ['cdss', 'dhcs'].flatMap((by) => as(`${by}/${role}`,
    part.map(({ name, digest }) => callLine(method, { ...request, routing: name, digest, requestId: anyUuid })))));
  const turns = (what, list) => compare(what, many, (round) => list[round], beside(list[0]), { span: 'once', times });
  for (const discipline of ['legal', 'privacy', 'security']) {
    const list = both(discipline, 'RegisterOpinion', { discipline: `DISCIPLINE_${discipline.toUpperCase()}`, position: 'POSITION_SUPPORTS', text: 'Read.' });
    if (discipline === 'legal') turns('RegisterOpinion', list);
    else list.forEach((lines) => load(lines, many, 'once'));
  }
  const { state } = (await call(count, 'cdss', 'GetRouting', { name: frozen[0].name })).routing;
  const [capacity, role] = state === 'ROUTING_STATE_SPONSORS' ? ['EXECUTIVE_SPONSOR', 'sponsor'] : ['DATA_COORDINATOR', 'coordinator'];
  turns('SignBucp', both(role, 'SignBucp', { capacity: `CAPACITY_${capacity}` }));
}

// Whole agreements

const alone = [], waits = [];
let perAgreement;
for (let i = 0; i < (quick ? 5 : 15); ++i) {
  perAgreement = new Count();
  const began = performance.now();
  await agree(perAgreement);
  alone.push(performance.now() - began);
  waits.push(...perAgreement.waits);
}
const put = etcd && 1000 / load(as('cdss', [etcdLine(etcd, 'Put', { key: 'k', value: Buffer.alloc(1000, 'x') })]), 1).rate;
const most = put && 15 * put * perAgreement.writes;
report({ name: `one agreement (${perAgreement.calls} calls, ${perAgreement.writes} writes)`, callers: 1, rate: 1000 / median(alone), median: median(alone),
  p99: Math.max(...alone), beside: put ? 'etcd Put x writes' : '', ...(put && { reference: 1000 / (put * perAgreement.writes), ratio: median(alone) / (put * perAgreement.writes), target: 15, holds: median(alone) <= most }) });
report({ name: 'hand-over between services', median: median(waits), p99: waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] });

const many = quick ? 40 : 200;
const bytes = databaseBytes();
const together = new Count(), times = [];
const began = performance.now();
await inParallel(many, async () => {
  const start = performance.now();
  await agree(together);
  times.push(performance.now() - start);
});
const took = (performance.now() - began) / 1000;
report({ name: `${many} agreements at once`, callers: many, rate: many / took, median: median(times), p99: Math.max(...times) });
console.log(`  ${(together.writes / took).toFixed(0)} writes and ${(together.calls / took).toFixed(0)} calls per second`);
const kilobytes = (databaseBytes() - bytes) / many / 1024;
report({ name: 'databases per agreement, KiB', median: kilobytes });
report({ name: `memory of ${idle.name} when idle, MiB`, median: idle.size, target: 40, holds: idle.size < 40 });
const { name: busiest, size } = largest();
report({ name: `memory of ${busiest} after that, MiB`, median: size });
const starts = [];
for (let i = 0; i < rounds; ++i) starts.push(await startTime('inventory'));
report({ name: 'start of inventory to serving', median: median(starts), p99: Math.max(...starts), target: 1000, holds: median(starts) < 1000 });
const imported = importRate(path.join(BUILD, 'bin/ideactl'), quick ? 10_000 : 100_000);
report({ name: 'import of earlier agreements', rate: imported, ...(engine === 'SQLite' && { target: 5000, holds: imported >= 5000 }) });
closeAll();

if (out) writeFileSync(out, `${JSON.stringify({ engine, date: new Date().toISOString(), rounds, seconds, rows }, null, 1)}\n`);
if (earlier) {
  const before = JSON.parse(readFileSync(earlier));
  for (const row of rows) {
    const old = before.rows.find((each) => each.name === row.name && each.callers === row.callers && each.beside === row.beside);
    if (!old?.spread || !row.spread || !old.ratio) continue;
    // The ratio to the reference of the same run, because machines and days differ.
    const noise = (row.spread[1] - row.spread[0]) / row.rate / 2 + (old.spread[1] - old.spread[0]) / old.rate / 2;
    if (row.ratio < old.ratio * (1 - noise)) console.log(`regression: ${row.name}, ${row.callers} callers, beside ${row.beside}: ratio ${old.ratio.toFixed(2)} -> ${row.ratio.toFixed(2)}, noise ${noise.toFixed(2)}`);
  }
}
process.exit(0);
