// docs/openapi.yaml and deploy/envoy/envoy.yaml: valid, complete, and consistent with each other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { parse } from 'yaml';

const read = (name) => parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const api = read('docs/openapi.yaml');
const operations = Object.entries(api.paths).flatMap(([path, verbs]) => Object.entries(verbs).map(([verb, operation]) => ({ path, verb, ...operation })));

test('openapi.yaml is valid OpenAPI', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(api));
  assert.ok(valid, JSON.stringify(errors));
});

test('every reference leads to a schema, and every schema is referred to', () => {
  const references = new Set([...JSON.stringify(api).matchAll(/"#\/components\/schemas\/([\w.]+)"/g)].map(([, name]) => name));
  assert.deepEqual([...references].sort(), Object.keys(api.components.schemas).sort());
});

test('every operation has its own id, declares the variables of its path, and may be refused', () => {
  assert.ok(operations.length > 130, 'operations are missing');
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  for (const { path, operationId, parameters = [], responses } of operations) {
    const variables = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    const declared = parameters.filter((each) => each.in === 'path').map(({ name }) => name).sort();
    assert.deepEqual(declared, variables, operationId);
    assert.equal(responses.default.content['application/json'].schema.$ref, '#/components/schemas/google.rpc.Status');
  }
});

test('the gateway serves every service of openapi.yaml', () => {
  const [listener] = read('deploy/envoy/envoy.yaml').static_resources.listeners;
  const [manager] = listener.filter_chains[0].filters;
  const transcoder = manager.typed_config.http_filters.find(({ name }) => name === 'envoy.filters.http.grpc_json_transcoder').typed_config;
  assert.deepEqual(transcoder.services.map((name) => name.split('.').at(-1)).sort(), [...new Set(operations.flatMap(({ tags }) => tags))].sort());
  assert.equal(listener.address.socket_address.address, '127.0.0.1', 'whoever reaches the gateway acts as the department');
});
