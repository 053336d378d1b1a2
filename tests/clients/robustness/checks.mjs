// Checks the suite's guarantees after the faults with its rpcs: no agreement is stuck, and the services' data agrees with the history.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { endOf } from './history.mjs';
import { attempt, data, read, readStream } from './suite.mjs';

// Milliseconds without any progress after which something counts as stuck.
export const patience = 60_000;

// Runs `act` for each of the list, ten at a time.
export async function forEach(list, act) {
  const left = [...list];
  await Promise.all([...Array(10)].map(async () => {
    while (left.length > 0) await act(left.shift());
  }));
}

async function timeline(bucp) {
  const answer = await read('cdss', 'GetTimeline', { bucp }, 20);
  return (answer?.items ?? []).map((item) => item.event);
}

// The log of a BUCP. A watch does not say when it has shown everything: one that is silent before the log is in the state is read again.
async function log(bucp, state) {
  let events = [];
  for (let tries = 0; tries < 5; ++tries) {
    const { messages } = await readStream('odi', 'WatchBucp', { name: bucp }, 1_000 * 2 ** tries);
    events = messages.filter((message) => message.event).map((message) => message.event);
    if (events.length > 0 && `STATE_${endOf(events)}` === state) break;
  }
  return events;
}

async function inbox(who, entity) {
  const events = [];
  for (let pageToken = ''; ;) {
    const answer = await read(who, 'ListInbox', { parent: entity, pageSize: 1000, pageToken }, 20);
    events.push(...(answer?.items ?? []).map((item) => item.event));
    pageToken = answer?.nextPageToken ?? '';
    if (!pageToken) return events;
  }
}

export class Checks {
  constructor(history, departments) {
    this.history = history;
    this.departments = departments;
  }

  // Why the services do not agree yet about a BUCP; empty if they do.
  async unsettled(bucp) {
    const { departments } = this;
    const seen = await departments.look(bucp);
    if (!seen) return 'cannot be read';
    const routing = await departments.routing(bucp);
    const dispute = await departments.dispute(bucp);
    if (['STATE_IN_REVIEW', 'STATE_SIGNING'].includes(seen.state)) {
      if (routing?.freezeNumber !== seen.freezeNumber) return `${seen.state} without a routing`;
      if (routing.state === 'ROUTING_STATE_COMPLETE') return `${seen.state} with a complete routing`;
    }
    if (seen.state === 'STATE_DISPUTED' && !dispute) return 'held by no dispute';
    if (seen.state !== 'STATE_DISPUTED' && dispute?.holds) return `${seen.state} with an open dispute`;
    if (['STATE_EXECUTED', 'STATE_FILED'].includes(seen.state)) {
      const filing = await departments.filing(bucp);
      if (!filing) return `${seen.state} and not in the register`;
      if (seen.state === 'STATE_EXECUTED' && filing.fileTime) return 'filed, and drafting does not know';
    }
    const there = new Set((await timeline(bucp)).map((event) => event.eventId));
    const missing = (await log(bucp, seen.state)).filter((event) => !there.has(event.eventId));
    return missing.length > 0 ? `${missing.length} events are not in the timeline: ${missing[0].type}` : '';
  }

  // Waits until the services agree, for as long as there is progress.
  async settle(bucps) {
    let until = Date.now() + patience, left = bucps, why = new Map();
    while (left.length > 0 && Date.now() < until) {
      why = new Map();
      await forEach(left, async (bucp) => {
        const reason = await this.unsettled(bucp);
        if (reason) why.set(bucp, reason);
      });
      if (why.size < left.length) until = Date.now() + patience;
      left = [...why.keys()];
      if (left.length > 0) await pause(1_000);
    }
    for (const [bucp, reason] of why) this.history.violate('nothing is stuck 60 s after healing', `${bucp}: ${reason}`);
  }

  async checkBucp(name) {
    const { history, departments } = this;
    const seen = departments.seen.get(name);
    if (!seen) return;
    const events = await timeline(name), own = await log(name, seen.state);
    history.checkEffects(name, events);
    history.checkOrder(name, events, own);
    history.checkRoutings(name, events);
    const { executed } = history.checkPath(name, own, seen.state);
    // An agreement that was executed and then not approved does not have a valid routing.
    if (executed > 0 && seen.state !== 'STATE_NOT_APPROVED') {
      const routings = (await read('odi', 'ListRoutings', { filter: `bucp = "${name}"`, pageSize: 100 }))?.routings ?? [];
      const parent = routings.find((each) => each.state === 'ROUTING_STATE_COMPLETE')?.name;
      const opinions = parent ? (await read('odi', 'ListOpinions', { parent }))?.opinions ?? [] : [];
      const signatures = parent ? (await read('odi', 'ListSignatures', { parent }))?.signatures ?? [] : [];
      history.checkSigned(seen, routings, opinions, signatures);
    }
    const of = (method) => history.calls.filter((call) => call.bucp === name && call.method === method);
    const signed = of('SignBucp').map((call) => call.begin);
    const ended = of('TerminateFiling').filter((call) => call.outcome === 'acknowledged').map((call) => call.end);
    history.checkExchange(name, executed > 0 ? Math.min(...signed) : null, ended.length > 0 ? Math.min(...ended) : null);
  }

  // Exactly one agreement of an amendment family is in force.
  async checkFamilies(bucps) {
    const { departments } = this;
    const parent = new Map();
    for (const bucp of bucps) if (departments.seen.get(bucp)?.amends) parent.set(bucp, departments.seen.get(bucp).amends);
    const root = (bucp) => (parent.has(bucp) ? root(parent.get(bucp)) : bucp);
    const inForce = new Map();
    for (const bucp of bucps) {
      if (!['FILING_STATE_UNFILED', 'FILING_STATE_FILED'].includes((await departments.filing(bucp))?.state)) continue;
      inForce.set(root(bucp), [...(inForce.get(root(bucp)) ?? []), bucp]);
    }
    for (const [family, members] of inForce) {
      if (members.length > 1) this.history.violate('one of an amendment family is in force', `${family}: ${members.join(', ')}`);
    }
  }

  // An acknowledged request gets the same response when it is sent again.
  async checkReplays() {
    const acknowledged = this.history.calls.filter((call) => call.outcome === 'acknowledged');
    for (let i = 0; i < Math.min(50, acknowledged.length); ++i) {
      const call = this.departments.pick(acknowledged);
      const { answer, code, reason } = await attempt(call.by, call.method, call.request, call.id, 10_000);
      if (!isDeepStrictEqual(answer, call.answer)) {
        this.history.violate('a request sent again has the first answer', `${call.method} ${call.id}: ${answer ? 'another answer' : `${code} ${reason}`}`);
      }
    }
  }

  // Waits until the watches have what the inboxes have, for as long as there is progress, and compares them.
  async checkInboxes(watchers) {
    for (const watcher of watchers) {
      const whole = await inbox(watcher.who, watcher.entity);
      let count = -1, until = 0;
      while (watcher.events.length < whole.length && (watcher.events.length > count || Date.now() < until)) {
        if (watcher.events.length > count) until = Date.now() + patience;
        count = watcher.events.length;
        await pause(500);
      }
      watcher.stop();
      this.history.checkInbox(watcher.entity, whole, watcher.events.slice(0, whole.length));
    }
  }

  // Every filing has its leaf in the transparency log, and every leaf its filing.
  checkLog() {
    const key = path.join(data, 'robustness.pub');
    try {
      execFileSync('sh', ['-c', 'ideactl log checkpoint -o json | jq -r .verifier >"$1" && ideactl --as odi log verify --key "$1"', 'sh', key], { stdio: 'pipe' });
    } catch (error) {
      this.history.violate('every filing has its leaf', `ideactl log verify: ${error.stdout} ${error.stderr}`);
    }
  }

  checkLogs() {
    for (const file of readdirSync(path.join(data, 'log'))) {
      const text = readFileSync(path.join(data, 'log', file), 'utf8');
      const bad = /.*(terminate called|Assertion|AddressSanitizer|ThreadSanitizer|runtime error:|ASSERTION FAILED).*/.exec(text);
      if (bad) this.history.violate('no abort', `${file}: ${bad[0].slice(0, 300)}`);
    }
  }
}
