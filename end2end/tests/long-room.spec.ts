/** A room in which much was said: however far one reads, little of it is on the page, and nothing jumps. */

import type { Route } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { SIZES } from './support/sizes.ts';
import { count, ko, pattern } from './support/words.ts';

const LENGTH = 5_000;
/** Rows that are loaded at a time. */
const ROWS_MAX = 300;
/** What the screen's whole pixels may be off. */
const JUMP_PX_MAX = 2;

test.use({ serverFlags: ['--post-rate', '0'] });
test.describe.configure({ timeout: 120_000 });

test.beforeEach(async ({ program }) => {
  // Of different heights: what is off by a little each time must not add up.
  await program.say(Array.from({ length: LENGTH }, (_, at) => `${at + 1}번째 말${'\n한 줄 더'.repeat(at % 7 === 0 ? 3 : 0)}`));
});

declare global {
  interface Window {
    rowsMax: number;
  }
}

/** Counts the rows whenever they change. */
async function countRows(chat: Chat): Promise<void> {
  await chat.log.evaluate((log) => {
    window.rowsMax = 0;
    const count = () => (window.rowsMax = Math.max(window.rowsMax, log.querySelectorAll('.message').length));
    count();
    new MutationObserver(count).observe(log, { childList: true });
  });
}

/** The places of the first and the last row; between them there is no hole. */
async function piece(chat: Chat): Promise<[number, number]> {
  const seqs = await chat.log
    .locator('.message[id]')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))));
  const [first = 0] = seqs;
  expect(seqs).toEqual(seqs.map((_, index) => first + index));
  return [first, first + seqs.length - 1];
}

/** A row in the middle of what is seen, and where it stands. */
async function middle(chat: Chat): Promise<{ id: string; top: number }> {
  return chat.timeline.evaluate((timeline) => {
    const box = timeline.getBoundingClientRect();
    const rows = [...timeline.querySelectorAll('.message[id]')];
    const row = rows.find((row) => row.getBoundingClientRect().bottom > box.top + box.height / 2) ?? rows.at(-1);
    if (!row) throw new Error('there are rows');
    return { id: row.id, top: row.getBoundingClientRect().top };
  });
}

/** By how much the row has moved since. */
async function moved(chat: Chat, before: { id: string; top: number }): Promise<number> {
  const top = await chat.page.locator(`#${before.id}`).evaluate((row) => row.getBoundingClientRect().top);
  return Math.abs(top - before.top);
}

/** Scrolls all the way up or down of what is loaded, in one go. */
async function scrollAll(chat: Chat, up: boolean): Promise<void> {
  await chat.timeline.hover();
  await chat.page.mouse.wheel(0, up ? -60_000 : 60_000);
  const isThere = () =>
    chat.timeline.evaluate(
      (it, up) => (up ? it.scrollHeight - it.clientHeight + it.scrollTop < 1 : it.scrollTop > -1),
      up,
    );
  await expect.poll(isThere).toBe(true);
}

/** Holds back the pages of history, each until it is asked for. */
async function holdHistory(chat: Chat): Promise<() => Promise<void>> {
  const held: Route[] = [];
  await chat.page.route('**/api/v1/rooms/lobby/messages*', (route) => {
    held.push(route);
  });
  return async () => {
    await expect.poll(() => held.length, 'a page of history is asked for').toBe(1);
    const route = held.shift();
    const answered = chat.page.waitForResponse('**/api/v1/rooms/lobby/messages*');
    await route?.continue();
    await answered;
  };
}

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('scrolling far up and down again never has more than so many rows on the page, and nothing jumps', async ({
      person,
    }) => {
      const chat = await person();
      await countRows(chat);
      const release = await holdHistory(chat);
      let [first, last] = await piece(chat);
      expect([first, last]).toEqual([LENGTH - 49, LENGTH]);
      for (let pages = 0; pages < 12; pages++) {
        await scrollAll(chat, true);
        const before = await middle(chat);
        await release();
        const [from] = await (async () => {
          await expect.poll(async () => (await piece(chat))[0]).toBeLessThan(first);
          return piece(chat);
        })();
        first = from;
        expect(await moved(chat, before), `after page ${pages} upwards`).toBeLessThanOrEqual(JUMP_PX_MAX);
      }
      [first, last] = await piece(chat);
      expect(first).toBe(LENGTH - 49 - 12 * 50);
      expect(last).toBe(first + ROWS_MAX - 1);

      for (let pages = 0; last < LENGTH; pages++) {
        await scrollAll(chat, false);
        const before = await middle(chat);
        await release();
        const known = last;
        await expect.poll(async () => (await piece(chat))[1]).toBeGreaterThan(known);
        [first, last] = await piece(chat);
        expect(await moved(chat, before), `after page ${pages} downwards`).toBeLessThanOrEqual(JUMP_PX_MAX);
      }
      await scrollAll(chat, false);
      await expect(chat.at(LENGTH)).toBeInViewport();
      expect(await chat.page.evaluate(() => window.rowsMax)).toBe(ROWS_MAX);
    });

    test('scrolling as people do, it goes on without stopping', async ({ person }) => {
      const chat = await person();
      await countRows(chat);
      await expect(async () => {
        await chat.timeline.hover();
        for (let turn = 0; turn < 8; turn++) await chat.page.mouse.wheel(0, -700);
        await piece(chat);
        await expect(chat.at(LENGTH - 600)).toBeAttached({ timeout: 50 });
      }).toPass({ intervals: [20] });
      await expect(async () => {
        await chat.timeline.hover();
        for (let turn = 0; turn < 8; turn++) await chat.page.mouse.wheel(0, 700);
        await piece(chat);
        await expect(chat.at(LENGTH)).toBeAttached({ timeout: 50 });
      }).toPass({ intervals: [20] });
      await scrollAll(chat, false);
      await expect(chat.at(LENGTH)).toBeInViewport();
      expect(await chat.page.evaluate(() => window.rowsMax)).toBeLessThanOrEqual(ROWS_MAX);
    });

    test('what is read stays where it is while others talk, is counted, and the button leads to the end', async ({
      person,
      program,
    }) => {
      const chat = await person();
      const release = await holdHistory(chat);
      // Once with all that is loaded up to the end, and once with so much loaded that new rows have no place.
      for (const pages of [1, 6]) {
        const [, head] = await piece(chat);
        for (let page = 0; page < pages; page++) {
          const [first] = await piece(chat);
          await scrollAll(chat, true);
          await release();
          await expect.poll(async () => (await piece(chat))[0]).toBeLessThan(first);
        }
        await chat.page.mouse.wheel(0, 500);
        await expect(chat.at(head)).not.toBeInViewport();
        // The wheel has come to rest.
        let before = await middle(chat);
        await expect
          .poll(async () => {
            const last = before;
            before = await middle(chat);
            return before.id === last.id && before.top === last.top;
          })
          .toBe(true);
        for (let number = 1; number <= 12; number++) {
          await program.say([`새 말 ${number}${'\n한 줄 더'.repeat(number % 4)}`]);
          await expect(chat.page.getByRole('button', { name: count(ko.new_some, number), exact: true })).toBeVisible();
        }
        expect(await moved(chat, before)).toBeLessThanOrEqual(JUMP_PX_MAX);
        const button = chat.page.getByRole('button', { name: count(ko.new_some, 12) });
        await button.click();
        // What has no place is loaded.
        const said = chat.message('새 말 12');
        if (pages > 1) await release();
        await expect(said.last()).toBeInViewport();
        await expect(button).toBeHidden();
        await expect(chat.page.getByRole('button', { name: ko.to_end })).toBeHidden();
        await piece(chat);
      }
    });

    test('one’s own messages from elsewhere are not counted as new', async ({ person, program }) => {
      const chat = await person();
      await chat.timeline.hover();
      await chat.page.mouse.wheel(0, -900);
      await expect(chat.at(LENGTH)).not.toBeInViewport();
      const tab = await chat.tab();
      await tab.say('다른 탭에서 한 말');
      await expect(chat.message('다른 탭에서 한 말')).toBeAttached();
      await expect(chat.page.getByRole('button', { name: ko.to_end })).toBeVisible();
      await expect(chat.page.getByRole('button', { name: pattern(ko.new_some) })).toBeHidden();
      await program.say(['남의 말']);
      await expect(chat.page.getByRole('button', { name: count(ko.new_some, 1) })).toBeVisible();
    });

    test('one who says something from far up is taken to the end, however far that is', async ({ person }) => {
      const chat = await person();
      const juno = await person();
      await chat.page.goto('/rooms/lobby/900');
      await expect(chat.at(900)).toBeInViewport();
      await chat.say('멀리서 하는 말');
      await expect(chat.message('멀리서 하는 말')).toBeInViewport();
      await expect(chat.at(LENGTH)).toBeInViewport();
      await juno.hears('멀리서 하는 말');
      const [, last] = await piece(chat);
      expect(last).toBe(LENGTH + 1);
      await juno.say('바로 이어서');
      await expect(chat.message('바로 이어서')).toBeInViewport();
    });
  });
}
