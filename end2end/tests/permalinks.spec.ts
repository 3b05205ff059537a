/** The address of a message: it opens the room there, and from there one reads on in both directions. */

import type { Page } from '@playwright/test';

import { Chat, expect, LOADED_IN_VAIN, REFUSED, test } from './support/madang.ts';
import { SIZES } from './support/sizes.ts';
import { count, ko } from './support/words.ts';

const LENGTH = 2_000;
const PLACE = 700;

test.use({ serverFlags: ['--post-rate', '0'] });

test.beforeEach(async ({ program }) => {
  await program.say(Array.from({ length: LENGTH }, (_, index) => `${index + 1}번째 말`));
});

/** The places of the rows that are shown, from the first to the last. There is no hole among them. */
async function piece(page: Page): Promise<[number, number]> {
  const seqs = await page
    .locator('.message[id]')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))));
  const [first = 0] = seqs;
  expect(seqs).toEqual(seqs.map((_, index) => first + index));
  return [first, first + seqs.length - 1];
}

/** Scrolls until a message is loaded that was not at first. */
async function scrollTo(chat: Chat, seq: number, pixels: number): Promise<void> {
  await expect(async () => {
    await chat.timeline.hover();
    await chat.page.mouse.wheel(0, pixels);
    await piece(chat.page);
    await expect(chat.at(seq)).toBeAttached({ timeout: 50 });
  }).toPass({ intervals: [50] });
  await chat.at(seq).scrollIntoViewIfNeeded();
  await expect(chat.at(seq)).toBeInViewport();
}

/** The message stands in view, and is told from the others. */
async function expectPlace(chat: Chat, seq: number): Promise<void> {
  await expect(chat.at(seq)).toBeInViewport({ ratio: 0.95 });
  const mark = (of: number) =>
    chat
      .at(of)
      .locator('.message-text')
      .evaluate((it) => getComputedStyle(it).outlineStyle);
  expect(await mark(seq)).not.toBe(await mark(seq > 1 ? seq - 1 : seq + 1));
}

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('it opens the room around the message, and scrolling leads on without a hole, both ways', async ({ page }) => {
      const chat = new Chat(page);
      const response = await page.goto(`/rooms/lobby/${PLACE}`);
      expect(response?.status()).toBe(200);
      await chat.lines.joined();
      await expectPlace(chat, PLACE);
      const [first, last] = await piece(page);
      expect(first).toBeGreaterThan(PLACE - 100);
      expect(last).toBeLessThan(PLACE + 100);

      await scrollTo(chat, PLACE - 150, -900);
      await scrollTo(chat, PLACE + 250, 900);
      await piece(page);
    });

    test('what is said meanwhile is counted, and the button leads to the end of the room', async ({ page, program }) => {
      const chat = new Chat(page);
      await page.goto(`/rooms/lobby/${PLACE}`);
      await chat.lines.joined();
      await expectPlace(chat, PLACE);
      await expect(page.getByRole('button', { name: ko.to_end })).toBeVisible();
      await program.say(['새로 온 말', '또 새로 온 말']);
      // It is no part of what is shown.
      const button = page.getByRole('button', { name: count(ko.new_some, 2) });
      await button.click();
      await expect(chat.message('또 새로 온 말')).toBeInViewport();
      await expect(chat.message('새로 온 말')).toBeInViewport();
      await expect(button).toBeHidden();
      await expect(page.getByRole('button', { name: ko.to_end })).toBeHidden();
      const [, last] = await piece(page);
      expect(last).toBe(LENGTH + 2);
      // What is said from here on is heard at once.
      await program.say(['이제 바로 들리는 말']);
      await expect(chat.message('이제 바로 들리는 말')).toBeInViewport();
    });

    test('the link on a page leads there without loading it anew, and Back and Forward return', async ({
      page,
      program,
    }) => {
      await program.ask([{ type: 'post', room: 'lobby', message: '옛말에 답', replyTo: PLACE }]);
      const chat = await new Chat(page).open();
      await page.evaluate(() => ((window as { isSame?: boolean }).isSame = true));
      await chat.row('옛말에 답').locator('.message-quote').click();
      await expectPlace(chat, PLACE);
      expect(new URL(page.url()).pathname).toBe(`/rooms/lobby/${PLACE}`);
      await page.goBack();
      await expect(chat.message('옛말에 답')).toBeInViewport();
      expect(new URL(page.url()).pathname).toBe('/');
      await page.goForward();
      await expectPlace(chat, PLACE);
      expect(await page.evaluate(() => (window as { isSame?: boolean }).isSame)).toBe(true);
      // From another room, too.
      await page.goto('/rooms/개발');
      await page.goBack();
      await expectPlace(chat, PLACE);
    });

    test('the mark on it fades, and its row keeps neither the focus nor its sign', async ({ page }) => {
      const chat = new Chat(page);
      await page.goto(`/rooms/lobby/${PLACE}`);
      await chat.lines.joined();
      await expectPlace(chat, PLACE);
      const text = chat.at(PLACE).locator('.message-text');
      await text.evaluate((it) => Promise.all(it.getAnimations().map((animation) => animation.finished)));
      await expect(text).toHaveCSS('outline-color', 'rgba(0, 0, 0, 0)');
      if (name === 'desktop') {
        await expect(chat.input).toBeFocused();
        await expect(chat.at(PLACE).locator('.message-more')).toHaveCSS('opacity', '0');
      }
    });

    test('it can be loaded again and stays where it is', async ({ page }) => {
      const chat = new Chat(page);
      await page.goto(`/rooms/lobby/${PLACE}`);
      await chat.lines.joined();
      await expectPlace(chat, PLACE);
      await chat.reload();
      await expectPlace(chat, PLACE);
    });

    test('the first message and the last have addresses as well', async ({ page }) => {
      const chat = new Chat(page);
      for (const seq of [1, LENGTH]) {
        await page.goto(`/rooms/lobby/${seq}`);
        await chat.lines.joined();
        await expectPlace(chat, seq);
      }
    });

    test('of a message that is not there the page says so, and leads to the room', async ({ page, quiet }) => {
      quiet.expect(REFUSED);
      const response = await page.goto(`/rooms/lobby/${LENGTH + 1}`);
      expect(response?.status()).toBe(404);
      await expect(page.getByRole('heading')).toHaveText(ko.page.no_message);
      await page.getByRole('link').first().click();
      await expect(new Chat(page).message(`${LENGTH}번째 말`)).toBeInViewport();
    });

    test('a link on the page to a message that is not there says so, and what was shown stays', async ({
      page,
      program,
    }) => {
      await program.ask([{ type: 'post', room: 'lobby', message: '옛말에 답', replyTo: PLACE }]);
      const chat = await new Chat(page).open();
      const quote = chat.row('옛말에 답').locator('.message-quote');
      await quote.evaluate((link) => link.setAttribute('href', '/rooms/lobby/9999999'));
      await quote.click();
      await expect(chat.refusal).toContainText(ko.no_such_message);
      await expect(chat.message('옛말에 답')).toBeAttached();
      // The chat goes on.
      await chat.say('그래도 말합니다');
      await chat.hears('그래도 말합니다');
      await expect(chat.refusal).toHaveText('');
    });

    test.describe('without JavaScript', () => {
      test.use({ javaScriptEnabled: false });
      test.beforeEach(({ quiet }) => quiet.expect(LOADED_IN_VAIN));

      test('it shows the message in view, and links lead on in both directions', async ({ page }) => {
        const chat = new Chat(page);
        await page.goto(`/rooms/lobby/${PLACE}`);
        await expectPlace(chat, PLACE);
        const [first, last] = await piece(page);
        expect(first).toBeLessThan(PLACE);
        expect(last).toBeGreaterThanOrEqual(PLACE);

        await page.getByRole('link', { name: ko.older }).click();
        await expect(chat.at(first - 1)).toBeAttached();
        expect((await piece(page))[1]).toBe(first - 1);
        await page.getByRole('link', { name: ko.newer }).click();
        await expect(chat.at(first)).toBeAttached();
        expect((await piece(page))[0]).toBe(first);
        await page.goBack();
        await page.goBack();
        await page.getByRole('link', { name: ko.newer }).click();
        await expect(chat.at(last + 1)).toBeAttached();
        expect((await piece(page))[0]).toBe(last + 1);
      });
    });
  });
}
