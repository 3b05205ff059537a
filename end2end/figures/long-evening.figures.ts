/** A page that is left open while others talk: it does not grow. */

import { test } from '@playwright/test';

import { Server } from '../tests/support/server.ts';
import { judge, tell } from './report.ts';
import { fill, type Kept, kept, last, open, Talk } from './support.ts';

const MINUTES = 10;
const PER_SECOND = 20;
const RATIO_MAX = 1.5;
const ROWS_MAX = 150;

test('ten minutes at twenty messages a second', async ({ browser }) => {
  const server = await Server.start(['--post-rate', '0']);
  try {
    await fill(server, 'lobby', 50_000);
    const page = await open(browser, server, 'lobby');
    const devtools = await page.context().newCDPSession(page);
    const start = await kept(page, devtools);
    console.log(`\none page open for ${MINUTES} minutes at ${PER_SECOND} messages a second, in a room of 50,000`);
    show('at the start', start);
    const first = await last(page);
    const talk = await Talk.begin(server, 'lobby', PER_SECOND);
    for (let minute = 1; minute <= MINUTES; minute++) {
      await page.waitForTimeout(60_000);
      show(`after ${minute} min`, await kept(page, devtools));
    }
    await talk.end();
    // What was said last is drawn within a moment.
    await page.waitForTimeout(1_000);
    const end = await kept(page, devtools);
    judge('messages that were not shown', talk.said - ((await last(page)) - first), 0, 0);
    tell('messages that were said', String(talk.said));
    show('at the end', end);
    judge('memory, end to start', (end.heap + end.wasm) / (start.heap + start.wasm), RATIO_MAX);
    judge('rows on the page, at most', await page.evaluate(() => window.figures.rows), ROWS_MAX, 0);
    await page.context().close();
  } finally {
    await server.dispose();
  }
});

function show(when: string, { heap, wasm, nodes }: Kept): void {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(2);
  tell(when, `${mb(heap + wasm)} MB: heap ${mb(heap)}, WASM ${mb(wasm)}; ${nodes} nodes`);
}
