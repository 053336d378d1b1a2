// The types of the npm package, compiled with `tsc --strict`. It is not run.
import { Exchange, ExchangeError, errorOf, grpc, type Clients, type Options } from 'idea-exchange-client';

const options: Options = { address: 'localhost:8443', ca: 'ca.crt', cert: 'tls.crt', key: 'tls.key', token: async () => 'token' };

export async function main(): Promise<string[]> {
  const exchange = new Exchange(options);
  const { registry, notification }: Clients = exchange.clients;
  const names: string[] = [];
  const page = await exchange.call(registry, registry.listEntities, { pageSize: 5 });
  for (const entity of page.entities) names.push(entity.name);
  for await (const entity of exchange.pages(registry, registry.listEntities, { filter: 'admitted = true' })) names.push(entity.name);
  for await (const { item } of exchange.watch(notification, notification.watchInbox, { parent: 'entities/a', startNow: true })) {
    names.push(item?.event?.type ?? '', item?.resumeToken ?? '');
    break;
  }
  // @ts-expect-error: an item has no such field.
  for await (const entity of exchange.pages(registry, registry.listEntities, {})) names.push(entity.title);
  // @ts-expect-error: a request has no such field.
  await exchange.call(registry, registry.listEntities, { pagesize: 5 });
  // @ts-expect-error: it is a number.
  await exchange.call(registry, registry.listEntities, { pageSize: 'five' });
  try {
    await exchange.call(registry, registry.getEntity, { name: 'entities/none' });
  } catch (error) {
    if (error instanceof ExchangeError && error.code === grpc.status.NOT_FOUND) names.push(error.reason, ...error.fields.map(({ field }) => field));
  }
  registry.listEntities({ pageSize: 5 }, (error, response) => {
    if (error) names.push(errorOf(error).reason);
    else names.push(...(response?.entities ?? []).map(({ name }) => name));
  });
  exchange.close();
  return names;
}
