/**
 * The first load by time, beside a bare React page with a socket, on a slow network and on a phone four times slower: when
 * something is painted, when what was said can be read, when the page is connected, and how long its thread cannot be used.
 */

import { type Browser, test } from '@playwright/test';

import { Server } from '../tests/support/server.ts';
import { SIZES } from '../tests/support/sizes.ts';
import { BareReact } from './bare-react/server.ts';
import { judge, median, tell } from './report.ts';
import { fill } from './support.ts';

/** Loads of each page, by turns, each by a browser that has never been there. */
const LOADS = Number(process.env.FIGURES_LOADS ?? 11);
const MESSAGES = 50;
/** Fast 3G as Lighthouse has it. */
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const CONNECTED_RATIO_MAX = 1.2;
const TASK_MS_MAX = 50;

test('the first load beside a bare React page with a socket', async ({ browser }) => {
  const server = await Server.start(['--post-rate', '0']);
  const react = await (async () => {
    await fill(server, 'lobby', MESSAGES);
    const answer = await fetch(`${server.url}/api/v1/rooms/lobby/messages?limit=${MESSAGES}`);
    const { messages } = (await answer.json()) as { messages: Row[] };
    return BareReact.start(messages.map(({ seq, name, message, at }) => ({ seq, name, text: message, at })));
  })();
  try {
    tell('bytes of React’s script, brotli', String(react.scriptBytes));
    for (const slowdown of [1, 4]) {
      const loads = { react: [] as Load[], madang: [] as Load[] };
      for (let turn = -1; turn < LOADS; turn++) {
        for (const [page, url] of [['react', react.url], ['madang', server.url]] as const) {
          const one = await load(browser, url, slowdown);
          // The first of each only warms the server's and the system's caches.
          if (turn >= 0) loads[page].push(one);
        }
      }
      console.log(`\n1.6 Mbps and 150 ms, a processor ${slowdown} times slower: medians of ${LOADS} first loads, React and Madang`);
      const both = (of: (load: Load) => number) => [median(loads.react.map(of)), median(loads.madang.map(of))] as const;
      for (const [what, of] of [
        ['first contentful paint, ms', (load: Load) => load.paint],
        ['readable: the first message is painted, ms', (load: Load) => load.readable],
        ['connected, ms', (load: Load) => load.connected],
        ['long tasks, their sum, ms', (load: Load) => load.tasks.reduce((sum, ms) => sum + ms, 0)],
        ['long tasks, the longest, ms', (load: Load) => Math.max(0, ...load.tasks)],
        ['bytes loaded', (load: Load) => load.bytes],
      ] as const) {
        const [bare, ours] = both(of);
        tell(what, `${bare.toFixed(0)} and ${ours.toFixed(0)}`);
      }
      const [bare, ours] = both((load) => load.connected);
      judge('connected, Madang to React', ours / bare, CONNECTED_RATIO_MAX);
      judge('longest task of Madang’s page, ms', both((load) => Math.max(0, ...load.tasks))[1], TASK_MS_MAX, 0);
    }
  } finally {
    await react.dispose();
    await server.dispose();
  }
});

interface Row {
  seq: number;
  name: string;
  message: string;
  at: number;
}

interface Load {
  paint: number;
  readable: number;
  connected: number;
  /** How long each task over 50 ms took. */
  tasks: number[];
  bytes: number;
}

declare global {
  interface Window {
    load: { readable: number; connected: number; tasks: number[] };
  }
}

async function load(browser: Browser, url: string, slowdown: number): Promise<Load> {
  const context = await browser.newContext({ ...SIZES[1]?.use, locale: 'ko-KR' });
  try {
    const page = await context.newPage();
    await page.addInitScript(() => {
      const load = { readable: 0, connected: 0, tasks: [] as number[] };
      window.load = load;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) load.tasks.push(entry.duration);
      }).observe({ type: 'longtask', buffered: true });
      const look = () => {
        if (!load.connected && document.querySelector('.heading-line:not([title=""])')) load.connected = performance.now();
        if (!load.readable && document.querySelector('.message')) {
          load.readable = performance.now();
          requestAnimationFrame(() => setTimeout(() => (load.readable = performance.now())));
        }
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, attributeFilter: ['title'] });
    });
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', NETWORK);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    let bytes = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction(() => window.load.connected > 0 && window.load.readable > 0);
    await page.waitForLoadState('networkidle');
    const told = await page.evaluate(() => ({
      ...window.load,
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    }));
    return { ...told, readable: Math.max(told.readable, told.paint), bytes };
  } finally {
    await context.close();
  }
}
