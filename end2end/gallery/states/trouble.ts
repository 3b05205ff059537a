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
    name: 'refused',
    before: async ({ juno }) => juno.say('길게 써 봐요'),
    draw: async ({ page, open, say }) => {
      await open();
      await say('아주 긴 말 '.repeat(700));
      await page.locator('.notice-on').waitFor();
    },
  },
];
