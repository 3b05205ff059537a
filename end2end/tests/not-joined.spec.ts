/** A room that the connection cannot join: what stands where the messages would be. */

import { Chat, expect, test } from './support/madang.ts';
import { ko } from './support/words.ts';

/** Rooms that one connection can join (`protocol::limits::JOINED_ROOMS_MAX`), and how many of them only to be counted. */
const JOINED_MAX = 100;
const COUNTED_MAX = 80;

test.use({ serverFlags: ['--post-rate', '0'] });

test('a room beyond those that a browser can be in says so, and is joined once there is place', async ({ chat, page }) => {
  test.slow();
  const followed = Array.from({ length: COUNTED_MAX }, (_, number) => ({
    type: 'post',
    room: `followed-${number}`,
    message: '여기도',
    clientId: crypto.randomUUID(),
  }));
  const answer = await page.request.post('/api/v1/commands', { data: followed });
  expect(answer.ok()).toBe(true);
  await chat.reload();
  await expect(page.locator('.rooms-link')).not.toHaveCount(1);

  // The tab that has the connection shows one room that is not counted, and so do the others.
  const tabs = await Promise.all(
    Array.from({ length: JOINED_MAX - COUNTED_MAX - 1 }, async (_, number) => {
      const tab = new Chat(await page.context().newPage());
      await tab.goto(`shown-${number}`);
      await expect(tab.transport).toHaveAttribute('title', ko.by_other_tab);
      return tab;
    }),
  );
  const last = await chat.tab('one-too-many');
  const place = last.page.locator('.timeline-empty');
  await expect(place).toContainText(ko.not_joined);
  await expect(place).toContainText(ko.too_many_rooms);
  await expect(place).not.toContainText(ko.empty_title);

  await tabs[0]?.page.close();
  await expect(place, 'it is asked for again by itself').toContainText(ko.empty_title, { timeout: 30_000 });
  await expect(place).not.toContainText(ko.not_joined);
  await last.say('이제 들어왔어요');
  await last.hears('이제 들어왔어요');
});
