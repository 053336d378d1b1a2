// Renders the manifests and checks every object: against the schema of Kubernetes without unknown fields, then by rules that a
// schema cannot express.
//
// usage: node manifests_test.mjs <build folder>     exit code 77: skipped
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, render, services, validator } from './manifests.mjs';

const why = missing();
if (why) {
  console.log(`SKIPPED: ${why}`);
  process.exit(77);
}

const build = process.argv[2] ?? 'build';
const faults = validator();
const variants = { base: render('base', build), postgres: render('postgres', build) };
const of = (objects, kind) => objects.filter((object) => object.kind === kind);
const named = (objects, kind, name) => of(objects, kind).find((object) => object.metadata.name === name);
const pods = (objects) => [...of(objects, 'Deployment'), ...of(objects, 'StatefulSet')];

test('a planted fault is found', () => {
  const deployment = named(variants.base, 'Deployment', 'registry');
  assert.deepEqual(faults(deployment), []);
  const plant = (change) => {
    const copy = structuredClone(deployment);
    change(copy.spec.template.spec, copy);
    return faults(copy).join('; ');
  };
  assert.match(plant((pod) => (pod.containers[0].readynessProbe = {})), /containers\/0 must NOT have additional.* readynessProbe/);
  assert.match(plant((pod) => (pod.securityContext.runAsNonroot = true)), /runAsNonroot/);
  assert.match(plant((pod, all) => (all.spec.replicas = 'one')), /\/spec\/replicas must be integer/);
  assert.match(plant((pod, all) => (all.apiVersion = 'apps/v2')), /unknown kind/);
});

for (const [variant, objects] of Object.entries(variants)) {
  test(`${variant}: Kubernetes knows every object and every field`, () => {
    const found = objects.flatMap((o) => faults(o).map((fault) => `${o.kind} ${o.metadata.name}: ${fault}`));
    assert.deepEqual(found, []);
    assert.ok(objects.length >= 15);
  });

  test(`${variant}: the six services run, each with a headless Service that selects its pods and ports`, () => {
    assert.deepEqual(of(objects, 'Deployment').map((d) => d.metadata.name).sort(), [...services].sort());
    for (const workload of pods(objects)) {
      const { template, selector } = workload.spec;
      const service = named(objects, 'Service', workload.metadata.name);
      assert.equal(service.spec.clusterIP, 'None');
      for (const wanted of [selector.matchLabels, service.spec.selector]) {
        for (const [key, value] of Object.entries(wanted)) assert.equal(template.metadata.labels[key], value);
      }
      const ports = template.spec.containers[0].ports.map((port) => port.name);
      for (const port of service.spec.ports) assert.ok(ports.includes(port.targetPort), `${port.targetPort} is open`);
    }
  });

  test(`${variant}: everything that a pod mounts and reads exists`, () => {
    // The operator creates these, as deploy/k8s/README.md says.
    const given = new Set(['ConfigMap issuer-keys', 'Secret inventory-log', 'Secret redis-password', 'Secret event-keys', 'Secret webhook-keys', ...services.map((service) => `Secret ${service}-tls`)]);
    if (variant === 'postgres') given.add('Secret idea-postgres');
    const used = new Set();
    const wants = (kind, name) => {
      used.add(`${kind} ${name}`);
      assert.ok(named(objects, kind, name) || given.has(`${kind} ${name}`), `${kind} ${name} exists`);
    };
    for (const workload of pods(objects)) {
      const { volumes = [], containers } = workload.spec.template.spec;
      const claims = workload.spec.volumeClaimTemplates ?? [];
      const names = [...volumes.map((volume) => volume.name), ...claims.map((claim) => claim.metadata.name)];
      assert.deepEqual(containers[0].volumeMounts.map((mount) => mount.name).sort(), names.sort());
      for (const volume of volumes) {
        if (volume.persistentVolumeClaim) wants('PersistentVolumeClaim', volume.persistentVolumeClaim.claimName);
        if (volume.secret) wants('Secret', volume.secret.secretName);
        if (volume.configMap) wants('ConfigMap', volume.configMap.name);
      }
      for (const source of containers[0].envFrom ?? []) wants('ConfigMap', source.configMapRef.name);
      for (const entry of containers[0].env ?? []) wants('Secret', entry.valueFrom.secretKeyRef.name);
    }
    for (const name of given) assert.ok(used.has(name), `${name} is used`);
    for (const claim of of(objects, 'PersistentVolumeClaim')) {
      assert.ok(used.has(`PersistentVolumeClaim ${claim.metadata.name}`), `${claim.metadata.name} is used`);
    }
  });

  test(`${variant}: no container has more rights than it needs`, () => {
    for (const { metadata, spec } of pods(objects)) {
      const pod = spec.template.spec;
      const [container] = pod.containers;
      assert.equal(pod.containers.length, 1, metadata.name);
      assert.equal(pod.automountServiceAccountToken, false, metadata.name);
      assert.equal(pod.securityContext.runAsNonRoot, true, metadata.name);
      assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault', metadata.name);
      assert.equal(container.securityContext.readOnlyRootFilesystem, true, metadata.name);
      assert.equal(container.securityContext.allowPrivilegeEscalation, false, metadata.name);
      assert.deepEqual(container.securityContext.capabilities.drop, ['ALL'], metadata.name);
      assert.ok(container.resources.requests.memory && container.resources.limits.memory, metadata.name);
      assert.doesNotMatch(container.image, /(^[^:]+|:latest)$/, metadata.name);
    }
  });

  test(`${variant}: a stopping service has time to drain, and a database file never has two writers`, () => {
    const settings = of(objects, 'ConfigMap').find((map) => map.metadata.name.startsWith('idea-settings')).data;
    for (const { metadata, spec } of of(objects, 'Deployment')) {
      assert.ok(spec.template.spec.terminationGracePeriodSeconds > Number(settings.IDEA_DRAIN_SECONDS), metadata.name);
      if (settings.IDEA_DATABASE.startsWith('sqlite:')) {
        assert.deepEqual([spec.replicas, spec.strategy], [1, { type: 'Recreate' }], metadata.name);
      }
    }
  });
}
