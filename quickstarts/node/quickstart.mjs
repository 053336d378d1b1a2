// Lists the entities of the exchange, then reads a BUCP that does not exist.
import { join } from 'node:path';
import client from 'idea-exchange-client';

const { Exchange, ExchangeError } = client;
const file = (name) => join(process.env.IDEA_TLS, name);
const exchange = new Exchange({ address: process.env.IDEA_ENDPOINT, ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key') });
const { registry, drafting } = exchange.clients;

let count = 0;
for await (const entity of exchange.pages(registry, registry.listEntities, { pageSize: 50 })) {
  if (count < 3) console.log(entity.name);
  count += 1;
}
console.log(`${count} entities`);

try {
  await exchange.call(drafting, drafting.getBucp, { name: 'bucps/none' });
} catch (error) {
  if (!(error instanceof ExchangeError)) throw error;
  console.log(`refused: ${error.reason}`);
}
exchange.close();
