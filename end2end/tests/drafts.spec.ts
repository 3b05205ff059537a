/** What is being written, as what it is meant, survives leaving the room or the page; and it goes everywhere once it is sent. */

import { type Chat, CONNECTION_LOST, expect, test } from './support/madang.ts';
import { fill, ko } from './support/words.ts';

async function type(chat: Chat, text: string): Promise<void> {
  await chat.input.click();
  await chat.input.pressSequentially(text);
}

/** What stands above the input. */
const intent = (chat: Chat) => chat.page.locator('.intent');

test('an answer and an edit come back with what they are meant for, over another room and a reload', async ({
  chat,
  person,
}) => {
  const juno = await person();
  await juno.nameSelf('주노');
  await juno.say('무엇이 좋아요?');
  await chat.hears('무엇이 좋아요?');
  await chat.choose('무엇이 좋아요?', ko.page.reply);
  await type(chat, '이것이');
  for (const back of [() => chat.open(), () => chat.reload()]) {
    await chat.open('개발');
    await expect(chat.input).toHaveValue('');
    await expect(intent(chat)).toBeHidden();
    await chat.open();
    await back();
    await expect(chat.input).toHaveValue('이것이');
    await expect(intent(chat)).toContainText(fill(ko.replying_to, '주노'));
  }
  await chat.input.press('Enter');
  await juno.hears('이것이');
  await expect(juno.row('이것이').locator('.message-quote')).toContainText('무엇이 좋아요?');

  await chat.choose('이것이', ko.page.edit);
  await type(chat, ' 아니라');
  // No word to the page: the tab is just gone.
  await expect.poll(() => chat.page.evaluate(() => JSON.stringify(localStorage))).toContain('이것이 아니라');
  await chat.reload();
  await expect(chat.input).toHaveValue('이것이 아니라');
  await expect(intent(chat)).toContainText(ko.editing);
  await chat.input.press('Enter');
  await juno.hears('이것이 아니라');
});

test('whoever begins something else while an edit has changes is asked first', async ({ chat }) => {
  for (const text of ['하나', '둘']) {
    await chat.say(text);
    await chat.hears(text);
  }
  const asked = chat.page.getByRole('dialog', { name: ko.page.drop_edit });
  await chat.choose('하나', ko.page.edit);
  await type(chat, ' 고침');
  for (const item of [ko.page.edit, ko.page.reply]) {
    await chat.choose('둘', item);
    await expect(asked).toBeVisible();
    await expect(asked.getByRole('button', { name: ko.page.edit_on })).toBeFocused();
    await chat.page.keyboard.press('Enter');
    await expect(asked).toBeHidden();
    await expect(chat.input).toHaveValue('하나 고침');
  }
  await chat.choose('둘', ko.page.reply);
  await asked.getByRole('button', { name: ko.page.drop_it }).click();
  await expect(intent(chat)).toContainText(fill(ko.replying_to, ''));
  await expect(chat.input).toHaveValue('');
  await expect(chat.input).toBeFocused();
  // Nothing was changed in that one: nobody is asked.
  await chat.choose('하나', ko.page.edit);
  await chat.choose('둘', ko.page.edit);
  await expect(asked).toBeHidden();
  await expect(chat.input).toHaveValue('둘');
});

test('a tab stores only what was written in it, and what one tab sent is in no other any more', async ({ chat, quiet }) => {
  // A tab that takes over is closed while it connects.
  quiet.expect(CONNECTION_LOST);
  await type(chat, '쓰던 글');
  await expect.poll(() => chat.page.evaluate(() => JSON.stringify(localStorage))).toContain('쓰던 글');
  const idle = await chat.tab();
  await expect(idle.input).toHaveValue('쓰던 글');
  const third = await chat.tab('개발');
  await chat.input.press('Enter');
  await chat.hasHeard(['쓰던 글']);
  await expect(idle.input).toHaveValue('');

  await type(chat, '또 쓰는 글');
  await chat.goto('개발');
  await idle.page.close();
  await third.page.close();
  await chat.goto();
  await expect(chat.input).toHaveValue('또 쓰는 글');
  const last = await chat.tab();
  await expect(last.input).toHaveValue('또 쓰는 글');
  await last.input.press('Enter');
  await expect(chat.input).toHaveValue('');
  await chat.page.reload();
  await chat.hasHeard(['쓰던 글', '또 쓰는 글']);
  await expect(chat.input).toHaveValue('');
});

test('what somebody was writing is not shown to who comes after them in this browser', async ({ chat }) => {
  await type(chat, '앞사람의 글');
  await chat.open('개발');
  await chat.page.context().clearCookies();
  await chat.open();
  await expect(chat.input).toHaveValue('');
});
