/**
 * Typing while a hundred messages a second come in: the page follows both. Once more while they are said in another room: a
 * frame that is late then is not the page's doing, but that of a machine on which the speakers and the server run, too.
 */

import { type Page, test } from '@playwright/test';

import { SIZES } from '../tests/support/sizes.ts';
import { Server } from '../tests/support/server.ts';
import { judge, percentile, tell } from './report.ts';
import { fill, observe, Talk } from './support.ts';

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
      const context = await browser.newContext({ ...use, baseURL: server.url, locale: 'ko-KR' });
      const page = await context.newPage();
      await observe(page);
      await page.goto('/');
      await page.waitForFunction(() => window.figures.usable > 0);
      await page.waitForLoadState('networkidle');
      for (const room of ['elsewhere', 'lobby']) {
        const talk = await Talk.begin(server, room, PER_SECOND);
        const [before, began] = [await last(page), performance.now()];
        // The first rows come one by one.
        await page.waitForTimeout(2_000);
        const keys = await type(page);
        const shown = ((await last(page)) - before) / ((performance.now() - began) / 1_000);
        await talk.end();
        console.log(`\n${name}: ${keys} keys in ${SECONDS} s, ${PER_SECOND} messages a second in ${room}`);
        await report(page, room === 'lobby');
        tell('messages a second that were shown', shown.toFixed(0));
      }
      await context.close();
    } finally {
      await server.dispose();
    }
  });
}

/** The place of the last message on the page. */
async function last(page: Page): Promise<number> {
  return Number(await page.locator('.message[id]').last().getAttribute('data-seq'));
}

async function type(page: Page): Promise<number> {
  const input = page.locator('.composer-input');
  await input.fill('');
  await input.focus();
  await page.evaluate(() => {
    window.figures.frames = [];
    window.figures.keys = [];
  });
  const began = performance.now();
  let keys = 0;
  while (performance.now() - began < SECONDS * 1_000) {
    await page.keyboard.type(WORDS, { delay: KEY_MS });
    keys += WORDS.length;
  }
  return keys;
}

async function report(page: Page, isJudged: boolean): Promise<void> {
  const { frames, keys } = await page.evaluate(() => window.figures);
  if (keys.length > 0) {
    tell('from key to paint, p99 of those over 16 ms', `${percentile(99, keys).toFixed(0)} ms of ${keys.length}`);
  }
  frames.sort((a, b) => b.ms - a.ms);
  for (const frame of frames.slice(0, 5)) {
    const scripts = frame.scripts.map((script) => `${script.ms.toFixed(0)} ms ${script.by.split(' ')[0]}`).join(', ');
    tell(`a frame of ${frame.ms.toFixed(0)} ms`, `drawing ${frame.drawing.toFixed(0)} ms; ${scripts || 'no script'}`);
  }
  tell(`frames over ${FRAME_MS_MAX} ms`, String(frames.length));
  if (isJudged) judge('the longest frame over it, ms', Math.max(0, ...frames.map((frame) => frame.ms)), FRAME_MS_MAX, 0);
}
