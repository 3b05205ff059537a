/** What people do every day, in the engines that the other tests do not run in. */

import { expect, test } from './engines.ts';
import { choose, enter, hears, openMenu, row, say, write } from './person.ts';
import { KEYS } from './tab.ts';

const INPUT = '.composer-input';

test('one writes, others are heard, and a reload shows all of it once', async ({ tab, madang, program }) => {
  await program.say(['먼저 온 말']);
  await enter(tab, madang);
  await hears(tab, '먼저 온 말');
  await say(tab, '안녕하세요, 마당');
  await program.say(['`코드`와 답']);
  await hears(tab, '코드와 답');
  await enter(tab, madang);
  for (const text of ['먼저 온 말', '안녕하세요, 마당', '코드와 답']) await hears(tab, text);
  await tab.shows('.message', 3);
});

test('the menu of a message is in sight, and all it offers works', async ({ tab, madang, program }) => {
  await program.say(['남의 말']);
  await enter(tab, madang);
  await openMenu(tab, '남의 말');
  await expect.poll(() => tab.isInSight('#menu'), 'all of the menu is in sight').toBe(true);
  await tab.click('#menu [data-emoji="👍"]');
  await tab.says(`${await row(tab, '남의 말')} .reaction`, /👍\s*1/);

  await choose(tab, '남의 말', 'reply');
  await say(tab, '그 말에 답해요');
  await tab.says(`${await row(tab, '그 말에 답해요')} .message-quote`, /남의 말/);

  await openMenu(tab, '그 말에 답해요');
  await expect.poll(() => tab.isInSight('#menu'), 'all of the menu is in sight').toBe(true);
  await tab.press(KEYS.Escape);
  await tab.shows('#menu', 0);
  await choose(tab, '그 말에 답해요', 'edit');
  await tab.until('the text is there to be changed', (input) => (document.querySelector(input) as HTMLTextAreaElement).value === '그 말에 답해요', INPUT);
  await write(tab, '!');
  await tab.click('.composer-send');
  await hears(tab, '그 말에 답해요!');
  await tab.shows('.message-edited');

  await choose(tab, '그 말에 답해요!', 'delete');
  await tab.click('#deleting [data-act="delete-now"]');
  await tab.shows('.message-deleted');
});

test('the input grows with what is written, and is as it was when that is sent', async ({ tab, madang }) => {
  await enter(tab, madang);
  const before = (await tab.box(INPUT)).height;
  await write(tab, '첫 줄');
  for (const line of ['둘째 줄', '셋째 줄', '넷째 줄']) {
    await tab.press(KEYS.Shift, KEYS.Enter);
    await tab.type(line);
  }
  await expect.poll(async () => (await tab.box(INPUT)).height).toBeGreaterThan(before * 2);
  await tab.click('.composer-send');
  await tab.shows('.message');
  await expect.poll(async () => (await tab.box(INPUT)).height).toBe(before);
});

test('a room is made, left and found in the list again', async ({ tab, madang, device }) => {
  await enter(tab, madang);
  const openRooms = async () => {
    if (device === 'phone') await tab.click('.heading-rooms');
  };
  await openRooms();
  await tab.click('[data-act="rooms"]');
  await tab.shows('#dialog');
  await tab.until('the field has the focus', () => document.activeElement?.matches('[name="find"]'));
  await tab.type('여름-방');
  await tab.press(KEYS.Enter);
  await tab.until('the room is open', () => decodeURIComponent(location.pathname) === '/rooms/여름-방');
  await say(tab, '첫 말');
  await openRooms();
  await tab.click('.rooms-link[href="/"]');
  await tab.until('the lobby is open', () => location.pathname === '/');
  await openRooms();
  await tab.click('.rooms-link:not([href="/"])');
  await hears(tab, '첫 말');
});

test('one says what one is called, and is found by it', async ({ tab, madang, program }) => {
  await program.isCalled('하나');
  await program.say(['저는 하나예요']);
  await enter(tab, madang);
  await hears(tab, '저는 하나예요');
  await tab.click('.naming input');
  await tab.type('두리');
  await tab.press(KEYS.Enter);
  await tab.shows('.naming', 0);
  await write(tab, '@하');
  await tab.shows('[role="option"]');
  await tab.press(KEYS.Enter);
  await tab.until('the name is completed', (input) => (document.querySelector(input) as HTMLTextAreaElement).value === '@하나 ', INPUT);
  await tab.type('안녕');
  await tab.click('.composer-send');
  await hears(tab, '@하나 안녕');
  await tab.says(`${await row(tab, '@하나 안녕')} .message-author`, '두리');
});

test('the server goes away and comes back, and what was written meanwhile arrives', async ({ tab, madang, program }) => {
  await program.say(['있던 말']);
  await enter(tab, madang);
  await hears(tab, '있던 말');
  // The browser itself reports a server that is not there.
  tab.expectComplaint(/connect|WebSocket|Failed to load|NetworkError/i);
  await madang.stop();
  await write(tab, '끊긴 사이에');
  await tab.click('.composer-send');
  await tab.shows('.message-pending');
  await madang.start();
  await hears(tab, '끊긴 사이에');
  await tab.shows('.message', 2);
});
