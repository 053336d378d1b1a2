// Renders the overlays and checks every object: against the schema of Kubernetes without unknown fields, then by rules that a schema cannot
// express. arrows_test.mjs checks the network policies.
//
// usage: node manifests_test.mjs <build folder>     exit code 77: skipped
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { kubectl, missing, missingSchema, operatorKinds, parse, render, root, services, validator } from './manifests.mjs';

const why = missing();
if (why) {
  console.log(`SKIPPED: ${why}`);
  process.exit(77);
}

const build = process.argv[2] ?? 'build';
const overlays = Object.fromEntries(['dev', 'production', 'production-spire'].map((name) => [name, render(`overlays/${name}`, build)]));
const of = (objects, kind) => objects.filter((object) => object.kind === kind);
const named = (objects, kind, name) => of(objects, kind).find((object) => object.metadata.name === name);
const workloads = (objects) => [...of(objects, 'Deployment'), ...of(objects, 'StatefulSet')];
const pods = (objects) => [...workloads(objects), ...of(objects, 'Job')];
const containersOf = (pod) => [...(pod.initContainers ?? []), ...pod.containers];
const settingsOf = (objects) => of(objects, 'ConfigMap').find((map) => /settings/.test(map.metadata.name)).data;
const schema = missingSchema();
const faults = schema ? undefined : validator();

// What scripts/kubernetes_dev.sh prints: the overlay and the Secrets.
function printDev() {
  const data = mkdtempSync(path.join(os.tmpdir(), 'idea-dev-'));
  try {
    return parse(
      execFileSync('scripts/kubernetes_dev.sh', ['--print', '--data', data, '--image', 'localhost/idea:test'], {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, KUBECTL: kubectl(build) },
      }),
    );
  } finally {
    rmSync(data, { recursive: true });
  }
}
const printed = printDev();

// What the operator creates, as deploy/k8s/README.md says.
const databases = [...services.map((service) => `Secret ${service}-database`), 'Secret database-owners', 'ConfigMap database-ca'];
const keys = ['ConfigMap issuer-keys', 'Secret inventory-log', 'Secret redis-password', 'Secret event-keys', 'Secret webhook-keys'];
const given = {
  dev: ['Secret suite-tls', 'Secret suite-log', 'Secret event-keys', 'ConfigMap issuer-keys'],
  production: [...databases, ...keys],
  'production-spire': [...databases, ...keys],
};

test('a planted fault is found', { skip: schema }, () => {
  const deployment = named(overlays.production, 'Deployment', 'registry');
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

test('scripts/kubernetes_dev.sh creates everything that dev reads, with its image', () => {
  for (const name of given.dev) assert.ok(named(printed, ...name.split(' ')), name);
  for (const object of overlays.dev) assert.ok(named(printed, object.kind, object.metadata.name), object.metadata.name);
  assert.equal(named(printed, 'Deployment', 'suite').spec.template.spec.containers[0].image, 'localhost/idea:test');
  assert.match(Buffer.from(named(printed, 'Secret', 'suite-tls').data['tls.key'], 'base64').toString(), /PRIVATE KEY/);
  assert.deepEqual([...new Set(printed.map((object) => object.metadata.namespace ?? object.metadata.name))], ['idea-dev']);
});

for (const [overlay, objects] of Object.entries({ ...overlays, printed })) {
  test(`${overlay}: Kubernetes knows every object and every field`, { skip: schema }, () => {
    for (const object of objects) if (object.metadata.creationTimestamp === null) delete object.metadata.creationTimestamp;
    const found = objects.flatMap((o) => faults(o).map((fault) => `${o.kind} ${o.metadata.name}: ${fault}`));
    assert.deepEqual(found, []);
    assert.ok(objects.length >= 10);
  });
}

for (const [overlay, objects] of Object.entries(overlays)) {
  test(`${overlay}: each workload has a headless Service that selects its pods and ports`, () => {
    for (const workload of workloads(objects)) {
      const { template, selector } = workload.spec;
      const service = named(objects, 'Service', workload.metadata.name);
      assert.equal(service.spec.clusterIP, 'None');
      for (const wanted of [selector.matchLabels, service.spec.selector]) {
        for (const [key, value] of Object.entries(wanted)) assert.equal(template.metadata.labels[key], value);
      }
      const ports = template.spec.containers.flatMap((container) => container.ports.map((port) => port.name));
      for (const port of service.spec.ports) assert.ok(ports.includes(port.targetPort), `${port.targetPort} is open`);
    }
  });

  test(`${overlay}: everything that a pod mounts and reads exists, and nothing else`, () => {
    const made = new Set([...given[overlay], ...of(objects, 'Certificate').map((one) => `Secret ${one.spec.secretName}`)]);
    const used = new Set();
    const wants = (kind, name) => {
      used.add(`${kind} ${name}`);
      assert.ok(named(objects, kind, name) || made.has(`${kind} ${name}`), `${kind} ${name} exists`);
    };
    for (const workload of pods(objects)) {
      const pod = workload.spec.template.spec;
      const claims = workload.spec.volumeClaimTemplates ?? [];
      const names = [...(pod.volumes ?? []).map((volume) => volume.name), ...claims.map((claim) => claim.metadata.name)];
      const mounted = new Set(containersOf(pod).flatMap((container) => (container.volumeMounts ?? []).map((mount) => mount.name)));
      assert.deepEqual([...mounted].sort(), names.sort(), workload.metadata.name);
      for (const volume of pod.volumes ?? []) {
        if (volume.persistentVolumeClaim) wants('PersistentVolumeClaim', volume.persistentVolumeClaim.claimName);
        if (volume.secret) wants('Secret', volume.secret.secretName);
        if (volume.configMap && !volume.configMap.optional) wants('ConfigMap', volume.configMap.name);
      }
      for (const source of pod.containers.flatMap((container) => container.envFrom ?? [])) wants('ConfigMap', source.configMapRef.name);
    }
    for (const name of made) assert.ok(used.has(name), `${name} is used`);
    for (const claim of of(objects, 'PersistentVolumeClaim')) assert.ok(used.has(`PersistentVolumeClaim ${claim.metadata.name}`));
  });

  test(`${overlay}: no container has more rights than restricted Pod Security allows`, () => {
    const namespace = of(objects, 'Namespace')[0];
    assert.equal(namespace.metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
    for (const { metadata, spec } of pods(objects)) {
      const pod = spec.template.spec;
      assert.equal(pod.automountServiceAccountToken, false, metadata.name);
      assert.equal(pod.securityContext.runAsNonRoot, true, metadata.name);
      assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault', metadata.name);
      for (const container of containersOf(pod)) {
        assert.equal(container.securityContext.readOnlyRootFilesystem, true, container.name);
        assert.equal(container.securityContext.allowPrivilegeEscalation, false, container.name);
        assert.deepEqual(container.securityContext.capabilities.drop, ['ALL'], container.name);
        assert.ok(container.resources.requests.memory && container.resources.limits.memory, container.name);
        assert.doesNotMatch(container.image, /(^[^:]+|:latest)$/, container.name);
      }
    }
  });

  test(`${overlay}: probes read pages that the programs serve, and start no program`, () => {
    const pages = new Set([...readFileSync(path.join(root, 'common/server/admin_port.cc'), 'utf8').matchAll(/path == "(\/[a-z]+)"/g)].map((m) => m[1]));
    assert.ok(pages.has('/livez') && pages.has('/readyz'));
    for (const { spec } of workloads(objects)) {
      for (const container of spec.template.spec.containers) {
        assert.ok(container.readinessProbe, container.name);
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
          if (!container[probe]) continue;
          assert.equal(container[probe].exec, undefined);
          const open = container[probe].httpGet ?? container[probe].tcpSocket;
          assert.ok(container.ports.some((port) => port.name === open.port), `${container.name} ${probe}`);
          if (container[probe].httpGet) assert.ok(pages.has(open.path), `${container.name} ${probe} ${open.path}`);
        }
        if (container.image.includes('idea-exchange')) {
          assert.equal(container.readinessProbe.httpGet.path, '/readyz');
          assert.equal(container.livenessProbe.httpGet.path, '/livez');
        }
      }
    }
    for (const monitor of of(objects, 'ServiceMonitor')) for (const endpoint of monitor.spec.endpoints) assert.ok(pages.has(endpoint.path));
  });

  test(`${overlay}: ports, files and folders of the settings are those of the pods`, () => {
    const settings = settingsOf(objects);
    for (const { metadata, spec } of of(objects, 'Deployment')) {
      const [container] = spec.template.spec.containers;
      if (!container.envFrom) continue;
      const port = (name) => container.ports.find((one) => one.name === name).containerPort;
      assert.equal(settings.IDEA_LISTEN, `0.0.0.0:${port('grpc')}`);
      assert.equal(settings.IDEA_METRICS_LISTEN, `0.0.0.0:${port('admin')}`);
      const folders = container.volumeMounts.map((mount) => mount.mountPath);
      for (const [name, value] of Object.entries(settings)) {
        // Files of one service.
        if (name === 'IDEA_LOG_KEY' && !['inventory', 'suite'].includes(metadata.name)) continue;
        if (name === 'IDEA_WEBHOOK_KEYS_FILE' && metadata.name !== 'notification') continue;
        for (const [file] of value.matchAll(/\/var\/[a-z/-]+/g)) {
          assert.ok(folders.some((folder) => `${file}/`.startsWith(`${folder}/`)), `${metadata.name}: ${name} is in a volume`);
        }
      }
    }
  });

  test(`${overlay}: a stopping service has time to drain`, () => {
    const drain = Number(settingsOf(objects).IDEA_DRAIN_SECONDS);
    for (const { metadata, spec } of of(objects, 'Deployment')) {
      const { terminationGracePeriodSeconds = 30, containers } = spec.template.spec;
      if (!containers[0].envFrom) continue;
      // A second more: kStopMargin in common/server/run.cc.
      assert.ok(terminationGracePeriodSeconds > containers[0].lifecycle.preStop.sleep.seconds + drain + 1, metadata.name);
      assert.ok(spec.progressDeadlineSeconds >= 300, metadata.name);
    }
  });
}

for (const overlay of ['production', 'production-spire']) {
  const objects = overlays[overlay];
  test(`${overlay}: each service has three replicas or more, spreads them, and is replaced one by one`, () => {
    assert.deepEqual(of(objects, 'Deployment').map((one) => one.metadata.name).sort(), [...services].sort());
    for (const { metadata, spec } of of(objects, 'Deployment')) {
      const scaler = named(objects, 'HorizontalPodAutoscaler', metadata.name);
      assert.equal(scaler.spec.scaleTargetRef.name, metadata.name);
      assert.ok(scaler.spec.minReplicas >= 3);
      assert.deepEqual(scaler.spec.metrics.map((one) => one.type), ['Resource', 'Pods']);
      assert.equal(spec.replicas, undefined, 'the autoscaler decides');
      assert.equal(named(objects, 'PodDisruptionBudget', metadata.name).spec.maxUnavailable, 1);
      assert.equal(spec.strategy.rollingUpdate.maxUnavailable, 0);
      assert.ok(spec.minReadySeconds > 0);
      assert.equal(spec.template.spec.topologySpreadConstraints.length, 2);
      assert.ok(named(objects, 'PriorityClass', spec.template.spec.priorityClassName));
    }
    assert.match(settingsOf(objects).IDEA_DATABASE, /sslmode=verify-full/);
  });

  test(`${overlay}: the schema is changed by its owners only`, () => {
    const [job] = of(objects, 'Job');
    const [container] = job.spec.template.spec.containers;
    assert.deepEqual([...container.command, ...container.args], ['suite', 'migrate', 'apply']);
    const env = Object.fromEntries(container.env.map((one) => [one.name, one.value]));
    const services = settingsOf(objects).IDEA_DATABASE;
    assert.equal(env.IDEA_DATABASE, services.replace('idea_{service}@', 'idea_{service}_owner@'));
    assert.ok(job.metadata.name.endsWith(container.image.split(':').at(-1)), 'the Job is named after the release');
  });
}

test('neither dev nor production can be applied over the other', () => {
  const name = (object) => `${object.kind} ${object.metadata.namespace ?? ''} ${object.metadata.name}`;
  const inProduction = new Set(overlays.production.map(name));
  assert.deepEqual(overlays.dev.map(name).filter((one) => inProduction.has(one)), []);
  // Also without the namespace: a Deployment of one is not a Deployment of the other.
  const deployments = (objects) => of(objects, 'Deployment').map((one) => one.metadata.name);
  assert.deepEqual(deployments(overlays.dev).filter((one) => deployments(overlays.production).includes(one)), []);
  const suite = named(overlays.dev, 'Deployment', 'suite');
  assert.deepEqual([suite.spec.replicas, suite.spec.strategy], [1, { type: 'Recreate' }]);
  assert.match(settingsOf(overlays.dev).IDEA_DATABASE, /^sqlite:/);
});

test('certificates of every service are issued by cert-manager or SPIRE', () => {
  for (const service of services) {
    const certificate = named(overlays.production, 'Certificate', service);
    assert.deepEqual(certificate.spec.uris, [`spiffe://idea.local/service/${service}`]);
    for (const host of [`${service}.idea.svc`, 'localhost']) assert.ok(certificate.spec.dnsNames.includes(host));
    const pod = named(overlays['production-spire'], 'Deployment', service).spec.template.spec;
    assert.deepEqual(pod.volumes.find((volume) => volume.name === 'tls').emptyDir, { medium: 'Memory', sizeLimit: '1Mi' });
    assert.equal(pod.volumes.find((volume) => volume.name === 'tls').secret ?? undefined, undefined);
    const route = named(overlays.production, 'TLSRoute', service);
    assert.ok(certificate.spec.dnsNames.includes(route.spec.hostnames[0]), 'departments find the name in the certificate');
    assert.deepEqual(route.spec.rules[0].backendRefs, [{ name: service, port: 7400 }]);
  }
  assert.equal(of(overlays['production-spire'], 'ClusterSPIFFEID').length, 1);
  assert.ok(operatorKinds.size > 0);
});
