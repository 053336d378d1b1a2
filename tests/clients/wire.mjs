// Common code of the clients: the addresses of server and certificates, and the details of a refusal.
//
//   IDEA_ENDPOINT  host:port of a server of the registry, such as the suite
//   IDEA_CERTS     folder made by scripts/certs.sh, with at least one entity
//   IDEA_LOG       the log of that server; only what looks into it needs it
//   IDEA_TOKENS    folder made by scripts/issuer.sh init; only what concerns tokens needs it
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';

// grpc-js names IP addresses to TLS as if they were hosts; node says so at every call.
process.noDeprecation = true;

const scripts = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../scripts');

export const endpoint = process.env.IDEA_ENDPOINT ?? '';
export const certs = process.env.IDEA_CERTS ?? '';
export const tokens = process.env.IDEA_TOKENS ?? '';

const unset = ['IDEA_ENDPOINT', 'IDEA_CERTS'].filter((name) => !process.env[name]);
// For node:test: the reason to skip everything, or false.
export const skip = unset.length > 0 && `${unset.join(' and ')} not set: start a server and set them`;
export const skipTokens = skip || (!tokens && 'IDEA_TOKENS is not set');

// The files of one certificate: "entities/x", "other/suite".
export function identity(folder) {
  const read = (name) => readFileSync(path.join(certs, folder, name));
  return { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') };
}

// The first department that has a certificate.
export function department() {
  const folder = path.join(certs, 'entities');
  if (!existsSync(folder)) throw new Error(`no department in ${certs}: run scripts/certs.sh <dir> <entity id>`);
  return identity(`entities/${readdirSync(folder).sort()[0]}`);
}

// A department whose certificate is signed by an authority that the server does not trust.
export function stranger() {
  execFileSync(path.join(scripts, 'certs.sh'), [certs, '--authority', 'other', 'stranger']);
  return { ...identity('other/entities/stranger'), ca: department().ca };
}

// A signed token of a person; negative seconds: one that has expired.
export function token(person, seconds) {
  const text = execFileSync(path.join(scripts, 'issuer.sh'), ['token', tokens, person, String(seconds)], { encoding: 'utf8' });
  return text.trim();
}

export const credentialsOf = ({ ca, cert, key }) => grpc.credentials.createSsl(ca, key ?? null, cert ?? null);

const details = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message RequestInfo { string request_id = 1; string serving_data = 2; }
  message BadRequest {
    message FieldViolation { string field = 1; string description = 2; }
    repeated FieldViolation field_violations = 1;
  }
  message PreconditionFailure {
    message Violation { string type = 1; string subject = 2; string description = 3; }
    repeated Violation violations = 1;
  }`, { keepCase: true }).root;

// Reads the trailer grpc-status-details-bin: { code, message, ErrorInfo, RequestInfo, BadRequest, PreconditionFailure }, the last four where they are present.
export function explain(bytes) {
  if (!bytes) return {};
  const status = details.lookupType('google.rpc.Status').decode(bytes);
  const out = { code: status.code, message: status.message };
  for (const { type_url: url, value } of status.details) {
    const name = url.split('/').pop();
    const type = name.startsWith('google.rpc.') && details.lookup(name);
    if (type) out[name.slice('google.rpc.'.length)] = type.decode(value);
  }
  return out;
}
