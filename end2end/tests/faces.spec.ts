/** The fonts that pictures and signs are drawn with. */

import type { Locator } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { react } from './support/messages.ts';

/** Pictures by themselves: of several planes, and some that text fonts have, too. */
const PICTURES = ['⌚', '⏰', '☔', '♈', '⚡', '⚽', '✅', '✨', '❌', '➕', '⭐', '⭕', '🀄', '🆎', '🈁', '🈳', '👀', '👍', '🙏', '🥲', '🇰🇷', '❤️'];
/** Signs that are pictures only where that is asked for. */
const SIGNS = '★ ☎ ♠ © → 가나다 abc';

/** The fonts that a message is drawn with, by the browser’s own account: how many glyphs of each. */
async function fontsOf(chat: Chat, element: Locator): Promise<Record<string, number>> {
  const protocol = await chat.page.context().newCDPSession(chat.page);
  await protocol.send('DOM.enable');
  await protocol.send('CSS.enable');
  await element.evaluate((it) => it.setAttribute('data-looked-at', ''));
  const { root } = await protocol.send('DOM.getDocument');
  const { nodeId } = await protocol.send('DOM.querySelector', { nodeId: root.nodeId, selector: '[data-looked-at]' });
  const { fonts } = await protocol.send('CSS.getPlatformFontsForNode', { nodeId });
  await element.evaluate((it) => it.removeAttribute('data-looked-at'));
  await protocol.detach();
  return Object.fromEntries(fonts.map(({ familyName, glyphCount }) => [familyName, glyphCount]));
}

test('pictures are drawn by the system’s font for them wherever they stand, and signs by that of the text', async ({
  chat,
  program,
}) => {
  const [seq] = await program.say([`글 ${PICTURES.join('')}`, `글 ${SIGNS}`]);
  await chat.hears(`글 ${SIGNS}`);
  for (const picture of PICTURES) {
    const text = chat.at(seq ?? 0).locator('.message-text');
    await text.evaluate((it, shown) => (it.textContent = shown), picture);
    const fonts = Object.keys(await fontsOf(chat, text));
    expect(fonts.filter((font) => !/emoji/i.test(font)), picture).toEqual([]);
    expect(fonts.length, picture).toBe(1);
  }
  const fonts = await fontsOf(chat, chat.message(`글 ${SIGNS}`));
  expect(Object.keys(fonts).filter((font) => /emoji/i.test(font))).toEqual([]);
  await react(chat, `글 ${SIGNS}`, '👍');
  const reaction = chat.page.locator('.reaction');
  await expect(reaction).toHaveCount(1);
  // It is drawn anew once when the server has it.
  await expect(async () => {
    await reaction.evaluate((it) => (it.textContent = '👍'));
    expect(Object.keys(await fontsOf(chat, reaction)).filter((font) => !/emoji/i.test(font))).toEqual([]);
  }).toPass();
});
