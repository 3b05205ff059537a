/** Reactions to messages. */

import type { Locator } from '@playwright/test';

import { expect, test } from './support/madang.ts';
import { react } from './support/messages.ts';
import { SIZES } from './support/sizes.ts';
import { EMOJI_NAMES, ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** What a person's reaction to a message is called, with how many they are. */
function reaction(row: Locator, emoji: string): Locator {
  return row.locator(`.reaction[data-emoji="${emoji}"]`);
}

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('emoji are put to a message, counted, and taken back, each by whoever put it there', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.nameSelf('미나');
      await juno.nameSelf('주노');
      await mina.say('어때요');
      await juno.hears('어때요');
      await react(juno, '어때요', '👍');
      const [hers, his] = [mina, juno].map((one) => reaction(one.row('어때요'), '👍'));
      if (!hers || !his) throw new Error('there are two');
      await expect(his).toHaveAttribute('aria-pressed', 'true');
      await expect(hers).toHaveText('👍 1');
      await expect(hers).toHaveAttribute('aria-pressed', 'false');
      await hers.click();
      for (const button of [hers, his]) {
        await expect(button).toHaveText('👍 2');
        await expect(button).toHaveAttribute('aria-pressed', 'true');
        await expect(button).toHaveAttribute('title', '주노, 미나');
      }
      await his.click();
      await expect(his).toHaveText('👍 1');
      await expect(his).toHaveAttribute('aria-pressed', 'false');
      await expect(hers).toHaveText('👍 1');
      await expect(hers).toHaveAttribute('aria-pressed', 'true');
      await juno.reload();
      await expect(his).toHaveText('👍 1');
      await expect(his).toHaveAttribute('aria-pressed', 'false');
      await hers.click();
      for (const one of [mina, juno]) await expect(one.page.locator('.reaction')).toHaveCount(0);
    });

    test('any other emoji is chosen from a list', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('어때요');
      await juno.hears('어때요');
      for (const name of Object.values(EMOJI_NAMES)) {
        await juno.choose('어때요', ko.page.more_emoji);
        const dialog = juno.page.getByRole('dialog', { name: ko.page.emoji });
        await dialog.getByRole('button', { name, exact: true }).click();
        await expect(dialog).toBeHidden();
      }
      for (const one of [mina, juno]) await expect(one.page.locator('.reaction')).toHaveText(['🚀 1', '🔥 1']);
    });
  });
}

test('the emoji are looked through by what they are called, in both languages, and gone through by the arrows', async ({
  chat,
  program,
}) => {
  await program.say(['어때요']);
  await chat.hears('어때요');
  await chat.choose('어때요', ko.page.more_emoji);
  const dialog = chat.page.getByRole('dialog', { name: ko.page.emoji });
  const shown = dialog.locator('.emoji-group button:visible');
  const search = dialog.getByRole('searchbox', { name: ko.page.emoji_to_find });
  await expect(search).toBeFocused();
  const all = await shown.count();
  await search.fill('로켓');
  await expect(shown).toHaveText(['🚀']);
  await search.fill('ROCK');
  await expect(shown).toHaveText(['🚀']);
  await search.fill('그런 것 없음');
  await expect(dialog.getByText(ko.page.no_emoji)).toBeVisible();
  await search.fill('하트');
  await expect(dialog.getByText(ko.page.no_emoji)).toBeHidden();
  await chat.page.keyboard.press('ArrowDown');
  await expect(shown.first()).toBeFocused();
  await chat.page.keyboard.press('ArrowRight');
  await expect(shown.nth(1)).toBeFocused();
  await chat.page.keyboard.press('ArrowLeft');
  await chat.page.keyboard.press('ArrowUp');
  await expect(search).toBeFocused();
  await search.fill('');
  await expect(shown).toHaveCount(all);
  await chat.page.keyboard.press('ArrowDown');
  const [first, below] = [shown.first(), chat.page.locator(':focus')];
  await expect(first).toBeFocused();
  const top = (await first.boundingBox())?.y ?? 0;
  await chat.page.keyboard.press('ArrowDown');
  expect((await below.boundingBox())?.y).toBeGreaterThan(top);
  expect((await below.boundingBox())?.x).toBeCloseTo((await first.boundingBox())?.x ?? 0, 0);
  // The one that is found first is chosen by Enter.
  await search.fill('폭죽 아닌 축하');
  await search.fill('로켓');
  await chat.page.keyboard.press('Enter');
  await expect(reaction(chat.row('어때요'), '🚀')).toHaveText('🚀 1');
});

test('what one has used last is at hand: in the menu, and beside the message that the mouse points at', async ({
  chat,
  program,
}) => {
  await program.say(['앞선 말', '어때요']);
  await chat.hears('어때요');
  await chat.choose('어때요', ko.page.more_emoji);
  await chat.page.getByRole('dialog').getByRole('button', { name: EMOJI_NAMES['🚀'], exact: true }).click();
  await expect(reaction(chat.row('어때요'), '🚀')).toHaveText('🚀 1');
  await chat.reload();
  await chat.message('앞선 말').hover();
  const bar = chat.row('앞선 말').locator('.bar');
  await bar.getByRole('button', { name: EMOJI_NAMES['🚀'], exact: true }).click();
  await expect(reaction(chat.row('앞선 말'), '🚀')).toHaveText('🚀 1');
  // Where they are they stay while the page is open, wherever the pointer is on its way to.
  await chat.message('앞선 말').hover();
  await expect(bar).toHaveCount(1);
  const places = await bar.locator('[data-emoji]').allInnerTexts();
  await bar.locator('[data-emoji]').last().click();
  await expect(chat.row('앞선 말').locator('.reaction')).toHaveCount(2);
  await chat.message('앞선 말').hover();
  await expect(bar.locator('[data-emoji]')).toHaveText(places);
  await chat.reload();
  const menu = await chat.openMenu('어때요');
  await expect(menu.locator('[data-emoji]').first()).toHaveText(places.at(-1) ?? '');
  await expect(menu.locator('[data-emoji]').nth(1)).toHaveText('🚀');
  await expect(menu.locator('[data-emoji]')).toHaveCount(6);
  await chat.page.keyboard.press('Escape');
  await chat.message('앞선 말').hover();
  await bar.getByRole('button', { name: ko.page.reply }).click();
  await expect(chat.page.locator('.intent')).toBeVisible();
});
