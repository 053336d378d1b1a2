// A watch of an entity's inbox that is resumed whenever it ends, as a platform keeps it for months.
import { setTimeout as pause } from 'node:timers/promises';
import { openStream } from './suite.mjs';

export class Watcher {
  constructor(history, entity, who) {
    this.history = history;
    this.entity = entity;
    this.who = who;
    this.events = [];
    this.token = '';
    this.resumed = -1;
    this.stopped = false;
  }

  async run() {
    while (!this.stopped) {
      await this.watchOnce();
      this.resumed += 1;
      if (!this.stopped) await pause(200);
    }
  }

  watchOnce() {
    return new Promise((resolve) => {
      const { stream, reasonOf } = openStream(this.who, 'WatchInbox', { parent: this.entity, resumeToken: this.token }, 60_000);
      this.stream = stream;
      stream.on('data', ({ item, resumeToken }) => {
        if (item?.event) this.events.push(item.event);
        if (resumeToken) this.token = resumeToken;
      });
      stream.on('error', (error) => {
        const reason = reasonOf(error);
        if (reason === 'PAGE_TOKEN_INVALID') {
          this.history.violate('a resume token stays valid', `${this.entity}: ${error.details}`);
          this.token = '';
          this.events = [];
        }
        resolve();
      });
      stream.on('end', resolve);
    });
  }

  stop() {
    this.stopped = true;
    this.stream?.cancel();
  }
}
