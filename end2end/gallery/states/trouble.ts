/** What is amiss, and what becomes of what was written. */

import type { State } from '../stage.ts';

export const TROUBLE: State[] = [
  {
    name: 'offline',
    before: async ({ juno }) => juno.say('거기 있어요?'),
    draw: async ({ page, open, say, relay }) => {
      await open();
      relay.down();
      await page.locator('.notice-on').waitFor();
      await say('연결되면 갈 말');
      await page.locator('.message-pending').waitFor();
    },
  },
  {
    name: 'failed-message',
    before: async ({ juno }) => juno.say('보내 볼래요?'),
    draw: async ({ page, open, say }) => {
      await page.routeWebSocket('**/ws', (near) => {
        const far = near.connectToServer();
        near.onMessage((text) => {
          const frame = JSON.parse(text.toString());
          if (frame.type !== 'post') return far.send(text);
          near.send(JSON.stringify({ type: 'error', code: 'badRoom', message: '', clientId: frame.clientId }));
        });
      });
      await open();
      await say('받아 주지 않는 말');
      await page.locator('[data-act="retry"]').waitFor();
    },
  },
  {
    name: 'stuck',
    before: async ({ me }) => me.say(['첫 번째 말', '두 번째 말']),
    draw: async ({ page, open, menu, act, write }) => {
      await page.routeWebSocket('**/ws', (near) => {
        const far = near.connectToServer();
        near.onMessage((text) => {
          const frame = JSON.parse(text.toString());
          if (frame.type !== 'edit') return far.send(text);
          near.send(JSON.stringify({ type: 'error', code: 'badRoom', message: '', clientId: frame.clientId }));
        });
      });
      await open();
      for (const at of [0, 1]) {
        await menu(at);
        await act('edit', '#menu');
        await write('받아 주지 않는, 고친 말');
        await page.locator('.composer-send').click();
        await page.locator('.notice-stuck').nth(at).waitFor();
      }
    },
  },
  {
    name: 'unstarted',
    before: async ({ juno }) => juno.say('거기 있어요?'),
    draw: async ({ page }) => {
      await page.route('**/*.wasm', (route) => route.abort());
      await page.goto('/');
      await page.locator('#trouble').filter({ hasText: /\S/ }).waitFor();
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'without-cookies',
    before: async ({ juno }) => juno.say('거기 있어요?'),
    draw: async ({ page }) => {
      await page.addInitScript(() => Object.defineProperty(navigator, 'cookieEnabled', { value: false }));
      await page.goto('/');
      await page.locator('#trouble').filter({ hasText: /\S/ }).waitFor();
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'refusal-page',
    options: { javaScriptEnabled: false },
    draw: async ({ page }) => {
      await page.goto('/');
      await page.locator('.composer-input').fill('아주 긴 말 '.repeat(900));
      await page.locator('.composer-send').click();
      await page.waitForLoadState();
    },
  },
  {
    name: 'refused',
    before: async ({ juno }) => juno.say('길게 써 봐요'),
    draw: async ({ page, open, say }) => {
      await open();
      await say('아주 긴 말 '.repeat(700));
      await page.locator('.notice-on').waitFor();
    },
  },
];
