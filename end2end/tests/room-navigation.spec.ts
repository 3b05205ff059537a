/** Going from room to room without loading the page again. */

import { expect, test } from './support/madang.ts';
import { address, enter, follow } from './support/room-list.ts';
import { sayings } from './support/sayings.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

declare global {
  interface Window {
    /** Set by a test; gone when the document is another one. */
    isSameDocument?: true;
  }
}

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('going from room to room keeps the page and its connection', async ({ person, program }) => {
      await program.say(['개발의 말'], '개발');
      await program.say(['로비의 말']);
      const mina = await person(use);
      await follow(mina, '개발');
      await mina.page.evaluate(() => (window.isSameDocument = true));
      const sockets = mina.lines.all.length;

      await enter(mina, '개발');
      await mina.hears('개발의 말');
      await expect(mina.page).toHaveTitle(`개발 · ${ko.heading}`);
      await expect(mina.message('로비의 말')).toHaveCount(0);
      await mina.page.goBack();
      await mina.hears('로비의 말');
      await expect(mina.page).toHaveURL('/');
      await expect(mina.page).toHaveTitle(ko.heading);
      await mina.page.goForward();
      await mina.hears('개발의 말');
      await expect(mina.page).toHaveURL(address('개발'));
      await program.say(['지금 온 말'], '개발');
      await mina.hears('지금 온 말');
      await mina.say('여기서 답해요');
      await mina.hears('여기서 답해요');

      expect(await mina.page.evaluate(() => window.isSameDocument)).toBe(true);
      expect(mina.lines.all).toHaveLength(sockets);
    });

    test('Back and Forward go to the messages that were gone to, and away from them', async ({ person, program }) => {
      const [first] = await program.say(sayings(200));
      await program.ask([{ type: 'post', room: 'lobby', message: '답이에요', replyTo: first }]);
      await program.say(['개발의 말'], '개발');
      const mina = await person(use);
      await follow(mina, '개발');
      await mina.page.evaluate(() => (window.isSameDocument = true));
      await mina.row('답이에요').locator('.message-quote').click();
      await expect(mina.message('1번째 말')).toBeInViewport();
      await expect(mina.page).toHaveURL(`/rooms/lobby/${first}`);
      await enter(mina, '개발');
      await mina.hears('개발의 말');
      await mina.page.goBack();
      await expect(mina.message('1번째 말')).toBeInViewport();
      await expect(mina.message('답이에요')).toHaveCount(0);
      await mina.page.goBack();
      await expect(mina.page).toHaveURL('/');
      await expect(mina.message('답이에요')).toBeInViewport();
      await mina.page.goForward();
      await expect(mina.message('1번째 말')).toBeInViewport();
      expect(await mina.page.evaluate(() => window.isSameDocument)).toBe(true);
      await mina.reload();
      await expect(mina.message('1번째 말')).toBeInViewport();
    });

    test('Back to a room leads to where one was in it', async ({ person, program }) => {
      await program.say(sayings(200));
      await program.say(['개발의 말'], '개발');
      const mina = await person(use);
      await follow(mina, '개발');
      await mina.timeline.evaluate((it) => it.scrollBy(0, -1_500));
      const place = () => mina.timeline.evaluate((it) => Math.round(it.scrollTop));
      const middle = () =>
        mina.timeline.evaluate((it) => {
          const box = it.getBoundingClientRect();
          const rows = [...it.querySelectorAll('.message')];
          return rows.find((row) => row.getBoundingClientRect().bottom > box.y + box.height / 2)?.id;
        });
      await expect.poll(place).toBeLessThan(-1_000);
      const row = mina.page.locator(`#${await middle()}`);
      const { y } = (await row.boundingBox()) ?? { y: 0 };
      await enter(mina, '개발');
      await mina.hears('개발의 말');
      await mina.page.goBack();
      await expect(row).toBeInViewport();
      await expect.poll(async () => Math.abs(((await row.boundingBox())?.y ?? 0) - y)).toBeLessThan(2);
      // It is a place, not a message that was asked for.
      await expect(mina.page.locator('[data-here]')).toHaveCount(0);
      await expect(mina.refusal).toHaveText('');
    });

    test('the address of a message of this server that somebody posts is followed within the page', async ({
      person,
      program,
      madang,
    }) => {
      const [first] = await program.say(sayings(100), '개발');
      await program.say([`보세요 ${madang.url}/rooms/${encodeURIComponent('개발')}/${first}`]);
      const mina = await person(use);
      await mina.page.evaluate(() => (window.isSameDocument = true));
      await mina.page.locator('.message-text a').click();
      await expect(mina.message('1번째 말')).toBeInViewport();
      expect(await mina.page.evaluate(() => window.isSameDocument)).toBe(true);
      expect(mina.page.context().pages()).toHaveLength(1);
    });

    test('what is being written in a room waits there', async ({ person }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await mina.input.fill('로비에 쓰던 말');
      await enter(mina, '개발');
      await expect(mina.input).toHaveValue('');
      await mina.input.fill('개발에 쓰던\n두 줄');
      await enter(mina, ko.lobby);
      await expect(mina.input).toHaveValue('로비에 쓰던 말');
      await mina.page.goBack();
      await expect(mina.input).toHaveValue('개발에 쓰던\n두 줄');
      await mina.button.click();
      await expect(mina.input).toHaveValue('');
      await enter(mina, ko.lobby);
      await expect(mina.input).toHaveValue('로비에 쓰던 말');
      await enter(mina, '개발');
      await expect(mina.input).toHaveValue('');
    });
  });
}
