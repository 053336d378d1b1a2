// The digest that everybody reviews and signs, recomputed by a stranger from the documented rule (common/digest/digest.h) and from
// nothing else: proto3 JSON in the canonical form of RFC 8785, then SHA-256.
import { createHash } from 'node:crypto';

// RFC 8785: no white space, keys sorted by UTF-16 code units (JavaScript's own order of strings), texts and numbers as JavaScript
// writes them.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

export const digest = (json) => createHash('sha256').update(canonical(json), 'utf8').digest('hex');
