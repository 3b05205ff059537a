/** All of it by keyboard alone; and the focus is somewhere at all times. */

import type { Locator, Page } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { fill, ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** Somewhere is wherever the next key or a screen reader would go on from: not the page as a whole. */
async function focusIsSomewhere(page: Page): Promise<void> {
  // Whatever moves it is over when two frames have been drawn.
  const where = await page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    const active = document.activeElement;
    return active instanceof HTMLElement && active !== document.body ? 'somewhere' : 'nowhere';
  });
  expect(where, 'the focus').toBe('somewhere');
}

/** A message's row, when it can have the focus. */
function row(chat: Chat, text: string): Locator {
  return chat.row(text).and(chat.page.locator('[data-seq]:not([data-seq="0"])'));
}

/** Goes from the input back to the timeline, and up to the last message in it. */
async function toTimeline(chat: Chat): Promise<void> {
  await chat.input.focus();
  await expect(async () => {
    await chat.page.keyboard.press('Shift+Tab');
    await expect(chat.timeline).toBeFocused({ timeout: 100 });
  }).toPass();
  await chat.page.keyboard.press('ArrowUp');
}

/** Goes to a message. */
async function toRow(chat: Chat, text: string): Promise<Locator> {
  await toTimeline(chat);
  const wanted = row(chat, text);
  const count = await chat.said.count();
  for (let steps = 0; steps < count; steps += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return wanted;
    await chat.page.keyboard.press('ArrowUp');
  }
  await expect(wanted).toBeFocused();
  return wanted;
}

/** Opens the menu of a message, and goes to an item of it. */
async function toMenuItem(chat: Chat, text: string, name: string): Promise<void> {
  await toRow(chat, text);
  await chat.page.keyboard.press('Enter');
  const menu = chat.page.getByRole('menu');
  await expect(menu).toBeVisible();
  const item = menu.getByRole('menuitem', { name, exact: true });
  const count = await menu.getByRole('menuitem').count();
  for (let steps = 0; steps < count; steps += 1) {
    if (await item.evaluate((element) => element === document.activeElement)) return;
    await chat.page.keyboard.press('ArrowDown');
  }
  await expect(item).toBeFocused();
}

/** A conversation of three messages, of which the second is one's own; the focus is in the input. */
async function conversation(chat: Chat, program: { say(texts: string[]): Promise<number[]> }): Promise<void> {
  await program.say(['남의 첫 말']);
  await chat.hears('남의 첫 말');
  await chat.say('내 말');
  await chat.hears('내 말');
  await program.say(['남의 끝 말']);
  await chat.hears('남의 끝 말');
}

test('? opens the help from the messages, Esc closes it, and the focus goes back', async ({ chat, program }) => {
  await conversation(chat, program);
  const last = await toRow(chat, '남의 끝 말');
  await chat.page.keyboard.press('?');
  const help = chat.page.getByRole('dialog', { name: ko.page.help });
  await expect(help).toBeVisible();
  await expect(help.getByText(ko.page.help_line)).toBeVisible();
  await focusIsSomewhere(chat.page);
  await chat.page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await expect(last).toBeFocused();
});

test('? in the input is a question mark', async ({ chat }) => {
  await chat.input.focus();
  await chat.page.keyboard.type('정말?');
  await expect(chat.input).toHaveValue('정말?');
  await expect(chat.page.getByRole('dialog')).toHaveCount(0);
});

test('↑ in the empty input edits one’s last message, Esc leaves it as it was', async ({ chat, program }) => {
  await conversation(chat, program);
  await chat.input.focus();
  await chat.page.keyboard.press('ArrowUp');
  await expect(chat.input).toHaveValue('내 말');
  await expect(chat.page.getByText(ko.editing)).toBeVisible();
  await chat.page.keyboard.press('End');
  await chat.page.keyboard.type(' 아닌 말');
  await chat.page.keyboard.press('Escape');
  await expect(chat.page.getByText(ko.editing)).toBeHidden();
  await expect(chat.input).toHaveValue('');
  await expect(chat.input).toBeFocused();
  await chat.hasHeard(['남의 첫 말', '내 말', '남의 끝 말']);

  await chat.page.keyboard.press('ArrowUp');
  await expect(chat.input).toHaveValue('내 말');
  await chat.page.keyboard.press('End');
  await chat.page.keyboard.type(', 고친');
  await chat.page.keyboard.press('Enter');
  await chat.hasHeard(['남의 첫 말', '내 말, 고친', '남의 끝 말']);
  await expect(chat.input).toHaveValue('');
  await expect(chat.input).toBeFocused();
});

test('↑ where something is written moves the caret', async ({ chat, program }) => {
  await conversation(chat, program);
  await chat.input.focus();
  await chat.page.keyboard.type('쓰던 말');
  await chat.page.keyboard.press('ArrowUp');
  await expect(chat.input).toHaveValue('쓰던 말');
  await expect(chat.page.getByText(ko.editing)).toBeHidden();
});

test('an edit gives back what was being written, whether it is left or done', async ({ chat, program }) => {
  await conversation(chat, program);
  await chat.input.focus();
  await chat.page.keyboard.type('쓰던 말');
  await toRow(chat, '내 말');
  await chat.page.keyboard.press('e');
  await expect(chat.input).toBeFocused();
  await expect(chat.input).toHaveValue('내 말');
  await chat.page.keyboard.press('Escape');
  await expect(chat.input).toHaveValue('쓰던 말');

  await toRow(chat, '내 말');
  await chat.page.keyboard.press('e');
  await expect(chat.input).toHaveValue('내 말');
  await chat.page.keyboard.press('End');
  await chat.page.keyboard.type('!');
  await chat.page.keyboard.press('Enter');
  await chat.hears('내 말!');
  await expect(chat.input).toHaveValue('쓰던 말');
  await expect(chat.input).toBeFocused();
});

test('↑ and ↓ go from message to message, and Esc to the input', async ({ chat, program }) => {
  await conversation(chat, program);
  await toTimeline(chat);
  await expect(row(chat, '남의 끝 말')).toBeFocused();
  await chat.page.keyboard.press('ArrowUp');
  await expect(row(chat, '내 말')).toBeFocused();
  await chat.page.keyboard.press('ArrowUp');
  await expect(row(chat, '남의 첫 말')).toBeFocused();
  await chat.page.keyboard.press('ArrowUp');
  await focusIsSomewhere(chat.page);
  await chat.page.keyboard.press('ArrowDown');
  await expect(row(chat, '내 말')).toBeFocused();
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
  await expect(row(chat, '답이에요').locator('.message-quote')).toContainText('남의 첫 말');
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
  await expect(row(chat, '그냥 하는 말').locator('.message-quote')).toHaveCount(0);
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
  await expect(row(chat, '처음 말').locator('.reaction')).toHaveText('👍 1');
  await expect(row(chat, '처음 말')).toBeFocused();
  await program.ask([{ type: 'edit', room: 'lobby', target: seq, message: '고친 말' }]);
  await chat.hears('고친 말');
  await expect(row(chat, '고친 말')).toBeFocused();
  await program.ask([{ type: 'delete', room: 'lobby', target: seq }]);
  await chat.hears(ko.deleted_message);
  await focusIsSomewhere(chat.page);
});

test('a reaction is put and taken back by keyboard, and its button keeps the focus', async ({ chat, program }) => {
  const [seq] = await program.say(['처음 말']);
  await chat.hears('처음 말');
  await program.ask([{ type: 'react', room: 'lobby', target: seq, emoji: '👍', on: true }]);
  const reaction = row(chat, '처음 말').locator('.reaction');
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

test('after whatever is chosen in the menu, the focus is somewhere', async ({ chat, program, madang }) => {
  test.slow();
  await chat.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: madang.url });
  await conversation(chat, program);
  const dialog = chat.page.getByRole('dialog');
  const [first] = await chat.page.getByRole('menuitem', { includeHidden: true }).all();
  if (!first) throw new Error('the menu has items');
  const quick = (await first.getAttribute('aria-label')) ?? '';
  for (const item of [ko.page.copy_text, ko.page.copy_link, ko.page.mark_unread, quick]) {
    await toMenuItem(chat, '남의 끝 말', item);
    await chat.page.keyboard.press('Enter');
    await expect(chat.page.getByRole('menu')).toBeHidden();
    await test.step(item, () => focusIsSomewhere(chat.page));
  }
  await expect(row(chat, '남의 끝 말').locator('.reaction')).toHaveCount(1);
  await test.step('the reaction is there', () => focusIsSomewhere(chat.page));
  for (const [item, title] of [
    [ko.page.more_emoji, ko.page.emoji],
    [ko.page.who_read, ko.page.who_read],
  ] as const) {
    await toMenuItem(chat, '남의 끝 말', item);
    await chat.page.keyboard.press('Enter');
    await expect(dialog.getByRole('heading', { name: title })).toBeVisible();
    await test.step(item, () => focusIsSomewhere(chat.page));
    await chat.page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await test.step(`${item}, closed`, () => focusIsSomewhere(chat.page));
  }
  await toMenuItem(chat, '내 말', ko.page.delete);
  await chat.page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await chat.page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await test.step(`${ko.page.delete}, closed`, () => focusIsSomewhere(chat.page));
  await toMenuItem(chat, '내 말', ko.page.reply);
  await chat.page.keyboard.press('Enter');
  await expect(chat.input).toBeFocused();
});

test('a name is chosen by keyboard, and the focus goes on to the input', async ({ chat }) => {
  const naming = chat.page.locator('form.naming');
  await chat.input.focus();
  await expect(async () => {
    await chat.page.keyboard.press('Shift+Tab');
    await expect(naming.getByRole('textbox')).toBeFocused({ timeout: 100 });
  }).toPass();
  await chat.page.keyboard.type('민아');
  await chat.page.keyboard.press('Enter');
  await expect(naming).toBeHidden();
  await expect(chat.input).toBeFocused();
});

test('the ways to the unread and to the end are taken by keyboard, and the focus goes along', async ({
  person,
  program,
}) => {
  const texts = Array.from({ length: 120 }, (_, index) => `${index + 1}번째 말`);
  const mina = await person({ room: '개발' });
  await mina.say('왔어요');
  await mina.hears('왔어요');
  await mina.open();
  await program.say(texts, '개발');
  await mina.open('개발');
  await mina.page.getByRole('button', { name: ko.to_first_unread }).focus();
  await mina.page.keyboard.press('Enter');
  await expect(mina.message('1번째 말')).toBeInViewport();
  await focusIsSomewhere(mina.page);
  await mina.page.locator('.jump-end').focus();
  await mina.page.keyboard.press('Enter');
  await expect(mina.message('120번째 말')).toBeInViewport();
  await expect(mina.page.locator('.jump-end')).toBeHidden();
  await focusIsSomewhere(mina.page);
});

test('settings are opened, left and come back from by keyboard', async ({ chat }) => {
  const button = chat.page.getByRole('navigation').getByRole('button', { name: ko.settings });
  await button.focus();
  await chat.page.keyboard.press('Enter');
  await expect(chat.page.locator('#settings')).toBeVisible();
  await chat.page.keyboard.press('Escape');
  await expect(chat.page.locator('#settings')).toBeHidden();
  await expect(button).toBeFocused();
});
