/** Dialogs: what is asked for seldom, over the page. */

import { hold } from './support/held.ts';
import { CONNECTION_LOST, expect, test } from './support/madang.ts';
import { conversation, toRow } from './support/focus.ts';
import { enter, follow, openFinder } from './support/room-list.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

test('a dialog whose content is slow says so at once, and is not opened again once it was closed', async ({ chat }) => {
  const release = await hold(chat.page, '**/parts/help');
  await chat.timeline.focus();
  await chat.page.keyboard.press('?');
  await expect(chat.page.getByRole('dialog', { name: ko.page.loading })).toBeVisible();
  await chat.page.keyboard.press('Escape');
  await expect(chat.page.getByRole('dialog')).toHaveCount(0);
  await chat.input.focus();
  await chat.page.keyboard.type('쓰는 중');
  const came = chat.page.waitForResponse('**/parts/help');
  release();
  await (await came).finished();
  await chat.page.keyboard.type('이에요');
  await expect(chat.input).toHaveValue('쓰는 중이에요');
  await expect(chat.input).toBeFocused();
  await expect(chat.page.getByRole('dialog')).toHaveCount(0);
});

test('a dialog whose content does not come says so, and tries again when one asks', async ({ chat, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  await chat.page.route('**/parts/help', (route) => route.abort());
  await chat.timeline.focus();
  await chat.page.keyboard.press('?');
  const failed = chat.page.getByRole('dialog', { name: ko.page.not_loaded });
  const again = failed.getByRole('button', { name: ko.page.again });
  await expect(again).toBeFocused();
  await chat.page.unroute('**/parts/help');
  await again.click();
  await expect(chat.page.getByRole('dialog', { name: ko.page.help })).toBeVisible();
});

test('a dialog whose content does not come for ten seconds says so', async ({ chat }) => {
  await hold(chat.page, '**/parts/help');
  await chat.timeline.focus();
  await chat.page.keyboard.press('?');
  const failed = chat.page.getByRole('dialog', { name: ko.page.not_loaded });
  await expect(failed.getByRole('button', { name: ko.page.again })).toBeFocused({ timeout: 30_000 });
});

test('ten letters in the field are one question', async ({ chat, program }) => {
  await program.say(['하나'], 'development');
  const dialog = await openFinder(chat);
  const asked: string[] = [];
  chat.page.on('request', (request) => {
    if (request.url().includes('/parts/found')) asked.push(request.url());
  });
  await chat.page.keyboard.type('developmen');
  await expect(dialog.getByRole('link', { name: '# development' })).toBeVisible();
  expect(asked.length).toBeLessThan(3);
  await expect(dialog.getByRole('searchbox')).toBeFocused();
});

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('Back closes what is open over the page, and nothing else', async ({ person, program }) => {
      await program.say(['로비의 말']);
      const mina = await person(use);
      await follow(mina, '개발');
      await enter(mina, '개발');
      await mina.page.locator('.heading-topic').click();
      const dialog = mina.page.getByRole('dialog');
      await expect(dialog.getByLabel(ko.page.topic)).toBeVisible();
      const there = mina.page.url();
      await mina.page.goBack();
      await expect(dialog).toHaveCount(0);
      expect(mina.page.url()).toBe(there);
      await mina.hears('개발에 왔어요');
      await mina.page.goBack();
      await mina.hears('로비의 말');
    });

    test('a dialog that was closed otherwise leaves no step behind', async ({ person, program }) => {
      await program.say(['로비의 말']);
      const mina = await person(use);
      await follow(mina, '개발');
      await enter(mina, '개발');
      for (let times = 0; times < 2; times += 1) {
        await mina.page.locator('.heading-topic').click();
        await mina.page.getByRole('dialog').getByRole('button', { name: ko.page.close }).click();
        await expect(mina.page.getByRole('dialog')).toHaveCount(0);
        await expect.poll(() => mina.page.evaluate(() => history.state)).toBeNull();
      }
      await mina.page.goBack();
      await mina.hears('로비의 말');
    });

    test('a room that was found is one step away from where one was', async ({ person, program }) => {
      await program.say(['로비의 말']);
      await program.say(['개발의 말'], '개발');
      const mina = await person(use);
      const finder = await openFinder(mina);
      await finder.getByRole('searchbox').fill('개발');
      await finder.getByRole('link', { name: '# 개발' }).click();
      await mina.hears('개발의 말');
      await mina.page.goBack();
      await mina.hears('로비의 말');
      await expect(mina.page).toHaveURL('/');
    });

    test('a press beside a dialog closes it, whichever it is', async ({ chat, program }) => {
      await conversation(chat, program);
      const dialog = chat.page.getByRole('dialog');
      await chat.page.locator('.heading-topic').click();
      await expect(dialog).toBeVisible();
      await chat.page.mouse.click(3, 3);
      await expect(dialog).toHaveCount(0);
      await chat.choose('내 말', ko.page.delete);
      await expect(dialog).toBeVisible();
      await chat.page.mouse.click(3, 3);
      await expect(dialog).toHaveCount(0);
      await expect(chat.message('내 말')).toBeVisible();
    });
  });
}

test('the deletion that was asked for by key is left by Back, and the row has the focus', async ({ chat, program }) => {
  await conversation(chat, program);
  const own = await toRow(chat, '내 말');
  await chat.page.keyboard.press('Delete');
  await expect(chat.page.getByRole('dialog')).toBeVisible();
  await chat.page.goBack();
  await expect(chat.page.getByRole('dialog')).toHaveCount(0);
  await expect(own).toBeFocused();
});

test('an empty name is refused in the page’s own words, where it is missing', async ({ chat }) => {
  const naming = chat.page.locator('form.naming');
  await naming.getByRole('button').click();
  await expect(naming.getByRole('alert')).toHaveText(ko.page.name_missing);
  await expect(naming.getByRole('textbox')).toBeFocused();
  await chat.page.keyboard.type('   ');
  await naming.getByRole('button').click();
  await expect(naming.getByRole('alert')).toHaveText(ko.page.name_missing);
  await naming.getByRole('textbox').fill('민아');
  await expect(naming.getByRole('alert')).toHaveCount(0);
  await naming.getByRole('button').click();
  await expect(naming).toBeHidden();
});

test('an empty message is refused in the page’s own words, until something is written', async ({ chat }) => {
  const why = chat.page.locator('.composer .field-why');
  for (const text of ['', ' \n ']) {
    await chat.input.fill(text);
    await chat.button.click();
    await expect(why).toHaveText(ko.empty);
    await expect(chat.input).toBeFocused();
    await chat.page.keyboard.type('이제');
    await expect(why).toHaveCount(0);
  }
  await chat.hasHeard([]);
});

test('what is typed in the dialog of a room is its topic, and is said to nobody', async ({ chat }) => {
  const topic = '서버와 화면 이야기';
  const dialog = chat.page.getByRole('dialog');
  await chat.page.locator('.heading-topic').click();
  await expect(dialog.getByLabel(ko.page.topic)).toBeFocused();
  await chat.page.keyboard.type(topic);
  await chat.page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(chat.page.locator('.heading-topic')).toHaveText(topic);
  await expect(chat.input).toHaveValue('');
  await expect(chat.said).toHaveCount(0);
});

test('the space bar does not close a dialog whose content is not there yet', async ({ chat }) => {
  const release = await hold(chat.page, '**/parts/room/*');
  const dialog = chat.page.getByRole('dialog');
  await chat.page.locator('.heading-topic').click();
  await expect(dialog).toBeVisible();
  await chat.page.keyboard.press('Space');
  release();
  await expect(dialog.getByLabel(ko.page.topic)).toBeFocused();
});
