/** The chat under a finger: no mouse, a keyboard that covers half of the screen. */

import type { CDPSession, Locator } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { react } from './support/messages.ts';
import { follow, roomLink } from './support/room-list.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

const [, phone] = SIZES;
if (!phone) throw new Error('there is a phone');
test.use({ ...phone.use, serverFlags: ['--post-rate', '0'] });

/** Puts a finger on something and leaves it there; the returned function takes it away. */
async function hold(chat: Chat, what: Locator): Promise<() => Promise<void>> {
  const box = await what.boundingBox();
  if (!box) throw new Error('there is nothing to hold');
  const protocol: CDPSession = await chat.page.context().newCDPSession(chat.page);
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await protocol.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
  return async () => {
    await protocol.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await protocol.detach();
  };
}

test('where nothing has the focus nothing gets it by what others do', async ({ chat, person, program }) => {
  await program.say(['먼저 온 말']);
  await chat.hears('먼저 온 말');
  const juno = await person();
  await juno.say('나중에 온 말');
  await chat.hears('나중에 온 말');
  await expect(chat.page.locator('.people .person')).toHaveCount(2);
  expect(await chat.page.evaluate(() => document.activeElement?.localName)).toBe('body');
});

test('Enter breaks the line, and the button sends', async ({ chat }) => {
  await chat.input.tap();
  await chat.page.keyboard.type('한 줄');
  await chat.page.keyboard.press('Enter');
  await chat.page.keyboard.type('두 줄');
  await expect(chat.input).toHaveValue('한 줄\n두 줄');
  await expect(chat.input).toHaveAttribute('enterkeyhint', 'enter');
  await chat.button.tap();
  await chat.hasHeard(['한 줄\n두 줄']);
});

test('with a keyboard, Enter and a command key send', async ({ chat }) => {
  await chat.input.fill('보낼 말');
  await chat.page.keyboard.press('Control+Enter');
  await chat.hasHeard(['보낼 말']);
});

test('the button that sends leaves the focus in the input, and with it the keyboard', async ({ chat }) => {
  await chat.input.tap();
  await chat.page.keyboard.type('하나');
  await chat.button.tap();
  await chat.hasHeard(['하나']);
  await expect(chat.input).toBeFocused();
});

test('a message that is held opens its menu, and it stays when the finger goes', async ({ chat, program }) => {
  await program.say(['앞선 말', '이어지는 말', '끝말']);
  await chat.hears('끝말');
  // Within a group there is no sign to press.
  const lift = await hold(chat, chat.message('이어지는 말'));
  const menu = chat.page.getByRole('menu');
  await expect(menu).toBeVisible();
  await lift();
  await expect(menu).toBeVisible();
  await expect(menu.getByRole('menuitem').first()).toBeFocused();
  await menu.getByRole('menuitem', { name: ko.page.reply }).tap();
  await expect(chat.page.locator('.intent')).toBeVisible();
  await chat.input.fill('답이에요');
  await chat.button.tap();
  await expect(chat.row('답이에요').locator('.message-quote')).toContainText('이어지는 말');
});

test('a reaction that is held says whose it is, and is not taken for one that was pressed', async ({ person, program }) => {
  await program.isCalled('주노');
  const [seq] = await program.say(['어때요']);
  await program.ask([{ type: 'react', room: 'lobby', target: seq, emoji: '👍', on: true }]);
  const mina = await person(phone.use);
  const reaction = mina.row('어때요').locator('.reaction');
  const lift = await hold(mina, reaction);
  const dialog = mina.page.getByRole('dialog', { name: ko.page.who_reacted });
  await expect(dialog.locator('.person-name', { hasText: '주노' })).toBeVisible();
  await lift();
  await expect(dialog).toBeVisible();
  await mina.page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(reaction).toHaveText('👍 1');
  await expect(reaction).toHaveAttribute('aria-pressed', 'false');
});

test('the menu says who reacted, too, where somebody has', async ({ chat, program }) => {
  await program.isCalled('주노');
  const [seq] = await program.say(['어때요']);
  await chat.hears('어때요');
  const menu = await chat.openMenu('어때요');
  await expect(menu.getByRole('menuitem', { name: ko.page.who_reacted })).toHaveCount(0);
  await chat.page.keyboard.press('Escape');
  await react(chat, '어때요', '🎉');
  await program.ask([{ type: 'react', room: 'lobby', target: seq, emoji: '👍', on: true }]);
  await expect(chat.row('어때요').locator('.reaction')).toHaveCount(2);
  await chat.choose('어때요', ko.page.who_reacted);
  const dialog = chat.page.getByRole('dialog', { name: ko.page.who_reacted });
  await expect(dialog.locator('.person-name', { hasText: '주노' })).toBeVisible();
  // Which of the two came first is the server's to say.
  const counted = async () => (await dialog.locator('h3').allInnerTexts()).sort();
  await expect.poll(counted).toEqual(['🎉 1', '👍 1'].sort());
});

test('the list of emoji opens without a keyboard over it', async ({ chat, program }) => {
  await program.say(['어때요']);
  await chat.hears('어때요');
  await chat.choose('어때요', ko.page.more_emoji);
  await expect(chat.page.locator('.emoji-group button').first()).toBeFocused();
});

test('the button of the rooms says what is unread in the others, and whether one is meant', async ({ chat, program }) => {
  await chat.nameSelf('미나');
  await follow(chat, '개발');
  const button = chat.page.locator('.heading-rooms');
  await expect(button).toHaveAccessibleName(ko.rooms);
  await program.say(['하나', '둘'], '개발');
  await expect(button).toHaveAccessibleName(`${ko.rooms} ${ko.unread_count.replace('{}', '2')}`);
  await expect(button.locator('.heading-unread')).toBeVisible();
  await expect(button.locator('.rooms-mentioned')).toHaveCount(0);
  await program.say(['@미나 봐 주세요'], '개발');
  await expect(button.locator('.rooms-mentioned')).toBeVisible();
  await expect(button).toHaveAccessibleName(`${ko.rooms} ${ko.unread_count.replace('{}', '3')}, ${ko.mentioned}`);
  await button.tap();
  await roomLink(chat, '개발').tap();
  await chat.hears('둘');
  await expect(button).toHaveAccessibleName(ko.rooms);
});

test('the help is reached by touch, and says what Enter does there', async ({ chat }) => {
  const list = await chat.openRooms();
  await list.getByRole('button', { name: ko.settings }).tap();
  await chat.page.locator('#settings').getByRole('button', { name: ko.page.help }).tap();
  const help = chat.page.getByRole('dialog', { name: ko.page.help });
  await expect(help.getByText(ko.page.help_button_sends)).toBeVisible();
  // What fingers do comes first, and nobody is told of keys that are not there.
  await expect(help.getByRole('heading', { level: 3 }).first()).toHaveText(ko.page.help_touch);
  await expect(help.getByText(ko.page.help_hold, { exact: true })).toBeVisible();
  await expect(help.getByText(ko.page.help_move)).toBeHidden();
  await expect(help.getByText(ko.page.help_edit_last)).toBeHidden();
});
