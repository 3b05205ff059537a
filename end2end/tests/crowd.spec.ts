/** Many people in one room: the page is told how many they are, and who they are when one asks. */

import type { Locator } from '@playwright/test';

import { focusIsSomewhere } from './support/focus.ts';
import { type Chat, expect, test } from './support/madang.ts';
import { CROWD, CROWD_NAMES, crowd, crowdSize, here } from './support/people.ts';
import { SIZES } from './support/sizes.ts';
import { en, ko } from './support/words.ts';

/** The way to the list. */
function way(chat: Chat): Locator {
  return chat.page.locator('.people').getByRole('link', { name: ko.who_is_here });
}

/** The names in a list, as a Korean looks for them. */
const IN_KOREAN = ['가람', '다은', 'Émile', 'Zoe'];

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('a crowd is counted, and its list is there when one asks, by keyboard too', async ({ madang, person }) => {
      const mina = await person(use);
      await mina.nameSelf('민아');
      await expect(here(mina)).toHaveText(['민아']);
      await expect(way(mina)).toHaveCount(0);

      const clients = await crowd(madang);
      await expect.poll(() => crowdSize(mina), { timeout: 30_000 }).toBe(CROWD + 1);
      await mina.openPeople();
      await expect(way(mina)).toBeVisible();
      await expect(here(mina)).toHaveCount(0);

      const open = async () => {
        await way(mina).focus();
        await mina.page.keyboard.press('Enter');
      };
      await open();
      const dialog = mina.page.getByRole('dialog', { name: `${ko.here_now} ${CROWD + 1}` });
      await expect(dialog).toBeVisible();
      const names = dialog.locator('.person-name');
      await expect(names).toHaveCount(CROWD + 1);
      expect((await names.allTextContents()).slice(0, 5)).toEqual(['민아', ...IN_KOREAN]);
      await expect(dialog.locator('.person').first().getByText(ko.me, { exact: true })).toBeVisible();
      await expect(dialog.locator('.person-me')).toHaveCount(1);

      await mina.page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      // Where the people are over the page, they are put away when the list opens.
      const isBeside = name === 'desktop';
      await expect(isBeside ? way(mina) : mina.page.getByRole('button', { name: ko.people })).toBeFocused();

      // The count is drawn anew meanwhile.
      await mina.openPeople();
      await open();
      await expect(dialog).toBeVisible();
      clients.push(...(await crowd(madang, CROWD_NAMES.length)));
      await expect.poll(() => crowdSize(mina), { timeout: 30_000 }).toBeGreaterThan(CROWD + 1);
      await mina.page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      if (isBeside) await expect(way(mina)).toBeFocused();
      await focusIsSomewhere(mina.page);
      for (const client of clients) client.close();
    });

    test('from the list one goes to somebody’s card', async ({ madang, person }) => {
      const mina = await person(use);
      const clients = await crowd(madang);
      await mina.openPeople();
      await way(mina).click();
      await mina.page.getByRole('dialog').getByRole('link', { name: '가람' }).click();
      await expect(mina.page.getByRole('dialog', { name: '가람' })).toBeVisible();
      await mina.page.getByRole('dialog').getByRole('button', { name: ko.page.call }).click();
      await expect(mina.input).toHaveValue('@가람 ');
      for (const client of clients) client.close();
    });
  });
}

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false, locale: 'en-US' });

  test('the list is a page, in one’s own language', async ({ page, madang }) => {
    const clients = await crowd(madang);
    await page.goto('/people/lobby');
    await page.getByRole('link', { name: en.here_now }).click();
    await expect(page.getByRole('heading', { name: `${en.here_now} ${CROWD}` })).toBeVisible();
    const names = page.locator('.person-name');
    await expect(names).toHaveCount(CROWD);
    expect((await names.allTextContents()).slice(0, 4)).toEqual(['Émile', 'Zoe', '가람', '다은']);
    await page.getByRole('link', { name: 'Zoe' }).click();
    await expect(page.getByRole('heading', { name: 'Zoe' })).toBeVisible();
    await page.getByRole('link', { name: en.here_now }).click();
    await page.getByRole('link', { name: en.page.go_back }).click();
    await expect(page.locator('form.composer')).toBeVisible();
    for (const client of clients) client.close();
  });
});
