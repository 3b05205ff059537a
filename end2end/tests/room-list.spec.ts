/** The rooms one follows: what is unread in them, how one finds, makes and leaves them, and goes from one to another. */

import type { Locator } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { SIZES } from './support/sizes.ts';
import { count, fill, ko } from './support/words.ts';

declare global {
  interface Window {
    /** Set by a test; gone when the document is another one. */
    isSameDocument?: true;
  }
}

test.use({ serverFlags: ['--post-rate', '0'] });

function sayings(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index + 1}번째 말`);
}

/** The address of a room in the page's location. */
function address(room: string): string {
  return `/rooms/${encodeURIComponent(room)}`;
}

/** A room's place in the list, which is in the page whether it is open or not. */
function room(chat: Chat, name: string): Locator {
  return chat.page.locator('.rooms-link', { hasText: `# ${name}` });
}

declare global {
  interface Window {
    framesAsked: number;
  }
}

/** How much is unread in a room, as the list says it. */
function unread(chat: Chat, name: string): Locator {
  return room(chat, name).locator('.rooms-unread > [aria-hidden]');
}

/** Goes to a room by the list. */
async function enter(chat: Chat, name: string): Promise<void> {
  const list = await chat.openRooms();
  await list.getByRole('link', { name: `# ${name}` }).click();
  await expect(room(chat, name)).toHaveAttribute('aria-current', 'page');
}

/** Makes one a follower of these rooms, who has read all that is in them, and goes back to the lobby. */
async function follow(chat: Chat, ...names: string[]): Promise<void> {
  for (const name of names) {
    await chat.open(name);
    await chat.say(`${name}에 왔어요`);
    await chat.hears(`${name}에 왔어요`);
  }
  await chat.open();
  for (const name of names) await expect(room(chat, name)).toHaveCount(1);
}

/** Opens the list to look for a room. */
async function openFinder(chat: Chat): Promise<Locator> {
  const list = await chat.openRooms();
  await list.getByRole('link', { name: ko.find_rooms }).click();
  const dialog = chat.page.getByRole('dialog', { name: ko.page.find_rooms });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('searchbox')).toBeFocused();
  return dialog;
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
      await expect(room(mina, '개발')).toHaveCount(1);
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
      await expect(room(mina, '봄-소풍')).toHaveAttribute('aria-current', 'page');

      const finding = await openFinder(juno);
      await finding.getByRole('searchbox').fill('소풍');
      await finding.getByRole('link', { name: '# 봄-소풍' }).click();
      await expect(juno.page).toHaveURL(address('봄-소풍'));
      await juno.hasHeard(['첫 말']);

      // Whoever has been there finds it in the list again.
      await enter(juno, ko.lobby);
      await expect(room(juno, '봄-소풍')).toHaveCount(1);
    });

    test('one who writes a name and presses Enter goes there, however late the answer is', async ({ person }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      const finder = await openFinder(mina);
      let release = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      await mina.page.route('**/parts/found*', async (route) => {
        await released;
        await route.continue();
      });
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

    test('a room that is left is in the list no more, until one goes there again', async ({ person, program }) => {
      const mina = await person(use);
      await follow(mina, '개발');
      await enter(mina, '개발');
      const about = await openAbout(mina);
      await about.getByRole('button', { name: ko.page.leave_room }).click();
      await expect(mina.page).toHaveURL('/');
      await expect(room(mina, '개발')).toHaveCount(0);
      await program.say(['아무도 없나요'], '개발');
      await mina.reload();
      await expect(room(mina, ko.lobby)).toHaveCount(1);
      await expect(room(mina, '개발')).toHaveCount(0);

      await mina.open('개발');
      await mina.hears('아무도 없나요');
      await mina.open();
      await expect(room(mina, '개발')).toHaveCount(1);
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
      await expect(room(elsewhere, ko.lobby)).toHaveCount(1);
      await beside.hears('5번째 말');

      await mina.choose('3번째 말', ko.page.mark_unread);
      await expect(mina.row('3번째 말').locator('.unread')).toBeVisible();
      for (const device of [mina, elsewhere, beside]) await expect(unread(device, ko.lobby)).toHaveText('3');
      await enter(elsewhere, ko.lobby);
      await expect(elsewhere.row('3번째 말').locator('.unread')).toBeVisible();
      await expect(unread(mina, ko.lobby), 'read on the other device').toHaveCount(0);
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
