/** The focus stays where one put it, and what one types goes where one writes. */

import { type Chat, CONNECTION_LOST, expect, test } from './support/madang.ts';
import { conversation, focusIsSomewhere, rowOf, toRow } from './support/focus.ts';
import { hold, holdWasm } from './support/held.ts';
import { sayings } from './support/sayings.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** Letters that are commands on a row: reply, edit, emoji, copy, link, unread. */
const COMMANDS = 'recklure';

/** Nothing was begun that letters on a row begin. */
async function nothingBegan(chat: Chat): Promise<void> {
  await expect(chat.page.locator('.intent')).toHaveCount(0);
  await expect(chat.page.getByRole('dialog')).toHaveCount(0);
  await expect(chat.page.locator('.toast')).toBeHidden();
}

test('where there is a mouse the input has the focus from the start, before the page is alive', async ({ chat }) => {
  const release = await holdWasm(chat.page);
  await chat.page.reload({ waitUntil: 'commit' });
  await expect(chat.input).toBeFocused();
  await chat.page.keyboard.type('바로 쓴 말');
  release();
  await chat.lines.joined(1);
  await expect(chat.input).toHaveValue('바로 쓴 말');
  await expect(chat.input).toBeFocused();
});

test('what is typed elsewhere goes to the input', async ({ chat, program }) => {
  await program.say(['남의 말']);
  await chat.hears('남의 말');
  await chat.page.locator('.heading-topic').focus();
  await chat.page.keyboard.type('abc');
  await expect(chat.input).toHaveValue('abc');
  await chat.timeline.focus();
  await chat.page.keyboard.type('def');
  await expect(chat.input).toHaveValue('abcdef');
  // A row that was pressed with the mouse is not one that was gone to by keyboard.
  await chat.message('남의 말').click();
  await chat.page.keyboard.type(COMMANDS);
  await expect(chat.input).toHaveValue(`abcdef${COMMANDS}`);
  await nothingBegan(chat);
});

test('what is typed while the page of a message comes alive stays in the input', async ({ chat, program }) => {
  const seqs = await program.say(sayings(60));
  const release = await holdWasm(chat.page);
  await chat.page.goto(`/rooms/lobby/${seqs[5]}`, { waitUntil: 'commit' });
  await chat.input.focus();
  await chat.page.keyboard.type('쓰던 ');
  release();
  await chat.lines.joined(1);
  await chat.page.keyboard.type(COMMANDS);
  await expect(chat.input).toHaveValue(`쓰던 ${COMMANDS}`);
  await nothingBegan(chat);
});

test('what is typed after a quotation was pressed goes to the input, before it is there and after', async ({
  chat,
  program,
}) => {
  const [first] = await program.say(sayings(400));
  await program.ask([{ type: 'post', room: 'lobby', message: '답이에요', replyTo: first }]);
  await chat.open();
  const release = await hold(chat.page, '**/api/v1/rooms/**');
  await chat.row('답이에요').locator('.message-quote').click();
  await chat.page.keyboard.type(COMMANDS);
  await expect(chat.input).toHaveValue(COMMANDS);
  release();
  await expect(chat.message('1번째 말')).toBeInViewport();
  await chat.page.keyboard.type(COMMANDS);
  await expect(chat.input).toHaveValue(COMMANDS + COMMANDS);
  await nothingBegan(chat);
});

test('whoever goes to a quotation by keyboard is at its row, and nothing they type on the way is a command', async ({
  chat,
  program,
}) => {
  const [first] = await program.say(sayings(400));
  await program.ask([{ type: 'post', room: 'lobby', message: '답이에요', replyTo: first }]);
  await chat.open();
  await toRow(chat, '답이에요');
  await chat.page.keyboard.press('Tab');
  await expect(chat.row('답이에요').locator('.message-name')).toBeFocused();
  await chat.page.keyboard.press('Tab');
  await expect(chat.row('답이에요').locator('.message-quote')).toBeFocused();
  await chat.page.keyboard.press('Enter');
  await expect(rowOf(chat, '1번째 말')).toBeFocused();
  await chat.page.keyboard.press('r');
  await expect(chat.page.locator('.intent')).toBeVisible();
});

test('a post that is discarded gives the focus to the one beside it, and a key that is held discards one alone', async ({
  chat,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  await chat.page.context().setOffline(true);
  await chat.page.evaluate(() => dispatchEvent(new Event('offline')));
  await expect(chat.status).not.toHaveText('', { timeout: 45_000 });
  const texts = ['하나', '둘', '셋', '넷', '다섯'];
  for (const text of texts) await chat.say(text);
  await expect(chat.pending).toHaveText(texts);
  const discard = (text: string) => chat.row(text).getByRole('button', { name: ko.discard });
  await discard('셋').focus();
  // Held down: Chromium repeats the key.
  await chat.page.keyboard.down('Enter');
  for (let times = 0; times < 5; times += 1) await chat.page.keyboard.down('Enter');
  await chat.page.keyboard.up('Enter');
  await expect(chat.pending).toHaveText(['하나', '둘', '넷', '다섯']);
  await expect(chat.row('넷')).toBeFocused();
  await discard('다섯').focus();
  await chat.page.keyboard.press('Enter');
  await expect(chat.pending).toHaveText(['하나', '둘', '넷']);
  await expect(chat.row('넷')).toBeFocused();
});

test('a key that is held sends once', async ({ chat }) => {
  await chat.input.fill('한 번만');
  await chat.input.focus();
  for (let times = 0; times < 5; times += 1) await chat.page.keyboard.down('Enter');
  await chat.page.keyboard.up('Enter');
  await chat.hasHeard(['한 번만']);
  await expect(chat.refusal).toHaveText('');
});

test('a dialog that was opened by key gives the focus back to its message, though that was changed meanwhile', async ({
  chat,
  program,
}) => {
  const [seq] = await program.say(['처음 말']);
  await chat.hears('처음 말');
  await toRow(chat, '처음 말');
  await chat.page.keyboard.press('+');
  const dialog = chat.page.getByRole('dialog', { name: ko.page.emoji });
  await expect(dialog).toBeVisible();
  await program.ask([{ type: 'react', room: 'lobby', target: seq, emoji: '👍', on: true }]);
  await expect(chat.row('처음 말').locator('.reaction')).toHaveText('👍 1');
  await program.ask([{ type: 'edit', room: 'lobby', target: seq, message: '고친 말' }]);
  await chat.hears('고친 말');
  await chat.page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(rowOf(chat, '고친 말')).toBeFocused();
});

test('what is selected in a message stays selected, and its code scrolled, while others react to it', async ({
  chat,
  program,
}) => {
  const text = `고를 말\n\n\`\`\`\n${'긴 줄 '.repeat(80)}\n\`\`\``;
  const [seq] = await program.say([text]);
  const row = chat.page.locator(`#m${seq}`);
  await expect(row.locator('pre')).toBeVisible();
  await row.locator('.message-text').evaluate((it) => getSelection()?.selectAllChildren(it));
  await row.locator('pre').evaluate((it) => (it.scrollLeft = 200));
  const selected = () => chat.page.evaluate(() => String(getSelection()));
  const before = await selected();
  expect(before).toContain('고를 말');
  await program.ask([{ type: 'react', room: 'lobby', target: seq, emoji: '👍', on: true }]);
  await expect(row.locator('.reaction')).toHaveText('👍 1');
  await program.say(['이어지는 말']);
  await chat.hears('이어지는 말');
  expect(await selected()).toBe(before);
  expect(await row.locator('pre').evaluate((it) => it.scrollLeft)).toBe(200);
});

test('the way to the end that was pressed leads back to the input', async ({ chat, program }) => {
  await program.say(sayings(120));
  await conversation(chat, program);
  await chat.timeline.hover();
  await chat.page.mouse.wheel(0, -3_000);
  await chat.page.locator('.jump-end').click();
  await expect(chat.input).toBeFocused();
  await focusIsSomewhere(chat.page);
});
