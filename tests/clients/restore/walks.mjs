// Agreements that are led from step to step, and taken on from wherever the services have them after a restore.
import { setTimeout as pause } from 'node:timers/promises';
import { entities } from '../robustness/suite.mjs';

export const patience = 90_000;
const disciplines = ['legal', 'privacy', 'security'];
const everyOpinion = ['cdss', 'dhcs'].flatMap((who) => disciplines.map((discipline) => [who, discipline]));

export class Walks {
  constructor(history, departments) {
    this.history = history;
    this.departments = departments;
  }

  write(by, method, request, bucp) { return this.departments.write(by, method, request, bucp, 20); }

  async until(condition, what) {
    const end = Date.now() + patience;
    for (;;) {
      const value = await condition();
      if (value) return value;
      if (Date.now() > end) throw new Error(`waited ${patience / 1000} s: ${await what()}`);
      await pause(50);
    }
  }

  async waitFor(bucp, ...states) {
    const state = async () => (await this.departments.look(bucp))?.state;
    await this.until(async () => states.includes(await state()), async () => `${bucp} is ${await state()}, not ${states}`);
  }

  // The routing of the current freeze. Until review has the last command of drafting, it may still have the one before.
  routingOf(bucp) {
    const current = async () => {
      const { freezeNumber } = await this.departments.look(bucp);
      const routing = await this.departments.routing(bucp);
      return routing?.freezeNumber === freezeNumber ? routing : null;
    };
    return this.until(current, () => `${bucp} has no routing`);
  }

  async opine(bucp, wanted, { name, digest }) {
    await Promise.all(wanted.map(([who, discipline]) => this.write(`${who}/${discipline}`, 'RegisterOpinion', {
      routing: name, discipline: `DISCIPLINE_${discipline.toUpperCase()}`, position: 'POSITION_SUPPORTS', text: 'Read.', digest,
    }, bucp)));
  }

  async sign(bucp, { name, digest, state }) {
    const capacity = state === 'ROUTING_STATE_SPONSORS' ? 'EXECUTIVE_SPONSOR' : 'DATA_COORDINATOR';
    const role = capacity === 'EXECUTIVE_SPONSOR' ? 'sponsor' : 'coordinator';
    for (const who of ['cdss', 'dhcs']) await this.write(`${who}/${role}`, 'SignBucp', { routing: name, capacity: `CAPACITY_${capacity}`, digest }, bucp);
  }

  // Signs until the routing is in one of the states. A dispute that has ended in drafting may still hold the routing.
  async signUntil(bucp, from, ...states) {
    await this.until(async () => {
      const routing = await this.routingOf(bucp);
      if (routing.state === from) await this.sign(bucp, routing);
      return states.includes(routing.state);
    }, () => `${bucp} is not signed`);
  }

  // The steps, each from where the one before it leaves off.
  steps = {
    sent: async (bucp) => {
      await this.write('cdss/program', 'SendBucp', { name: bucp }, bucp);
      await this.departments.complete(bucp);
    },
    frozen: async (bucp) => {
      await this.write('cdss/coordinator', 'FreezeBucp', { name: bucp }, bucp);
      await this.routingOf(bucp);
    },
    unfrozen: async (bucp) => { await this.write('cdss/coordinator', 'UnfreezeBucp', { name: bucp, reason: 'One more look.' }, bucp); },
    edited: async (bucp) => {
      const { content } = await this.departments.look(bucp);
      content.technical.destruction.description = `Shredded, version ${Math.random()}.`;
      await this.write('dhcs/program', 'UpdateBucp', { name: bucp, content, updateMask: { paths: ['technical.destruction'] } }, bucp);
    },
    someOpinions: async (bucp) => this.opine(bucp, everyOpinion.slice(0, 3), await this.routingOf(bucp)),
    opinions: async (bucp) => {
      await this.opine(bucp, everyOpinion, await this.routingOf(bucp));
      await this.waitFor(bucp, 'STATE_SIGNING');
    },
    disputed: async (bucp) => {
      await this.write('dhcs/coordinator', 'OpenDispute', { bucp, category: 'CATEGORY_PROVIDER_OBJECTS', objection: 'Once more.' }, bucp);
      await this.waitFor(bucp, 'STATE_DISPUTED');
    },
    settled: async (bucp) => {
      await this.until(async () => !await this.argue(bucp), () => `${bucp} is disputed`);
      await this.waitFor(bucp, 'STATE_SENT', 'STATE_IN_REVIEW', 'STATE_SIGNING');
    },
    someSignatures: (bucp) => this.signUntil(bucp, 'ROUTING_STATE_SPONSORS', 'ROUTING_STATE_COORDINATORS'),
    executed: async (bucp) => {
      await this.signUntil(bucp, 'ROUTING_STATE_COORDINATORS', 'ROUTING_STATE_COMPLETE');
      await this.waitFor(bucp, 'STATE_EXECUTED');
    },
    filed: async (bucp) => {
      await this.write('cdss/coordinator', 'FileBucp', { bucp, digest: this.departments.seen.get(bucp).frozenDigest }, bucp);
      await this.waitFor(bucp, 'STATE_FILED');
    },
  };

  // Takes an open dispute one step on. False if there is none.
  async argue(bucp) {
    if (!await this.departments.dispute(bucp)) return false;
    await this.departments.argue(bucp);
    return true;
  }

  // Takes an agreement from wherever the services have it to its filing, as departments would: each does what is asked of it. `unfrozen`: the
  // departments had unfrozen it, and do so again if that was lost.
  async complete(bucp, unfrozen) {
    const { departments } = this;
    const end = Date.now() + patience;
    let withoutRouting = Date.now();
    let seen, routing, filing;
    while (Date.now() < end) {
      seen = await departments.look(bucp);
      routing = await departments.routing(bucp);
      filing = await departments.filing(bucp);
      const frozen = ['STATE_IN_REVIEW', 'STATE_SIGNING'].includes(seen.state);
      if (routing || !frozen) withoutRouting = Date.now();
      if (await this.argue(bucp)) { /* one step */ }
      else if (seen.state === 'STATE_DRAFT') await this.write('cdss/program', 'SendBucp', { name: bucp }, bucp);
      else if (seen.state === 'STATE_SENT') {
        await departments.complete(bucp);
        await this.write('cdss/coordinator', 'FreezeBucp', { name: bucp }, bucp);
      } else if (routing?.state === 'ROUTING_STATE_OPINIONS') await this.opine(bucp, everyOpinion, routing);
      else if (['ROUTING_STATE_SPONSORS', 'ROUTING_STATE_COORDINATORS'].includes(routing?.state)) await this.sign(bucp, routing);
      else if (frozen && unfrozen && Date.now() - withoutRouting > 10_000) await this.steps.unfrozen(bucp);
      else if (['STATE_EXECUTED', 'STATE_FILED'].includes(seen.state) && filing && !filing.fileTime) {
        await this.write('cdss/coordinator', 'FileBucp', { bucp, digest: seen.frozenDigest }, bucp);
      } else if (seen.state === 'STATE_FILED' && filing) return;
      await pause(100);
    }
    this.history.violate('every agreement gets to its filing', `${bucp} is ${seen.state}, its routing ${routing?.state} of freeze ` +
      `${routing?.freezeNumber} (${seen.freezeNumber}), its dispute ${(await departments.dispute(bucp))?.state}, its filing ${filing?.state}`);
  }
}

// All items of an inbox, page by page.
export async function inbox(read, who) {
  const items = [];
  for (let pageToken = '';;) {
    const page = await read(who, 'ListInbox', { parent: entities[who], pageSize: 500, pageToken }, 50);
    items.push(...page.items);
    if (!page.nextPageToken) return items;
    pageToken = page.nextPageToken;
  }
}
