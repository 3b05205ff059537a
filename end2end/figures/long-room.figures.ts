/** A room of 50,000 messages beside one of 50: it opens as fast, and is as small on the page. */

import { type Browser, test } from '@playwright/test';

import { SIZES } from '../tests/support/sizes.ts';
import { Server } from '../tests/support/server.ts';
import { judge, median, tell } from './report.ts';
import { fill, open } from './support.ts';

const ROOMS = { short: 50, long: 50_000 } as const;
/** Loads of each room, by turns, each by a browser that has never been there. */
const LOADS = 21;
const RATIO_MAX = 1.2;
const ROWS_MAX = 300;

test('opening a long room and a short one', async ({ browser }) => {
  const server = await Server.start(['--post-rate', '0']);
  try {
    for (const [room, count] of Object.entries(ROOMS)) await fill(server, room, count);
    for (const { name, use } of SIZES) {
      const loads = { short: [] as Load[], long: [] as Load[] };
      // The first two only warm the server's and the system's caches.
      await load(browser, server, 'short', use);
      await load(browser, server, 'long', use);
      for (let turn = 0; turn < LOADS; turn++) {
        for (const room of ['short', 'long'] as const) loads[room].push(await load(browser, server, room, use));
      }
      console.log(`\n${name}: medians of ${LOADS} first loads, ${ROOMS.long} messages beside ${ROOMS.short}`);
      for (const [what, of] of [
        ['first contentful paint', (load: Load) => load.paint],
        ['connected and usable', (load: Load) => load.usable],
      ] as const) {
        const [long, short] = [median(loads.long.map(of)), median(loads.short.map(of))];
        tell(`${what}, ms`, `${short.toFixed(0)} and ${long.toFixed(0)}`);
        judge(`${what}, long to short`, long / short, RATIO_MAX);
      }
      const all = [...loads.short, ...loads.long];
      judge('rows on the page, at most', Math.max(...all.map((load) => load.rows)), ROWS_MAX, 0);
      judge('cumulative layout shift, at most', Math.max(...all.map((load) => load.shift)), 0);
    }
  } finally {
    await server.dispose();
  }
});

interface Load {
  paint: number;
  usable: number;
  rows: number;
  shift: number;
}

async function load(browser: Browser, server: Server, room: string, use: object): Promise<Load> {
  const page = await open(browser, server, room, use);
  try {
    return await page.evaluate(() => ({
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      usable: window.figures.usable,
      rows: window.figures.rows,
      shift: window.figures.shift,
    }));
  } finally {
    await page.context().close();
  }
}
