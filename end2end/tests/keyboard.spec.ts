/** The page by keyboard alone; and some element has the focus at all times. */

import { type Chat, expect, test } from './support/madang.ts';
import { focusIsSomewhere, conversation, rowOf, toRow } from './support/focus.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

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

test('? opens the help from the messages, Esc closes it, and the focus goes back', async ({ chat, program }) => {
  await conversation(chat, program);
  const last = await toRow(chat, '남의 끝 말');
  await chat.page.keyboard.press('?');
  const help = chat.page.getByRole('dialog', { name: ko.page.help });
  await expect(help).toBeVisible();
  await expect(help.getByText(ko.page.help_line)).toBeVisible();
  await expect(help.getByText(ko.page.help_move)).toBeVisible();
  await expect(help.getByText(ko.page.help_touch)).toBeHidden();
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
  await expect(rowOf(chat, '남의 끝 말').locator('.reaction')).toHaveCount(1);
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

test('the messages are one stop of Tab; those of a message are stops while it has the focus', async ({ chat, program }) => {
  const [first, second] = await program.say(
    Array.from({ length: 5 }, (_, number) => `https://example.org/${number}\n\n\`\`\`\n${'긴 줄 '.repeat(80)}\n\`\`\``),
  );
  await program.ask([
    { type: 'react', room: 'lobby', target: first, emoji: '👍', on: true },
    { type: 'post', room: 'lobby', message: '답이에요', replyTo: first },
  ]);
  await expect(rowOf(chat, '답이에요')).toBeVisible();
  const isInMessage = () => chat.page.evaluate(() => document.activeElement?.closest('.message') !== null);
  const once = new Set<string>();
  await chat.timeline.focus();
  for (let stops = 0; stops < 12; stops += 1) {
    await chat.page.keyboard.press('Tab');
    expect(await isInMessage(), 'a stop within a message').toBe(false);
    once.add(await chat.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 80) ?? ''));
  }
  expect(once.size).toBeGreaterThan(3);
  const stopsOf = async (seq: number) => {
    await chat.page.locator(`#m${seq}`).focus();
    const stops: string[] = [];
    for (;;) {
      await chat.page.keyboard.press('Tab');
      if (!(await isInMessage())) return stops.sort();
      stops.push(await chat.page.evaluate(() => document.activeElement?.localName ?? ''));
      expect(stops.length).toBeLessThan(10);
    }
  };
  // Whose it is, the address, the button that copies and the code itself, the reaction; then on behind the messages.
  expect(await stopsOf(first ?? 0)).toEqual(['a', 'a', 'button', 'button', 'pre']);
  // A name that is not seen is no stop.
  expect(await stopsOf(second ?? 0)).toEqual(['a', 'button', 'pre']);
});
