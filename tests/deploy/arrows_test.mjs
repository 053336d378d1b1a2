// Compares the connections that the network policies of `production` allow with the policies of the protos: exactly the services that may call a
// method of another one reach it.
//
// usage: node arrows_test.mjs <build folder>     exit code 77: skipped
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { filesUnder, missing, render, services } from './manifests.mjs';

const why = missing();
if (why) {
  console.log(`SKIPPED: ${why}`);
  process.exit(77);
}

const policies = render('overlays/production', process.argv[2] ?? 'build').filter((object) => object.kind === 'NetworkPolicy');
const labels = 'app.kubernetes.io/name';

// The labels of the pods of a workload.
const pods = {
  ...Object.fromEntries(services.map((service) => [service, { [labels]: service, 'idea.local/kind': 'service' }])),
  redis: { [labels]: 'redis' },
  migrate: { [labels]: 'migrate' },
};

function matches(selector, pod) {
  const expressions = (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
    assert.equal(operator, 'In');
    return values.includes(pod[key]);
  });
  return expressions && Object.entries(selector.matchLabels ?? {}).every(([key, value]) => pod[key] === value);
}

// The numbers and names of ports of pods are equal here.
const port = (name) => ({ grpc: 7400, admin: 7401, redis: 6379, sentinel: 26379 })[name] ?? name;

// Whether a rule of the direction allows the other pod at the port.
function allows(direction, pod, other, wanted) {
  const [rules, peers] = direction === 'Ingress' ? ['ingress', 'from'] : ['egress', 'to'];
  return policies
    .filter((policy) => matches(policy.spec.podSelector, pods[pod]))
    .flatMap((policy) => policy.spec[rules] ?? [])
    .some(
      (rule) =>
        rule.ports.some((one) => port(one.port) === wanted) &&
        rule[peers].some((peer) => peer.podSelector && !peer.namespaceSelector && matches(peer.podSelector, pods[other])),
    );
}
const connects = (from, to, at) => allows('Egress', from, to, at) && allows('Ingress', to, from, at);

// The services that the policies of the methods of a service admit.
function callersOf(service) {
  const protos = filesUnder(`protos/idea/${service}/v1`).map((file) => readFileSync(file, 'utf8')).join('\n');
  const callers = new Set();
  for (const [, list] of protos.matchAll(/services:\s*(\[[^\]]*\]|"[^"]*")/g)) {
    for (const [, name] of list.matchAll(/"([^"]+)"/g)) callers.add(name);
  }
  return [...callers].sort();
}

test('exactly the services that may call a service reach it', () => {
  for (const service of services) {
    for (const at of [7400, 7401]) {
      const expected = at === 7400 ? callersOf(service) : [];
      assert.deepEqual(services.filter((other) => other !== service && connects(other, service, at)).sort(), expected, `${service}:${at}`);
      // A rule of one side alone allows nothing, and hides that it is not needed.
      for (const direction of ['Ingress', 'Egress']) {
        const allowed = services.filter((other) => (direction === 'Ingress' ? allows('Ingress', service, other, at) : allows('Egress', other, service, at)));
        assert.deepEqual(allowed.sort(), expected, `${direction} ${service}:${at}`);
      }
    }
  }
  assert.ok(callersOf('registry').length > 3, 'the policies of the protos were found');
});

test('the services reach Redis and the Sentinels, and the servers each other; nothing else does', () => {
  for (const at of [6379, 26379]) {
    for (const pod of [...services, 'redis']) assert.ok(connects(pod, 'redis', at), `${pod} redis:${at}`);
    assert.ok(!allows('Egress', 'migrate', 'redis', at));
  }
  assert.ok(services.every((service) => !connects('redis', service, 7400) && !connects('migrate', service, 7400)));
});

test('every pod is denied what is not allowed, in both directions', () => {
  const deny = policies.find((policy) => policy.metadata.name === 'default-deny');
  assert.deepEqual(deny.spec, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  // No rule is open to everybody, and each names its ports.
  for (const policy of policies) {
    for (const rule of [...(policy.spec.ingress ?? []), ...(policy.spec.egress ?? [])]) {
      assert.ok((rule.from ?? rule.to)?.length > 0, policy.metadata.name);
      assert.ok(rule.ports.length > 0, policy.metadata.name);
    }
  }
});

test('other namespaces reach gRPC from the gateway, the admin port from monitoring, and nothing more', () => {
  const rules = policies.flatMap((policy) => (policy.spec.ingress ?? []).flatMap((rule) => rule.from.filter((peer) => peer.namespaceSelector).map((peer) => [Object.values(peer.namespaceSelector.matchLabels)[0], rule.ports.map((one) => one.port)])));
  assert.deepEqual(rules, [['gateway', ['grpc']], ['monitoring', ['admin']]]);
});
