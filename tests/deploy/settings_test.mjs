// Checks the text of deploy/: it names only existing settings, and runs every service.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { filesUnder, root, services } from './manifests.mjs';

const read = (file) => readFileSync(path.join(root, file), 'utf8');
const declared = new Set([...read('common/config/config.cc').matchAll(/\{"(IDEA_[A-Z_]+)"/g)].map((m) => m[1]));

test('deploy names only settings that config.cc declares', () => {
  assert.ok(declared.size > 10, 'the table of settings was not found in common/config/config.cc');
  const unknown = [];
  for (const file of filesUnder('deploy')) {
    for (const [name] of readFileSync(file, 'utf8').matchAll(/\bIDEA_[A-Z_]*[A-Z]\b/g)) {
      if (!declared.has(name) && name !== 'IDEA_COMMIT') unknown.push(`${path.relative(root, file)}: ${name}`);
    }
  }
  assert.deepEqual(unknown, []);
});

test('every service has an address in the common settings', () => {
  const settings = read('deploy/k8s/base/settings.env');
  for (const service of services) {
    assert.match(settings, new RegExp(`^IDEA_${service.toUpperCase()}_ADDRESS=${service}\\.idea\\.svc:7400$`, 'm'));
  }
});

for (const service of services) {
  test(`${service} has a Deployment and a Service`, () => {
    const manifest = read(`deploy/k8s/base/${service}.yaml`);
    for (const kind of ['Deployment', 'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler']) {
      assert.match(manifest, new RegExp(`^kind: ${kind}\\nmetadata:\\n  name: ${service}\\n`, 'm'));
    }
    assert.match(read('deploy/k8s/base/kustomization.yaml'), new RegExp(`^  - ${service}\\.yaml$`, 'm'));
  });
}

test('the image has labels for its title, release and commit', () => {
  const text = read('deploy/k8s/Containerfile');
  for (const label of ['title', 'description', 'version', 'revision']) {
    assert.match(text, new RegExp(`org\\.opencontainers\\.image\\.${label}=`));
  }
  const [, release] = read('CMakeLists.txt').match(/project\(idea_exchange VERSION ([0-9.]+)/);
  assert.match(text, new RegExp(`^ARG VERSION=${release}$`, 'm'));
});

test('the image contains every program', () => {
  const copied = read('scripts/image_root.sh');
  for (const program of [...services, 'suite', 'ideactl']) assert.match(copied, new RegExp(`\\b${program}\\b`));
});
