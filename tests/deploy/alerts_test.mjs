// Checks alerts and dashboard: the rules with promtool, each alert fires in its case of alerts_cases.yaml and has a runbook, and no query names a
// metric that the sources do not have. tests/story/queries_test.sh compares with a running suite.
//
// usage: node alerts_test.mjs <build folder>     exit code 77: skipped
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { missing, parse, root } from './manifests.mjs';

const why = missing();
if (why) {
  console.log(`SKIPPED: ${why}`);
  process.exit(77);
}

const monitoring = path.join(root, 'deploy/k8s/components/monitoring');
const [rule] = parse(readFileSync(path.join(monitoring, 'alerts.yaml'), 'utf8'));
const alerts = rule.spec.groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(path.join(monitoring, 'idea-exchange.json'), 'utf8'));
const noPromtool = spawnSync('promtool', ['--version']).error ? 'promtool is not installed: run scripts/install.sh' : false;

test('promtool accepts the rules, and each alert fires in its case and not before', { skip: noPromtool }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'idea-alerts-'));
  try {
    writeFileSync(path.join(folder, 'rules.json'), JSON.stringify(rule.spec));
    execFileSync('promtool', ['check', 'rules', path.join(folder, 'rules.json')], { stdio: 'pipe' });
    // The texts are not compared.
    const bare = { groups: rule.spec.groups.map((group) => ({ ...group, rules: group.rules.map(({ annotations, ...rest }) => rest) })) };
    writeFileSync(path.join(folder, 'bare.json'), JSON.stringify(bare));
    const cases = parse(readFileSync(path.join(root, 'tests/deploy/alerts_cases.yaml'), 'utf8'))[0];
    writeFileSync(path.join(folder, 'cases.json'), JSON.stringify({ ...cases, rule_files: ['bare.json'] }));
    const ran = spawnSync('promtool', ['test', 'rules', path.join(folder, 'cases.json')], { encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    const tested = new Set(cases.tests.flatMap((one) => one.alert_rule_test.filter((each) => each.exp_alerts?.length).map((each) => each.alertname)));
    assert.deepEqual(alerts.map((alert) => alert.alert).filter((name) => !tested.has(name)), [], 'each alert has a case');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('each alert has a runbook', () => {
  const document = readFileSync(path.join(root, 'docs/OPERATIONS.md'), 'utf8');
  for (const { alert, annotations, labels } of alerts) {
    assert.equal(annotations.runbook, `docs/OPERATIONS.md#${alert.toLowerCase()}`);
    assert.match(document, new RegExp(`^### ${alert}$`, 'm'));
    assert.ok(['critical', 'warning'].includes(labels.severity), alert);
    assert.ok(annotations.summary && annotations.description, alert);
  }
});

test('the dashboard has no empty panel and each one its place', () => {
  const places = new Set();
  for (const panel of dashboard.panels) {
    if (panel.type === 'row') continue;
    assert.ok(panel.title && panel.targets.every((target) => target.expr), panel.title);
    const place = `${panel.gridPos.x} ${panel.gridPos.y}`;
    assert.ok(!places.has(place), `two panels at ${place}`);
    places.add(place);
  }
  assert.ok(places.size >= 20);
});
