import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';

import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

import { CONNECTION_LOST, expect, REFUSED, test } from './support/madang.ts';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds on the page as it stands, by WCAG 2.2 AA and its own best practices. */
async function complaints(page: Page): Promise<string[]> {
  // What slides in or fades is judged when it has come to rest.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 1_280]) {
    test.describe(`${colorScheme}, ${width} pixels wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 700 } });

      test('a conversation with its menus, and a refusal', async ({ chat, program }) => {
        const { page } = chat;
        await program.say(['하나', '둘', 'https://example.org/셋']);
        await chat.say('넷');
        await chat.hasHeard(['하나', '둘', 'https://example.org/셋', '넷']);
        expect(await complaints(page)).toEqual([]);
        await chat.input.fill('가'.repeat(4_001));
        await chat.button.click();
        await expect(chat.refusal).not.toHaveText('');
        expect(await complaints(page)).toEqual([]);
        const rooms = page.getByRole('button', { name: '방 목록' });
        if (await rooms.isVisible()) {
          await rooms.click();
          expect(await complaints(page)).toEqual([]);
        }
        await page.getByRole('button', { name: '설정' }).click();
        expect(await complaints(page)).toEqual([]);
      });

      test('an empty room, and one that is cut off', async ({ person, relay, quiet }) => {
        quiet.expect(CONNECTION_LOST);
        const chat = await person({ baseURL: relay.url, colorScheme, viewport: { width, height: 700 } });
        expect(await complaints(chat.page)).toEqual([]);
        relay.down();
        await expect(chat.status).not.toHaveText('');
        await chat.say('나중에 갈 말');
        await expect(chat.pending).toHaveCount(1);
        expect(await complaints(chat.page)).toEqual([]);
      });

      test('an address with nothing behind it', async ({ page, quiet }) => {
        quiet.expect(REFUSED);
        await page.goto('/nothing');
        expect(await complaints(page)).toEqual([]);
      });
    });
  }
}
