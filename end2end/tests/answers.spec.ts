/** Answers and what they quote. */

import { expect, test } from './support/madang.ts';
import { edit } from './support/messages.ts';
import { SIZES } from './support/sizes.ts';
import { fill, ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('an answer shows what it answers, and leads there', async ({ person, program }) => {
      await program.isCalled('하나');
      await program.say(['물어봅니다\n둘째 줄']);
      const [mina, juno] = [await person(), await person()];
      await mina.choose(mina.at(1), ko.page.reply);
      await expect(mina.page.getByText(fill(ko.replying_to, '하나'))).toBeVisible();
      await expect(mina.input).toBeFocused();
      await mina.say('대답합니다');
      await expect(mina.page.getByText(fill(ko.replying_to, '하나'))).toBeHidden();
      await juno.hears('대답합니다');
      for (const one of [mina, juno]) {
        const quote = one.row('대답합니다').locator('.message-quote');
        await expect(quote).toHaveText('하나 물어봅니다 둘째 줄');
        await expect(quote).toHaveAttribute('href', '/rooms/lobby/1');
      }
      // What is given up is an ordinary message.
      await mina.choose(mina.at(1), ko.page.reply);
      await mina.page.keyboard.press('Escape');
      await mina.say('그냥 하는 말');
      await juno.hears('그냥 하는 말');
      await expect(juno.row('그냥 하는 말').locator('.message-quote')).toHaveCount(0);
      // What is quoted follows its original.
      await edit(mina, '대답합니다', '고친 대답');
      await juno.hears('고친 대답');
      await juno.choose('고친 대답', ko.page.reply);
      await juno.say('거기에 답');
      await edit(mina, mina.at(2), '다시 고친 대답');
      for (const one of [mina, juno]) {
        await expect(one.row('거기에 답').locator('.message-quote')).toContainText('다시 고친 대답');
      }
    });

    test('a quotation leads to its message however old that is, and Back leads back', async ({ person, program }) => {
      await program.say(Array.from({ length: 400 }, (_, number) => `${number + 1}번째 말`));
      await program.ask([{ type: 'post', room: 'lobby', message: '옛말에 답', replyTo: 7 }]);
      const chat = await person();
      await expect(chat.message('7번째 말')).toHaveCount(0);
      await chat.row('옛말에 답').locator('.message-quote').click();
      await expect(chat.message('7번째 말')).toBeInViewport();
      await expect(chat.at(7)).toHaveAttribute('data-here', '');
      expect(new URL(chat.page.url()).pathname).toBe('/rooms/lobby/7');
      await chat.page.goBack();
      await expect(chat.message('옛말에 답')).toBeInViewport();
      expect(new URL(chat.page.url()).pathname).toBe('/');
    });
  });
}
