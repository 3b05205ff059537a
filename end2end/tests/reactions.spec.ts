/** Reactions to messages. */

import type { Locator } from '@playwright/test';

import { expect, test } from './support/madang.ts';
import { react } from './support/messages.ts';
import { here } from './support/people.ts';
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
      // A button's title has the names that are known when it is drawn.
      await expect(here(mina).filter({ hasText: '주노' })).toHaveCount(1);
      await expect(here(juno).filter({ hasText: '미나' })).toHaveCount(1);
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
