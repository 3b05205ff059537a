/** What is done with a message by keyboard. */

import { expect, test } from './support/madang.ts';
import { focusIsSomewhere, conversation, rowOf, toRow, toTimeline } from './support/focus.ts';
import { fill, ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

test('↑ and ↓ go from message to message, and Esc to the input', async ({ chat, program }) => {
  await conversation(chat, program);
  await toTimeline(chat);
  await expect(rowOf(chat, '남의 끝 말')).toBeFocused();
  await chat.page.keyboard.press('ArrowUp');
  await expect(rowOf(chat, '내 말')).toBeFocused();
  await chat.page.keyboard.press('ArrowUp');
  await expect(rowOf(chat, '남의 첫 말')).toBeFocused();
  await chat.page.keyboard.press('ArrowUp');
  await focusIsSomewhere(chat.page);
  await chat.page.keyboard.press('ArrowDown');
  await expect(rowOf(chat, '내 말')).toBeFocused();
  await chat.page.keyboard.press('Escape');
  await expect(chat.input).toBeFocused();
});

test('Enter opens the menu of a message, arrows go around in it, and Esc goes back', async ({ chat, program }) => {
  await conversation(chat, program);
  const own = await toRow(chat, '내 말');
  await chat.page.keyboard.press('Enter');
  const menu = chat.page.getByRole('menu');
  const items = menu.getByRole('menuitem');
  await expect(menu).toBeVisible();
  await expect(items.first()).toBeFocused();
  await chat.page.keyboard.press('ArrowUp');
  await expect(items.last()).toBeFocused();
  await expect(items.last()).toHaveText(ko.page.delete);
  await chat.page.keyboard.press('ArrowDown');
  await expect(items.first()).toBeFocused();
  await chat.page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(own).toBeFocused();

  await toRow(chat, '남의 끝 말');
  await chat.page.keyboard.press('Enter');
  await expect(menu).toBeVisible();
  await expect(menu.getByRole('menuitem', { name: ko.page.delete })).toHaveCount(0);
  await expect(menu.getByRole('menuitem', { name: ko.page.edit, exact: true })).toHaveCount(0);
});

test('R answers the message', async ({ chat, program }) => {
  await conversation(chat, program);
  await toRow(chat, '남의 첫 말');
  await chat.page.keyboard.press('r');
  await expect(chat.input).toBeFocused();
  await expect(chat.page.locator('.intent')).toContainText(fill(ko.replying_to, ''));
  await chat.page.keyboard.type('답이에요');
  await chat.page.keyboard.press('Enter');
  await expect(rowOf(chat, '답이에요').locator('.message-quote')).toContainText('남의 첫 말');
  await expect(chat.input).toBeFocused();
});

test('Esc gives an answer up and keeps its text', async ({ chat, program }) => {
  await conversation(chat, program);
  await toRow(chat, '남의 첫 말');
  await chat.page.keyboard.press('R');
  await chat.page.keyboard.type('그냥 하는 말');
  await chat.page.keyboard.press('Escape');
  await expect(chat.page.locator('.intent')).toBeHidden();
  await expect(chat.input).toHaveValue('그냥 하는 말');
  await chat.page.keyboard.press('Enter');
  await chat.hears('그냥 하는 말');
  await expect(rowOf(chat, '그냥 하는 말').locator('.message-quote')).toHaveCount(0);
});

test('E and Delete do nothing to what others said', async ({ chat, program }) => {
  await conversation(chat, program);
  const others = await toRow(chat, '남의 끝 말');
  await chat.page.keyboard.press('e');
  await expect(others).toBeFocused();
  await chat.page.keyboard.press('Delete');
  await expect(others).toBeFocused();
  await expect(chat.page.getByRole('dialog')).toHaveCount(0);
  await expect(chat.page.locator('.intent')).toBeHidden();
});

test('C copies what was said, and L the way to it', async ({ chat, program, madang }) => {
  await chat.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: madang.url });
  await conversation(chat, program);
  const clipboard = () => chat.page.evaluate(() => navigator.clipboard.readText());
  const own = await toRow(chat, '내 말');
  await chat.page.keyboard.press('c');
  await expect.poll(clipboard).toBe('내 말');
  await expect(chat.page.locator('.toast')).toHaveText(ko.copied);
  await expect(own).toBeFocused();
  await chat.page.keyboard.press('l');
  const seq = await own.getAttribute('data-seq');
  await expect.poll(clipboard).toBe(`${madang.url}/rooms/lobby/${seq}`);
  await expect(own).toBeFocused();
});

test('Ctrl+C is the browser’s', async ({ chat, program, madang }) => {
  await chat.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: madang.url });
  await conversation(chat, program);
  await chat.page.evaluate(() => navigator.clipboard.writeText('전에 복사한 것'));
  const own = await toRow(chat, '내 말');
  await chat.page.keyboard.press('Control+c');
  await focusIsSomewhere(chat.page);
  expect(await chat.page.evaluate(() => navigator.clipboard.readText())).toBe('전에 복사한 것');
  await expect(own).toBeFocused();
});

test('U marks the message as unread, and the focus stays with it', async ({ chat, program }) => {
  await conversation(chat, program);
  const last = await toRow(chat, '남의 끝 말');
  await chat.page.keyboard.press('u');
  await expect(last.locator('.unread')).toBeVisible();
  await focusIsSomewhere(chat.page);
  await expect(last).toBeFocused();
});

test('Delete asks first; no keeps the message, yes takes it away', async ({ chat, program }) => {
  await conversation(chat, program);
  const own = await toRow(chat, '내 말');
  await chat.page.keyboard.press('Delete');
  const dialog = chat.page.getByRole('dialog', { name: ko.page.delete_this });
  await expect(dialog.getByRole('button', { name: ko.page.cancel })).toBeFocused();
  await chat.page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(own).toBeFocused();
  await expect(chat.message('내 말')).toBeVisible();

  await chat.page.keyboard.press('Delete');
  await expect(dialog).toBeVisible();
  await chat.page.keyboard.press('Tab');
  await expect(dialog.getByRole('button', { name: ko.page.delete })).toBeFocused();
  await chat.page.keyboard.press('Enter');
  await chat.hasHeard(['남의 첫 말', ko.deleted_message, '남의 끝 말']);
  await focusIsSomewhere(chat.page);
});

for (const key of ['+', ':']) {
  test(`${key} offers emoji, and the one that is chosen stands under the message`, async ({ chat, program }) => {
    await conversation(chat, program);
    const last = await toRow(chat, '남의 끝 말');
    await chat.page.keyboard.press(key);
    const dialog = chat.page.getByRole('dialog', { name: ko.page.emoji });
    await expect(dialog).toBeVisible();
    await focusIsSomewhere(chat.page);
    await chat.page.keyboard.press('ArrowDown');
    const emoji = await chat.page.evaluate(() => document.activeElement?.getAttribute('data-emoji'));
    expect(emoji, 'the arrow leads to an emoji').toBeTruthy();
    await chat.page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(last.locator('.reaction')).toHaveText(`${emoji} 1`);
    await expect(last.locator('.reaction')).toHaveAttribute('aria-pressed', 'true');
    await focusIsSomewhere(chat.page);
    await expect(last).toBeFocused();
  });
}

test('the focus stays with a message that changes meanwhile', async ({ chat, program }) => {
  const [seq] = await program.say(['처음 말']);
  await chat.hears('처음 말');
  await toRow(chat, '처음 말');
  await program.ask([{ type: 'react', room: 'lobby', target: seq, emoji: '👍', on: true }]);
  await expect(rowOf(chat, '처음 말').locator('.reaction')).toHaveText('👍 1');
  await expect(rowOf(chat, '처음 말')).toBeFocused();
  await program.ask([{ type: 'edit', room: 'lobby', target: seq, message: '고친 말' }]);
  await chat.hears('고친 말');
  await expect(rowOf(chat, '고친 말')).toBeFocused();
  await program.ask([{ type: 'delete', room: 'lobby', target: seq }]);
  await chat.hears(ko.deleted_message);
  await focusIsSomewhere(chat.page);
});

test('a reaction is put and taken back by keyboard, and its button keeps the focus', async ({ chat, program }) => {
  const [seq] = await program.say(['처음 말']);
  await chat.hears('처음 말');
  await program.ask([{ type: 'react', room: 'lobby', target: seq, emoji: '👍', on: true }]);
  const reaction = rowOf(chat, '처음 말').locator('.reaction');
  await expect(reaction).toHaveText('👍 1');
  await toRow(chat, '처음 말');
  await expect(async () => {
    await chat.page.keyboard.press('Tab');
    await expect(reaction).toBeFocused({ timeout: 100 });
  }).toPass();
  await chat.page.keyboard.press('Enter');
  await expect(reaction).toHaveText('👍 2');
  await expect(reaction).toBeFocused();
  await chat.page.keyboard.press('Enter');
  await expect(reaction).toHaveText('👍 1');
  await expect(reaction).toBeFocused();
});
