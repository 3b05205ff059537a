/**
 * Typing while a hundred messages a second come in: the page follows both. Speakers, server and browser share the machine,
 * so that a frame may be late for want of a processor: what is judged is how long the page's own thread worked on it. Once more
 * while the messages are said in another room, to compare.
 */

import { type Browser, type Page, test } from '@playwright/test';

import { SIZES } from '../tests/support/sizes.ts';
import { Server } from '../tests/support/server.ts';
import { judge, percentile, tell } from './report.ts';
import { fill, last, open, Talk } from './support.ts';

const PER_SECOND = 100;
const SECONDS = 30;
/** A key every so many milliseconds: two hundred words a minute. */
const KEY_MS = 60;
const WORDS = '빠르게 쓰는 사람도 기다리지 않는다 ';
const FRAME_MS_MAX = 50;

for (const { name, use } of SIZES) {
  test(`typing at a hundred messages a second, ${name}`, async ({ browser }) => {
    const server = await Server.start(['--post-rate', '0']);
    try {
      for (const room of ['lobby', 'elsewhere']) await fill(server, room, 1_000);
      const page = await open(browser, server, 'lobby', use);
      for (const room of ['elsewhere', 'lobby']) {
        const talk = await Talk.begin(server, room, PER_SECOND);
        const [before, began] = [await last(page), performance.now()];
        // The first rows come one by one.
        await page.waitForTimeout(2_000);
        await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
        const keys = await type(page);
        const shown = ((await last(page)) - before) / ((performance.now() - began) / 1_000);
        await talk.end();
        console.log(`\n${name}: ${keys} keys in ${SECONDS} s, ${PER_SECOND} messages a second in ${room}`);
        await report(browser, page);
        const due = room === 'lobby' ? PER_SECOND : 0;
        judge(`messages a second that were not shown, of ${due}`, due - shown, due / 20, 0);
      }
      await page.context().close();
    } finally {
      await server.dispose();
    }
  });
}

async function type(page: Page): Promise<number> {
  const input = page.locator('.composer-input');
  await input.fill('');
  await input.focus();
  await page.evaluate(() => {
    window.figures.frames = [];
    window.figures.keys = [];
    performance.mark('typing');
  });
  const began = performance.now();
  let keys = 0;
  while (performance.now() - began < SECONDS * 1_000) {
    await page.keyboard.type(WORDS, { delay: KEY_MS });
    keys += WORDS.length;
  }
  return keys;
}

async function report(browser: Browser, page: Page): Promise<void> {
  const works = work(await browser.stopTracing());
  const [{ frames, keys }, mark] = await page.evaluate(
    () => [window.figures, performance.getEntriesByName('typing').at(-1)?.startTime ?? 0] as const,
  );
  if (keys.length > 0) {
    tell('from key to paint, p99 of those over 16 ms', `${percentile(99, keys).toFixed(0)} ms of ${keys.length}`);
  }
  const ours = frames.map(({ at, ms }) => works(at - mark, at - mark + ms));
  frames.forEach((frame, index) => {
    const scripts = frame.scripts.map((script) => `${script.ms.toFixed(0)} ms ${script.by}`).join(', ');
    tell(`a frame of ${frame.ms.toFixed(0)} ms`, `worked on for ${ours[index]?.toFixed(0)} ms; ${scripts || 'no script'}`);
  });
  tell(`frames over ${FRAME_MS_MAX} ms`, String(frames.length));
  judge('the longest that one of them was worked on, ms', Math.max(0, ...ours), FRAME_MS_MAX, 0);
  tell('the longest task of the page’s thread', `${works.longest.toFixed(0)} ms`);
}

interface TraceEvent {
  name: string;
  ts: number;
  dur?: number;
  tdur?: number;
  pid: number;
  tid: number;
}

/** From a trace: for how long the page's own thread worked between two times, in milliseconds since typing began. */
function work(trace: Buffer): { (from: number, to: number): number; longest: number } {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const mark = traceEvents.findLast((event) => event.name === 'typing');
  if (!mark) throw new Error('the trace does not say when typing began');
  const tasks = traceEvents
    .filter(({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && pid === mark.pid && tid === mark.tid)
    .map(({ ts, dur = 0, tdur = 0 }) => ({ from: (ts - mark.ts) / 1_000, to: (ts + dur - mark.ts) / 1_000, cpu: tdur / 1_000 }));
  if (!tasks.some((task) => task.cpu > 0)) throw new Error('the trace does not say how long tasks were worked on');
  const between = (from: number, to: number) =>
    tasks.filter((task) => task.from < to && task.to > from).reduce((sum, task) => sum + task.cpu, 0);
  return Object.assign(between, { longest: Math.max(...tasks.map((task) => task.cpu)) });
}
