// One agreement after another through every step of the guidebook, from the assessment to the filing, for measurements.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { attempt, content, entities } from '../robustness/suite.mjs';

const { cdss, dhcs } = entities;
const sections = (...names) => ({ paths: names.map((name) => `administrative.${name}`) });
const requirements = sections('legal_authority', 'privacy_requirements', 'security_requirements');

// The calls made so far; how many of them wrote; the milliseconds of each step that waited for another service.
export class Count {
  calls = 0;
  writes = 0;
  waits = [];
}

// A call that must succeed. A write is sent again with its request_id while the server is overloaded.
export async function call(count, by, method, request) {
  const write = !/^(Get|List|Check|Assess)/.test(method);
  const full = write ? { ...request, requestId: randomUUID() } : request;
  for (let i = 0; ; ++i) {
    ++count.calls;
    const { answer, error, code, reason } = await attempt(by, method, full, randomUUID(), 30_000);
    if (answer) {
      count.writes += write ? 1 : 0;
      return answer;
    }
    if (i >= 20 || !['UNAVAILABLE', 'RESOURCE_EXHAUSTED'].includes(code)) throw new Error(`${by} ${method}: ${code} ${reason}: ${error.details}`);
    await pause(50);
  }
}

// Waits until `read()` is true.
async function wait(count, read) {
  const began = performance.now();
  while (!await read()) {
    if (performance.now() - began > 60_000) throw new Error('a step of another service took longer than a minute');
    await pause(1);
  }
  count.waits.push(performance.now() - began);
}

const edit = (count, name, by, part, updateMask) => call(count, by, 'UpdateBucp', { name, content: content(part), updateMask });

export async function draft(count) {
  const { bucp } = await call(count, 'cdss/program', 'CreateBucp', { content: content('draft') });
  return bucp.name;
}

// From the draft to the routing of the frozen BUCP.
export async function freeze(count, name) {
  await call(count, 'cdss/program', 'SendBucp', { name });
  await edit(count, name, 'dhcs/program', 'technical', { paths: ['technical'] });
  await edit(count, name, 'cdss/program', 'administrative', sections('transfer_of_funds', 'critical_dates', 'redisclosure', 'research', 'approvals'));
  await edit(count, name, 'cdss/legal', 'requirements-recipient', requirements);
  await edit(count, name, 'dhcs/legal', 'requirements-provider', requirements);
  await call(count, 'cdss/coordinator', 'FreezeBucp', { name });
  let routing;
  await wait(count, async () => {
    [routing] = (await call(count, 'cdss', 'ListRoutings', { filter: `bucp = "${name}"` })).routings;
    return routing;
  });
  return routing;
}

const opine = (count, routing, by, discipline) => call(count, `${by}/${discipline}`, 'RegisterOpinion', {
  routing: routing.name, digest: routing.digest, discipline: `DISCIPLINE_${discipline.toUpperCase()}`, position: 'POSITION_SUPPORTS', text: 'Read.',
});

// A complete agreement. Resolves to its filing.
export async function agree(count) {
  await call(count, 'cdss/program', 'AssessApplicability', { publicRecords: 'ANSWER_NO', internalUse: 'ANSWER_NO', parties: [cdss, dhcs] });
  const name = await draft(count);
  const routing = await freeze(count, name);
  for (const by of ['cdss', 'dhcs']) {
    for (const discipline of ['legal', 'privacy', 'security']) await opine(count, routing, by, discipline);
  }
  // The order of the signatures is a setting: whoever's turn it is signs.
  for (let signed = 0; signed < 4; signed += 2) {
    const { state } = (await call(count, 'cdss', 'GetRouting', { name: routing.name })).routing;
    const [capacity, person] = state === 'ROUTING_STATE_SPONSORS' ? ['EXECUTIVE_SPONSOR', 'sponsor'] : ['DATA_COORDINATOR', 'coordinator'];
    for (const by of ['cdss', 'dhcs']) {
      await call(count, `${by}/${person}`, 'SignBucp', { routing: routing.name, capacity: `CAPACITY_${capacity}`, digest: routing.digest });
    }
  }
  // The execution passes from review to drafting and to inventory.
  await wait(count, async () => (await call(count, 'cdss', 'ListFilings', { filter: `bucp = "${name}"` })).filings.length > 0);
  const { filing } = await call(count, 'cdss/coordinator', 'FileBucp', { bucp: name, digest: routing.digest });
  return filing;
}
