/** What became of messages while one was away: changed, deleted, reacted to, answered — by others and by oneself. */

import { type Chat, CONNECTION_LOST, expect, test } from './support/madang.ts';
import { rowsOf, type ShownRow } from './support/rows.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

function row(text: string, { isEdited = false, quote, reactions = [] }: Partial<ShownRow> = {}): ShownRow {
  return { text, isEdited, ...(quote === undefined ? {} : { quote }), reactions };
}

async function edit(chat: Chat, seq: number, text: string): Promise<void> {
  await chat.choose(chat.at(seq), ko.page.edit);
  await chat.input.fill(text);
  await chat.page.getByRole('button', { name: ko.save }).click();
  await expect(chat.input).toHaveValue('');
}

async function deleteMessage(chat: Chat, seq: number): Promise<void> {
  await chat.choose(chat.at(seq), ko.page.delete);
  await chat.page.getByRole('dialog').getByRole('button', { name: ko.page.delete }).click();
  await expect(chat.page.getByRole('dialog')).toBeHidden();
}

async function react(chat: Chat, seq: number, emoji: string): Promise<void> {
  const menu = await chat.openMenu(chat.at(seq));
  await menu.locator(`[data-emoji="${emoji}"]`).click();
  await expect(menu).toBeHidden();
}

async function reply(chat: Chat, seq: number, text: string): Promise<void> {
  await chat.choose(chat.at(seq), ko.page.reply);
  await chat.say(text);
}

/** What carries the chat: what the relay lets through, and the word for it. */
const TRANSPORTS = [
  { transport: ko.live, letsUpgrade: true, letsStreams: true },
  { transport: ko.stream, letsUpgrade: false, letsStreams: true },
  { transport: ko.long_poll, letsUpgrade: false, letsStreams: false },
];

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    for (const { transport, letsUpgrade, letsStreams } of TRANSPORTS) {
      test(`over ${transport}, what was changed while the line was down is shown, and arrives, once`, async ({
        madang,
        page,
        person,
        program,
        relay,
        quiet,
      }) => {
        quiet.expect(CONNECTION_LOST);
        test.setTimeout(120_000);
        const mina = await person();
        const juno = await person();
        Object.assign(relay, { letsUpgrade, letsStreams });
        await juno.page.goto(relay.url);
        await expect(juno.transport).toHaveText(transport, { timeout: 60_000 });
        for (const text of ['하나', '둘', '셋', '넷']) await mina.say(text);
        await juno.hears('넷');
        for (const text of ['다섯', '여섯']) await juno.say(text);
        await mina.hears('여섯');

        relay.down();
        await expect(juno.status).not.toHaveText('', { timeout: 45_000 });
        // Others: an edit, a deletion, an emoji, an answer to what is edited afterwards.
        await edit(mina, 1, '하나를 고침');
        await deleteMessage(mina, 2);
        await react(mina, 3, '👍');
        await reply(mina, 4, '넷에 답');
        await mina.hears('넷에 답');
        await edit(mina, 4, '넷을 고침');
        await program.ask([{ type: 'react', room: 'lobby', target: 5, emoji: '🎉', on: true }]);

        // Oneself meanwhile: each is shown at once.
        await edit(juno, 5, '다섯을 고침');
        await deleteMessage(juno, 6);
        await react(juno, 3, '👍');
        await react(juno, 1, '👀');
        await reply(juno, 4, '나도 넷에 답');
        const before = [
          row('하나', { reactions: ['👀 1'] }),
          row('둘'),
          row('셋', { reactions: ['👍 1'] }),
          row('넷'),
          row('다섯을 고침', { isEdited: true }),
          row(ko.deleted_message),
        ];
        await expect.poll(() => rowsOf(juno)).toEqual(before);
        await expect(juno.pending).toHaveText(['나도 넷에 답']);
        await expect(mina.at(5).locator('.message-text')).toHaveText('다섯');

        relay.up();
        const after = [
          row('하나를 고침', { isEdited: true, reactions: ['👀 1'] }),
          row(ko.deleted_message),
          row('셋', { reactions: ['👍 2'] }),
          row('넷을 고침', { isEdited: true }),
          row('다섯을 고침', { isEdited: true, reactions: ['🎉 1'] }),
          row(ko.deleted_message),
          row('넷에 답', { quote: '넷을 고침' }),
          row('나도 넷에 답', { quote: '넷을 고침' }),
        ];
        await expect(juno.status).toHaveText('', { timeout: 45_000 });
        for (const one of [mina, juno]) await expect.poll(() => rowsOf(one), { timeout: 45_000 }).toEqual(after);
        await expect(juno.pending).toHaveCount(0);
        await expect(juno.transport).toHaveText(transport);

        // It has arrived once: the server has one former text, and whoever comes now sees the same.
        const { edits } = await (await fetch(`${madang.url}/api/v1/rooms/lobby/messages/5/edits`)).json();
        expect(edits).toHaveLength(1);
        await page.goto('/');
        await juno.page.reload();
        await expect(juno.transport).toHaveText(transport, { timeout: 60_000 });
        await expect.poll(() => rowsOf(juno)).toEqual(after);
        await expect(page.locator('.message .reaction')).toHaveText(['👀 1', '👍 2', '🎉 1']);
      });
    }

    test('what was changed on a page that was left before it could be sent is sent by the next page', async ({
      person,
      relay,
      quiet,
    }) => {
      quiet.expect(CONNECTION_LOST);
      const [mina, juno] = [await person(), await person({ baseURL: relay.url })];
      await mina.say('미나의 말');
      await juno.hears('미나의 말');
      await juno.say('주노의 말');
      await mina.hears('주노의 말');
      relay.down();
      await expect(juno.status).not.toHaveText('');
      await react(juno, 1, '👍');
      await edit(juno, 2, '주노의 고친 말');
      // Written down: it survives the page.
      await expect
        .poll(() => rowsOf(juno))
        .toEqual([row('미나의 말', { reactions: ['👍 1'] }), row('주노의 고친 말', { isEdited: true })]);
      await juno.page.goto('about:blank');
      relay.up();
      await juno.goto();
      for (const one of [mina, juno]) {
        await expect
          .poll(() => rowsOf(one))
          .toEqual([row('미나의 말', { reactions: ['👍 1'] }), row('주노의 고친 말', { isEdited: true })]);
      }
    });

    test('what is done in one tab is seen in the other, at once and once', async ({ chat, person }) => {
      const second = await chat.tab();
      const juno = await person();
      await chat.say('하나');
      await second.hears('하나');
      await second.say('둘');
      await chat.hears('둘');
      await juno.say('셋');
      await second.hears('셋');
      await edit(second, 1, '하나를 고침');
      await deleteMessage(chat, 2);
      await react(second, 3, '👍');
      await reply(second, 3, '셋에 답');
      const all = [chat, second, juno];
      const shown = [
        row('하나를 고침', { isEdited: true }),
        row(ko.deleted_message),
        row('셋', { reactions: ['👍 1'] }),
        row('셋에 답', { quote: '셋' }),
      ];
      for (const one of all) await expect.poll(() => rowsOf(one)).toEqual(shown);
      // It is one person: what one tab has put there the other takes back.
      const mark = chat.at(3).locator('.reaction');
      await expect(mark).toHaveAttribute('aria-pressed', 'true');
      await mark.click();
      shown[2] = row('셋');
      for (const one of all) await expect.poll(() => rowsOf(one)).toEqual(shown);
    });
  });
}
