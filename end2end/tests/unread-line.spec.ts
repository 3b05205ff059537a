/** The line above the first unread message. */

import { expect, test } from './support/madang.ts';
import { enter, follow, roomLink, unread } from './support/room-list.ts';
import { sayings } from './support/sayings.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('a line stands where reading ended', async ({ person, program }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await program.say(sayings(3), '개발');
      await expect(unread(mina, '개발')).toHaveText('3');
      await enter(mina, '개발');
      const line = mina.page.locator('.unread');
      await expect(mina.row('1번째 말').locator('.unread')).toHaveText(ko.unread_from_here);
      await expect(line).toHaveCount(1);
      await expect(unread(mina, '개발'), 'it is read now').toHaveCount(0);
      await expect(line, 'the line stays where it was').toHaveCount(1);
      await mina.say('다 읽었어요');
      await mina.hears('다 읽었어요');
      await expect(line).toHaveCount(0);
    });

    test('the line goes with the message it stands above, and moves to no other', async ({ person, program }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await program.say(sayings(3), '개발');
      await expect(unread(mina, '개발')).toHaveText('3');
      await enter(mina, '개발');
      await expect(mina.row('1번째 말').locator('.unread')).toBeVisible();
      await program.say(Array.from({ length: 160 }, (_, at) => `${at + 4}번째 말`), '개발');
      await expect(mina.message('163번째 말')).toBeInViewport();
      await expect(mina.message('1번째 말')).toHaveCount(0);
      await expect(mina.page.locator('.unread')).toHaveCount(0);
    });

    test('it stands there on load too, and more than a page of unread messages is read from its begin', async ({
      person,
      program,
    }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await program.say(sayings(120), '개발');
      await expect(unread(mina, '개발')).toHaveText('99+');
      await mina.open('개발');
      await expect(mina.message('120번째 말')).toBeInViewport();
      const jump = mina.page.getByRole('button', { name: ko.to_first_unread });
      await jump.click();
      await expect(mina.row('1번째 말').locator('.unread')).toBeInViewport();
      await expect(mina.page.locator('.unread')).toHaveCount(1);
      await expect(jump).toBeHidden();
      // From there one reads on to the end.
      const end = mina.page.locator('.jump-end');
      await expect(end).toBeVisible();
      await end.click();
      await expect(mina.message('120번째 말')).toBeInViewport();
      await expect(end).toBeHidden();
    });

    test('what is marked as unread is unread again, on another device too', async ({ person, program }) => {
      const mina = await person(use);
      await mina.say('시작');
      await mina.hears('시작');
      await program.say(sayings(5));
      await mina.hears('5번째 말');
      await expect(unread(mina, ko.lobby)).toHaveCount(0);
      const storageState = await mina.page.context().storageState();
      const elsewhere = await person({ ...use, storageState, room: '개발' });
      const beside = await person({ ...use, storageState });
      await expect(roomLink(elsewhere, ko.lobby)).toHaveCount(1);
      await beside.hears('5번째 말');
      // It is told a few seconds after it was seen, here and there: what is told after the mark would undo it.
      const known = () => beside.page.evaluate(async () => (await (await fetch('/api/v1/rooms')).json()).rooms[0].unread);
      await expect.poll(known).toBe(0);

      await mina.choose('3번째 말', ko.page.mark_unread);
      await expect(mina.row('3번째 말').locator('.unread')).toBeVisible();
      for (const device of [mina, elsewhere, beside]) await expect(unread(device, ko.lobby)).toHaveText('3');
      await enter(elsewhere, ko.lobby);
      await expect(elsewhere.row('3번째 말').locator('.unread')).toBeVisible();
      await expect(unread(mina, ko.lobby), 'read on the other device').toHaveCount(0);
    });
  });
}
