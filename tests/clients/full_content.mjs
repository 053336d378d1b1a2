// Reads with grpc-js, as it comes out of the box, everything that full_content.py wrote and read: IDEA_READS is its list.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nameOf, platform, skip } from './platform.mjs';

const list = process.env.IDEA_READS ?? '';
const why = skip || (!existsSync(list) && 'IDEA_READS names no list of readings');

test('a client of 4 MiB reads every answer about what is filled to its limits', { skip: why }, async () => {
  for (const [service, method, request, entity, person, pages] of JSON.parse(readFileSync(list))) {
    const caller = platform(nameOf(service), entity, person);
    let read = 0;
    for (let pageToken = ''; read === 0 || pageToken; ++read) {
      const page = await caller[method]({ ...request, ...(pageToken && { pageToken }) });
      pageToken = page.nextPageToken ?? '';
    }
    assert.equal(read, pages, method);
  }
});
