import type { Page } from '@playwright/test';

import { Chat, expect, LOADED_IN_VAIN, REFUSED, test } from './support/madang.ts';
import { overflowPx, shifts, watchShifts } from './support/layout.ts';
import { en, ko, LANGUAGE_NAMES, pattern } from './support/words.ts';

const DARK = 'rgb(24, 23, 21)';
const LIGHT = 'rgb(250, 249, 246)';

/** Opens the settings and presses a button in them; the page comes back. */
async function choose(page: Page, settings: string, choice: string): Promise<void> {
  await page.getByRole('button', { name: settings, exact: true }).click();
  await Promise.all([page.waitForNavigation(), page.getByRole('button', { name: choice, exact: true }).click()]);
}

async function background(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with its script' : 'without its script', () => {
    test.use({ javaScriptEnabled });

    test.beforeEach(({ quiet }) => quiet.expect(LOADED_IN_VAIN));

    test('the language is chosen in the settings and stays, in this room and the next', async ({ page }) => {
      await page.goto(`/rooms/${encodeURIComponent('개발')}`);
      await expect(page.getByRole('heading', { name: ko.heading })).toBeVisible();
      await choose(page, ko.settings, LANGUAGE_NAMES.en);
      expect(decodeURIComponent(new URL(page.url()).pathname)).toBe('/rooms/개발');
      await expect(page.getByRole('heading', { name: en.heading })).toBeVisible();
      await expect(page.getByPlaceholder(en.placeholder)).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', 'en');
      await expect(page).toHaveTitle(`개발 · ${en.heading}`);
      await page.reload();
      await expect(page.getByRole('button', { name: en.send })).toBeVisible();
      await page.getByRole('link', { name: en.to_lobby }).click();
      await expect(page.getByText(en.empty_title)).toBeVisible();
      await choose(page, en.settings, LANGUAGE_NAMES.ko);
      await expect(page.getByRole('heading', { name: ko.heading })).toBeVisible();
    });

    test('the theme is chosen in the settings and stays, whatever the system says', async ({ page }) => {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto('/');
      expect(await page.locator('html').getAttribute('data-theme')).toBe('system');
      await choose(page, ko.settings, ko.page.theme_dark);
      await expect.poll(() => background(page)).toBe(DARK);
      await page.reload();
      expect(await background(page)).toBe(DARK);
      await choose(page, ko.settings, ko.page.theme_light);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await background(page)).toBe(LIGHT);
      await choose(page, ko.settings, ko.page.theme_system);
      expect(await background(page)).toBe(DARK);
    });

    test('on a phone, rooms and settings are behind a button, and Esc leaves them', async ({ page }) => {
      await page.setViewportSize({ width: 320, height: 568 });
      await page.goto('/');
      const rooms = page.getByRole('navigation', { name: ko.rooms });
      const open = page.getByRole('button', { name: ko.rooms });
      await expect(rooms).toBeHidden();
      await open.click();
      await expect(rooms.getByRole('link', { name: ko.lobby })).toBeInViewport({ ratio: 1 });
      await rooms.getByRole('button', { name: ko.settings }).click();
      const settings = page.locator('#settings');
      await expect(settings).toBeInViewport({ ratio: 1 });
      expect(await overflowPx(page)).toBe(0);
      await page.keyboard.press('Escape');
      await expect(settings).toBeHidden();
      await page.keyboard.press('Escape');
      await expect(rooms).toBeHidden();
      await expect(open).toBeFocused();
    });
  });
}

test.describe('in an English browser', () => {
  test.use({ locale: 'en-GB' });

  test('the page is in English, what it says later too', async ({ page }) => {
    await page.goto('/');
    const input = page.getByPlaceholder(en.placeholder);
    await expect(page.getByText(en.live)).toBeVisible();
    await input.fill('가'.repeat(4_001));
    await page.getByRole('button', { name: en.send }).click();
    await expect(page.getByRole('alert')).toHaveText(en.too_long);
    await input.fill('hello');
    await input.press('Enter');
    await expect(page.locator('.message:not(.message-pending) .message-author')).toHaveText(pattern(en.guest_named));
    const text = await page.locator('body').evaluate((body) => {
      // The name of the language itself is what it is.
      for (const own of body.querySelectorAll('[lang="ko"], script')) own.remove();
      const words = [...body.querySelectorAll('*')].flatMap((element) =>
        ['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name) ?? ''),
      );
      return [body.textContent, ...words].join('\n');
    });
    expect(text).not.toMatch(/\p{Script=Hangul}/u);
  });

  test('an address with nothing behind it says so in English', async ({ page, quiet }) => {
    quiet.expect(REFUSED);
    const answer = await page.goto('/nothing');
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { name: en.page.nothing_here })).toBeVisible();
    await page.getByRole('link', { name: en.page.to_lobby }).click();
    await expect(page).toHaveURL('/');
  });
});

test('what is being written survives a change of the language', async ({ chat }) => {
  await chat.input.fill('쓰던 말');
  await choose(chat.page, ko.settings, LANGUAGE_NAMES.en);
  await expect(chat.page.getByPlaceholder(en.placeholder)).toHaveValue('쓰던 말');
});

test('nothing moves on load in the other language and theme either', async ({ page, program }) => {
  await program.say(Array.from({ length: 30 }, (_, number) => `${number}번째 말`));
  await page.request.post('/me/language', { form: { language: 'en' } });
  await page.request.post('/me/theme', { form: { theme: 'dark' } });
  await watchShifts(page);
  await page.goto('/');
  await expect(page.getByText(en.live)).toBeVisible();
  expect(await shifts(page)).toEqual([]);
  expect(await background(page)).toBe(DARK);
  await expect(new Chat(page).said).toHaveCount(30);
});
