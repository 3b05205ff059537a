/** Editing and deleting one’s own messages. */

import { expect, test } from './support/madang.ts';
import { closeDialog, react, deleteMessage } from './support/messages.ts';
import { rowsOf } from './support/rows.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('one changes what one has said: everybody sees it, that it was changed, and what it said before', async ({
      person,
    }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('처음 글');
      await juno.hears('처음 글');
      await expect(juno.page.locator('.message-edited')).toHaveCount(0);
      const seq = await mina.placeOf('처음 글');
      let before = '처음 글';
      for (const text of ['**둘째** 글', '셋째 글']) {
        await mina.choose(mina.at(seq), ko.page.edit);
        await expect(mina.input).toHaveValue(before);
        await mina.input.fill(text);
        await mina.page.getByRole('button', { name: ko.save }).click();
        await expect(mina.input).toHaveValue('');
        for (const one of [mina, juno]) await expect(one.at(seq).locator('.message-text')).toHaveText(text.replaceAll('*', ''));
        before = text;
      }
      await expect(mina.button).toHaveText(ko.send);
      const shown = [{ text: '셋째 글', isEdited: true, reactions: [] }];
      for (const one of [mina, juno]) await expect.poll(() => rowsOf(one)).toEqual(shown);
      await juno.reload();
      await expect.poll(() => rowsOf(juno)).toEqual(shown);
      await juno.choose(juno.at(seq), ko.page.former_texts);
      const dialog = juno.page.getByRole('dialog', { name: ko.page.former_texts });
      await expect(dialog.locator('.message-text')).toHaveText(['처음 글', '둘째 글']);
      await expect(dialog.locator('strong')).toHaveText('둘째');
      await closeDialog(juno);
      // It is said only of what was changed.
      await mina.say('그대로인 글');
      await juno.hears('그대로인 글');
      const menu = await juno.openMenu('그대로인 글');
      await expect(menu.getByRole('menuitem', { name: ko.page.former_texts })).toBeHidden();
    });

    test('an edit that is given up changes nothing and gives back what was being written', async ({ chat }) => {
      await chat.say('그대로 둘 글');
      await chat.hears('그대로 둘 글');
      await chat.input.click();
      await chat.page.keyboard.type('쓰던 글');
      for (const giveUp of [
        () => chat.page.keyboard.press('Escape'),
        () => chat.page.locator('.intent').getByRole('button', { name: ko.cancel }).click(),
      ]) {
        await chat.choose('그대로 둘 글', ko.page.edit);
        await expect(chat.page.getByText(ko.editing)).toBeVisible();
        await chat.input.fill('바꾸려던 글');
        await giveUp();
        await expect(chat.page.getByText(ko.editing)).toBeHidden();
        await expect(chat.input).toHaveValue('쓰던 글');
      }
      await chat.input.fill('다음 글');
      await chat.button.click();
      await chat.hasHeard(['그대로 둘 글', '다음 글']);
      await expect(chat.page.locator('.message-edited')).toHaveCount(0);
    });

    test('what others have said can be neither changed nor deleted', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('미나의 말');
      await juno.hears('미나의 말');
      const own = await mina.openMenu('미나의 말');
      for (const item of [ko.page.edit, ko.page.delete]) {
        await expect(own.getByRole('menuitem', { name: item, exact: true })).toBeVisible();
      }
      const menu = await juno.openMenu('미나의 말');
      await expect(menu.getByRole('menuitem', { name: ko.page.reply })).toBeVisible();
      for (const item of [ko.page.edit, ko.page.delete]) {
        await expect(menu.getByRole('menuitem', { name: item, exact: true })).toBeHidden();
      }
      await juno.page.keyboard.press('Escape');
      await expect(menu).toBeHidden();
      // Nor with the keys for it, which work on one's own.
      const intent = juno.page.getByText(ko.editing);
      await juno.row('미나의 말').focus();
      await juno.page.keyboard.press('e');
      await juno.page.keyboard.press('Delete');
      await expect(intent).toBeHidden();
      await expect(juno.page.getByRole('dialog')).toBeHidden();
      await juno.say('주노의 말');
      await juno.hears('주노의 말');
      await juno.row('주노의 말').focus();
      await juno.page.keyboard.press('e');
      await expect(intent).toBeVisible();
      await juno.page.keyboard.press('Escape');
      await juno.row('주노의 말').focus();
      await juno.page.keyboard.press('Delete');
      await expect(juno.page.getByRole('dialog')).toBeVisible();
    });

    test('deleting asks first, leaves a mark where the text was, and leaves the text nowhere', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      await mina.say('잘못한 말');
      await mina.say('남을 말');
      await juno.hears('남을 말');
      await juno.choose('잘못한 말', ko.page.reply);
      await juno.say('그 말에 대한 답');
      await react(juno, juno.at(1), '👀');
      await expect(juno.page.locator('.reaction')).toHaveText(['👀 1']);
      await mina.hears('그 말에 대한 답');
      const seq = await mina.placeOf('잘못한 말');

      await mina.choose(mina.at(seq), ko.page.delete);
      const dialog = mina.page.getByRole('dialog', { name: ko.page.delete_this });
      await expect(dialog.getByRole('button', { name: ko.page.cancel })).toBeFocused();
      await dialog.getByRole('button', { name: ko.page.cancel }).click();
      await expect(dialog).toBeHidden();
      await mina.say('아직 있는 말');
      await juno.hears('아직 있는 말');
      for (const one of [mina, juno]) await expect(one.at(seq).locator('.message-text')).toHaveText('잘못한 말');

      await deleteMessage(mina, mina.at(seq));
      const shown = [
        { text: ko.deleted_message, isEdited: false, reactions: [] },
        { text: '남을 말', isEdited: false, reactions: [] },
        { text: '그 말에 대한 답', isEdited: false, quote: ko.deleted_message, reactions: [] },
        { text: '아직 있는 말', isEdited: false, reactions: [] },
      ];
      for (const one of [mina, juno]) {
        await expect.poll(() => rowsOf(one)).toEqual(shown);
        expect(await one.page.content()).not.toContain('잘못한 말');
        // There is nothing to be done with it any more.
        await expect(one.at(seq).getByRole('button')).toHaveCount(0);
      }
      for (const one of [mina, juno]) {
        await one.reload();
        await expect.poll(() => rowsOf(one)).toEqual(shown);
        expect(await one.page.content()).not.toContain('잘못한 말');
      }
      const history = await juno.page.request.get('/api/v1/rooms/lobby/messages');
      expect(await history.text()).not.toContain('잘못한 말');
    });
  });
}
