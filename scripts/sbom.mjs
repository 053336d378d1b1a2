// Prints the bill of materials of the image as SPDX 2.3 in JSON. The same input gives the same text.
//
// usage: dpkg-query -W -f '${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' PACKAGE... | node sbom.mjs LOCK_FILE
//
// LOCK_FILE is a package-lock.json; the packages that it locks for production are listed too. SOURCE_DATE_EPOCH in the environment is the time
// of the document [0].
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const lines = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const lock = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const identifier = (text) => `SPDXRef-${text.replace(/[^A-Za-z0-9.-]/g, '-')}`;
const entry = (kind, name, version, purl, more = {}) => ({
  SPDXID: identifier(`${kind}-${name}-${version}`),
  name,
  versionInfo: version,
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
  externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  ...more,
});

const debian = lines.map((line) => {
  const [name, version, architecture, source, sourceVersion] = line.split(' ');
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-12`;
  return entry('deb', name, version, purl, { supplier: 'Organization: Debian', sourceInfo: `built from ${source} ${sourceVersion}` });
});
const npm = Object.entries(lock.packages)
  .filter(([place, one]) => place.startsWith('node_modules/') && !one.dev && !one.optional)
  .map(([place, one]) => {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return entry('npm', name, one.version, `pkg:npm/${name.replace('@', '%40')}@${one.version}`, {
      downloadLocation: one.resolved ?? 'NOASSERTION',
      licenseDeclared: one.license ?? 'NOASSERTION',
    });
  });
const product = { ...entry('product', 'idea-exchange', lock.version ?? '0', `pkg:generic/idea-exchange`), SPDXID: 'SPDXRef-product' };
const packages = [...debian, ...npm].sort((one, other) => (one.SPDXID < other.SPDXID ? -1 : 1));
const digest = createHash('sha256').update(JSON.stringify(packages)).digest('hex');

process.stdout.write(
  `${JSON.stringify(
    {
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: 'idea-exchange image',
      documentNamespace: `https://idea.local/sbom/${digest}`,
      creationInfo: {
        created: new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000).toISOString().replace('.000Z', 'Z'),
        creators: ['Tool: scripts/sbom.mjs'],
      },
      packages: [product, ...packages],
      relationships: [
        { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-product' },
        ...packages.map((one) => ({ spdxElementId: 'SPDXRef-product', relationshipType: 'CONTAINS', relatedSpdxElement: one.SPDXID })),
      ],
    },
    null,
    1,
  )}\n`,
);
