// The calls and responses of the clients, and the rules for them. The rules come from the guidebook and the agreement, not from the code of the
// services.
import { isDeepStrictEqual } from 'node:util';

// Lifecycle of a BUCP: which event leads from which states to which.
const arrows = {
  BucpCreated: [[null], 'DRAFT'],
  BucpImported: [[null], 'DRAFT'],
  AmendmentStarted: [[null], 'DRAFT'],
  BucpUpdated: [['DRAFT', 'SENT'], null],
  BucpSent: [['DRAFT'], 'SENT'],
  BucpReturned: [['SENT'], 'DRAFT'],
  BucpFrozen: [['SENT'], 'IN_REVIEW'],
  BucpReviewed: [['IN_REVIEW'], 'SIGNING'],
  BucpUnfrozen: [['IN_REVIEW', 'SIGNING'], 'SENT'],
  BucpExecuted: [['SIGNING'], 'EXECUTED'],
  BucpFiled: [['EXECUTED', 'ENDED'], 'FILED'],
  BucpEnded: [['EXECUTED', 'FILED'], 'ENDED'],
  BucpSuperseded: [['EXECUTED', 'FILED'], 'ENDED'],
  BucpHeld: [['SENT', 'IN_REVIEW', 'SIGNING'], 'DISPUTED'],
  BucpReopened: [['DISPUTED'], 'SENT'],
  BucpRejected: [['DISPUTED'], 'NOT_APPROVED'],
  BucpWithdrawn: [['DRAFT', 'SENT', 'IN_REVIEW', 'SIGNING', 'DISPUTED'], 'WITHDRAWN'],
  // An amendment, when what it amends has ended; after EXECUTED if the register had its end before the execution.
  BucpNotApproved: [['DRAFT', 'SENT', 'IN_REVIEW', 'SIGNING', 'DISPUTED', 'EXECUTED'], 'NOT_APPROVED'],
};

// The state in which events leave a BUCP; null if none of them moved it.
export function endOf(events) {
  let at = null, heldFrom = null;
  for (const { type } of events) {
    if (type === 'BucpHeld') heldFrom = at;
    if (type === 'BucpReleased') at = heldFrom;
    // A filing after the end of an agreement is for tracking only.
    else if (!(type === 'BucpFiled' && at === 'ENDED')) at = arrows[type]?.[1] ?? at;
  }
  return at;
}

export const clock = () => Number(process.hrtime.bigint() / 1000n);  // microseconds, monotonic

export class History {
  calls = [];
  checks = [];
  faults = [];
  violations = [];
  acknowledged = clock();  // when a write was last acknowledged

  violate(rule, text) {
    if (this.violations.length < 200) this.violations.push({ rule, text });
    console.log(`VIOLATION ${rule}: ${text}`);
  }

  // A write that was sent, perhaps several times with the same id. outcome: acknowledged, refused or unknown.
  record(call) {
    this.calls.push(call);
    if (call.outcome === 'acknowledged') this.acknowledged = clock();
    if (call.outcome !== 'refused') return;
    if (!call.reason) this.violate('a refusal has a reason', `${call.method} ${call.code}: ${call.text}`);
    if (call.code === 'INTERNAL' || call.code === 'UNKNOWN' || call.code === 'DATA_LOSS') {
      this.violate('no internal error', `${call.method} ${call.code}: ${call.text}`);
    }
  }

  // Faults heal within seconds: writes go on between them.
  checkProgress(patience) {
    if (clock() - this.acknowledged < patience * 1000) return;
    this.violate('departments go on between faults', `no write was acknowledged for ${patience / 1000} s`);
    this.acknowledged = clock();
  }

  count(outcome) { return this.calls.filter((call) => call.outcome === outcome).length; }

  // An acknowledged write has its events, each once; a refused one has none.
  checkEffects(bucp, events) {
    const byCall = new Map();
    const ids = new Set();
    for (const event of events) {
      if (ids.has(event.eventId)) this.violate('an event is delivered once', `${bucp}: ${event.type} ${event.eventId}`);
      ids.add(event.eventId);
      if (!byCall.has(event.requestId)) byCall.set(event.requestId, []);
      byCall.get(event.requestId).push(event);
    }
    for (const call of this.calls.filter((each) => each.bucp === bucp)) {
      const caused = byCall.get(call.id) ?? [];
      if (call.outcome === 'acknowledged' && caused.length === 0) {
        this.violate('an acknowledged write is present', `${call.method} ${call.id} of ${bucp} has no event`);
      }
      if (call.outcome === 'refused' && caused.length > 0) {
        this.violate('a refused write changes nothing', `${call.method} ${call.id} of ${bucp} (${call.reason}) caused ${caused[0].type}`);
      }
      const kinds = caused.map((event) => `${event.type} ${event.subject}`);
      if (new Set(kinds).size !== kinds.length) this.violate('one request has one effect', `${call.method} ${call.id} of ${bucp}: ${kinds.join(', ')}`);
    }
  }

  // The events of drafting, in the order of its log, are a path of the lifecycle, and it ends where the BUCP stands.
  checkPath(bucp, events, state) {
    let at = null, heldFrom = null, executed = 0, filed = false;
    for (const event of events) {
      if (event.type === 'BucpReleased') {
        if (at !== 'DISPUTED') this.violate('a history is a path', `${bucp}: BucpReleased in ${at}`);
        at = heldFrom;
        continue;
      }
      const arrow = arrows[event.type];
      if (!arrow) continue;
      const [from, to] = arrow;
      if (!from.includes(at)) this.violate('a history is a path', `${bucp}: ${event.type} in ${at} (${events.map((each) => each.type).join(' ')})`);
      if (event.type === 'BucpHeld') heldFrom = at;
      if (event.type === 'BucpExecuted') ++executed;
      if (event.type === 'BucpFiled') {
        filed = true;
        if (at === 'ENDED') continue;  // Filed after its end: tracking only.
      }
      at = to ?? at;
    }
    if (executed > 1) this.violate('a BUCP is executed once', `${bucp}: ${executed} times`);
    if (state && at !== null && `STATE_${at}` !== state) this.violate('a history ends in the state', `${bucp}: ${at}, but it is ${state}`);
    return { executed, filed };
  }

  // The same events in the same order in the inbox's timeline and in the service's own log.
  checkOrder(bucp, timeline, log) {
    const known = new Set(log.map((event) => event.eventId));
    const there = timeline.filter((event) => known.has(event.eventId)).map((event) => event.eventId);
    const missing = log.filter((event) => !there.includes(event.eventId));
    if (missing.length > 0) this.violate('every event is delivered', `${bucp}: ${missing.map((event) => event.type).join(', ')}`);
    else if (!isDeepStrictEqual(there, log.map((event) => event.eventId))) {
      this.violate('events of a BUCP are delivered in order', `${bucp}: ${timeline.map((event) => event.type).join(' ')}`);
    }
  }

  // An inbox has each event once, and so has a watch of it that was resumed many times, in the same order.
  checkInbox(entity, inbox, watched) {
    const ids = inbox.map((event) => event.eventId);
    if (new Set(ids).size !== ids.length) this.violate('an event is delivered once', `the inbox of ${entity} has ${ids.length - new Set(ids).size} twice`);
    const seen = watched.map((event) => event.eventId);
    if (isDeepStrictEqual(ids, seen)) return;
    const at = ids.findIndex((id, index) => id !== seen[index]);
    this.violate('a resumed watch has each event once, in order', `${entity}: item ${at} of ${ids.length} is ${inbox[at]?.type}, the watch has ${watched[at]?.type} of ${seen.length}`);
  }

  // In the order of review's log, an opinion or signature belongs to the routing that was opened last.
  checkRoutings(bucp, timeline) {
    let current = '';
    for (const { type, subject } of timeline) {
      if (type === 'RoutingOpened') current = subject;
      if (['OpinionRegistered', 'OpinionCarriedOver', 'BucpSigned'].includes(type) && !subject.startsWith(`${current}/`)) {
        this.violate('opinions and signatures are on the current freeze', `${bucp}: ${type} ${subject} while ${current || 'none'} is open`);
      }
    }
  }

  // An executed BUCP has the last freeze, completed, with every opinion of both sides, new or carried over, and every signature on its digest.
  checkSigned(bucp, routings, opinions, signatures) {
    const complete = routings.filter((each) => each.state === 'ROUTING_STATE_COMPLETE');
    if (complete.length !== 1) return this.violate('an executed BUCP has one complete routing', `${bucp.name}: ${complete.length}`);
    const [routing] = complete;
    if (routing.freezeNumber !== bucp.freezeNumber || routing.digest !== bucp.frozenDigest) {
      this.violate('signatures are on the current freeze', `${bucp.name}: ${routing.name} is freeze ${routing.freezeNumber}, not ${bucp.freezeNumber}`);
    }
    const signed = signatures.filter((each) => each.digest === routing.digest);
    for (const [what, list, part, wanted] of [['signature', signed, 'capacity', 4], ['opinion', opinions, 'discipline', 6]]) {
      const given = new Set(list.map((each) => `${each.entity} ${each[part]}`));
      if (given.size < wanted) this.violate(`an executed BUCP has every ${what}`, `${bucp.name}: ${routing.name} has ${given.size}`);
    }
    return undefined;
  }

  // An exchange check may permit only between execution and end, give or take the freshness that is promised.
  checkExchange(bucp, executedFrom, endedAt, fresh = 1_300_000) {
    for (const check of this.checks.filter((each) => each.bucp === bucp && each.permitted)) {
      if (executedFrom === null || check.end < executedFrom) {
        this.violate('an exchange is permitted only when executed', `${bucp} at ${check.end}, execution began at ${executedFrom}`);
      }
      if (endedAt !== null && check.begin > endedAt + fresh) {
        this.violate('an exchange is not permitted after its end', `${bucp}: ${Math.round((check.begin - endedAt) / 1000)} ms after it`);
      }
    }
  }
}
