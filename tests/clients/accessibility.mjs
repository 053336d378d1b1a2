// Checks a page with axe-core in headless Chromium: in light and dark, on a desk and on a telephone. Prints what is
// wrong and exits with 1 if anything is. usage: accessibility.mjs PAGE.html
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const source = readFileSync(process.argv[2], 'utf8');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// The page's own policy lets no other script run; what it checks is not changed by leaving it out.
const report = `<script>${axe.replaceAll('</script', '<\\/script')}</script><script>
axe.run(document, { resultTypes: ['violations', 'incomplete'] }).then(({ violations, incomplete }) => {
  const seen = violations.concat(incomplete.filter(rule => rule.id === 'color-contrast'));
  const problems = seen.flatMap(rule => rule.nodes.map(node => rule.id + ': ' + node.html + ' ' + node.failureSummary));
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) problems.push('scrolls sideways by ' + wide + ' px');
  const out = document.createElement('pre');
  out.id = 'axe-report';
  out.textContent = JSON.stringify(problems);
  document.body.append(out);
});
</script>`;
const page = source.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '').replace('</body>', `${report}</body>`);
if (!page.includes('axe.run')) throw new Error('the page has no </body>');

const folder = mkdtempSync(join(dirname(process.argv[2]), 'axe-'));
writeFileSync(join(folder, 'page.html'), page);
let failed = false;
try {
  for (const [name, size] of [['desk', '1280,900'], ['telephone', '390,844']]) {
    // Chromium's numbers of the schemes: 0 is dark, 1 light.
    for (const [scheme, number] of [['light', 1], ['dark', 0]]) {
      const dom = execFileSync('chromium', [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${join(folder, name + scheme)}`,
        `--window-size=${size}`, `--blink-settings=preferredColorScheme=${number}`, '--virtual-time-budget=20000',
        '--dump-dom', `file://${join(folder, 'page.html')}`,
      ], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 120000 });
      const found = /<pre id="axe-report">([^<]*)<\/pre>/.exec(dom);
      if (found === null) throw new Error(`${name}, ${scheme}: the checker did not finish`);
      const text = found[1].replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
      for (const problem of JSON.parse(text)) {
        console.error(`${name}, ${scheme}: ${problem}`);
        failed = true;
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
