/**
 * The words themselves. Every other spec takes them from the product's tables; here they are written out, so that a
 * change of a table that must not happen is seen.
 */

import { expect, test } from './support/madang.ts';
import { here, openOwnName, typing } from './support/people.ts';
import { SIZES } from './support/sizes.ts';

test('the page has the heading, the placeholder and the button of the original component', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '채팅방' })).toBeVisible();
  await expect(page.getByPlaceholder('메시지를 입력하세요')).toBeVisible();
  await expect(page.getByRole('button', { name: '보내기' })).toBeVisible();
});

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('a Korean particle fits the name that it follows', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      const sentences = [
        ['민수', '민수가 입력 중…'],
        ['지훈', '지훈이 입력 중…'],
        ['Kim', 'Kim이 입력 중…'],
        ['R2D2', 'R2D2가 입력 중…'],
        ['7', '7이 입력 중…'],
      ] as const;
      for (const [called, sentence] of sentences) {
        const input = await openOwnName(juno);
        await input.fill(called);
        await juno.page.keyboard.press('Enter');
        await expect(here(mina).filter({ hasText: called })).toHaveCount(1);
        await juno.input.pressSequentially('음');
        await expect(typing(mina)).toHaveText(sentence);
        await juno.input.fill('');
        await expect(typing(mina)).toHaveText('');
      }
    });
  });
}
