// A client that knows nothing of this suite beforehand: it asks the server for its services and messages by reflection and
// builds its calls from the answer alone, the way platforms in other languages do.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import reflection from 'grpc-js-reflection-client';
import { credentialsOf, department, endpoint, skip } from './wire.mjs';

const registry = 'idea.registry.v1.RegistryService';
const clients = [];
after(() => clients.forEach((client) => client.close()));

// The constructor of a service's client, by its full name in a tree of packages.
const find = (tree, name) => name.split('.').reduce((branch, part) => branch[part], tree);

for (const version of ['v1', 'v1alpha']) {
  test(`lists services and entities through reflection ${version}`, { skip }, async () => {
    const credentials = credentialsOf(department());
    const server = new reflection.GrpcReflection(endpoint, credentials, {}, version);
    clients.push(server.client);

    const services = await server.listServices();
    console.log(`services: ${services.join(', ')}`);
    assert.ok(services.includes(registry));

    const methods = (await server.listMethods(registry)).map((method) => method.name);
    assert.ok(methods.includes('ListEntities') && methods.includes('ConfirmSignatories'));

    const descriptor = await server.getDescriptorBySymbol(registry);
    const Client = find(descriptor.getPackageObject({ keepCase: true, enums: String, longs: String }), registry);
    const client = new Client(endpoint, credentials);
    clients.push(client);

    const entities = await everyEntity(client);
    for (const entity of entities) console.log(`${entity.name}  ${entity.kind}  ${entity.display_name}`);
    console.log(`${entities.length} entities`);
    assert.ok(entities.length > 0, 'the list of signatories was imported before');
    for (const entity of entities) {
      assert.match(entity.name, /^entities\/[a-z0-9-]+$/);
      assert.ok(entity.display_name && entity.etag);
      assert.match(entity.kind, /^ENTITY_KIND_/);
    }
    assert.equal(new Set(entities.map((entity) => entity.name)).size, entities.length, 'none comes twice');
  });
}

async function everyEntity(client) {
  const entities = [];
  let page_token = '';
  do {
    const page = await new Promise((resolve, reject) => {
      const deadline = Date.now() + 10_000;
      client.ListEntities({ page_size: 100, page_token }, { deadline }, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
    entities.push(...(page.entities ?? []));
    page_token = page.next_page_token ?? '';
  } while (page_token);
  return entities;
}
