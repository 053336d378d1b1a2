// The thin layer of the npm package: errors, a write that is sent again, and a watch over a restart of the exchange.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import client from 'idea-exchange-client';

const { Exchange, ExchangeError, grpc } = client;
const file = (name) => join(process.env.IDEA_TLS, name);
const entity = 'entities/california-department-of-social-services';
const exchange = new Exchange({
  address: process.env.IDEA_ENDPOINT, ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key'), timeout: 60_000,
});
const { registry, notification } = exchange.clients;

// A refusal has its reason, metadata and fields, and is not sent again.
const refused = await exchange.call(registry, registry.listEntities, { pageToken: 'nonsense' }).catch((error) => error);
assert(refused instanceof ExchangeError);
assert.equal(refused.reason, 'PAGE_TOKEN_INVALID');
assert.equal(refused.code, grpc.status.INVALID_ARGUMENT);
assert(refused.requestId);
const invalid = await exchange.call(registry, registry.createCertification, { parent: 'nobody' }).catch((error) => error);
assert.equal(invalid.reason, 'INVALID_FIELD');
assert(invalid.fields.some(({ field }) => field === 'parent'));
// A failure before the exchange has no reason.
const other = new Exchange({ address: 'localhost:1', ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key'), timeout: 300 });
const unreachable = await other.call(other.clients.registry, other.clients.registry.listEntities, {}).catch((error) => error);
assert.equal(unreachable.reason, '');
other.close();

const certify = (day) => exchange.call(registry, registry.createCertification, {
  parent: entity, certification: { certifyDate: { year: 2026, month: 1, day }, certifiedBy: 'CISO', evidence: 'on file' },
});
await certify(1);
const seen = [];
let resumeToken;
const watching = (async () => {
  for await (const { item } of exchange.watch(notification, notification.watchInbox, { parent: entity })) {
    seen.push(item.event);
    resumeToken = item.resumeToken;
    if (seen.length === 1) console.log('watching');
    if (item.event.subject.endsWith('2026-01-03')) return;
  }
})();
// The test kills the exchange now and starts it again when it reads "sending".
while (!existsSync(process.env.IDEA_DOWN)) await new Promise((resolve) => { setTimeout(resolve, 20); });
console.log('sending');
await certify(2);
await certify(3);
await watching;
assert.deepEqual(seen.map(({ subject }) => subject.slice(-10)), ['2026-01-01', '2026-01-02', '2026-01-03']);
assert.equal(new Set(seen.map(({ eventId }) => eventId)).size, 3);
console.log('resumed');
exchange.close();

// Connections that break all the time. Every write is executed once, and every event is seen once and in order.
const fragile = new Exchange({
  address: process.env.IDEA_BREAKING, ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key'), timeout: 120_000,
});
const days = Array.from({ length: 28 }, (_, index) => index + 1);
const follower = (async () => {
  const subjects = [];
  const stream = fragile.watch(fragile.clients.notification, fragile.clients.notification.watchInbox, { parent: entity, resumeToken });
  for await (const { item } of stream) {
    subjects.push(item.event.subject.slice(-10));
    if (subjects.length === days.length) return subjects;
  }
})();
for (const day of days) {
  await fragile.call(fragile.clients.registry, fragile.clients.registry.createCertification, {
    parent: entity, certification: { certifyDate: { year: 2025, month: 2, day }, certifiedBy: 'CISO', evidence: 'on file' },
  });
}
assert.deepEqual(await follower, days.map((day) => `2025-02-${String(day).padStart(2, '0')}`));
const stored = [];
for await (const { name } of fragile.pages(fragile.clients.registry, fragile.clients.registry.listCertifications,
  { parent: entity, pageSize: 5 })) stored.push(name);
assert.equal(stored.length, days.length + 3);
fragile.close();
console.log('unbroken');
