// Walks through the registry and the drafting service as two departments' platforms would, with nothing but reflection: who may sign, a
// draft that both write, its comments and revisions, and the document out and in.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import reflection from 'grpc-js-reflection-client';
import { credentialsOf, endpoint, explain, identity, skipTokens as skip, token } from './wire.mjs';

const cdss = 'entities/california-department-of-social-services';
const dhcs = 'entities/department-of-health-care-services';
const odi = 'entities/office-of-data-and-innovation';
// In the registry, but neither it nor an agency above it signed; and a signatory that is no party.
const nonSignatory = 'entities/state-treasurers-office';
const outsider = 'entities/department-of-motor-vehicles';
const story = (name) => JSON.parse(readFileSync(new URL(`../../scripts/story/${name}.json`, import.meta.url)));

const services = {};
const clients = [];
after(() => clients.forEach((client) => client.close()));

before(async () => {
  if (skip) return;
  const server = new reflection.GrpcReflection(endpoint, credentialsOf(identity(odi)), {}, 'v1');
  clients.push(server.client);
  for (const name of ['registry', 'drafting']) {
    const symbol = `idea.${name}.v1.${name[0].toUpperCase()}${name.slice(1)}Service`;
    const descriptor = await server.getDescriptorBySymbol(symbol);
    const tree = descriptor.getPackageObject({ keepCase: true, enums: String, longs: String, defaults: true, arrays: true });
    services[name] = symbol.split('.').reduce((branch, part) => branch[part], tree);
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
function platform(service, entity, person, more = {}) {
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
        client[method](toWire({ requestId: randomUUID(), ...request }), headers, options(), (error, answer) => (error ? reject(error) : resolve(fromWire(answer))));
      })),
  });
}

// Resolves to what the refusal explains.
async function assertRefused(call, code, reason) {
  const error = await call.then(() => assert.fail(`${reason} was expected`), (refusal) => refusal);
  assert.equal(grpc.status[error.code], code, error.details);
  const explained = explain(error.metadata.get('grpc-status-details-bin')[0]);
  assert.equal(explained.ErrorInfo?.reason, reason, error.details);
  return explained;
}

test('the registry: search, confirm, export and the rehearsal of an import', { skip }, async () => {
  const registry = platform('registry', cdss);
  const { matches } = await registry.SearchEntities({ query: 'helth care servics' });
  assert.equal(matches[0].entity.name, dhcs);

  const day = { year: 2030, month: 1, day: 1 };
  const { confirmations } = await registry.ConfirmSignatories({ entities: [cdss, dhcs, 'entities/of-no-registry'], on: day });
  assert.deepEqual(confirmations.map((each) => each.standing.replace('SIGNATORY_STANDING_', '')), ['OWN_SIGNATURE', 'OWN_SIGNATURE', 'UNKNOWN']);
  assert.ok(confirmations.every((each) => each.reason));

  const { csv } = await registry.ExportEntities();
  const office = platform('registry', odi);
  const again = await office.ImportSignatories({ csv: Buffer.from(csv), validateOnly: true });
  assert.equal(again.rowsRead, again.unchanged);
  assert.equal(again.problems.length, 0);
  const added = await office.ImportSignatories({ csv: Buffer.from('name,acronym,parent_agency,kind,source\nBoard of Walks,,,board,s\n'), validateOnly: true });
  assert.equal(added.entitiesAdded, 1);
  await assertRefused(registry.GetEntity({ name: 'entities/board-of-walks' }), 'NOT_FOUND', 'NOT_FOUND');
  await assertRefused(registry.ImportSignatories({ csv: Buffer.from(csv) }), 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
});

test('drafting: from the template to a document and back', { skip }, async () => {
  for (const [entity, short] of [[cdss, 'cdss'], [dhcs, 'dhcs']]) {
    const registry = platform('registry', entity);
    for (const [person, role] of [['program', 'PROGRAM'], ['coordinator', 'DATA_COORDINATOR'], ['sponsor', 'EXECUTIVE_SPONSOR']]) {
      const contact = { person: `${short}-${person}`, displayName: `${short} ${person}`, email: `${short}-${person}@example.org`, roles: [`CONTACT_ROLE_${role}`] };
      await registry.CreateContact({ parent: entity, contact });
    }
  }
  const recipient = platform('drafting', cdss, 'cdss-program');
  const provider = platform('drafting', dhcs, 'dhcs-program');

  const assessed = await recipient.AssessApplicability({ publicRecords: 'ANSWER_NO', internalUse: 'ANSWER_NO', parties: [cdss, dhcs] });
  assert.equal(assessed.outcome, 'APPLICABILITY_REQUIRED');
  const { template } = await recipient.GetTemplate({ name: 'templates/v3' });
  assert.equal(template.fields.filter((field) => field.number > 0).length, 20);

  const { bucp } = await recipient.CreateBucp({ content: story('draft') });
  const { name } = bucp;
  await assertRefused(platform('drafting', cdss).CreateBucp({ content: story('draft') }), 'UNAUTHENTICATED', 'TOKEN_REQUIRED');
  await recipient.SendBucp({ name, etag: bucp.etag });

  // Two sections at once; then the same one twice.
  const read = (await provider.GetBucp({ name })).bucp.sectionEtags;
  const edit = (who, part, path) => who.UpdateBucp({ name, content: story(part), updateMask: { paths: [path] }, sectionEtags: read });
  await Promise.all([edit(recipient, 'technical', 'technical'), edit(provider, 'requirements-provider', 'administrative.legal_authority')]);
  await assertRefused(edit(provider, 'technical', 'technical'), 'ABORTED', 'STALE_ETAG');

  const { comment } = await provider.CreateComment({ parent: name, comment: { field: 'technical.data_users', text: 'which unit?' } });
  await recipient.CreateComment({ parent: name, comment: { field: 'technical.data_users', text: 'CalFresh', thread: comment.name } });
  assert.equal((await recipient.CheckCompleteness({ name })).unresolvedComments.length, 1);
  await provider.ResolveComment({ name: comment.name });
  const { comments } = await recipient.ListComments({ parent: name });
  assert.deepEqual(comments.map((each) => each.text), ['which unit?', 'CalFresh']);

  const gaps = await recipient.CheckCompleteness({ name });
  assert.ok(!gaps.complete && gaps.gaps.every((gap) => gap.field && gap.problem && gap.completedBy && gap.why));
  assert.equal(gaps.unresolvedComments.length, 0);
  const { revisions } = await recipient.ListRevisions({ parent: name });
  const { changes } = await provider.DiffRevisions({ from: `${name}/revisions/1`, to: revisions[0].name });
  assert.ok(changes.some((change) => change.field.startsWith('technical.')));

  const files = {};
  for (const format of ['HTML', 'MD', 'DOCX']) {
    files[format] = await recipient.RenderDocument({ name, format: `DOCUMENT_FORMAT_${format}` });
    assert.equal(files[format].digest, revisions[0].digest);
  }
  assert.match(files.HTML.document.toString(), /^<!DOCTYPE html>/);
  const { document } = files.DOCX;
  const rehearsed = await recipient.ImportDocument({ document, validateOnly: true });
  assert.equal(rehearsed.bucp.name, '');
  const imported = await recipient.ImportDocument({ document });
  assert.deepEqual(imported.unread, []);
  assert.deepEqual(imported.bucp.content.technical, (await recipient.GetBucp({ name })).bucp.content.technical);
  await assertRefused(recipient.ImportDocument({ document: document.subarray(0, 999) }), 'INVALID_ARGUMENT', 'DOCUMENT_REFUSED');

  const { bucps } = await provider.ListBucps({ filter: 'role = PROVIDER AND text : "enrol"', orderBy: 'update_time desc' });
  assert.ok(bucps.some((each) => each.name === name));

  // What happened, from the beginning; then from behind the first message on.
  const first = await take(recipient.stream('WatchBucp', { name }), 3);
  assert.equal(first[0].event.type, 'BucpCreated');
  const rest = await take(recipient.stream('WatchBucp', { name, resumeToken: first[0].resumeToken }), 2);
  assert.deepEqual(rest.map((each) => each.event.eventId), first.slice(1).map((each) => each.event.eventId));
});

test('drafting: what cannot be is refused, with what is wrong, and nothing of it is kept', { skip }, async () => {
  const recipient = platform('drafting', cdss, 'cdss-program');
  const names = async () => (await recipient.ListBucps({ pageSize: 100 })).bucps.map((each) => each.name);
  const before = await names();
  const draft = (changes) => ({ content: { ...story('draft'), ...changes } });

  const unknown = await assertRefused(recipient.CreateBucp(draft({ providers: ['entities/of-no-registry'] })), 'INVALID_ARGUMENT', 'UNKNOWN_ENTITY');
  assert.equal(unknown.ErrorInfo.metadata.entity, 'entities/of-no-registry');
  const outside = await assertRefused(recipient.CreateBucp(draft({ providers: [nonSignatory] })), 'FAILED_PRECONDITION', 'NOT_SIGNATORY');
  assert.deepEqual(outside.PreconditionFailure.violations.map(({ type, subject }) => [type, subject]), [['SIGNATORY', nonSignatory]]);
  const missing = await assertRefused(recipient.CreateBucp({}), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(missing.BadRequest.field_violations.map((each) => each.field), ['content']);
  const long = draft({});
  long.content.businessCase = { useCaseName: { title: 'x'.repeat(30_000) } };
  const tooLong = await assertRefused(recipient.CreateBucp(long), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(tooLong.BadRequest.field_violations.map((each) => each.field), ['content.business_case.use_case_name.title']);
  const noKey = await assertRefused(recipient.CreateBucp({ ...draft({}), requestId: '' }), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(noKey.BadRequest.field_violations.map((each) => each.field), ['request_id']);
  assert.deepEqual(await names(), before, 'nothing was stored');

  const requestId = randomUUID();
  const { bucp } = await recipient.CreateBucp({ ...draft({}), requestId });
  assert.deepEqual((await recipient.CreateBucp({ ...draft({}), requestId })).bucp.name, bucp.name, 'the same request, the same answer');
  const reused = await assertRefused(recipient.CreateBucp({ ...draft({ providers: [cdss] }), requestId }), 'INVALID_ARGUMENT', 'REQUEST_ID_REUSED');
  assert.deepEqual(reused.BadRequest.field_violations.map((each) => each.field), ['request_id']);

  const { name } = bucp;
  const early = await assertRefused(platform('drafting', cdss, 'cdss-coordinator').FreezeBucp({ name }), 'FAILED_PRECONDITION', 'STEP_NOT_ALLOWED');
  assert.equal(early.ErrorInfo.metadata.state, 'DRAFT');
  await assertRefused(recipient.SendBucp({ name, etag: 'of-yesterday' }), 'ABORTED', 'STALE_ETAG');
  // Who is no party learns no more of a BUCP than of one that is not there.
  const stranger = platform('drafting', outsider);
  const notYours = await assertRefused(stranger.GetBucp({ name }), 'NOT_FOUND', 'NOT_FOUND');
  const notThere = await assertRefused(stranger.GetBucp({ name: 'bucps/of-nobody' }), 'NOT_FOUND', 'NOT_FOUND');
  assert.equal(notYours.message.replace(name, ''), notThere.message.replace('bucps/of-nobody', ''));
  assert.equal((await recipient.GetBucp({ name })).bucp.etag, bucp.etag, 'nothing has moved');
});

test('the trace and the request id of a call go through every service that it needs', { skip: skip || (!process.env.IDEA_LOG && 'IDEA_LOG is not set') }, async () => {
  const trace = randomBytes(16).toString('hex');
  const id = randomUUID();
  const recipient = platform('drafting', cdss, 'cdss-program', { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-request-id': id });
  const { bucp } = await recipient.CreateBucp({ content: story('draft') });
  const [{ event }] = await take(recipient.stream('WatchBucp', { name: bucp.name }), 1);
  assert.match(event.traceparent, new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  // A line is written after its call was answered.
  let calls = {};
  for (let tries = 0; tries < 100 && !(calls.CreateBucp && calls.ConfirmSignatories); tries++) {
    const lines = readFileSync(process.env.IDEA_LOG, 'utf8').split('\n').filter((line) => line.includes(trace) && line.endsWith('}'));
    calls = Object.fromEntries(lines.map(JSON.parse).map((line) => [line.method, line]));
    await pause(50);
  }
  assert.deepEqual([calls.CreateBucp.service, calls.ConfirmSignatories.service], ['drafting', 'registry']);
  assert.deepEqual([calls.CreateBucp.request_id, calls.ConfirmSignatories.request_id], [id, id]);
  assert.notEqual(calls.CreateBucp.traceparent, calls.ConfirmSignatories.traceparent, 'each has a span of its own');
});

// The first messages of a stream, which is then given up.
function take(stream, count) {
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
