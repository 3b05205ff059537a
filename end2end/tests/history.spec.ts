import type { Locator } from '@playwright/test';

import { hold } from './support/held.ts';
import { Chat, expect, test } from './support/madang.ts';
import { sayings } from './support/sayings.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** Where on the screen something is. */
async function top(locator: Locator): Promise<number> {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not shown`);
  return box.y;
}

/** Turns the wheel over the timeline, upwards if `pixels` is negative. */
async function wheel(chat: Chat, pixels: number): Promise<void> {
  await chat.timeline.hover();
  await chat.page.mouse.wheel(0, pixels);
}

/** Scrolls up until there is nothing more. */
async function scrollToBegin(chat: Chat): Promise<void> {
  await expect(async () => {
    await wheel(chat, -2_000);
    await expect(chat.page.getByText(ko.room_begins)).toBeInViewport({ timeout: 300 });
  }).toPass();
}

test('the page opens at the newest of the last fifty messages', async ({ program, person }) => {
  await program.say(sayings(300));
  const chat = await person();
  await chat.hasHeard(sayings(300).slice(-50));
  await expect(chat.message('300번째 말')).toBeInViewport();
  await expect(chat.message('251번째 말')).not.toBeInViewport();
});

test('scrolling up brings the older messages, each once and in order, down to the first', async ({
  program,
  person,
}) => {
  await program.say(sayings(300));
  const chat = await person();
  await scrollToBegin(chat);
  await chat.hasHeard(sayings(300));
  await expect(chat.message('1번째 말')).toBeInViewport();
});

test('older messages that arrive do not move what is being read', async ({ program, person }) => {
  await program.say(sayings(200));
  const chat = await person();
  const release = await hold(chat.page, '**/api/v1/rooms/lobby/messages*');
  const asked = chat.page.waitForRequest('**/api/v1/rooms/lobby/messages*');
  const first = chat.message('151번째 말');
  await first.scrollIntoViewIfNeeded();
  await asked;
  const before = await top(first);
  release();
  await expect(chat.said).toHaveCount(100);
  expect(Math.abs((await top(first)) - before)).toBeLessThanOrEqual(1);
  await expect(first).toBeInViewport();
});

test('the older messages can be asked for with the button above, by keyboard', async ({ program, person }) => {
  await program.say(sayings(120));
  // So tall a window that nothing has to be scrolled far.
  const chat = await person({ viewport: { width: 800, height: 6_000 } });
  const button = chat.page.getByRole('link', { name: ko.older });
  await button.focus();
  await chat.page.keyboard.press('Enter');
  await expect.poll(() => chat.said.count()).toBeGreaterThan(50);
});

test('when the older messages cannot be had, the page says so and tries again when asked', async ({
  program,
  person,
  quiet,
}) => {
  quiet.expect(/Failed to load resource|net::ERR_FAILED/);
  await program.say(sayings(120));
  const chat = await person();
  await chat.page.route('**/api/v1/rooms/lobby/messages*', (route) => route.abort());
  await wheel(chat, -20_000);
  const again = chat.page.getByRole('link', { name: ko.older_failed });
  await expect(again).toBeVisible();
  await chat.page.unroute('**/api/v1/rooms/lobby/messages*');
  await again.click();
  await scrollToBegin(chat);
  await chat.hasHeard(sayings(120));
});

test('new messages do not pull one down who has scrolled up', async ({ program, person }) => {
  await program.say(sayings(100));
  const [mina, juno] = [await person(), await person()];
  await wheel(mina, -900);
  const read = mina.message('75번째 말');
  await read.scrollIntoViewIfNeeded();
  await expect(mina.message('100번째 말')).not.toBeInViewport();
  const before = await top(read);
  // Many, and of different heights: what is off by less than a pixel each time must not add up.
  for (let number = 1; number <= 15; number++) await juno.say(`새 말 ${number}${'\n한 줄 더'.repeat(number % 4)}`);
  await juno.say('마지막 말');
  await expect(mina.message('마지막 말')).toBeAttached();
  expect(Math.abs((await top(read)) - before)).toBeLessThanOrEqual(2);
  await expect(mina.message('마지막 말')).not.toBeInViewport();
});

test('one who is at the end stays there, whoever speaks', async ({ program, person }) => {
  await program.say(sayings(100));
  const [mina, juno] = [await person(), await person()];
  for (const text of ['새 말 하나', `긴 말 ${'아주 '.repeat(200)}`, '새 말 셋']) {
    await juno.say(text);
    await expect(mina.said.last()).toHaveText(text.trim());
    await expect(mina.said.last()).toBeInViewport({ ratio: 0.9 });
  }
});

test('one who says something is taken to the end', async ({ program, person }) => {
  await program.say(sayings(100));
  const chat = await person();
  await wheel(chat, -1_500);
  await expect(chat.message('100번째 말')).not.toBeInViewport();
  await chat.say('내 말');
  await chat.hears('내 말');
  await expect(chat.message('내 말')).toBeInViewport();
});

test('the end stays in view when the window becomes smaller and when the input grows', async ({ program, person }) => {
  await program.say(sayings(60));
  const chat = await person();
  await chat.page.setViewportSize({ width: 500, height: 400 });
  await expect(chat.message('60번째 말')).toBeInViewport();
  await chat.input.fill('줄\n줄\n줄\n줄');
  await expect(chat.message('60번째 말')).toBeInViewport();
  await expect(chat.button).toBeInViewport();
});
