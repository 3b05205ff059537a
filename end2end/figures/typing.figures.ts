/** Typing while a hundred messages a second come in: the page follows both. */

import { test } from '@playwright/test';

import { SIZES } from '../tests/support/sizes.ts';
import { Server } from '../tests/support/server.ts';
import { judge, percentile, tell } from './report.ts';
import { fill, observe, Talk } from './support.ts';

const PER_SECOND = 100;
const SECONDS = 30;
/** A key every so many milliseconds: two hundred words a minute. */
const KEY_MS = 60;
const WORDS = '빠르게 쓰는 사람도 기다리지 않는다 ';

for (const { name, use } of SIZES) {
  test(`typing at a hundred messages a second, ${name}`, async ({ browser }) => {
    const server = await Server.start(['--post-rate', '0']);
    try {
      await fill(server, 'lobby', 1_000);
      const context = await browser.newContext({ ...use, baseURL: server.url, locale: 'ko-KR' });
      const page = await context.newPage();
      await observe(page);
      await page.goto('/');
      await page.waitForFunction(() => window.figures.usable > 0);
      await page.waitForLoadState('networkidle');
      await page.locator('.composer-input').focus();
      const talk = await Talk.begin(server, PER_SECOND);
      const rowsBefore = await page.locator('.message').last().getAttribute('data-seq');
      await page.waitForTimeout(2_000);
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
      const took = (performance.now() - began) / 1_000;
      await talk.end();
      const { frames, keys: times } = await page.evaluate(() => window.figures);
      const written = (await page.locator('.composer-input').inputValue()).length;
      const rowsAfter = await page.locator('.message').last().getAttribute('data-seq');
      console.log(`\n${name}: ${keys} keys in ${took.toFixed(0)} s while others say ${PER_SECOND} things a second`);
      tell('messages a second that were shown', ((Number(rowsAfter) - Number(rowsBefore)) / (took + 2)).toFixed(0));
      tell('characters that were written', String(written));
      if (times.length) tell('from key to paint, p99 of those over 16 ms', `${percentile(99, times).toFixed(0)} ms of ${times.length}`);
      frames.sort((a, b) => b.ms - a.ms);
      for (const frame of frames.slice(0, 10)) {
        const scripts = frame.scripts.map((script) => `${script.ms.toFixed(0)} ms ${script.by}`).join(', ');
        tell(`a frame of ${frame.ms.toFixed(0)} ms`, `drawing ${frame.drawing.toFixed(0)} ms; ${scripts || 'no script'}`);
      }
      tell('frames over 50 ms', String(frames.length));
      judge('the longest frame, ms', Math.max(0, ...frames.map((frame) => frame.ms)), 50, 0);
      await context.close();
    } finally {
      await server.dispose();
    }
  });
}
