// A department with a valid certificate that is not a party. Until its standard input ends it tries to read and to change others' agreements, with as
// many calls at once as possible. Prints the number and results of its calls. Exit code 1 if it could read or change data of others.
//
// usage: node intruder.mjs <bucp>        with DATA and IDEACTL_CONTEXT of run.sh in the environment
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { attempt, content, entities } from '../robustness/suite.mjs';

const [bucp] = process.argv.slice(2);
const { cdss, dhcs } = entities;
const reason = 'No reason.';
const forbidden = [
  ['calhhs', 'GetBucp', { name: bucp }],
  ['calhhs/officer', 'GetBucp', { name: bucp }],
  ['calhhs', 'GetTimeline', { bucp }],
  ['calhhs', 'ListInbox', { parent: cdss, pageSize: 10 }],
  ['calhhs/officer', 'UpdateBucp', { name: bucp, content: content('technical'), updateMask: { paths: ['technical'] } }],
  ['calhhs/officer', 'WithdrawBucp', { name: bucp, reason }],
  ['calhhs/officer', 'AmendBucp', { name: bucp }],
  ['calhhs/officer', 'OpenDispute', { bucp, category: 'CATEGORY_PROVIDER_OBJECTS', objection: reason }],
];
const greedy = [
  ['calhhs', 'ListEntities', { pageSize: 1000 }],
  ['calhhs', 'CheckExchange', { provider: dhcs, recipient: cdss, dataElements: ['Coverage Month'], purpose: bucp }],
  ['calhhs', 'ListBucps', { filter: `title : ${'a'.repeat(10_000)}` }],
];

let ended = false;
process.stdin.on('end', () => { ended = true; }).resume();
const counts = new Map();
const shown = new Set();
const tell = (key) => counts.set(key, (counts.get(key) ?? 0) + 1);
while (!ended) {
  for (const [by, method, request] of forbidden) {
    const { answer, code } = await attempt(by, method, { ...request, requestId: randomUUID() });
    if (answer) shown.add(`${by} ${method}`);
    tell(`${method}: ${code ?? 'OK'}`);
  }
  for (const [by, method, request] of greedy) {
    const outcomes = await Promise.all([...Array(20)].map(() => attempt(by, method, request)));
    outcomes.forEach(({ code, reason: why }) => tell(`${method}: ${why || code || 'OK'}`));
  }
  await pause(200);
}
for (const [what, count] of counts) console.log(`${count} times ${what}`);
for (const what of shown) console.log(`an answer that is for others alone: ${what}`);
process.exit(shown.size > 0 ? 1 : 0);
