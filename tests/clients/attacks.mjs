// Callers try to exhaust the server's memory, workers or connections. Its memory stays within the bound in docs/CALLER_LIMITS.md, and other
// callers are served.
//
//   IDEA_PID  the process of the server
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { after, test } from 'node:test';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { department, endpoint, explain, identity, skip as skipAll } from './wire.mjs';

const pid = process.env.IDEA_PID;
const skip = skipAll || (!pid && 'IDEA_PID is not set');
const [host, port] = [endpoint.slice(0, endpoint.lastIndexOf(':')), endpoint.slice(endpoint.lastIndexOf(':') + 1)];

const list = '/idea.registry.v1.RegistryService/ListEntities';
const check = '/idea.inventory.v1.ExchangeService/CheckExchange';
const upload = '/idea.registry.v1.RegistryService/ImportSignatories';
const watch = '/idea.notification.v1.NotificationService/WatchInbox';
const reflection = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const health = '/grpc.health.v1.Health/Check';

const attacker = 'entities/department-of-motor-vehicles';
const cdo = 'entities/office-of-data-and-innovation';
const MiB = 1 << 20;

const memory = (key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const restartPeak = () => writeFileSync(`/proc/${pid}/clear_refs`, '5');

const sessions = new Set();
after(() => sessions.forEach((session) => session.destroy()));

function connect(as, settings = {}) {
  const session = http2.connect(`https://${endpoint}`, { ...as, settings });
  session.setMaxListeners(0);
  sessions.add(session);
  session.on('error', () => {});
  session.on('close', () => sessions.delete(session));
  return session;
}
const anonymous = () => ({ ca: department().ca });

const headersOf = (path, more) => ({
  ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...more,
});
// A message with its five-byte prefix; `length` where the prefix promises another one.
function frame(body, { compressed = 0, length = body.length } = {}) {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, body]);
}

// Begins a call and resolves, when it has ended, to headers, trailers and how it was reset. `send` writes what it wants.
function call(session, path, send = (stream) => stream.end(frame(Buffer.alloc(0))), more = {}) {
  return new Promise((resolve) => {
    const got = {};
    let stream;
    try {
      stream = session.request(headersOf(path, more));
    } catch (error) {
      return resolve({ error });
    }
    stream.on('response', (some) => Object.assign(got, some));
    stream.on('trailers', (some) => Object.assign(got, some));
    stream.on('error', (error) => (got.error = error));
    stream.on('close', () => resolve({ ...got, reset: stream.rstCode }));
    // A stream that still had something to write may not say that its connection is gone.
    session.on('close', () => resolve(got));
    stream.resume();
    send(stream);
    return undefined;
  });
}
const reasonOf = (got) =>
  got['grpc-status-details-bin'] && explain(Buffer.from(got['grpc-status-details-bin'], 'base64')).ErrorInfo?.reason;

// Whether a department that does nothing wrong is served, on a new connection and on an old one, and how fast.
let old;
async function assertServed(when) {
  const dhcs = () => connect(identity('entities/department-of-health-care-services'));
  if (!old || old.closed || old.destroyed) old = connect(identity(cdo));
  const fresh = dhcs();
  for (const session of [fresh, old]) {
    const began = Date.now();
    let got = await call(session, list);
    // Under pressure gRPC closes idle connections with GOAWAY; a call that was not begun goes over a new one, as every gRPC client does it.
    if (got.error && got['grpc-status'] === undefined && (session.closed || session.destroyed)) got = await call(dhcs(), list);
    assert.equal(got['grpc-status'], '0', `${when}: ${JSON.stringify(got)}`);
    assert.ok(Date.now() - began < 15_000, `${when}: ${Date.now() - began} ms`);
  }
  fresh.close();
}

// Runs an attack, during which others are served, and checks how much memory it took at most.
async function attack(name, most, work) {
  await assertServed(`before ${name}`);
  const before = memory('VmRSS');
  restartPeak();
  await work(() => assertServed(name));
  await assertServed(`after ${name}`);
  const took = memory('VmHWM') - before;
  console.log(`${name}: ${before.toFixed(0)} MiB, at most ${took.toFixed(0)} MiB more`);
  assert.ok(took < most, `${name} took ${took.toFixed(0)} MiB`);
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
async function eventually(holds, what, ms = 20_000) {
  for (const until = Date.now() + ms; !(await holds());) {
    assert.ok(Date.now() < until, typeof what === 'function' ? what() : what);
    await pause(50);
  }
}

test('a compressed message is not unpacked', { skip, timeout: 60_000 }, () => attack('compressed', 20, async () => {
  const bomb = gzipSync(Buffer.alloc(256 * MiB));
  for (const as of [anonymous(), identity(attacker)]) {
    const got = await call(connect(as), list, (stream) => stream.end(frame(bomb, { compressed: 1 })), { 'grpc-encoding': 'gzip' });
    assert.notEqual(got['grpc-status'], '0');
  }
}));

test('messages of callers without a certificate are not read', { skip, timeout: 120_000 }, () => attack('anonymous', 300, async (served) => {
  const held = [];
  for (let i = 0; i < 40; ++i) {
    const session = connect(anonymous());
    for (const path of [list, check, upload, watch, reflection, health]) {
      held.push(call(session, path, (stream) => stream.write(frame(Buffer.alloc(3 * MiB), { length: 4 * MiB }))));
    }
  }
  await served();
  // Node does not report the end of every call of a closed connection.
  await Promise.race([Promise.all(held), pause(5_000)]);
}));

test('a connection without a certificate is closed soon after its first refusal', { skip, timeout: 60_000 }, async () => {
  const session = connect(anonymous());
  assert.equal(reasonOf(await call(session, list)), 'CERTIFICATE_REQUIRED');
  await eventually(() => session.destroyed, 'still open');
});

// A frame of HTTP/2 (RFC 9113, section 4.1), and a header of HPACK that is not indexed (RFC 7541, section 6.2.2).
function http2Frame(type, flags, stream, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const literal = (name, value) =>
  Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);

// Opens streams and resets each at once, which no library does as fast. Resolves to how many, when all are sent or the server has closed
// the connection.
function resets(as, path, count) {
  return new Promise((resolve) => {
    const headers = Buffer.concat(Object.entries({ ...headersOf(path), ':scheme': 'https', ':authority': 'localhost' })
      .sort().map(([name, value]) => literal(name, value)));
    const socket = tls.connect({ host, port, ...as, ALPNProtocols: ['h2'], servername: 'localhost' });
    let opened = 0;
    const some = () => {
      if (socket.destroyed || opened === count) return;
      const frames = [];
      for (const until = Math.min(count, opened + 100); opened < until; ++opened) {
        const id = 1 + 2 * opened;
        frames.push(http2Frame(1, 4, id, headers), http2Frame(3, 0, id, Buffer.from([0, 0, 0, 8])));
      }
      socket.write(Buffer.concat(frames), some);
    };
    socket.on('secureConnect', () => {
      socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), http2Frame(4, 0, 0, Buffer.alloc(0))]));
      some();
    });
    socket.on('error', () => {});
    // Not when what is still to be written has been.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => resolve(opened));
    socket.resume();
    // A connection that the server keeps open is one test that fails.
    setTimeout(() => socket.destroy(new Error('still open')), 20_000).unref();
  });
}

test('a connection that resets too many calls is closed', { skip, timeout: 240_000 }, () => attack('resets', 250, async (served) => {
  for (const as of [anonymous(), identity(attacker)]) {
    for (const path of [list, upload]) {
      const began = Date.now();
      const done = resets(as, path, 20_000);
      await served();
      const opened = await done;
      assert.ok(Date.now() - began < 20_000, `still open after ${opened} resets of ${path}`);
    }
  }
}));

test('connections that do not shake hands make room for others', { skip, timeout: 60_000 }, () => attack('half handshakes', 60, async (served) => {
  const sockets = [];
  for (let i = 0; i < 600; ++i) {
    const socket = net.connect({ host, port });
    socket.on('error', () => {});
    sockets.push(socket);
  }
  await served();
  // The oldest had to go.
  await eventually(() => sockets.filter((socket) => socket.closed || socket.readableEnded).length > 400, 'all still open');
  sockets.forEach((socket) => socket.destroy());
}));

test("a department's unfinished messages do not hold memory", { skip, timeout: 120_000 }, () => attack('unfinished', 450, async (served) => {
  const held = [];
  for (let i = 0; i < 10; ++i) {
    const session = connect(identity(attacker));
    for (let k = 0; k < 20; ++k) held.push(call(session, [list, check, watch][k % 3], (stream) => stream.write(frame(Buffer.alloc(3 * MiB), { length: 4 * MiB }))));
  }
  await served();
  // Those above the caller's share end at once, the others when a message has had its time (listener_test).
  await eventually(() => memory('VmRSS') < 250, () => `${memory('VmRSS')} MiB`, 45_000);
}));

test('many small items in one message are counted before they are made', { skip, timeout: 120_000 }, () => attack('small items', 250, async (served) => {
  // BatchCheckExchangeRequest.requests: two bytes each.
  const items = Buffer.alloc(4 * MiB - 2, Buffer.from([0x0a, 0x00]));
  // RegistryService.ListEntities does not have field 100: unknown fields are kept in memory too.
  const unknown = Buffer.alloc(4 * MiB - 3, Buffer.from([0xa2, 0x06, 0x00]));
  for (const [path, body] of [['/idea.inventory.v1.ExchangeService/BatchCheckExchange', items], [list, unknown]]) {
    const held = [];
    // Another one than above, whose unfinished messages have their time still: eight messages at once are what a caller may have.
    for (let i = 0; i < 8; ++i) held.push(call(connect(identity('entities/california-department-of-social-services')), path, (stream) => stream.end(frame(body))));
    await served();
    for (const got of await Promise.all(held)) {
      assert.ok(['INVALID_FIELD', 'MALFORMED_MESSAGE', 'OVERLOADED'].includes(reasonOf(got)), JSON.stringify(got));
    }
  }
}));

test('a department that sends more than its share leaves workers to others', { skip, timeout: 120_000 }, () => attack('flood', 150, async (served) => {
  const calls = [];
  for (let i = 0; i < 10; ++i) {
    const session = connect(identity(attacker));
    for (let k = 0; k < 100; ++k) calls.push(call(session, list));
  }
  await served();
  for (const got of await Promise.all(calls)) assert.ok(got['grpc-status'] === '0' || reasonOf(got) === 'OVERLOADED', JSON.stringify(got));
}));

test('what was taken is given back', { skip, timeout: 60_000 }, async () => {
  sessions.forEach((session) => session.destroy());
  await eventually(() => memory('VmRSS') < 200, `${memory('VmRSS')} MiB`, 30_000);
});
