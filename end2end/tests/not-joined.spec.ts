/** A room that the connection cannot join: what stands where the messages would be. */

import { expect, test } from './support/madang.ts';
import { ko } from './support/words.ts';

/** Rooms that one connection can join (`protocol::limits::JOINED_ROOMS_MAX`). */
const JOINED_MAX = 100;

test('a room beyond those that a browser can be in says so, and is joined once there is place', async ({ chat }) => {
  // Another tab of this browser, as far as the one with the connection hears: it shows all rooms but one.
  const other = await chat.page.context().newPage();
  await other.goto(new URL('/healthz', chat.page.url()).href);
  await other.evaluate(async (count) => {
    const { epoch } = await (await fetch('/api/v1/me')).json();
    const tab = '0000abcd';
    const channel = new BroadcastChannel('madang');
    const join = (room: string) => JSON.stringify({ type: 'join', room, epoch, after: 0 });
    for (let number = 0; number < count; number += 1) channel.postMessage(`c${tab}${join(`shown-${number}`)}`);
    Object.assign(globalThis, { leave: () => channel.postMessage(`b${tab}`) });
  }, JOINED_MAX - 1);
  const last = await chat.tab('one-too-many');
  const place = last.page.locator('.timeline-empty');
  await expect(place).toContainText(ko.not_joined);
  await expect(place).toContainText(ko.too_many_rooms);
  await expect(place).not.toContainText(ko.empty_title);

  await other.evaluate(() => (globalThis as unknown as { leave: () => void }).leave());
  await expect(place, 'it is asked for again by itself').toContainText(ko.empty_title, { timeout: 30_000 });
  await expect(place).not.toContainText(ko.not_joined);
  await last.say('이제 들어왔어요');
  await last.hears('이제 들어왔어요');
});
