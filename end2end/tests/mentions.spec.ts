/** Names completed in the input, and marked in messages. */

import { expect, test } from './support/madang.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('a name is completed while it is being written, by keys and by pressing it, and is marked', async ({
      person,
      program,
    }) => {
      await program.isCalled('한 글');
      await program.say(['제 이름에는 빈칸이 있어요']);
      const [mina, juno, jury] = [await person(), await person(), await person()];
      await juno.nameSelf('주노');
      await juno.say('주노예요');
      await jury.nameSelf('Jury');
      await jury.say('Jury예요');
      await mina.nameSelf('주인');
      await mina.hears('Jury예요');
      await mina.hears('주노예요');
      const list = mina.page.getByRole('listbox', { name: ko.mention });
      const options = list.getByRole('option');
      const { keyboard } = mina.page;
      await mina.input.click();

      // One’s own name is not among them. One of two words is, by either, and while a syllable is being composed.
      await keyboard.type('안녕 @');
      await expect(options).toHaveCount(3);
      for (const begun of ['ㅎ', '하', '한', '한 ', '한 그', '글', 'ㅎ ㄱ']) {
        await mina.input.fill(`안녕 (@${begun}`);
        await expect(options).toHaveText(['한 글']);
      }
      await mina.input.fill('안녕 @');
      await keyboard.press('End');
      await keyboard.type('주');
      await expect(options).toHaveText(['주노']);
      await expect(options).toHaveAttribute('aria-selected', 'true');
      await expect(mina.input).toHaveAttribute('aria-activedescendant', (await options.getAttribute('id')) ?? 'none');
      await keyboard.press('Tab');
      await expect(mina.input).toHaveValue('안녕 @주노 ');
      await expect(list).toBeHidden();
      await expect(mina.input).toBeFocused();

      // Arrows choose, and go around; Enter takes what is chosen and sends nothing.
      await keyboard.type('@');
      await expect(options).toHaveCount(3);
      const names = await options.allInnerTexts();
      const selected = list.locator('[aria-selected="true"]');
      await expect(selected).toHaveText(names[0] ?? '');
      await keyboard.press('ArrowDown');
      await expect(selected).toHaveText(names[1] ?? '');
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowDown');
      await expect(selected).toHaveText(names[0] ?? '');
      await keyboard.press('ArrowUp');
      await expect(selected).toHaveText(names[2] ?? '');
      await keyboard.press('Enter');
      await expect(mina.input).toHaveValue(`안녕 @주노 @${names[2]} `);

      // What a name was put in for can be undone, as what is typed by hand.
      for (let presses = 0; presses < 30; presses += 1) await keyboard.press('ControlOrMeta+z');
      await expect(mina.input).not.toHaveValue(/@주노/);
      await expect(mina.said).toHaveCount(3);

      // Esc leaves the text; what is no name’s beginning offers nothing.
      await mina.input.fill('');
      await keyboard.type('@ju');
      await expect(options).toHaveText(['Jury']);
      await keyboard.press('Escape');
      await expect(list).toBeHidden();
      await expect(mina.input).toHaveValue('@ju');
      await mina.input.fill('');
      await keyboard.type('나@주');
      await expect(list).toBeHidden();

      // In the middle of what is written, by pressing it.
      await mina.input.fill('');
      await keyboard.type(' 뒤의 말');
      await keyboard.press('Home');
      await keyboard.type('@주');
      await expect(options).toHaveText(['주노']);
      await (use.hasTouch ? options.tap() : options.click());
      await expect(mina.input).toHaveValue('@주노  뒤의 말');
      await expect(mina.input).toBeFocused();
      await keyboard.type('님');
      await expect(mina.input).toHaveValue('@주노 님 뒤의 말');
      await mina.button.click();
      for (const one of [mina, juno]) {
        await expect(one.said).toHaveCount(4);
        await expect(one.said.last().locator('.mention')).toHaveText('@주노');
      }
      await expect(juno.page.locator('.mention')).toBeVisible();
    });
  });
}
