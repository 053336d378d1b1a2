// A client in JavaScript that makes the calls of a file in turn, until its standard input ends: nothing but grpc-js and the published service
// config. Prints how many calls it made, then a line for each kind of failure.
//
// usage: node rolling_client.mjs <file of calls> <service config> <folder with the certificate> <token file>
//
// Each line of the file is a call: the addresses of the replicas, separated by commas, the path of the method, and the request in base64. The UUID
// of zeros in a request is replaced by a random one. A watch is kept beside the calls, and resumed when it ends; what comes twice is a failure.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';

process.noDeprecation = true;
const [callsFile, serviceConfig, folder, tokenFile] = process.argv.slice(2);
const file = (name) => readFileSync(`${folder}/${name}`);
const credentials = grpc.credentials.createSsl(file('ca.crt'), file('tls.key'), file('tls.crt'));
const token = readFileSync(tokenFile, 'utf8').trim();
const anyUuid = '00000000-0000-0000-0000-000000000000';

const clients = new Map();
function clientOf(addresses) {
  if (!clients.has(addresses)) {
    clients.set(addresses, new grpc.Client(`ipv4:${addresses}`, credentials, {
      'grpc.service_config': readFileSync(serviceConfig, 'utf8'),
      'grpc.ssl_target_name_override': 'localhost',
      'grpc.default_authority': 'localhost',
    }));
  }
  return clients.get(addresses);
}
const lines = readFileSync(callsFile, 'utf8').trim().split('\n').map((line) => line.split(' '));
const planned = lines.map(([addresses, path, base64]) => ({ client: clientOf(addresses), path, request: Buffer.from(base64, 'base64') }));
const calls = planned.filter(({ path }) => !path.includes('/Watch'));
const watches = planned.filter(({ path }) => path.includes('/Watch'));

const failures = new Map();
const fail = (kind) => failures.set(kind, (failures.get(kind) ?? 0) + 1);
const asIs = (bytes) => bytes;
function headers() {
  const metadata = new grpc.Metadata();
  metadata.set('x-request-id', `js-${randomUUID()}`);
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

// The bytes of a message's length-delimited fields by number, to find a resume token.
function field(number, bytes) {
  const varint = (at) => { let value = 0, shift = 0; do { value += (bytes[at] & 0x7f) * 2 ** shift; shift += 7; } while (bytes[at++] & 0x80); return [value, at]; };
  for (let at = 0; at < bytes.length;) {
    const [key, afterKey] = varint(at);
    const [value, end] = varint(afterKey);
    at = (key & 7) === 2 ? end + value : end;
    if (key === ((number << 3) | 2)) return bytes.subarray(end, at);
  }
  return Buffer.alloc(0);
}
// Appends a field to a message.
const withField = (bytes, number, value) => Buffer.concat([bytes, Buffer.from([(number << 3) | 2, value.length]), value]);

let ended = false;
process.stdin.on('end', () => { ended = true; }).resume();

function call({ client, path, request }) {
  const bytes = Buffer.from(request.toString('latin1').replaceAll(anyUuid, randomUUID()), 'latin1');
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, asIs, asIs, bytes, headers(), { deadline: Date.now() + 20_000 }, (error) => {
      if (error) fail(`${path} ${grpc.status[error.code]} ${error.details}`);
      resolve();
    });
  });
}

const tokens = new Set();
let items = 0, resumed = 0;
async function watch({ client, path, request }) {
  for (let resume = Buffer.alloc(0); !ended; ++resumed) {
    const bytes = resume.length > 0 ? withField(request, 2, resume) : request;
    await new Promise((resolve) => {
      const stream = client.makeServerStreamRequest(path, asIs, asIs, bytes, headers(), { deadline: Date.now() + 60_000 });
      const stop = setInterval(() => { if (ended) stream.cancel(); }, 50);
      const end = () => { clearInterval(stop); resolve(); };
      stream.on('data', (message) => {
        resume = field(2, message);
        if (field(1, message).length === 0 || message.includes(Buffer.from([0x18, 1]), message.length - 2)) return;  // a heartbeat
        if (tokens.has(resume.toString())) fail(`${path} an item came twice`);
        tokens.add(resume.toString());
        items += 1;
      });
      stream.on('error', (error) => {
        // Expected: the stop of a server, and the deadline.
        if (![grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED].includes(error.code) && !ended) fail(`${path} ${grpc.status[error.code]} ${error.details}`);
        end();
      });
      stream.on('end', end);
    });
    await pause(100);
  }
}

const watching = watches.map(watch);
let count = 0;
for (; !ended; count += 1) {
  await call(calls[count % calls.length]);
  await pause(10);
}
await Promise.all(watching);
console.log(`${count} calls${watches.length > 0 ? `, a watch of ${items} items that was resumed ${resumed} times` : ''}`);
for (const [kind, times] of failures) console.log(`${times} times ${kind}`);
clients.forEach((client) => client.close());
process.exitCode = failures.size === 0 ? 0 : 1;
