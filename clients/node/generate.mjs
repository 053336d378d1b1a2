// Writes the generated sources of the package: src/gen with the types of every message and stub, src/clients.ts with the list of the
// services, and lib with the data that the package loads.
//
// usage: node generate.mjs <folder of the protos>
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const [protos] = process.argv.slice(2);
const here = import.meta.dirname;
const files = readdirSync(join(protos, 'idea'), { recursive: true }).filter((name) => name.endsWith('.proto')).map((name) => `idea/${name}`).sort();

rmSync(join(here, 'src/gen'), { recursive: true, force: true });
execFileSync(join(here, 'node_modules/.bin/proto-loader-gen-types'), ['--outDir', join(here, 'src/gen'), '--grpcLib', '@grpc/grpc-js',
  '--longs', 'String', '--enums', 'String', '--defaults', '--arrays', '--includeComments',
  '--includeDirs', protos, join(protos, 'node_modules/google-proto-files'), '--', ...files], { stdio: ['ignore', 'ignore', 'inherit'] });

const services = files.flatMap((file) => {
  const text = readFileSync(join(protos, file), 'utf8');
  const pack = /^package ([\w.]+);/m.exec(text)[1];
  return [...text.matchAll(/^service (\w+) /gm)].map(([, name]) => ({ pack, name, short: name[0].toLowerCase() + name.slice(1).replace(/Service$/, '') }));
});
writeFileSync(join(here, 'src/clients.ts'), `// Generated: the services of the exchange.
import type { GrpcObject, ServiceClientConstructor } from '@grpc/grpc-js';
${services.map(({ pack, name }) => `import type { ${name}Client } from './gen/${pack.replaceAll('.', '/')}/${name}';`).join('\n')}

export interface Clients {
${services.map(({ name, short }) => `  ${short}: ${name}Client;`).join('\n')}
}

export type Packages = GrpcObject;

export function services(packages: any): Record<keyof Clients, ServiceClientConstructor> {
  return {
${services.map(({ pack, name, short }) => `    ${short}: packages.${pack}.${name},`).join('\n')}
  };
}
`);
mkdirSync(join(here, 'lib'), { recursive: true });
// As JSON, for names of fields in a descriptor set are not in camel case.
const root = new protobuf.Root();
root.resolvePath = (_, name) => [protos, join(protos, 'node_modules/google-proto-files')].map((folder) => join(folder, name)).find(existsSync) ?? name;
root.loadSync([...files, 'google/rpc/status.proto', 'google/rpc/error_details.proto']).resolveAll();
writeFileSync(join(here, 'lib/idea.json'), JSON.stringify(root.toJSON()));
cpSync(join(protos, '../docs/service-config.json'), join(here, 'lib/service-config.json'));
