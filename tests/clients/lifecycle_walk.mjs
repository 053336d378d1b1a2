// Calls the methods that walk.mjs does not call, also with reflection only: the resources of the Statewide CDO's office, a department's own
// resources, and a BUCP through every state to its execution and its amendment. Its digests are recomputed by the documented rule.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digest } from './digest.mjs';
import { assertRefused, cdss, dhcs, addContact, addAuthors, odi, platform, skip, story, take } from './platform.mjs';

const day = (text) => {
  const [year, month, date] = text.split('-').map(Number);
  return { year, month, day: date };
};

test('the office keeps entities, accessions and standings, with their days', { skip }, async () => {
  await addContact(odi, 'odi-cdo', 'STATEWIDE_CDO');
  const office = platform('registry', odi, 'odi-cdo');
  const parent = 'entities/business-consumer-services-and-housing-agency', later = 'entities/california-housing-and-homelessness-agency';
  const created = await office.CreateEntity({ entityId: 'board-of-long-walks', entity: { displayName: 'Board of Long Walks', kind: 'ENTITY_KIND_BOARD', parent } });
  const { name, etag } = created.entity;
  const parentages = [{ parent }, { parent: later, startDate: day('2024-07-01') }];
  const moved = await office.UpdateEntity({ entity: { name, etag, parentages, hipaaStatus: 'HIPAA_STATUS_HYBRID' }, updateMask: { paths: ['parentages', 'hipaa_status'] } });
  assert.equal(moved.entity.governorAuthority, 'GOVERNOR_AUTHORITY_UNKNOWN');
  await assertRefused(office.UpdateEntity({ entity: { name, etag, acronym: 'BLW' }, updateMask: { paths: ['acronym'] } }), 'ABORTED', 'STALE_ETAG');
  const reader = platform('registry', cdss);
  assert.equal((await reader.GetEntity({ name, on: day('2024-06-30') })).entity.parent, parent);
  assert.equal((await reader.GetEntity({ name, on: day('2024-07-01') })).entity.parent, later);

  const standingOn = async (on) => (await reader.ConfirmSignatories({ entities: [name], on: day(on) })).confirmations[0];
  const covered = await standingOn('2024-06-30');
  assert.equal(covered.standing, 'SIGNATORY_STANDING_COVERED_BY_AGENCY');
  assert.equal(covered.through, parent);
  assert.equal((await standingOn('2024-07-02')).standing, 'SIGNATORY_STANDING_NOT_SIGNATORY');

  const accession = { instrument: 'INSTRUMENT_STIPULATION', signDate: day('2025-08-01'), evidence: 'on file', signedBy: 'A. Walker, Chair' };
  await office.CreateAccession({ parent: name, accession });
  await office.WithdrawEntity({ name, withdrawDate: day('2025-10-01'), evidence: 'letter on file' });
  const { accessions } = await reader.ListAccessions({ parent: name });
  assert.deepEqual(accessions.map((each) => [each.signedBy, each.withdrawDate]), [['A. Walker, Chair', day('2025-10-01')]]);
  assert.equal((await standingOn('2025-08-01')).standing, 'SIGNATORY_STANDING_OWN_SIGNATURE');
  assert.match((await standingOn('2025-10-01')).reason, /withdrew on 2025-10-01/);

  const stand = { name, governorAuthority: 'GOVERNOR_AUTHORITY_UNDER' };
  assert.equal((await office.SetGovernorAuthority(stand)).entity.governorAuthority, 'GOVERNOR_AUTHORITY_UNDER');
  await assertRefused(platform('registry', odi).SetGovernorAuthority(stand), 'UNAUTHENTICATED', 'TOKEN_REQUIRED');
  await assertRefused(platform('registry', cdss, 'cdss-program').SetGovernorAuthority(stand), 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
  const { entities } = await reader.ListEntities({ filter: 'display_name : "Long Walks"' });
  assert.deepEqual(entities.map((each) => each.name), [name]);
});

test('a department keeps its contacts, delegations and certifications, and nobody else does', { skip }, async () => {
  await addContact(dhcs, 'dhcs-coordinator', 'DATA_COORDINATOR');
  const own = platform('registry', dhcs, 'dhcs-coordinator');
  const contactOf = (person, more) => ({ parent: dhcs, contact: { person, displayName: person, email: `${person}@example.org`, roles: ['CONTACT_ROLE_PROGRAM'], ...more } });
  const { contact } = await own.CreateContact(contactOf('w.alker', { roles: ['CONTACT_ROLE_PRIVACY'] }));
  const standIn = (await own.CreateContact(contactOf('s.tand'))).contact;
  await assertRefused(platform('registry', cdss).CreateContact(contactOf('x')), 'NOT_FOUND', 'NOT_FOUND');
  await assertRefused(platform('registry', dhcs).CreateContact(contactOf('x')), 'UNAUTHENTICATED', 'TOKEN_REQUIRED');
  await own.UpdateContact({ contact: { name: contact.name, title: 'Privacy Officer', etag: contact.etag }, updateMask: { paths: ['title'] } });
  assert.equal((await platform('registry', cdss).GetContact({ name: contact.name })).contact.title, 'Privacy Officer');
  assert.equal((await own.ListContactRevisions({ parent: contact.name })).revisions.length, 2);
  const { contacts } = await own.ListContacts({ parent: dhcs, filter: 'person = "w.alker"' });
  assert.deepEqual(contacts.map((each) => each.name), [contact.name]);

  const delegation = { principal: contact.name, delegate: standIn.name, roles: ['CONTACT_ROLE_PRIVACY'], endTime: { seconds: Math.floor(Date.now() / 1000) + 3600 } };
  const made = (await own.CreateDelegation({ parent: dhcs, delegation })).delegation;
  assert.deepEqual((await own.ListDelegations({ parent: dhcs, filter: `delegate = "${standIn.name}"` })).delegations.map((each) => each.name), [made.name]);
  await own.EndDelegation({ name: made.name });
  await assertRefused(own.EndDelegation({ name: made.name }), 'FAILED_PRECONDITION', 'STEP_NOT_ALLOWED');

  const certification = { certifyDate: day('2026-01-15'), certifiedBy: 'CISO', evidence: 'on file' };
  await own.CreateCertification({ parent: dhcs, certification });
  await assertRefused(own.CreateCertification({ parent: dhcs, certification }), 'ALREADY_EXISTS', 'ALREADY_EXISTS');
  const { certifications } = await platform('registry', cdss).ListCertifications({ parent: dhcs });
  assert.ok(certifications.some((each) => each.evidence === 'on file' && each.ageDays > 0));
});

test('the office adds a version of the template, and drafts may follow it', { skip }, async () => {
  await addContact(odi, 'odi-cdo', 'STATEWIDE_CDO');
  await addAuthors();
  const office = platform('drafting', odi, 'odi-cdo'), recipient = platform('drafting', cdss, 'cdss-program');
  // A future effective date, because BUCPs of other tests use the version of the current day.
  const version = { templateId: 'walked', template: { title: 'BUCP, with dates', versionDate: day('2090-01-01'), fields: [{ field: 'administrative.critical_dates', requirement: 'REQUIREMENT_REQUIRED' }] } };
  const { template } = await office.CreateTemplate(version);
  assert.deepEqual((await recipient.GetTemplate({ name: template.name })).template, template);
  await assertRefused(office.CreateTemplate(version), 'ALREADY_EXISTS', 'ALREADY_EXISTS');
  await assertRefused(recipient.CreateTemplate(version), 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
  const { bucp } = await recipient.CreateBucp({ content: story('draft'), template: template.name });
  assert.equal(bucp.template, template.name);
});

test('a service learns who a person is, and nobody else may ask', { skip }, async () => {
  await addContact(cdss, 'cdss-program', 'PROGRAM');
  const question = { entity: cdss, person: 'cdss-program' };
  const known = await platform('registry', 'drafting').ResolvePerson(question);
  assert.deepEqual(known.roles, ['CONTACT_ROLE_PROGRAM']);
  assert.match(known.contact, new RegExp(`^${cdss}/contacts/`));
  assert.equal((await platform('registry', 'review').ResolvePerson({ ...question, person: 'nobody' })).contact, '');
  await assertRefused(platform('registry', cdss).ResolvePerson(question), 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
});

const people = { program: 'PROGRAM', coordinator: 'DATA_COORDINATOR', sponsor: 'EXECUTIVE_SPONSOR', legal: 'LEGAL', privacy: 'PRIVACY', security: 'SECURITY' };

// Follows a BUCP until something happens to it.
async function until(follower, name, type) {
  for (let count = 1; ; ++count) {
    const seen = await take(follower.stream('WatchBucp', { name }), count);
    if (seen.at(-1).event.type === type) return;
  }
}

test('a BUCP goes through every state to its execution and its amendment', { skip }, async () => {
  for (const [entity, short] of [[cdss, 'cdss'], [dhcs, 'dhcs']]) {
    for (const [person, role] of Object.entries(people)) await addContact(entity, `${short}-${person}`, role);
  }
  const as = (short, person, service = 'drafting') => platform(service, short === 'cdss' ? cdss : dhcs, `${short}-${person}`);
  const recipient = as('cdss', 'program'), provider = as('dhcs', 'program');
  const { templates } = await recipient.ListTemplates();
  assert.ok(templates.length >= 2);

  const { bucp: { name } } = await recipient.CreateBucp({ content: story('draft') });
  await recipient.SendBucp({ name });
  assert.equal((await provider.ReturnBucp({ name, reason: 'one more look' })).bucp.state, 'STATE_DRAFT');
  await recipient.SendBucp({ name });
  const edit = (who, part, ...paths) => who.UpdateBucp({ name, content: story(part), updateMask: { paths } });
  await edit(provider, 'technical', 'technical');
  const { csv } = await recipient.ExportDataElements({ name });
  const elements = await provider.ImportDataElements({ name, csv: Buffer.from(`${csv}Größe 😀,numeric,Height in centimetres,No,,,,\r\n`) });
  assert.deepEqual([elements.added, elements.unchanged], [1, 7]);
  await edit(recipient, 'administrative', ...['transfer_of_funds', 'critical_dates', 'redisclosure', 'research', 'approvals'].map((each) => `administrative.${each}`));
  const requirements = ['legal_authority', 'privacy_requirements', 'security_requirements'].map((each) => `administrative.${each}`);
  await edit(as('cdss', 'legal'), 'requirements-recipient', ...requirements);
  await edit(as('dhcs', 'legal'), 'requirements-provider', ...requirements);

  const { comment } = await provider.CreateComment({ parent: name, comment: { field: 'technical.destruction', text: 'When?' } });
  await provider.UpdateComment({ name: comment.name, text: 'Within which time?' });
  await recipient.ResolveComment({ name: comment.name });
  await provider.ReopenComment({ name: comment.name });
  assert.equal((await recipient.CheckCompleteness({ name })).unresolvedComments[0].text, 'Within which time?');

  for (const kind of ['INITIATE_EXCHANGE', 'KICKOFF_PLAN', 'LEGAL_REVIEW', 'PRIVACY_REVIEW', 'SECURITY_REVIEW']) {
    const message = await recipient.RenderMessage({ name, kind: `MESSAGE_KIND_${kind}` });
    assert.ok(message.subject && message.to.length > 0);
    assert.doesNotMatch(message.body, /\[|\binsert\b|undefined/i);
  }

  await as('cdss', 'coordinator').FreezeBucp({ name });
  await assertRefused(edit(provider, 'technical', 'technical'), 'FAILED_PRECONDITION', 'STEP_NOT_ALLOWED');
  await as('cdss', 'coordinator').UnfreezeBucp({ name, reason: 'a word' });
  const { bucp: frozen } = await as('cdss', 'coordinator').FreezeBucp({ name });
  const text = (view) => recipient.RenderDocument({ name, format: 'DOCUMENT_FORMAT_MD', view: `DOCUMENT_VIEW_${view}` }).then((file) => file.document.toString());
  const secret = story('requirements-provider').administrative.securityRequirements.departments[0].text.slice(0, 30);
  assert.ok((await text('FULL')).includes(secret));
  assert.ok(!(await text('PUBLIC')).includes(secret));

  // As a stranger would: the revision as proto3 JSON, the rule, the digest.
  const { revision } = await platform('drafting as JSON', dhcs).GetRevision({ name: frozen.frozenRevision });
  assert.equal(digest(revision.content), frozen.frozenDigest);
  const { revisions } = await platform('drafting as JSON', cdss).ListRevisions({ parent: name });
  for (const each of revisions) {
    const whole = (await platform('drafting as JSON', cdss).GetRevision({ name: each.name })).revision;
    assert.equal(digest(whole.content), each.digest, each.name);
  }

  await until(recipient, name, 'BucpFrozen');
  const review = platform('review', cdss);
  const opened = async () => {
    const { routings } = await review.ListRoutings({ filter: `bucp = "${name}" AND state = ROUTING_STATE_OPINIONS` });
    return routings.find((each) => each.digest === frozen.frozenDigest)?.name;
  };
  let routing = await opened();
  for (const end = Date.now() + 20_000; !routing && Date.now() < end;) routing = await opened();
  assert.ok(routing, 'review did not route it');
  for (const short of ['cdss', 'dhcs']) {
    for (const discipline of ['legal', 'privacy', 'security']) {
      await as(short, discipline, 'review').RegisterOpinion({
        routing, digest: frozen.frozenDigest, discipline: `DISCIPLINE_${discipline.toUpperCase()}`, position: 'POSITION_SUPPORTS', text: 'Read.',
      });
    }
  }
  for (const [person, capacity] of [['sponsor', 'EXECUTIVE_SPONSOR'], ['coordinator', 'DATA_COORDINATOR']]) {
    for (const short of ['cdss', 'dhcs']) {
      await as(short, person, 'review').SignBucp({ routing, digest: frozen.frozenDigest, capacity: `CAPACITY_${capacity}` });
    }
  }
  await until(recipient, name, 'BucpExecuted');
  const amendment = (await recipient.AmendBucp({ name })).bucp;
  assert.equal(amendment.amends, name);
  const given = await as('cdss', 'coordinator').WithdrawBucp({ name: amendment.name, reason: 'not needed' });
  assert.equal(given.bucp.state, 'STATE_WITHDRAWN');
  assert.equal((await recipient.GetBucp({ name })).bucp.state, 'STATE_EXECUTED');
});
