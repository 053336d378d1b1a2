// A client in JavaScript that calls two replicas of the registry until its standard input ends: nothing but grpc-js and the published
// service config. Prints how many calls it made, then a line for each kind of failure.
//
// usage: node rolling_client.mjs <address,address> <service config> <folder with the certificate> <token file>
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';

process.noDeprecation = true;
const [addresses, serviceConfig, folder, tokenFile] = process.argv.slice(2);
const file = (name) => readFileSync(`${folder}/${name}`);
const client = new grpc.Client(`ipv4:${addresses}`, grpc.credentials.createSsl(file('ca.crt'), file('tls.key'), file('tls.crt')), {
  'grpc.service_config': readFileSync(serviceConfig, 'utf8'),
  'grpc.ssl_target_name_override': 'localhost',
  'grpc.default_authority': 'localhost',
});
const token = readFileSync(tokenFile, 'utf8').trim();

// A field of fewer than 128 bytes, as protobuf encodes it.
const field = (number, value) => Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.byteLength(value)]), Buffer.from(value)]);
const kindBoard = Buffer.from([4 << 3, 4]);
const createEntity = () => Buffer.concat([field(2, Buffer.concat([field(2, `Board ${randomUUID()}`), kindBoard])), field(3, randomUUID())]);
const getEntity = () => field(1, 'entities/office-of-data-and-innovation');

const asIs = (bytes) => bytes;
function call(method, request) {
  const metadata = new grpc.Metadata();
  metadata.set('x-request-id', `js-${randomUUID()}`);
  metadata.set('authorization', `Bearer ${token}`);
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + 20_000 };
    client.makeUnaryRequest(`/idea.registry.v1.RegistryService/${method}`, asIs, asIs, request, metadata, options, (error) => resolve(error));
  });
}

let ended = false;
process.stdin.on('end', () => { ended = true; }).resume();
const failures = new Map();
let calls = 0;
for (; !ended; calls += 1) {
  const error = await (calls % 4 === 0 ? call('CreateEntity', createEntity()) : call('GetEntity', getEntity()));
  if (error) {
    const kind = `${grpc.status[error.code]} ${error.details}`;
    failures.set(kind, (failures.get(kind) ?? 0) + 1);
  }
  await new Promise((resolve) => { setTimeout(resolve, 10); });
}
console.log(`${calls} calls`);
for (const [kind, count] of failures) console.log(`${count} times ${kind}`);
client.close();
process.exitCode = failures.size === 0 ? 0 : 1;
