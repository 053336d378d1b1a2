// Calls that a server must refuse, made over the wire by a client that shares no code with it: each refusal has the documented
// code and reason, and the server goes on serving.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { test } from 'node:test';
import tls from 'node:tls';
import grpc from '@grpc/grpc-js';
import { credentialsOf, department, endpoint, explain, skip, skipTokens, stranger, token } from './wire.mjs';

const list = '/idea.registry.v1.RegistryService/ListEntities';

// A protobuf field that holds bytes, 127 of them at most a length byte, else two or more.
function field(number, bytes) {
  const length = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

// ListEntitiesRequest.filter
const filter = (bytes) => field(3, Buffer.from(bytes));

// One call with the bytes as they are. Resolves to the code and what the trailer explains.
function call({ as = department(), path = list, body = Buffer.alloc(0), metadata = {}, deadline = 10_000 }) {
  const client = new grpc.Client(endpoint, credentialsOf(as));
  const same = (bytes) => bytes;
  const headers = new grpc.Metadata();
  for (const [key, value] of Object.entries(metadata)) [value].flat().forEach((each) => headers.add(key, each));
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, body, headers, { deadline: Date.now() + deadline }, (error, answer) => {
      client.close();
      if (!error) resolve({ code: grpc.status.OK, answer });
      else resolve({ ...explain(error.metadata.get('grpc-status-details-bin')[0]), code: error.code, text: error.details });
    });
  });
}

function assertRefused(got, code, reason) {
  assert.equal(grpc.status[got.code], code, got.text);
  assert.equal(got.ErrorInfo?.reason, reason, got.text);
}

// One call over bare HTTP/2, with headers that a well-behaved client would not send. Resolves to headers and trailers as one.
function rawCall(headers) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`https://${endpoint}`, department());
    const got = {};
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST', ':path': list, 'content-type': 'application/grpc', te: 'trailers', ...headers,
    });
    stream.on('response', (some) => Object.assign(got, some));
    stream.on('trailers', (some) => Object.assign(got, some));
    stream.on('error', () => {});
    stream.on('close', () => {
      session.close();
      resolve({ ...got, reset: stream.rstCode });
    });
    stream.resume();
    stream.end(Buffer.alloc(5));
  });
}

const details = (headers) => headers['grpc-status-details-bin'] && Buffer.from(headers['grpc-status-details-bin'], 'base64');

test('a good call is answered', { skip }, async () => {
  assert.equal((await call({})).code, grpc.status.OK);
  assert.equal((await rawCall({}))['grpc-status'], '0');
});

test('a caller without a certificate is told that one is required', { skip }, async () => {
  const { ca } = department();
  assertRefused(await call({ as: { ca } }), 'UNAUTHENTICATED', 'CERTIFICATE_REQUIRED');
  const reflection = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
  assertRefused(await call({ as: { ca }, path: reflection }), 'UNAUTHENTICATED', 'CERTIFICATE_REQUIRED');
});

test('a certificate of another authority does not pass the handshake', { skip }, async () => {
  const { ca, cert, key } = stranger();
  const [host, port] = [endpoint.slice(0, endpoint.lastIndexOf(':')), endpoint.slice(endpoint.lastIndexOf(':') + 1)];
  const heard = await new Promise((resolve) => {
    const socket = tls.connect({ host, port, ca, cert, key, ALPNProtocols: ['h2'] });
    let bytes = 0;
    let why = 'closed';
    socket.on('data', (some) => (bytes += some.length));
    socket.on('error', (error) => (why = error.code));
    socket.on('close', () => resolve({ bytes, why }));
    socket.setTimeout(5_000, () => socket.destroy(new Error('still open')));
  });
  assert.equal(heard.bytes, 0, 'not one byte of HTTP/2 is heard');
  assert.match(heard.why, /ALERT|ECONNRESET|EPIPE|closed/);
  const got = await call({ as: { ca, cert, key }, deadline: 2_000 });
  assert.notEqual(got.code, grpc.status.OK);
  assert.equal(got.ErrorInfo, undefined, 'nothing of ours answers');
});

test('text that is not UTF-8 is refused', { skip }, async () => {
  assertRefused(await call({ body: filter([0x61, 0xff, 0xfe]) }), 'INVALID_ARGUMENT', 'MALFORMED_MESSAGE');
});

test('bytes that are no message are refused', { skip }, async () => {
  assertRefused(await call({ body: Buffer.from([0x1a, 0x7f, 0x61]) }), 'INVALID_ARGUMENT', 'MALFORMED_MESSAGE');
});

test('a text that is too long is refused with the path of its field', { skip }, async () => {
  const got = await call({ body: filter('x'.repeat(1001)) });
  assertRefused(got, 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(got.BadRequest.field_violations.map((violation) => violation.field), ['filter']);
});

test('a message of a little more than 4 MiB hears what takes the most of it, a larger one is refused by gRPC itself', { skip }, async () => {
  const got = await call({ body: filter('x'.repeat((4 << 20) + 1000)) });
  assertRefused(got, 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(got.BadRequest.field_violations.map((violation) => violation.field), ['filter']);
  assert.equal(grpc.status[(await call({ body: filter('x'.repeat(5 << 20)) })).code], 'RESOURCE_EXHAUSTED');
});

test('a call whose deadline is as good as over is not begun', { skip }, async () => {
  const got = await rawCall({ 'grpc-timeout': '10m' });
  assert.equal(got['grpc-status'], String(grpc.status.DEADLINE_EXCEEDED), JSON.stringify(got));
  // Where the ten milliseconds were over before the pipeline looked, gRPC itself says so, without a reason.
  const reason = explain(details(got)).ErrorInfo?.reason ?? 'DEADLINE_SPENT';
  assert.equal(reason, 'DEADLINE_SPENT');
});

test('a method or service that is not there is refused', { skip }, async () => {
  for (const path of ['/idea.registry.v1.RegistryService/Guess', '/idea.registry.v2.RegistryService/ListEntities']) {
    assertRefused(await call({ path }), 'UNIMPLEMENTED', 'METHOD_UNKNOWN');
  }
});

test('a token that is no token or has expired is refused; a good one passes', { skip: skipTokens }, async () => {
  const withToken = (text) => call({ metadata: { authorization: `Bearer ${text}` } });
  assertRefused(await withToken('x.y.z'), 'UNAUTHENTICATED', 'TOKEN_INVALID');
  assertRefused(await withToken(token('somebody', -60)), 'UNAUTHENTICATED', 'TOKEN_INVALID');
  const good = token('somebody', 600);
  assert.equal((await withToken(good)).code, grpc.status.OK);
});

test('after all of this the server still answers', { skip }, async () => {
  assert.equal((await call({})).code, grpc.status.OK);
});
