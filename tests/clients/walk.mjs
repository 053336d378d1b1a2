// Walks through the registry and the drafting service as two departments' platforms would, with nothing but reflection: who may sign, a
// draft that both write, its comments and revisions, and the document out and in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused, cdss, dhcs, addAuthors, odi, platform, skip, story, take } from './platform.mjs';

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
  const bytes = Buffer.from(csv);
  const pieces = [bytes.subarray(0, 1000), bytes.subarray(1000, 1001), bytes.subarray(1001)].map((piece) => ({ csv: [piece] }));
  const again = await office.ImportSignatories([{ validateOnly: true, size: bytes.length }, ...pieces]);
  assert.ok(again.rowsRead > 100);
  await assertRefused(office.ImportSignatories([{ size: bytes.length }, ...pieces.slice(0, 2)]), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  assert.equal(again.rowsRead, again.unchanged);
  assert.equal(again.problems.length, 0);
  const added = await office.ImportSignatories({ csv: [Buffer.from('name,acronym,parent_agency,kind,source\nBoard of Walks,,,board,s\n')], validateOnly: true });
  assert.equal(added.entitiesAdded, 1);
  await assertRefused(registry.GetEntity({ name: 'entities/board-of-walks' }), 'NOT_FOUND', 'NOT_FOUND');
  await assertRefused(office.ImportSignatories(Array(5).fill({ csv: [Buffer.alloc(1 << 20, 'x')] })), 'INVALID_ARGUMENT', 'INVALID_FIELD');
  await assertRefused(registry.ImportSignatories({ csv: [bytes] }), 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
});

test('drafting: from the template to a document and back', { skip }, async () => {
  await addAuthors();
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
  // The same content does not change anything; another text does.
  await edit(provider, 'technical', 'technical');
  const other = { technical: { ...story('technical').technical, dataTransfer: { description: 'by courier' } } };
  const again = provider.UpdateBucp({ name, content: other, updateMask: { paths: ['technical'] }, sectionEtags: read });
  const { ErrorInfo: stale } = await assertRefused(again, 'ABORTED', 'STALE_ETAG');
  assert.ok(stale.metadata.value || stale.metadata.changes, 'what is there now');

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
  const validated = await recipient.ImportDocument({ document, validateOnly: true });
  assert.equal(validated.bucp.name, '');
  const imported = await recipient.ImportDocument({ document });
  assert.deepEqual(imported.unread, []);
  assert.deepEqual(imported.bucp.content.technical, (await recipient.GetBucp({ name })).bucp.content.technical);
  await assertRefused(recipient.ImportDocument({ document: document.subarray(0, 999) }), 'INVALID_ARGUMENT', 'DOCUMENT_REFUSED');

  const { bucps } = await provider.ListBucps({ filter: 'role = PROVIDER AND text : "enrol"', orderBy: 'update_time desc' });
  assert.ok(bucps.some((each) => each.name === name));

  // All events, then those after the first message.
  const first = await take(recipient.stream('WatchBucp', { name }), 3);
  assert.equal(first[0].event.type, 'BucpCreated');
  const rest = await take(recipient.stream('WatchBucp', { name, resumeToken: first[0].resumeToken }), 2);
  assert.deepEqual(rest.map((each) => each.event.eventId), first.slice(1).map((each) => each.event.eventId));
});
