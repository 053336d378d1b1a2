// Departments' platforms for the walks. They use the services with server reflection only.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import grpc from '@grpc/grpc-js';
import reflection from 'grpc-js-reflection-client';
import { credentialsOf, endpoint, explain, identity, skipTokens as skip, token } from './wire.mjs';

export { skip };
export const cdss = 'entities/california-department-of-social-services';
export const dhcs = 'entities/department-of-health-care-services';
export const odi = 'entities/office-of-data-and-innovation';
export const story = (name) => JSON.parse(readFileSync(new URL(`../../scripts/demo/${name}.json`, import.meta.url)));

const symbols = {
  registry: 'idea.registry.v1.RegistryService',
  drafting: 'idea.drafting.v1.DraftingService',
  review: 'idea.review.v1.ReviewService',
  inventory: 'idea.inventory.v1.InventoryService',
  notices: 'idea.inventory.v1.NoticeService',
  evidence: 'idea.inventory.v1.EvidenceService',
  notification: 'idea.notification.v1.NotificationService',
  dispute: 'idea.dispute.v1.DisputeService',
  exchange: 'idea.inventory.v1.ExchangeService',
  register: 'idea.inventory.v1.RegisterService',
  reviewDates: 'idea.inventory.v1.ReviewDateService',
  operations: 'idea.operations.v1.OperationsService',
};
// The short name of a service.
export const nameOf = (symbol) => Object.keys(symbols).find((name) => symbols[name] === symbol);
const services = {};
const clients = [];
after(() => clients.forEach((client) => client.close()));

before(async () => {
  if (skip) return;
  const server = new reflection.GrpcReflection(endpoint, credentialsOf(identity(odi)), {}, 'v1');
  clients.push(server.client);
  for (const [name, symbol] of Object.entries(symbols)) {
    const descriptor = await server.getDescriptorBySymbol(symbol);
    const take = (options) => symbol.split('.').reduce((branch, part) => branch[part], descriptor.getPackageObject(options));
    services[name] = take({ keepCase: true, enums: String, longs: String, defaults: true, arrays: true });
    // As in proto3 JSON: fields without a value are omitted.
    services[`${name} as JSON`] = take({ keepCase: true, enums: String, longs: String });
  }
});

// A message with its fields named by `rename`, at every depth: reflection knows them as the .proto has them, JSON and we as camelCase.
function renamed(value, rename) {
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [rename(key), renamed(inner, rename)]));
}
const toWire = (message) => renamed(message, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
const fromWire = (message) => renamed(message, (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()));

// A department's platform; `person` is who sits in front of it, `more` what else goes into the headers of each call.
export function platform(service, entity, person, more = {}) {
  const client = new services[service](endpoint, credentialsOf(identity(entity)));
  clients.push(client);
  const headers = new grpc.Metadata();
  for (const [key, value] of Object.entries(more)) headers.set(key, value);
  if (person) headers.set('authorization', `Bearer ${token(person, 600)}`);
  const options = () => ({ deadline: Date.now() + 20_000 });
  return new Proxy({}, {
    get: (_, method) => (method === 'stream'
      ? (name, request) => client[name](toWire(request), headers, options())
      : (request = {}) => new Promise((resolve, reject) => {
        const answered = (error, answer) => (error ? reject(error) : resolve(fromWire(answer)));
        // A request, or the pieces of one.
        const pieces = [request].flat().map((piece, index) => toWire({ ...(index === 0 && { requestId: randomUUID() }), ...piece }));
        if (!client[method].requestStream) return client[method](pieces[0], headers, options(), answered);
        const stream = client[method](headers, options(), answered);
        pieces.forEach((piece) => stream.write(piece));
        stream.end();
      })),
  });
}

// The contact that manages the contacts of an entity: its platform creates it, and it creates the others.
const keepers = {
  [cdss]: ['cdss-coordinator', 'DATA_COORDINATOR'],
  [dhcs]: ['dhcs-coordinator', 'DATA_COORDINATOR'],
  [odi]: ['odi-cdo', 'STATEWIDE_CDO'],
};

// Creates a contact with the role unless it exists.
export async function addContact(entity, person, role) {
  const [keeper, keeperRole] = keepers[entity];
  if (person !== keeper) await addContact(entity, keeper, keeperRole);
  const contact = { person, displayName: person.replace('-', ' '), email: `${person}@example.org`, roles: [`CONTACT_ROLE_${role}`] };
  const refusal = await platform('registry', entity, person === keeper ? '' : keeper).CreateContact({ parent: entity, contact }).then(() => null, (error) => error);
  assert.ok(refusal === null || refusal.code === grpc.status.ALREADY_EXISTS, refusal?.details);
}

// Creates the contacts that edit the demo's draft, on both sides.
export async function addAuthors() {
  for (const [entity, short] of [[cdss, 'cdss'], [dhcs, 'dhcs']]) {
    for (const [person, role] of [['program', 'PROGRAM'], ['coordinator', 'DATA_COORDINATOR'], ['sponsor', 'EXECUTIVE_SPONSOR']]) {
      await addContact(entity, `${short}-${person}`, role);
    }
  }
}

// Resolves to what the refusal explains.
export async function assertRefused(call, code, reason) {
  const error = await call.then(() => assert.fail(`${reason} was expected`), (refusal) => refusal);
  assert.equal(grpc.status[error.code], code, error.details);
  const explained = explain(error.metadata.get('grpc-status-details-bin')[0]);
  assert.equal(explained.ErrorInfo?.reason, reason, error.details);
  return explained;
}

// The first messages of a stream, which is then given up.
export function take(stream, count) {
  return new Promise((resolve, reject) => {
    const messages = [];
    stream.on('data', (message) => {
      if (messages.push(fromWire(message)) < count) return;
      stream.cancel();
      resolve(messages.slice(0, count));
    });
    stream.on('error', (error) => (messages.length < count ? reject(error) : null));
  });
}
