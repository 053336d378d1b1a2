// A TCP proxy that resets each connection after the server has sent a random number of bytes through it: enough for the handshake and a
// few messages.
//
// usage: node breaking_proxy.mjs <host:port of the server> <file>     writes its port and then the number of broken connections to the file
import { connect, createServer } from 'node:net';
import { renameSync, writeFileSync } from 'node:fs';

const [target, file] = process.argv.slice(2);
const [host, port] = target.split(':');
let broken = 0;

function report() {
  writeFileSync(`${file}.new`, `${server.address().port} ${broken}\n`);
  renameSync(`${file}.new`, file);
}

const server = createServer((client) => {
  const upstream = connect(Number(port), host);
  let left = 6_000 + Math.floor(Math.random() * 6_000);
  const reset = () => { client.resetAndDestroy(); upstream.resetAndDestroy(); };
  client.on('error', reset);
  upstream.on('error', reset);
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
  client.pipe(upstream);
  upstream.on('data', (bytes) => {
    left -= bytes.length;
    if (left > 0) {
      client.write(bytes);
      return;
    }
    // The last bytes do not arrive: the client does not know whether its call was executed.
    broken += 1;
    report();
    reset();
  });
});
server.listen(0, '127.0.0.1', report);
