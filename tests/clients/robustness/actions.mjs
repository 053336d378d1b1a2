// The calls of departments for a BUCP: mostly a possible next step, sometimes a forbidden one.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { attempt, content, entities, isTransient, read } from './suite.mjs';
import { clock } from './history.mjs';

const { cdss, dhcs } = entities;
const paths = (...names) => ({ paths: names.map((name) => `administrative.${name}`) });
const requirements = paths('legal_authority', 'privacy_requirements', 'security_requirements');
const disciplines = ['legal', 'privacy', 'security'];
const digests = ['0'.repeat(64)];

export class Departments {
  constructor(history, random) {
    this.history = history;
    this.random = random;
    this.bucps = [];
    // The last response about a BUCP.
    this.seen = new Map();
    this.stopped = false;
  }

  pick(list) { return list[Math.floor(this.random() * list.length)]; }

  // Sends a write until it is answered, with the same ids each time; sometimes twice at once.
  async write(by, method, request, bucp, tries = 8) {
    const id = randomUUID();
    const full = { ...request, requestId: id };
    const call = { id, by, method, request: full, bucp, begin: clock(), outcome: 'unknown', code: '', reason: '', text: '' };
    for (let i = 0; i < tries && call.outcome === 'unknown'; ++i) {
      const twice = this.random() < 0.1;
      const outcomes = await Promise.all((twice ? [1, 2] : [1]).map(() => attempt(by, method, full, id)));
      const settled = outcomes.find((each) => !each.error) ?? outcomes.find((each) => !isTransient(each));
      // A new BUCP has the events of the call that made it.
      if (settled?.answer) Object.assign(call, { outcome: 'acknowledged', answer: settled.answer, bucp: settled.answer.bucp?.name ?? bucp });
      else if (settled) Object.assign(call, { outcome: 'refused', code: settled.code, reason: settled.reason, text: settled.error.details });
      else await pause(100 * 2 ** Math.min(i, 4));
    }
    call.end = clock();
    this.history.record(call);
    return call;
  }

  async create(more = {}) {
    const call = await this.write('cdss/program', 'CreateBucp', { content: content('draft'), ...more }, null);
    if (call.outcome !== 'acknowledged') return null;
    this.bucps.push(call.bucp);
    return call.bucp;
  }

  async look(bucp) {
    const answer = await read('cdss', 'GetBucp', { name: bucp });
    if (answer) this.seen.set(bucp, answer.bucp);
    if (answer?.bucp.frozenDigest) digests.push(answer.bucp.frozenDigest);
    return this.seen.get(bucp);
  }

  async routing(bucp) {
    const answer = await read('cdss', 'ListRoutings', { filter: `bucp = "${bucp}"`, pageSize: 50 });
    const open = (answer?.routings ?? []).filter((each) => !['ROUTING_STATE_CLOSED', 'ROUTING_STATE_RETURNED'].includes(each.state));
    return open[open.length - 1] ?? null;
  }

  async filing(bucp) {
    const answer = await read('cdss', 'ListFilings', { filter: `bucp = "${bucp}"` });
    return answer?.filings?.[0] ?? null;
  }

  async dispute(bucp) {
    const answer = await read('cdss', 'ListDisputes', { filter: `bucp = "${bucp}"` });
    return (answer?.disputes ?? []).find((each) => !/RESOLVED|APPROVED|WITHDRAWN|VOID/.test(each.state)) ?? null;
  }

  edit(bucp, by, part, updateMask) { return this.write(by, 'UpdateBucp', { name: bucp, content: content(part), updateMask }, bucp); }

  async complete(bucp) {
    await this.edit(bucp, 'dhcs/program', 'technical', { paths: ['technical'] });
    await this.edit(bucp, 'cdss/program', 'administrative', paths('transfer_of_funds', 'critical_dates', 'redisclosure', 'research', 'approvals'));
    await this.edit(bucp, 'cdss/legal', 'requirements-recipient', requirements);
    await this.edit(bucp, 'dhcs/legal', 'requirements-provider', requirements);
    await this.edit(bucp, 'cdss/program', 'disputed', paths('anticipated_risks', 'possible_alternatives', 'department_positions', 'approvals'));
    await this.edit(bucp, 'dhcs/program', 'disputed-provider', { paths: ['administrative.department_positions.departments'] });
  }

  async opine(bucp) {
    const routing = await this.routing(bucp);
    if (!routing) return;
    const by = `${this.pick(['cdss', 'dhcs'])}/${this.pick(disciplines)}`;
    await this.write(by, 'RegisterOpinion', {
      routing: routing.name, discipline: `DISCIPLINE_${by.split('/')[1].toUpperCase()}`, position: 'POSITION_SUPPORTS', text: 'Read.', digest: routing.digest,
    }, bucp);
  }

  async sign(bucp) {
    const routing = await this.routing(bucp);
    if (!routing) return;
    const capacity = routing.state === 'ROUTING_STATE_SPONSORS' ? 'EXECUTIVE_SPONSOR' : 'DATA_COORDINATOR';
    const by = `${this.pick(['cdss', 'dhcs'])}/${capacity === 'EXECUTIVE_SPONSOR' ? 'sponsor' : 'coordinator'}`;
    await this.write(by, 'SignBucp', { routing: routing.name, capacity: `CAPACITY_${capacity}`, digest: routing.digest }, bucp);
  }

  async argue(bucp) {
    const dispute = await this.dispute(bucp);
    if (!dispute) return;
    const { name, state } = dispute;
    const text = 'As it was discussed.';
    if (this.random() < 0.1) return void await this.write('dhcs/coordinator', 'WithdrawDispute', { name, reason: text }, bucp);
    if (state === 'STATE_AGENCY_MEDIATION') await this.write('calhhs/officer', 'EscalateDispute', { name, recommendation: text }, bucp);
    if (state === 'STATE_STATEMENTS') await this.write(`${this.pick(['cdss', 'dhcs'])}/coordinator`, 'SubmitStatement', { name, text }, bucp);
    if (state === 'STATE_CDO_MEDIATION') {
      const now = new Date(Date.now() - 86_400_000);
      const date = { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() };
      await this.write('odi/cdo', 'RecordMeeting', { name, meeting: { date, attendees: ['both'], summary: text } }, bucp);
      await this.write('odi/cdo', 'EscalateDispute', { name, recommendation: text }, bucp);
    }
    if (state === 'STATE_GOVERNOR_DECIDES') {
      const decision = this.random() < 0.8 ? 'DECISION_APPROVE' : 'DECISION_REJECT';
      await this.write('governor/cabinet', 'DecideDispute', { name, decision, reasons: text }, bucp);
    }
  }

  async terminate(bucp) {
    const filing = await this.filing(bucp);
    if (!filing) return;
    await this.write(`${this.pick(['cdss', 'dhcs'])}/coordinator`, 'TerminateFiling', {
      name: filing.name, grounds: 'GROUNDS_RULE_CHANGE', reason: 'The rule changed.', deletionTerms: 'Within 30 days.',
    }, bucp);
  }

  async amend(bucp) {
    const call = await this.write('cdss/program', 'AmendBucp', { name: bucp }, bucp);
    if (call.outcome === 'acknowledged') this.bucps.push(call.bucp);
  }

  // One step that could come next, by the state that was last seen.
  async advance(bucp) {
    const seen = await this.look(bucp);
    if (!seen) return;
    const luck = this.random();
    const name = bucp, reason = 'One more look.';
    switch (seen.state) {
      case 'STATE_DRAFT':
        if (luck < 0.03) await this.write('cdss/program', 'WithdrawBucp', { name, reason }, bucp);
        else await this.write('cdss/program', 'SendBucp', { name }, bucp);
        break;
      case 'STATE_SENT':
        if (luck < 0.05) await this.write('dhcs/program', 'ReturnBucp', { name, reason }, bucp);
        else if (luck < 0.12) await this.write('dhcs/coordinator', 'OpenDispute', { bucp, category: 'CATEGORY_PROVIDER_OBJECTS', objection: reason }, bucp);
        else if (luck < 0.3) await this.write('dhcs/program', 'CreateComment', { parent: bucp, comment: { field: 'technical.destruction', text: reason } }, bucp);
        else if (luck < 0.6) await this.complete(bucp);
        else await this.write('cdss/coordinator', 'FreezeBucp', { name }, bucp);
        break;
      case 'STATE_IN_REVIEW':
      case 'STATE_SIGNING':
        if (luck < 0.04) await this.write(`${this.pick(['cdss', 'dhcs'])}/coordinator`, 'UnfreezeBucp', { name, reason }, bucp);
        else if (luck < 0.06) await this.write('cdss/program', 'WithdrawBucp', { name, reason }, bucp);
        else if (luck < 0.09) await this.write('dhcs/coordinator', 'OpenDispute', { bucp, category: 'CATEGORY_PROVIDER_OBJECTS', objection: reason }, bucp);
        else if (luck < 0.11) {
          const routing = await this.routing(bucp);
          if (routing) await this.write('dhcs/legal', 'RequestChanges', { name: routing.name, digest: routing.digest, reason }, bucp);
        } else if (seen.state === 'STATE_IN_REVIEW') await this.opine(bucp);
        else await this.sign(bucp);
        break;
      case 'STATE_DISPUTED':
        if (luck < 0.03) await this.write('cdss/program', 'WithdrawBucp', { name, reason }, bucp);
        else await this.argue(bucp);
        break;
      case 'STATE_EXECUTED':
        if (luck < 0.1) await this.terminate(bucp);
        else if (luck < 0.2) await this.amend(bucp);
        else await this.write('cdss/coordinator', 'FileBucp', { bucp, digest: seen.frozenDigest }, bucp);
        break;
      case 'STATE_FILED':
        if (luck < 0.4) await this.terminate(bucp);
        else if (luck < 0.7) await this.amend(bucp);
        break;
      default:
        this.bucps = this.bucps.filter((each) => each !== bucp || this.bucps.length < 2);
    }
  }

  // Something that may well be refused: any step, by anybody, on any digest.
  async trespass(bucp) {
    const by = `${this.pick(['cdss', 'dhcs'])}/${this.pick(['program', 'coordinator', 'sponsor', 'legal', 'privacy'])}`;
    const routing = (await this.routing(bucp))?.name ?? 'routings/none';
    const name = bucp, reason = 'No reason.', digest = this.pick(digests);
    const [method, request] = this.pick([
      ['SendBucp', { name }], ['FreezeBucp', { name }], ['UnfreezeBucp', { name, reason }], ['ReturnBucp', { name, reason }],
      ['FileBucp', { bucp, digest }], ['AmendBucp', { name }],
      ['RegisterOpinion', { routing, discipline: 'DISCIPLINE_LEGAL', position: 'POSITION_OPPOSES', text: reason, digest }],
      ['SignBucp', { routing, capacity: this.pick(['CAPACITY_EXECUTIVE_SPONSOR', 'CAPACITY_DATA_COORDINATOR']), digest }],
      ['OpenDispute', { bucp, category: 'CATEGORY_PROVIDER_OBJECTS', objection: reason }],
    ]);
    const call = await this.write(by, method, request, bucp, 3);
    if (method === 'AmendBucp' && call.outcome === 'acknowledged') this.bucps.push(call.bucp);
  }

  // A worker: departments act until `stopped` is set.
  async work(most) {
    while (!this.stopped) {
      const open = this.bucps.slice(-most);
      if (open.length < most && this.random() < 0.3) await this.create();
      else if (open.length > 0) await (this.random() < 0.15 ? this.trespass(this.pick(open)) : this.advance(this.pick(open)));
      else await this.create();
      await pause(50);
    }
  }

  // May the elements flow? Asked all the time, of all BUCPs.
  async probe() {
    while (!this.stopped) {
      const bucp = this.bucps.length > 0 && this.pick(this.bucps);
      if (bucp) {
        const begin = clock();
        const { answer } = await attempt('dhcs', 'CheckExchange', {
          provider: dhcs, recipient: cdss, dataElements: ['Coverage Month'], purpose: bucp, time: { seconds: Date.UTC(2029, 5, 1) / 1000 },
        }, undefined, 2_000);
        if (answer) this.history.checks.push({ bucp, begin, end: clock(), permitted: answer.decision.verdict === 'VERDICT_PERMITTED' });
      }
      await pause(20);
    }
  }

  // One agreement, from the draft to its filing, without detours; true if it got there within `limit` milliseconds.
  async filedWithin(limit) {
    const until = Date.now() + limit;
    const bucp = await this.create();
    for (let state = ''; bucp && Date.now() < until;) {
      state = (await this.look(bucp))?.state;
      if (state === 'STATE_FILED') return true;
      if (state === 'STATE_DRAFT') await this.write('cdss/program', 'SendBucp', { name: bucp }, bucp);
      else if (state === 'STATE_SENT') {
        await this.complete(bucp);
        await this.write('cdss/coordinator', 'FreezeBucp', { name: bucp }, bucp);
      } else if (state === 'STATE_IN_REVIEW') await this.opine(bucp);
      else if (state === 'STATE_SIGNING') await this.sign(bucp);
      else if (state === 'STATE_EXECUTED') await this.write('cdss/coordinator', 'FileBucp', { bucp, digest: this.seen.get(bucp).frozenDigest }, bucp);
      await pause(20);
    }
    return false;
  }
}
