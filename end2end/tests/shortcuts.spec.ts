/** Shortcuts are where they are on the keyboard, whatever is written with it. */

import { expect, test } from './support/madang.ts';
import { conversation, toRow } from './support/focus.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** What a key says in other scripts, and with Caps Lock. */
const KEYS_K = [
  { key: 'K', code: 'KeyK' },
  { key: 'л', code: 'KeyK' },
  { key: 'ㅏ', code: 'KeyK' },
];

for (const { key, code } of KEYS_K) {
  test(`Ctrl and the key that writes ${key} look for a room`, async ({ chat }) => {
    const protocol = await chat.page.context().newCDPSession(chat.page);
    await protocol.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code, windowsVirtualKeyCode: 75, modifiers: 2 });
    await protocol.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code, windowsVirtualKeyCode: 75, modifiers: 2 });
    await expect(chat.page.getByRole('dialog', { name: ko.page.find_rooms })).toBeVisible();
  });
}

for (const key of ['R', 'к', 'ㄱ']) {
  test(`on a row the key that writes ${key} answers`, async ({ chat, program }) => {
    await conversation(chat, program);
    await toRow(chat, '남의 첫 말');
    const protocol = await chat.page.context().newCDPSession(chat.page);
    await protocol.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code: 'KeyR', windowsVirtualKeyCode: 82 });
    await expect(chat.page.locator('.intent')).toBeVisible();
    await expect(chat.input).toBeFocused();
  });
}

test('with Alt, which writes signs on many keyboards, no key is a shortcut', async ({ chat, program }) => {
  await conversation(chat, program);
  const row = await toRow(chat, '내 말');
  const protocol = await chat.page.context().newCDPSession(chat.page);
  for (const [key, code, windowsVirtualKeyCode] of [
    ['®', 'KeyR', 82],
    ['´', 'KeyE', 69],
    ['ArrowUp', 'ArrowUp', 38],
    ['k', 'KeyK', 75],
  ] as const) {
    for (const modifiers of code === 'KeyK' ? [3] : [1]) {
      await protocol.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code, windowsVirtualKeyCode, modifiers });
    }
  }
  await expect(row).toBeFocused();
  await expect(chat.page.locator('.intent')).toHaveCount(0);
  await expect(chat.page.getByRole('dialog')).toHaveCount(0);
});
