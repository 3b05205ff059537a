import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';

import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

import { type Chat, CONNECTION_LOST, expect, REFUSED, test } from './support/madang.ts';
import { CROWD, crowd } from './support/people.ts';
import { en, ko } from './support/words.ts';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds on the page as it stands, by WCAG 2.2 AA and its own best practices. */
async function complaints(page: Page): Promise<string[]> {
  // What slides in or fades is judged when it has come to rest.
  // One that is given up halfway is over, too. What a press sets off begins with the next frame.
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    do {
      await frame();
      await frame();
      await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
    } while (document.getAnimations().some((animation) => animation.playState === 'running'));
  });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Fails with what axe-core finds on the page, which is in the state that is named. */
async function isFine(page: Page, state: string): Promise<void> {
  await test.step(state, async () => expect.soft(await complaints(page), state).toEqual([]));
}

/** Opens a dialog by way of a message's menu, judges it and closes it. */
async function judgeFromMenu(chat: Chat, text: string, item: string): Promise<void> {
  await chat.choose(text, item);
  const dialog = chat.page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await isFine(chat.page, item);
  await chat.page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 1_280]) {
    test.describe(`${colorScheme}, ${width} pixels wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 700 }, serverFlags: ['--post-rate', '0'] });

      test('a conversation with its menus, and a refusal', async ({ chat, program }) => {
        const { page } = chat;
        await program.say(['하나', '둘', 'https://example.org/셋']);
        await chat.say('넷');
        await chat.hasHeard(['하나', '둘', 'https://example.org/셋', '넷']);
        expect(await complaints(page)).toEqual([]);
        await chat.input.fill('가'.repeat(4_001));
        await chat.button.click();
        await expect(chat.refusal).not.toHaveText('');
        expect(await complaints(page)).toEqual([]);
        const rooms = page.getByRole('button', { name: ko.rooms });
        if (await rooms.isVisible()) {
          await rooms.click();
          expect(await complaints(page)).toEqual([]);
        }
        await page.getByRole('button', { name: ko.settings }).click();
        expect(await complaints(page)).toEqual([]);
      });

      test('an empty room, and one that is cut off', async ({ person, relay, quiet }) => {
        quiet.expect(CONNECTION_LOST);
        const chat = await person({ baseURL: relay.url, colorScheme, viewport: { width, height: 700 } });
        expect(await complaints(chat.page)).toEqual([]);
        relay.down();
        await expect(chat.status).not.toHaveText('');
        await chat.say('나중에 갈 말');
        await expect(chat.pending).toHaveCount(1);
        expect(await complaints(chat.page)).toEqual([]);
      });

      test('messages of every kind, their menu, and all that it opens', async ({ chat, program }) => {
        test.slow();
        const { page } = chat;
        await program.isCalled('준호');
        const [marked, deleted] = await program.say([
          '**굵게** *기울임* ~~취소~~ `코드` [링크](https://example.org) @민아\n\n> 인용\n\n- 목록\n\n1. 하나\n\n```\n긴 코드\n```',
          '지울 말',
        ]);
        await program.ask([
          { type: 'react', room: 'lobby', target: marked, emoji: '👍', on: true },
          { type: 'delete', room: 'lobby', target: deleted },
          { type: 'post', room: 'lobby', message: '답이에요', replyTo: marked },
        ]);
        await chat.say('내 말');
        await chat.hears('내 말');
        await isFine(page, 'rows, and a name that is asked for');
        await chat.choose('내 말', ko.page.edit);
        await isFine(page, 'editing');
        await chat.input.fill('고친 말');
        await chat.page.keyboard.press('Enter');
        await expect(chat.row('고친 말').getByText(ko.edited)).toBeVisible();
        await chat.choose('답이에요', ko.page.reply);
        await isFine(page, 'answering');
        await page.keyboard.press('Escape');
        await chat.openMenu('고친 말');
        await isFine(page, 'the menu of one’s own message');
        await page.keyboard.press('Escape');
        const items = [ko.page.more_emoji, ko.page.who_read, ko.page.former_texts, ko.page.delete];
        for (const item of items) await judgeFromMenu(chat, '고친 말', item);
        await chat.input.fill('');
        await chat.input.pressSequentially('@준');
        await expect(page.getByRole('listbox')).toBeVisible();
        await isFine(page, 'names to complete');
      });

      test('the rooms, the people, the room and the help', async ({ chat, program, person }) => {
        const { page } = chat;
        await program.say(['하나'], '개발');
        await program.ask([{ type: 'topic', room: '개발', topic: '무엇이든' }]);
        await (await person()).nameSelf('준호');
        await expect(page.locator('.people .person')).toHaveCount(2);
        const people = page.getByRole('button', { name: ko.people });
        if (await people.isVisible()) {
          await people.click();
          await isFine(page, 'the people, opened');
          await page.keyboard.press('Escape');
        }
        await page.keyboard.press('Control+k');
        const dialog = page.getByRole('dialog');
        await expect(dialog.getByRole('searchbox')).toBeVisible();
        await isFine(page, 'the rooms');
        // It stands in the list of all rooms, too, which is dimmed while others are asked for.
        const found = page.waitForResponse(/[?&]find=/);
        await dialog.getByRole('searchbox').fill('개');
        await found;
        await expect(dialog.locator('[data-waits]')).toHaveCount(0);
        await expect(dialog.getByRole('link', { name: '# 개발' })).toBeVisible();
        await isFine(page, 'rooms that were found');
        await dialog.getByRole('searchbox').fill('없는 방!');
        await expect(dialog.locator('.fragment-empty')).toBeVisible();
        await isFine(page, 'no rooms that were found');
        // The first Esc only empties the field.
        await dialog.getByRole('button', { name: ko.page.close }).click();
        await expect(dialog).toBeHidden();
        await page.locator('.heading-topic').click();
        await expect(dialog.getByLabel(ko.page.topic)).toBeVisible();
        await isFine(page, 'the room');
        await page.keyboard.press('Escape');
        await page.locator('#timeline').focus();
        await page.keyboard.press('?');
        await expect(dialog.getByRole('heading', { name: ko.page.help })).toBeVisible();
        await isFine(page, 'the help');
      });

      test('a crowd, and the list of who is in it as a dialog and as a page', async ({ chat, madang }) => {
        const { page } = chat;
        const clients = await crowd(madang);
        const people = await chat.openPeople();
        await expect(people.getByRole('link', { name: ko.who_is_here })).toBeVisible();
        await isFine(page, 'a crowd that is counted');
        await people.getByRole('link', { name: ko.who_is_here }).click();
        await expect(page.getByRole('dialog').locator('.person')).toHaveCount(CROWD + 1);
        await isFine(page, 'the list');
        await page.goto('/here/lobby');
        await expect(page.locator('.person').first()).toBeVisible();
        await isFine(page, 'the list as a page');
        for (const client of clients) client.close();
      });

      test('what is unread, the ways there, and a name that was refused', async ({ chat, program }) => {
        const { page } = chat;
        await chat.open('개발');
        await chat.say('왔어요');
        await chat.hears('왔어요');
        await chat.open();
        await program.say(Array.from({ length: 25 }, (_, number) => `${number}번째 말`), '개발');
        await expect(page.locator('.rooms-unread')).toHaveCount(1);
        await isFine(page, 'unread elsewhere');
        await chat.open('개발');
        await expect(page.locator('.jump-unread')).toBeVisible();
        await isFine(page, 'the way to the unread');
        await page.locator('.jump-unread').click();
        await expect(page.locator('.unread')).toBeInViewport();
        await expect(page.locator('.jump-end')).toBeVisible();
        await isFine(page, 'the line above the unread, and the way to the end');
        await page.locator('form.naming').getByRole('textbox').fill('\u3164');
        await page.locator('form.naming').getByRole('button').click();
        await expect(page.locator('.notice-stuck')).toBeVisible();
        await isFine(page, 'a name that was refused');
      });

      test('a message’s own page, the rooms’ page, and what was refused', async ({ page, program, quiet }) => {
        quiet.expect(REFUSED);
        const seqs = await program.say(Array.from({ length: 60 }, (_, number) => `${number}번째 말`));
        await page.goto(`/rooms/lobby/${seqs[2]}`);
        await expect(page.locator('.message').first()).toBeVisible();
        await isFine(page, 'a message’s own page');
        for (const address of ['/rooms', '/rooms?find=lob', '/rooms?find=!', '/rooms/lobby/4711', '/rooms/Not%20A%20Room']) {
          await page.goto(address);
          await isFine(page, address);
        }
      });

      test('code that has to be scrolled can be reached by keyboard (scrollable-region-focusable)', async ({ chat, program }) => {
        await program.say([`\`\`\`\n${'긴 줄 '.repeat(200)}\n\`\`\``]);
        const code = chat.page.getByRole('group', { name: ko.code });
        await expect(code).toBeVisible();
        expect(await code.evaluate((it) => it.scrollWidth > it.clientWidth)).toBe(true);
        await isFine(chat.page, 'long code');
        await chat.page.keyboard.press('Tab');
        await isFine(chat.page, 'long code, after a key');
        await chat.page.locator('.message').focus();
        await expect(async () => {
          await chat.page.keyboard.press('Tab');
          await expect(code).toBeFocused({ timeout: 100 });
        }).toPass();
        await chat.page.keyboard.press('ArrowRight');
        await expect.poll(() => code.evaluate((it) => it.scrollLeft)).toBeGreaterThan(0);
        await program.say([`\`\`\`\n${'줄\n'.repeat(40)}\`\`\``]);
        await expect(chat.page.getByRole('checkbox', { name: ko.whole_code })).toBeVisible();
        await isFine(chat.page, 'code of many lines');
      });

      test.describe('in English', () => {
        test.use({ locale: 'en-GB' });

        test('a conversation, its menu, the help and the settings', async ({ page, program }) => {
          await program.say(['one', '**two**']);
          await page.goto('/');
          await expect(page.getByText(en.live)).toBeAttached();
          await isFine(page, 'a conversation');
          const row = page.locator('.message').last();
          await row.hover();
          await row.locator('.message-more').click();
          await expect(page.getByRole('menu')).toBeVisible();
          await isFine(page, 'the menu');
          await page.keyboard.press('Escape');
          await page.locator('#timeline').focus();
          await page.keyboard.press('?');
          await expect(page.getByRole('dialog')).toBeVisible();
          await isFine(page, 'the help');
          await page.goto('/rooms');
          await isFine(page, 'the rooms’ page');
        });
      });

      test('an address with nothing behind it', async ({ page, quiet }) => {
        quiet.expect(REFUSED);
        await page.goto('/nothing');
        expect(await complaints(page)).toEqual([]);
      });
    });
  }
}
