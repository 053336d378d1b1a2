// The exchange gate as a process beside the suite: its decisions for Envoy, with Envoy's own protocol files, and for scripts; after a
// termination; while the suite is killed or stopped; and after it is back.
//
//   IDEA_BIN   folder of suite and ideactl
//   IDEA_DATA  folder for files
//   and the settings of a suite: IDEA_DATABASE, IDEA_TLS_DIR, ...
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, test } from 'node:test';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const { IDEA_BIN: bin, IDEA_DATA: data, IDEA_CERTS: certs, IDEA_READY_FILE: ready } = process.env;
const skip = !bin && 'IDEA_BIN is not set: run tests/clients/gate_test.sh';
const children = [];
after(() => children.forEach((child) => child.kill('SIGKILL')));

// Resolves when `holds` returns something true, to that.
async function eventually(holds, what) {
  for (const end = Date.now() + 60_000; ;) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < end, `${what} did not happen within a minute`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

// A suite at this port; "0": any.
async function startSuite(port) {
  rmSync(ready, { force: true });
  const log = openSync(`${data}/suite.log`, 'a');
  const child = spawn(`${bin}/suite`, { stdio: ['ignore', log, log], env: { ...process.env, IDEA_LISTEN: `127.0.0.1:${port}` } });
  children.push(child);
  await eventually(() => { assert.equal(child.exitCode, null, 'the suite ended'); return existsSync(ready) && readFileSync(ready, 'utf8').includes(':'); }, 'the start of the suite');
  return { child, port: readFileSync(ready, 'utf8').trim().split(':').pop() };
}

let suite = skip ? null : await startSuite('0');
process.env.IDEA_ENDPOINT = suite ? `localhost:${suite.port}` : '';
const { addContact, cdss, dhcs, odi, platform } = await import('./platform.mjs');
const dmv = 'entities/department-of-motor-vehicles';

const flagsOf = (entity) => ['--endpoint', process.env.IDEA_ENDPOINT, '--cert', `${certs}/${entity}/tls.crt`, '--key', `${certs}/${entity}/tls.key`, '--ca', `${certs}/${entity}/ca.crt`];

const config = `
listen: 127.0.0.1:0
http: 127.0.0.1:0
max_staleness_seconds: 4
rules:
  - path: /transfers/{recipient}
    methods: [POST]
    fields:
      provider: {value: department-of-health-care-services}
      recipient: {path: recipient}
      data_elements: {header: x-elements}
`;

// A gate with the certificate of an entity. Resolves when it serves, to its addresses.
async function startGate(entity) {
  writeFileSync(`${data}/gate.yaml`, config);
  const child = spawn(`${bin}/ideactl`, [...flagsOf(entity), 'exchange', 'gate', '--config', `${data}/gate.yaml`], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let printed = '';
  child.stdout.on('data', (text) => { printed += text; });
  const [, rpc, http] = await eventually(() => { assert.equal(child.exitCode, null, 'the gate ended'); return printed.match(/^gRPC: (\S+)\nHTTP: (\S+)\n/); }, 'the start of the gate');
  const get = async (target) => {
    const answer = await fetch(`http://${http}${target}`);
    return { code: answer.status, text: await answer.text() };
  };
  return { child, rpc, get };
}

// Envoy's own files, from the package of grpc-js for xDS.
function envoyClient(address) {
  const xds = path.join(path.dirname(createRequire(import.meta.url).resolve('@grpc/grpc-js-xds/package.json')), 'deps');
  const definition = loader.loadSync('envoy/service/auth/v3/external_auth.proto', {
    includeDirs: ['envoy-api', 'googleapis', 'protoc-gen-validate', 'xds'].map((folder) => path.join(xds, folder)), keepCase: true, enums: String, oneofs: true, defaults: true,
  });
  const { Authorization } = grpc.loadPackageDefinition(definition).envoy.service.auth.v3;
  const client = new Authorization(address, grpc.credentials.createInsecure());
  after(() => client.close());
  return (http) => new Promise((resolve, reject) => {
    const request = { attributes: { source: { principal: 'x' }, request: { http: { id: '1', method: 'POST', host: 'pipeline', scheme: 'https', protocol: 'HTTP/1.1', ...http } } } };
    client.Check(request, { deadline: Date.now() + 20_000 }, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}
const headersOf = (answer) => Object.fromEntries((answer.ok_response ?? answer.denied_response).headers.map(({ header }) => [header.key, header.value]));
const to = (entity) => `/transfers/${entity.split('/')[1]}`;

test('the gate decides as the register does, and denies when it cannot know', { skip, timeout: 400_000 }, async (t) => {
  execFileSync(`${bin}/ideactl`, [...flagsOf(odi), 'entities', 'import', '--csv', '@services/registry/data/signatories.csv']);
  await addContact(odi, 'odi-cdo', 'STATEWIDE_CDO');
  await addContact(dhcs, 'dhcs-coordinator', 'DATA_COORDINATOR');
  const filings = `${data}/filings.jsonl`;
  const agreement = (reference, elements) => JSON.stringify({
    reference, title: reference, recipients: [cdss], providers: [dhcs], data_elements: elements, purpose: 'To find those who are entitled.',
    execute_date: { year: 2025, month: 1, day: 2 }, file_date: { year: 2025, month: 1, day: 3 },
  });
  writeFileSync(filings, `${agreement('first', ['County', 'Month'])}\n${agreement('second', ['Name, First'])}\n`);
  writeFileSync(`${data}/cdo.jwt`, execFileSync('scripts/issuer.sh', ['token', process.env.IDEA_TOKENS, 'odi-cdo', '600']));
  execFileSync(`${bin}/ideactl`, [...flagsOf(odi), '--token-file', `${data}/cdo.jwt`, 'filings', 'import', filings, '--source', 'test']);
  const { filings: listed } = await platform('inventory', dhcs).ListFilings();
  const first = listed.find((each) => each.title === 'first').name, second = listed.find((each) => each.title === 'second').name;

  const gate = await startGate(dhcs);
  const envoy = envoyClient(gate.rpc);
  const query = (recipient, element) => `/check?provider=${dhcs}&recipient=${recipient}&data_elements=${encodeURIComponent(element)}`;
  const elements = (text) => ({ path: to(cdss), headers: { 'x-elements': text } });
  // The decision when the gate is able to make one.
  const decided = (http) => eventually(async () => { const answer = await envoy(http); return headersOf(answer)['x-idea-verdict'] !== 'DENIED_UNKNOWN' && answer; }, 'a decision');
  const verdict = async (http) => headersOf(await decided(http))['x-idea-verdict'];

  await t.test('it permits what is agreed', async () => {
    const answer = await decided(elements('County,month'));
    assert.equal(answer.http_response, 'ok_response');
    assert.equal(answer.status.code, 0);
    assert.equal(headersOf(answer)['x-idea-filing'], first);
    assert.equal(headersOf(await decided(elements('Name%2C First')))['x-idea-filing'], second);
    const check = await eventually(async () => { const found = await gate.get(query(cdss, 'County')); return found.code === 200 && found; }, 'a permitted check');
    assert.equal(JSON.parse(check.text).filing, first);
    const direct = await platform('exchange', dhcs).CheckExchange({ provider: dhcs, recipient: cdss, dataElements: ['County'] });
    assert.equal(direct.decision.verdict, 'VERDICT_PERMITTED');
    assert.equal(direct.decision.filing, first);
  });

  await t.test('it denies everything else', async () => {
    const denied = await decided(elements('County,Name'));
    assert.equal(denied.http_response, 'denied_response');
    assert.equal(denied.denied_response.status.code, 'Forbidden');
    assert.equal(headersOf(denied)['x-idea-reason'], 'ELEMENT_NOT_COVERED');
    const { decision } = await platform('exchange', dhcs).CheckExchange({ provider: dhcs, recipient: dmv, dataElements: ['County'] });
    const reasons = [...new Set(decision.denials.map(({ reason }) => reason.replace('DENIAL_REASON_', '')))].sort().join();
    assert.notEqual(reasons, '');
    assert.equal(headersOf(await decided({ path: to(dmv), headers: { 'x-elements': 'County' } }))['x-idea-reason'], reasons);
    for (const http of [{ path: '/transfers' }, { path: to(cdss), method: 'GET' }, { path: to(cdss).toUpperCase() }])
      assert.equal(headersOf(await envoy({ ...elements('County'), ...http }))['x-idea-reason'], 'NO_RULE');
    for (const http of [{ path: `/.${to(cdss)}` }, { path: `/${to(cdss)}` }, { path: `/x/..${to(cdss)}` }, { path: `${to(cdss)}%2f` }, { headers: {} },
      { headers: { 'x-elements': 'County,' } }, { headers: { 'x-elements': '%' } }])
      assert.equal(headersOf(await envoy({ ...elements('County'), ...http }))['x-idea-reason'], 'INVALID_REQUEST', JSON.stringify(http));
  });

  await t.test('it knows only what its certificate may watch', async () => {
    const stranger = await startGate(dmv);
    const answer = await eventually(async () => { const found = await stranger.get(query(cdss, 'County')); return found.code === 403 && found; }, 'a denial');
    assert.deepEqual(JSON.parse(answer.text).denials, [{ reason: 'DENIAL_REASON_NO_AGREEMENT' }]);
    assert.match((await stranger.get('/metrics')).text, /^idea_gate_agreements 0$/m);
    stranger.child.kill('SIGTERM');
    await eventually(() => stranger.child.exitCode !== null, 'the end of the gate');
    assert.equal(stranger.child.exitCode, 0);
  });

  // The first agreement has ended, and the second one does not name the element.
  const ended = 'ELEMENT_NOT_COVERED,ENDED';
  await t.test('it denies after a termination', async () => {
    await platform('inventory', dhcs, 'dhcs-coordinator').TerminateFiling({ name: first, grounds: 'GROUNDS_RULE_CHANGE', reason: 'the rule changed' });
    const began = Date.now();
    await eventually(async () => headersOf(await envoy(elements('County')))['x-idea-reason'] === ended, 'the denial');
    t.diagnostic(`denied ${Date.now() - began} ms after the termination was acknowledged`);
    assert.equal(await verdict(elements('Name%2C First')), 'PERMITTED');
  });

  const becomesUnknown = async () => {
    const answer = await eventually(async () => { const found = await envoy(elements('Name%2C First')); return found.http_response === 'denied_response' && found; }, 'the denial');
    assert.equal(answer.denied_response.status.code, 'ServiceUnavailable');
    assert.equal(headersOf(answer)['x-idea-reason'], 'INDEX_NOT_FRESH');
    assert.equal((await gate.get('/readyz')).code, 503);
    assert.equal((await gate.get(query(cdss, 'County'))).code, 503);
  };
  const recovers = async () => {
    await eventually(async () => (await gate.get('/readyz')).code === 200, 'the recovery');
    assert.equal(await verdict(elements('Name%2C First')), 'PERMITTED');
    assert.equal(headersOf(await decided(elements('County')))['x-idea-reason'], ended);
  };
  await t.test('it denies while the suite is killed, and recovers', async () => {
    suite.child.kill('SIGKILL');
    await becomesUnknown();
    suite = await startSuite(suite.port);
    await recovers();
  });
  await t.test('it denies while the suite does not answer, and recovers', async () => {
    suite.child.kill('SIGSTOP');
    await becomesUnknown();
    suite.child.kill('SIGCONT');
    await recovers();
  });

  await t.test('it refuses a wrong configuration', () => {
    const run = (text, ...more) => {
      writeFileSync(`${data}/wrong.yaml`, text);
      return spawnSync(`${bin}/ideactl`, [...flagsOf(dhcs), 'exchange', 'gate', '--config', `${data}/wrong.yaml`, ...more], { encoding: 'utf8' });
    };
    const wrong = run(config.replace('{header: x-elements}', '{header: x-elements, query: e}'));
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /wrong\.yaml: line 11: rules\[0\]\.fields\.data_elements: exactly one of value, header, path and query is expected/);
    const valid = run(config, '--validate-only');
    assert.equal(valid.status, 0, valid.stderr);
    assert.equal(valid.stdout, 'valid: 1 rules\n');
  });
});
