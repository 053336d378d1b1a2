// Refusals of drafting: each has its code, its reason and its details, and nothing is stored. Also the metadata of a call: its trace and its
// request id.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { assertRefused, cdss, dhcs, addAuthors, platform, skip, story, take } from './platform.mjs';

// An entity in the registry without an own or agency signature, and a signatory that is not a party.
const nonSignatory = 'entities/state-treasurers-office';
const outsider = 'entities/department-of-motor-vehicles';

test('drafting: what cannot be is refused, with what is wrong, and nothing of it is kept', { skip }, async () => {
  await addAuthors();
  const recipient = platform('drafting', cdss, 'cdss-program');
  // A word by which only what this test makes is found.
  const word = randomBytes(8).toString('hex');
  const kept = async () => (await recipient.ListBucps({ filter: `text : "${word}"` })).bucps.map((each) => each.name);
  const draft = (changes) => {
    const content = story('draft');
    content.businessCase.useCaseName.title = `Refused ${word}`;
    return { content: { ...content, ...changes } };
  };

  const unknown = await assertRefused(recipient.CreateBucp(draft({ providers: ['entities/of-no-registry'] })), 'INVALID_ARGUMENT', 'UNKNOWN_ENTITY');
  assert.equal(unknown.ErrorInfo.metadata.entity, 'entities/of-no-registry');
  const outside = await assertRefused(recipient.CreateBucp(draft({ providers: [nonSignatory] })), 'FAILED_PRECONDITION', 'NOT_SIGNATORY');
  assert.deepEqual(outside.PreconditionFailure.violations.map(({ type, subject }) => [type, subject]), [['SIGNATORY', nonSignatory]]);
  const missing = await assertRefused(recipient.CreateBucp({}), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(missing.BadRequest.field_violations.map((each) => each.field), ['content']);
  const long = draft({});
  long.content.businessCase.useCaseName.title += 'x'.repeat(30_000);
  const tooLong = await assertRefused(recipient.CreateBucp(long), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(tooLong.BadRequest.field_violations.map((each) => each.field), ['content.business_case.use_case_name.title']);
  const { content: huge } = draft({});
  huge.businessCase.useCaseName.title += 'x'.repeat(4 << 20);
  const tooLarge = await assertRefused(recipient.CreateBucp({ content: huge }), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(tooLarge.BadRequest.field_violations.map((each) => each.field), ['content.business_case.use_case_name.title']);
  const noKey = await assertRefused(recipient.CreateBucp({ ...draft({}), requestId: '' }), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.deepEqual(noKey.BadRequest.field_violations.map((each) => each.field), ['request_id']);
  assert.deepEqual(await kept(), [], 'nothing was stored');

  const requestId = randomUUID();
  const { bucp } = await recipient.CreateBucp({ ...draft({}), requestId });
  assert.deepEqual((await recipient.CreateBucp({ ...draft({}), requestId })).bucp.name, bucp.name, 'the same request, the same answer');
  const reused = await assertRefused(recipient.CreateBucp({ ...draft({ providers: [cdss] }), requestId }), 'INVALID_ARGUMENT', 'REQUEST_ID_REUSED');
  assert.deepEqual(reused.BadRequest.field_violations.map((each) => each.field), ['request_id']);

  const { name } = bucp;
  assert.deepEqual(await kept(), [name], 'stored once');
  const early = await assertRefused(platform('drafting', cdss, 'cdss-coordinator').FreezeBucp({ name }), 'FAILED_PRECONDITION', 'STEP_NOT_ALLOWED');
  assert.equal(early.ErrorInfo.metadata.state, 'DRAFT');
  await assertRefused(recipient.SendBucp({ name, etag: 'of-yesterday' }), 'ABORTED', 'STALE_ETAG');
  // A BUCP looks like a missing one to a department that is not a party.
  const stranger = platform('drafting', outsider);
  const notYours = await assertRefused(stranger.GetBucp({ name }), 'NOT_FOUND', 'NOT_FOUND');
  const notThere = await assertRefused(stranger.GetBucp({ name: 'bucps/of-nobody' }), 'NOT_FOUND', 'NOT_FOUND');
  assert.equal(notYours.message.replace(name, ''), notThere.message.replace('bucps/of-nobody', ''));
  assert.equal((await recipient.GetBucp({ name })).bucp.etag, bucp.etag, 'nothing has moved');
});

test('a refusal with 500 violations reaches a client of the defaults', { skip }, async () => {
  const entities = Array.from({ length: 500 }, () => `no entity ${'x'.repeat(150)}`);
  const refused = await assertRefused(platform('registry', cdss).ConfirmSignatories({ entities }), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.match(refused.BadRequest.field_violations.at(-1).description, /^and \d+ more$/);
  assert.ok(refused.RequestInfo.request_id);
});

test('the trace and the request id of a call go through every service that it needs', { skip: skip || (!process.env.IDEA_LOG && 'IDEA_LOG is not set') }, async () => {
  await addAuthors();
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
