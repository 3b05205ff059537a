import { expect, test } from '@playwright/test';

import { CARGO_LEPTOS, Watch } from './watch.ts';

/** From saving a file to seeing it, on a slow machine: a debug build of what was edited. */
const SEEN_MS_MAX = 240_000;

test.describe('cargo leptos watch', () => {
  // It builds everything first, unless it has done so before.
  test.describe.configure({ timeout: 1_500_000 });
  test.skip(!CARGO_LEPTOS, 'CARGO_LEPTOS_PATH names no cargo-leptos; `cargo xtask test watch` does');

  let watch: Watch;
  test.beforeAll(async () => {
    test.setTimeout(1_000_000);
    watch = await Watch.start(CARGO_LEPTOS ?? '');
  });
  test.afterEach(async ({}, testInfo) => {
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('watch.log', { body: watch.tail(), contentType: 'text/plain' });
    }
  });
  test.afterAll(async () => watch?.dispose());

  test('shows an edited component and an edited style in a page that is open', async ({ page }) => {
    await page.goto(watch.url);
    const room = page.locator('main.room');
    await expect(room).toBeVisible();
    await expect(page.locator('.composer-input')).toBeEditable();

    const edited = page.locator('main.room[data-edited="yes"]');
    await watch.edit('app/src/chat_app.rs', (text) =>
      text.replace('<main class="room">', '<main class="room" data-edited="yes">'),
    );
    await expect(edited, 'the edited component').toBeVisible({ timeout: SEEN_MS_MAX });

    const style = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--edited').trim());
    expect(await style()).toBe('');
    await watch.edit('style/base.css', (text) => `${text}\n:root { --edited: once; }\n`);
    await expect.poll(style, { message: 'the edited style', timeout: SEEN_MS_MAX }).toBe('once');
    await watch.edit('style/base.css', (text) => text.replace('--edited: once', '--edited: twice'));
    await expect.poll(style, { message: 'the style edited again', timeout: SEEN_MS_MAX }).toBe('twice');

    await page.reload();
    expect(await style(), 'after a reload').toBe('twice');
    await expect(edited).toBeVisible();
  });
});
