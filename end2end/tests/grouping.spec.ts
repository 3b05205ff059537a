import type { Locator } from '@playwright/test';

import { Chat, expect, test } from './support/madang.ts';
import { shifts, watchShifts } from './support/layout.ts';
import { setTimes } from './support/times.ts';
import { ko, pattern } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** The day that stands above a row; nothing where none does. */
async function dayAbove(row: Locator): Promise<string> {
  return row.evaluate((row) => {
    const { content } = getComputedStyle(row, '::before');
    return content === 'none' ? '' : content.replaceAll('"', '');
  });
}

test('what one says in a row stands under one name, live and after a reload', async ({ person }) => {
  const [mina, juno] = [await person(), await person()];
  await mina.say('하나');
  await mina.say('둘');
  await juno.say('셋');
  await juno.hasHeard(['하나', '둘', '셋']);
  await mina.say('넷');
  await juno.hasHeard(['하나', '둘', '셋', '넷']);
  for (const reload of [false, true]) {
    if (reload) await juno.reload();
    await expect(juno.row('하나').locator('.avatar')).toBeVisible();
    await expect(juno.row('둘').locator('.avatar')).toBeHidden();
    await expect(juno.row('넷').locator('.avatar')).toBeVisible();
    // One's own need no name, and nobody's is lost to those who listen.
    await expect(juno.row('셋').locator('.avatar')).toBeHidden();
    for (const text of ['하나', '둘', '셋', '넷']) expect(await juno.authorOf(text)).toMatch(pattern(ko.guest_named));
  }
});

for (const { where, zone, days, times } of [
  {
    where: 'in Seoul',
    zone: 'Asia/Seoul',
    days: ['2026년 11월 24일 화요일', '2026년 11월 25일 수요일', ''],
    times: ['오후 11:59', '오전 12:01', '오전 12:02'],
  },
  {
    where: 'in New York',
    zone: 'America/New_York',
    days: ['2026년 11월 24일 화요일', '', ''],
    times: ['오전 9:59', '오전 10:01', '오전 10:02'],
  },
]) {
  test.describe(where, () => {
    test.use({ timezoneId: zone });

    test('times and days are those of local clocks, and nothing moves when they become so', async ({
      page,
      program,
    }) => {
      const said = ['자정 앞', '자정 뒤', '더 뒤'];
      await program.say(said);
      await setTimes(page, ['2026-11-24T14:59:00Z', '2026-11-24T15:01:00Z', '2026-11-24T15:02:30Z']);
      await watchShifts(page);
      const chat = await new Chat(page).open();
      expect(await shifts(page)).toEqual([]);
      for (const [index, text] of said.entries()) {
        expect(await dayAbove(chat.row(text)), text).toBe(days[index]);
        await expect(chat.row(text).locator('time')).toHaveText(times[index] ?? '');
      }
      await expect(chat.row('더 뒤').locator('time')).toHaveAttribute('title', /2026\. 11\. 2[45]\..*:02:30/);
    });
  });
}

test('the newest message’s day stands above the first row and above no other of that day', async ({ chat, person }) => {
  const juno = await person();
  await chat.say('오늘');
  await juno.say('오늘도');
  await chat.hasHeard(['오늘', '오늘도']);
  expect(await dayAbove(chat.row('오늘'))).toBe('오늘');
  expect(await dayAbove(chat.row('오늘도'))).toBe('');
});
