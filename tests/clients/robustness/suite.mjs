// The suite under test, as run.sh left it: its processes, and clients of every service that know the .proto files.
//
//   DATA             the data folder of run.sh: certificates, tokens, process ids, start scripts, logs
//   IDEACTL_CONTEXT  the context file of run.sh: endpoints and identities
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { credentialsOf, explain } from '../wire.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const data = process.env.DATA;
// Where run.sh keeps Redis.
export const redis = path.join(data, process.env.ENGINE === 'postgres' ? 'postgres/redis' : 'redis');
const context = JSON.parse(readFileSync(process.env.IDEACTL_CONTEXT));

export const entities = {
  cdss: 'entities/california-department-of-social-services',
  dhcs: 'entities/department-of-health-care-services',
  calhhs: 'entities/california-health-and-human-services-agency',
  odi: 'entities/office-of-data-and-innovation',
  governor: 'entities/governors-office-cabinet-secretary',
};
export const content = (name) => JSON.parse(readFileSync(path.join(root, 'scripts/demo', `${name}.json`)));

export const services = ['registry', 'drafting', 'review', 'dispute', 'inventory', 'notification'];
const files = ['registry/v1/registry', 'drafting/v1/drafting', 'review/v1/review', 'dispute/v1/dispute_service', 'inventory/v1/inventory',
  'inventory/v1/exchange_service', 'inventory/v1/register', 'inventory/v1/notice_service', 'notification/v1/notification'].map((file) => `idea/${file}.proto`);
const { idea } = grpc.loadPackageDefinition(loader.loadSync(files, {
  includeDirs: [path.join(root, 'protos'), path.join(root, 'protos/node_modules/google-proto-files')], enums: String, longs: String, arrays: true,
}));
// Every gRPC service of the packages, by the methods that it has.
const stubs = services.flatMap((name) => Object.values(idea[name].v1).filter((type) => type.service).map((type) => ({ name, type })));

const credentials = Object.fromEntries(Object.keys(entities).map((who) => {
  const { cert, key } = context.identities[who];
  const read = (file) => readFileSync(path.resolve(data, file));
  return [who, credentialsOf({ ca: read(context.ca), cert: read(cert), key: read(key) })];
}));
const tokens = new Map();
function token(who, role) {
  const subject = `${who}-${role}`;
  if (!tokens.has(subject)) tokens.set(subject, readFileSync(path.join(data, 'tokens', `${subject}.jwt`), 'utf8').trim());
  return tokens.get(subject);
}

// The replicas of a service take turns, as the published service config says. Without keepalive a client may go on for ever with a session whose
// socket is gone, which Node's http2 does not always notice.
const channelOptions = {
  'grpc.service_config': readFileSync(path.join(root, 'docs/service-config.json'), 'utf8'),
  'grpc.ssl_target_name_override': 'localhost', 'grpc.default_authority': 'localhost',
  'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1000, 'grpc.max_receive_message_length': 16 << 20,
  'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 5_000,
};
const addressOf = (name) => /IDEA_LISTEN='([^']+)'/.exec(readFileSync(path.join(data, `start-${name}`), 'utf8'))[1];
export const addressesOf = (service) => processes().filter((name) => serviceOf(name) === service && name !== 'inventory-replica').map(addressOf);

const stubOf = (method) => stubs.find((each) => Object.values(each.type.service).some(({ path: p }) => p.endsWith(`/${method}`)));

// A call as the rolling clients read it: addresses, path and request in base64.
export function callLine(method, request) {
  const { name, type } = stubOf(method);
  const definition = Object.values(type.service).find(({ path: p }) => p.endsWith(`/${method}`));
  return `${addressesOf(name)} ${definition.path} ${definition.requestSerialize(request).toString('base64')}`;
}

const clients = new Map();
function clientOf(who, method) {
  const { name, type } = stubOf(method);
  const key = `${who}/${type.serviceName}`;
  if (!clients.has(key)) clients.set(key, new type(`ipv4:${addressesOf(name)}`, credentials[who], channelOptions));
  return clients.get(key);
}
// Whether every replica of a service is SERVING (grpc.health.v1; the answer is a message with field 1 = 1).
export async function isReady(service) {
  const answers = await Promise.all(addressesOf(service).map((address) => {
    const key = `health/${address}`;
    if (!clients.has(key)) clients.set(key, new grpc.Client(address, credentials.odi, { ...channelOptions, 'grpc.service_config': '{}' }));
    return new Promise((resolve) => {
      clients.get(key).makeUnaryRequest('/grpc.health.v1.Health/Check', (bytes) => bytes, (bytes) => bytes, Buffer.alloc(0),
        { deadline: Date.now() + 10_000 }, (error, answer) => resolve(!error && answer.equals(Buffer.from([8, 1]))));
    });
  }));
  return answers.every(Boolean);
}
export const closeAll = () => clients.forEach((client) => client.close());

// `by` is "cdss" or "cdss/legal".
function headersOf(by, id) {
  const [who, role] = by.split('/');
  const headers = new grpc.Metadata();
  headers.set('x-request-id', id);
  if (role) headers.set('authorization', `Bearer ${token(who, role)}`);
  return headers;
}

// The ErrorInfo's reason of a refusal; empty if it has none.
function reasonOf(error) {
  try { return explain(error.metadata?.get('grpc-status-details-bin')[0]).ErrorInfo?.reason ?? ''; } catch { return ''; }
}

// One attempt. Resolves to { answer } or { error, code, reason }.
export function attempt(by, method, request, id = randomUUID(), timeout = 5_000) {
  return new Promise((resolve) => {
    clientOf(by.split('/')[0], method)[method](request, headersOf(by, id), { deadline: Date.now() + timeout }, (error, answer) => {
      if (!error) return resolve({ answer });
      return resolve({ error, code: grpc.status[error.code], reason: reasonOf(error) });
    });
  });
}

const transient = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED', 'RESOURCE_EXHAUSTED']);
export const isTransient = (outcome) => Boolean(outcome.error) && (transient.has(outcome.code) || (outcome.code === 'ABORTED' && !outcome.reason));

// A read that is repeated until it has an answer or a refusal; null after `tries`.
export async function read(by, method, request, tries = 5) {
  for (let i = 0; i < tries; ++i) {
    const outcome = await attempt(by, method, request, undefined, 3_000);
    if (!isTransient(outcome)) return outcome.answer ?? null;
    await pause(100 * (i + 1));
  }
  return null;
}

export function openStream(by, method, request, timeout) {
  const stream = clientOf(by.split('/')[0], method)[method](request, headersOf(by, randomUUID()), { deadline: Date.now() + timeout });
  return { stream, reasonOf };
}

// The messages of a stream until it is silent for `quiet` milliseconds.
export function readStream(by, method, request, quiet) {
  return new Promise((resolve) => {
    const { stream } = openStream(by, method, request, 30_000);
    const messages = [];
    let timer;
    const end = (error) => { clearTimeout(timer); stream.cancel(); resolve({ messages, error }); };
    const wait = () => { clearTimeout(timer); timer = setTimeout(end, quiet, null); };
    stream.on('data', (message) => { messages.push(message); wait(); });
    stream.on('error', (error) => end(error));
    stream.on('end', () => end(null));
    wait();
  });
}

// The processes as run.sh names them: "registry", "registry-2", ...
export const processes = () => readdirSync(data).filter((file) => file.startsWith('start-')).map((file) => file.slice('start-'.length)).sort();
export const serviceOf = (name) => name.split('-')[0];
export function pidOf(name) {
  const file = name === 'redis' ? path.join(redis, 'redis.pid') : path.join(data, `${name}.pid`);
  return existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : 0;
}
export function isAlive(pid) {
  try { return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '); } catch { return false; }
}
export function residentMegabytes(pid) {
  try { return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024; } catch { return 0; }
}

// The group that a process runs in once it was started again, by which a packet filter knows its connections.
export const groupOf = (name) => 40_000 + processes().indexOf(name);
export function isInGroup(pid, group) {
  try { return new RegExp(`^Gid:\\s+${group}\\s`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8')); } catch { return false; }
}

// Starts a process again; `ended` is called with how it ended.
export function start(name, ended) {
  const group = process.getuid() === 0 ? { gid: groupOf(name) } : {};
  const child = spawn(path.join(data, `start-${name}`), { detached: true, stdio: 'ignore', ...group });
  // The script writes it too, but on a slow machine only after the first check of the process.
  writeFileSync(path.join(data, `${name}.pid`), `${child.pid}\n`);
  child.on('exit', (code, signal) => ended(name, child.pid, code, signal));
  child.unref();
}
