/** Finding a room, making one, and switching by keyboard. */

import { hold } from './support/held.ts';
import { expect, test } from './support/madang.ts';
import { address, enter, follow, openFinder, roomLink } from './support/room-list.ts';
import { SIZES } from './support/sizes.ts';
import { fill, ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('a room is made by looking for it, and found by a part of its name', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      const making = await openFinder(mina);
      await making.getByRole('searchbox').fill('봄-소풍');
      await making.getByRole('link', { name: fill(ko.page.make_room, '봄-소풍') }).click();
      await expect(making).toBeHidden();
      await expect(mina.page).toHaveURL(address('봄-소풍'));
      await expect(mina.page.getByRole('heading', { level: 1 })).toBeVisible();
      await mina.say('첫 말');
      await mina.hears('첫 말');
      await expect(roomLink(mina, '봄-소풍')).toHaveAttribute('aria-current', 'page');

      const finding = await openFinder(juno);
      await finding.getByRole('searchbox').fill('소풍');
      await finding.getByRole('link', { name: '# 봄-소풍' }).click();
      await expect(juno.page).toHaveURL(address('봄-소풍'));
      await juno.hasHeard(['첫 말']);

      // Whoever has been there finds it in the list again.
      await enter(juno, ko.lobby);
      await expect(roomLink(juno, '봄-소풍')).toHaveCount(1);
    });

    test('one who writes a name and presses Enter goes there, however late the answer is', async ({ person }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      const finder = await openFinder(mina);
      const release = await hold(mina.page, '**/parts/found*');
      await finder.getByRole('searchbox').fill('새-방');
      await mina.page.keyboard.press('Enter');
      release();
      await expect(mina.page).toHaveURL(address('새-방'));
      await expect(finder).toBeHidden();
    });

    test('what is no room’s name is explained and makes no room', async ({ person }) => {
      const mina = await person(use);
      const finder = await openFinder(mina);
      await finder.getByRole('searchbox').fill('없는 방!');
      await expect(finder.locator('#found')).toContainText(ko.page.room_name_rule);
      await expect(finder.locator('#found').getByRole('link')).toHaveCount(0);
      await mina.page.keyboard.press('Enter');
      await expect(finder, 'there is nowhere to go').toBeVisible();
      expect(new URL(mina.page.url()).pathname).toBe('/');
    });
  });
}

test.describe('by keyboard', () => {
  for (const command of ['Control', 'Meta']) {
    test(`${command}+K opens the switcher, and arrows and Enter go to a room`, async ({ person, program }) => {
      await program.say(['개발의 말'], '개발');
      const mina = await person();
      await follow(mina, '개발', '점심');
      await mina.input.focus();
      await mina.page.keyboard.press(`${command}+k`);
      const dialog = mina.page.getByRole('dialog', { name: ko.page.find_rooms });
      await expect(dialog.getByRole('searchbox')).toBeFocused();
      const links = dialog.locator('#found').getByRole('link');
      await expect(links).toHaveCount(3);
      await mina.page.keyboard.press('ArrowDown');
      await expect(links.nth(0), 'from the field the arrow leads to the rooms').toBeFocused();
      await mina.page.keyboard.press('ArrowDown');
      await expect(links.nth(1)).toBeFocused();
      await mina.page.keyboard.press('ArrowUp');
      await expect(links.nth(0)).toBeFocused();
      for (let presses = 0; presses < 3; presses += 1) {
        if (/개발/.test(await links.nth(presses).innerText())) break;
        await mina.page.keyboard.press('ArrowDown');
      }
      await mina.page.keyboard.press('Enter');
      await expect(dialog).toBeHidden();
      await expect(mina.page).toHaveURL(address('개발'));
      await mina.hears('개발의 말');
      await expect(mina.input).toBeFocused();
    });
  }

  test('Enter in the switcher goes to the first room that was found, and Esc goes nowhere', async ({ person }) => {
    const mina = await person();
    await follow(mina, '개발', '점심');
    await mina.input.focus();
    await mina.page.keyboard.press('Control+k');
    const dialog = mina.page.getByRole('dialog', { name: ko.page.find_rooms });
    await dialog.getByRole('searchbox').pressSequentially('점');
    await expect(dialog.locator('#found').getByRole('link', { name: '# 점심' })).toBeVisible();
    await mina.page.keyboard.press('Enter');
    await expect(mina.page).toHaveURL(address('점심'));
    await expect(mina.input).toBeFocused();
    await mina.page.keyboard.press('Control+k');
    await expect(dialog.getByRole('searchbox')).toBeFocused();
    await mina.page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(mina.page).toHaveURL(address('점심'));
    await expect(mina.input).toBeFocused();
  });
});
