/** The rooms one follows: what is unread in them, what they are about, and how one leaves them. */

import type { Locator } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { enter, follow, openFinder, roomLink, unread } from './support/room-list.ts';
import { sayings } from './support/sayings.ts';
import { SIZES } from './support/sizes.ts';
import { count, ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

declare global {
  interface Window {
    /** How many frames were asked for, none of which is drawn. */
    framesAsked: number;
  }
}

/** Opens what there is to know of the room that is shown. */
async function openAbout(chat: Chat): Promise<Locator> {
  await chat.page.locator('.heading-topic').click();
  const dialog = chat.page.getByRole('dialog');
  await expect(dialog.getByLabel(ko.page.topic)).toBeVisible();
  return dialog;
}

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('the list says how much is unread in the rooms one follows, after a reload and in another tab too', async ({
      person,
      program,
    }) => {
      const mina = await person(use);
      await follow(mina, '개발', '점심');
      await program.say(sayings(3), '개발');
      await expect(unread(mina, '개발')).toHaveText('3');
      await expect(unread(mina, '점심')).toHaveCount(0);
      const list = await mina.openRooms();
      await expect(list.getByRole('link', { name: `# 개발 ${count(ko.unread_count, 3)}` })).toBeVisible();
      await expect(mina.page).toHaveTitle(`(3) ${ko.heading}`);

      await mina.reload();
      await expect(unread(mina, '개발')).toHaveText('3');
      const tab = await mina.tab();
      await expect(unread(tab, '개발')).toHaveText('3');
      await program.say(['하나 더'], '개발');
      for (const each of [mina, tab]) await expect(unread(each, '개발')).toHaveText('4');

      await enter(tab, '개발');
      await tab.hears('하나 더');
      for (const each of [mina, tab]) await expect(unread(each, '개발')).toHaveCount(0);
      await expect(mina.page).toHaveTitle(ko.heading);
      await mina.page.reload();
      await expect(roomLink(mina, '개발')).toHaveCount(1);
      await expect(unread(mina, '개발')).toHaveCount(0);
    });

    test('what one says oneself is not unread, nor is what was deleted', async ({ person, program }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      const tab = await mina.tab('개발');
      await tab.say('내 말');
      await tab.hears('내 말');
      const [first] = await program.say(['지울 말', '남을 말'], '개발');
      await tab.page.close();
      await program.ask([{ type: 'delete', room: '개발', target: first }]);
      await program.say(['마지막 말'], '개발');
      await mina.reload();
      await enter(mina, '개발');
      await mina.hears('마지막 말');
      await enter(mina, ko.lobby);
      await program.say(['또 한마디'], '개발');
      await expect(unread(mina, '개발')).toHaveText('1');
    });

    test('the title says what is unread although the page was hidden before it was drawn', async ({ person, program }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await mina.page.evaluate(() => {
        window.framesAsked = 0;
        window.requestAnimationFrame = () => ++window.framesAsked;
      });
      await program.say(['첫말'], '개발');
      await expect.poll(() => mina.page.evaluate(() => window.framesAsked)).toBeGreaterThan(0);
      await mina.page.evaluate(() => {
        for (const [name, value] of [
          ['visibilityState', 'hidden'],
          ['hidden', true],
        ] as const) {
          Object.defineProperty(document, name, { configurable: true, value });
        }
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      });
      await expect(mina.page).toHaveTitle(/^\(1\)/);
      await program.say(['둘째 말'], '개발');
      await expect(mina.page).toHaveTitle(/^\(2\)/);
    });

    test('a room that is left is in the list no more, until one goes there again', async ({ person, program }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await enter(mina, '개발');
      const about = await openAbout(mina);
      await about.getByRole('button', { name: ko.page.leave_room }).click();
      await expect(mina.page).toHaveURL('/');
      await expect(roomLink(mina, '개발')).toHaveCount(0);
      await program.say(['아무도 없나요'], '개발');
      await mina.reload();
      await expect(roomLink(mina, ko.lobby)).toHaveCount(1);
      await expect(roomLink(mina, '개발')).toHaveCount(0);

      await mina.open('개발');
      await mina.hears('아무도 없나요');
      await mina.open();
      await expect(roomLink(mina, '개발')).toHaveCount(1);
    });

    test('the way out of a room is beside it in the list, and the lobby has none', async ({ person }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await expect(mina.page.locator('.rooms-more')).toHaveCount(0);
      await enter(mina, '개발');
      const list = await mina.openRooms();
      await list.getByRole('button', { name: ko.about_room }).click();
      await mina.page.getByRole('dialog').getByRole('button', { name: ko.page.leave_room }).click();
      await expect(mina.page).toHaveURL('/');
      await expect(roomLink(mina, '개발')).toHaveCount(0);
    });

    test('what a room is about is set in it, and everybody in it sees that at once and later', async ({ person }) => {
      const mina = await person({ ...use, room: '개발' });
      const juno = await person({ ...use, room: '개발' });
      const topic = '오늘은 <b>배포</b> & 점검';
      const about = await openAbout(mina);
      await about.getByLabel(ko.page.topic).fill(topic);
      await about.getByRole('button', { name: ko.page.save }).click();
      await expect(about).toBeHidden();
      for (const each of [mina, juno]) await expect(each.page.locator('.heading-topic')).toHaveText(topic);
      await juno.reload();
      await expect(juno.page.locator('.heading-topic')).toHaveText(topic);
      expect(await juno.page.locator('.heading-topic').innerText()).toBe(topic);
      const finder = await openFinder(juno);
      await finder.getByRole('searchbox').fill('개');
      await expect(finder.getByRole('link', { name: '# 개발' })).toContainText(topic);
      await finder.getByRole('button', { name: ko.page.close }).click();
      await expect(finder).toBeHidden();

      const again = await openAbout(juno);
      await expect(again.getByLabel(ko.page.topic)).toHaveValue(topic);
      await again.getByLabel(ko.page.topic).fill('');
      await again.getByRole('button', { name: ko.page.save }).click();
      for (const each of [mina, juno]) await expect(each.page.locator('.heading-topic')).toHaveText(ko.no_topic);
    });
  });
}
