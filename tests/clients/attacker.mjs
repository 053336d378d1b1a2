// A hostile neighbor of the clients: until its standard input ends it opens connections that never finish a handshake, sends bytes that are not
// TLS, calls without a certificate, leaves requests unfinished, and opens streams only to reset them. It calls loopback addresses alone, and has at
// most a few dozen sockets at a time. Prints how often it did what.
//
// usage: node attacker.mjs <address,address> <folder with the authority's certificate>
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';

const [addresses, folder] = process.argv.slice(2);
const ports = addresses.split(',').map((address) => {
  const [host, port] = address.split(':');
  if (host !== '127.0.0.1') throw new Error(`${host} is not the loopback address`);
  return Number(port);
});
const ca = readFileSync(`${folder}/ca.crt`);
const open = new Set();
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const ignore = () => {};

// Destroys what is opened after two seconds, whatever the server does.
function keep(thing) {
  open.add(thing);
  thing.on('error', ignore);
  thing.on('close', () => open.delete(thing));
  setTimeout(() => thing.destroy(), 2000).unref();
  return thing;
}
const anonymous = (port) => keep(http2.connect(`https://localhost:${port}`, { ca, lookup: (name, options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) }));
const headers = {
  ':method': 'POST',
  ':path': '/idea.registry.v1.RegistryService/ListEntities',
  'content-type': 'application/grpc',
  te: 'trailers',
};

const attacks = {
  'half handshakes': (port) => { for (let i = 0; i < 5; i += 1) keep(net.connect(port, '127.0.0.1')); },
  'bytes that are not TLS': (port) => { keep(net.connect(port, '127.0.0.1')).write(Buffer.alloc(4096, 0x41)); },
  'calls without a certificate': (port) => {
    const session = anonymous(port);
    for (let i = 0; i < 5; i += 1) session.request(headers).on('error', ignore).end(Buffer.alloc(5));
  },
  'unfinished requests': (port) => {
    const session = anonymous(port);
    // A message of 1 MiB of which 64 KiB are sent.
    for (let i = 0; i < 5; i += 1) session.request(headers).on('error', ignore).write(Buffer.concat([Buffer.from([0, 0, 0x10, 0, 0]), Buffer.alloc(65_536)]));
  },
  'streams that are reset': (port) => {
    const session = anonymous(port);
    session.on('connect', () => {
      // The server may have closed the connection before it was used.
      for (let i = 0; i < 100 && !session.destroyed && !session.closed; i += 1) session.request(headers).on('error', ignore).close(http2.constants.NGHTTP2_CANCEL);
    });
  },
};

let ended = false;
process.stdin.on('end', () => { ended = true; }).resume();
const counts = new Map();
for (let round = 0; !ended; round += 1) {
  const [name, attack] = Object.entries(attacks)[round % Object.keys(attacks).length];
  try {
    attack(ports[Math.floor(round / Object.keys(attacks).length) % ports.length]);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  } catch {
    // The server ended the connection: as it should.
  }
  await pause(open.size > 40 ? 500 : 100);
}
for (const thing of open) thing.destroy();
for (const [name, count] of counts) console.log(`${count} times ${name}`);
process.exit(0);
