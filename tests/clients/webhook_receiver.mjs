// A receiver of webhooks for the tests: an HTTPS server that verifies each request with the package standardwebhooks and appends a
// line of JSON for it to a log.
//
// usage: node webhook_receiver.mjs <folder> <port>
//
// <folder> has tls.crt and tls.key. It may have secrets.json, {"<path>": ["whsec_..."]}, which is read for each request; a request is
// verified by every secret of its path. The server writes its port to <folder>/port and logs to <folder>/requests.
// The path selects the answer:
//   /ok            204
//   /flaky         500 for one of five requests at random, 204 for the others
//   /poison        400 for events of bucps/poison, 204 for the others
//   /down          500 while <folder>/down exists, 204 without it
//   /busy          429 with Retry-After: 60, once; then 204
//   /redirect      307 to /ok
//   /silent        no answer
//   /endless       200 with a body without an end
//   /headers       200 with headers without an end
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { Webhook } from "standardwebhooks";

const [folder, port] = process.argv.slice(2);
let busy = false;

function isSigned(request, body) {
  // Tests that move their clock send times of that clock.
  if (existsSync(`${folder}/any-time`)) Date.now = () => Number(request.headers["webhook-timestamp"]) * 1000;
  const secrets = JSON.parse(readFileSync(`${folder}/secrets.json`, "utf8"))[request.url] ?? [];
  try {
    for (const secret of secrets) new Webhook(secret).verify(body, request.headers);
    return secrets.length > 0;
  } catch {
    return false;
  }
}

function statusOf(path, event) {
  switch (path) {
    case "/flaky": return Math.random() < 0.2 ? 500 : 204;
    case "/poison": return event.partitionkey === "bucps/poison" ? 400 : 204;
    case "/down": return existsSync(`${folder}/down`) ? 500 : 204;
    case "/busy": return busy ? 204 : 429;
    case "/redirect": return 307;
    case "/endless": case "/headers": return 200;
    default: return 204;
  }
}

function answer(path, status, response) {
  if (path === "/silent") return;
  if (path === "/headers") {
    response.socket.write("HTTP/1.1 200 OK\r\n");
    const more = () => { while (response.socket.writable && response.socket.write(`x: ${"y".repeat(8000)}\r\n`)); };
    response.socket.on("drain", more);
    more();
    return;
  }
  response.statusCode = status;
  if (path === "/busy") busy = true;
  if (status === 429) response.setHeader("Retry-After", "60");
  if (path === "/redirect") response.setHeader("Location", "/ok");
  if (path !== "/endless") return response.end(status === 204 ? undefined : "the answer of the receiver");
  const more = () => { while (response.writable && response.write("z".repeat(16384))); };
  response.on("drain", more);
  more();
}

const server = createServer({ key: readFileSync(`${folder}/tls.key`), cert: readFileSync(`${folder}/tls.crt`) }, (request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("error", () => {});
  response.on("error", () => {});
  request.on("end", () => {
    const body = Buffer.concat(parts).toString("utf8");
    const event = JSON.parse(body);
    const status = statusOf(request.url, event);
    appendFileSync(`${folder}/requests`, JSON.stringify({
      path: request.url, method: request.method, id: request.headers["webhook-id"], contentType: request.headers["content-type"],
      isSigned: isSigned(request, body), status, event }) + "\n");
    answer(request.url, status, response);
  });
});
server.listen(Number(port), "127.0.0.1", () => {
  writeFileSync(`${folder}/port.new`, String(server.address().port));
  renameSync(`${folder}/port.new`, `${folder}/port`);
});
