/** People of one name: what tells them apart, and the card that says who somebody is. */

import type { Locator } from '@playwright/test';

import { type Chat, expect, test } from './support/madang.ts';
import { here, typing } from './support/people.ts';
import { Program } from './support/program.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** As many as there are colours. */
const COLOURS = 12;
/** A name, and what tells its bearer from others. */
const MARKED = /^민아\s*#[0-9a-f]{4}$/;

function card(chat: Chat): Locator {
  return chat.page.locator('#dialog');
}

function author(chat: Chat, text: string): Locator {
  return chat.row(text).locator('.message-author');
}

/** The end of somebody’s id, as their name has it. */
async function endOf(name: Locator): Promise<string> {
  await expect(name).toHaveText(MARKED);
  return /#[0-9a-f]{4}/.exec((await name.textContent()) ?? '')?.[0] ?? '';
}

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('people of one name look different, as many as there are colours, before the script and after', async ({
      madang,
      person,
    }) => {
      const texts: string[] = [];
      for (let number = 0; number < COLOURS; number += 1) {
        const program = await Program.introduce(madang);
        // What nobody sees tells nobody apart.
        await program.isCalled(number === 7 ? '민\u200b아' : '민아');
        texts.push(`${number}번째 민아`);
        await program.say(texts.slice(-1));
      }
      const juno = await person(use);
      await juno.nameSelf('주노');
      await juno.say('하나뿐인 이름');
      const looks = async () =>
        juno.page.locator('.message:not(.message-own)').evaluateAll((rows) =>
          rows.map((row) => [row.querySelector('.avatar')?.className, row.querySelector('.message-author')?.textContent]),
        );
      const seen = await looks();
      expect(new Set(seen.map(([colour]) => colour)).size, 'colours').toBe(COLOURS);
      expect(new Set(seen.map(([, called]) => called)).size, 'what they are called').toBe(COLOURS);
      for (const [, called] of seen) expect(called?.replace('\u200b', '')).toMatch(MARKED);
      await expect(author(juno, '하나뿐인 이름')).toHaveText('주노');

      const html = await (await juno.page.request.get('/')).text();
      const drawn = [...html.matchAll(/<a class="(avatar avatar-\d+)"/g)].map(([, colour]) => colour);
      expect(drawn.slice(0, COLOURS)).toEqual(seen.map(([colour]) => colour));
    });

    test('who takes the name of somebody is told from them at once, everywhere, and that is over with the name', async ({
      person,
    }) => {
      const [mina, juno, jury] = [await person(use), await person(use), await person(use)];
      await mina.nameSelf('민아');
      await mina.say('나는 민아');
      await jury.hears('나는 민아');
      await expect(author(jury, '나는 민아')).toHaveText('민아');
      await juno.nameSelf('민아');
      await juno.say('나도 민아');
      await jury.hears('나도 민아');
      const [real, other] = [await endOf(author(jury, '나는 민아')), await endOf(author(jury, '나도 민아'))];
      expect(real).not.toBe(other);
      const colour = (text: string) => jury.row(text).locator('.avatar').getAttribute('class');
      expect(await colour('나는 민아')).not.toBe(await colour('나도 민아'));
      await expect(here(jury).filter({ hasText: real })).toHaveCount(1);
      await expect(here(jury).filter({ hasText: other })).toHaveCount(1);

      await juno.input.pressSequentially('쓰는 중');
      await expect(typing(jury)).toContainText(`민아 ${other}`);

      await jury.input.click();
      await jury.page.keyboard.type('@민');
      const options = jury.page.getByRole('option');
      await expect(options).toHaveCount(2);
      await options.filter({ hasText: other }).click();
      await expect(jury.input).toHaveValue('@민아 ');
      await jury.page.keyboard.type('안녕');
      await jury.button.click();
      await expect(juno.page.locator('.message-calls-me')).toHaveCount(1);
      await mina.hears('@민아 안녕');
      await expect(mina.page.locator('.message-calls-me')).toHaveCount(0);
    });

    test('a person’s card says who they are, warns of others of the name, and mentions them', async ({
      madang,
      person,
    }) => {
      const [first, second] = [await Program.introduce(madang), await Program.introduce(madang)];
      for (const program of [first, second]) await program.isCalled('민아');
      await first.say(['먼저 온 민아']);
      await second.say(['나중에 온 민아', '또 나']);
      const juno = await person(use);
      const end = await endOf(author(juno, '나중에 온 민아'));
      await juno.row('나중에 온 민아').locator('.avatar').click();
      await expect(card(juno)).toBeVisible();
      await expect(card(juno).locator('.card-id')).toHaveText(end);
      await expect(card(juno).getByText(ko.page.namesakes_why)).toBeVisible();
      await expect(card(juno).locator('.person')).toHaveCount(1);
      // To the other one’s card and back to the page.
      await card(juno).locator('.person').click();
      await expect(card(juno).locator('.card-id')).not.toHaveText(end);
      await juno.page.keyboard.press('Escape');
      await expect(card(juno)).toBeHidden();

      // By keyboard, also where the name is not seen.
      await juno.row('또 나').focus();
      await juno.page.keyboard.press('p');
      await expect(card(juno).locator('.card-id')).toHaveText(end);
      await expect(card(juno).locator('.card-facts a')).toHaveAttribute('href', /\/rooms\/lobby\/3$/);
      await card(juno).getByRole('button', { name: ko.page.call }).click();
      await expect(card(juno)).toBeHidden();
      await expect(juno.input).toHaveValue('@민아 ');
      await expect(juno.input).toBeFocused();
      await juno.page.keyboard.type('너요');
      await juno.button.click();
      await juno.hears('@민아 너요');
      const { messages } = (await (await juno.page.request.get('/api/v1/rooms/lobby/messages')).json()) as {
        messages: { userId: string; mentions?: string[]; seq: number }[];
      };
      const said = messages.find(({ seq }) => seq === 3);
      expect(messages.at(-1)?.mentions).toEqual([said?.userId]);
    });

    test('below those who are here stand the others who have said something', async ({ person, program }) => {
      await program.isCalled('떠난 이');
      await program.say(['나는 갑니다']);
      const juno = await person(use);
      await juno.nameSelf('주노');
      await juno.say('나는 있어요');
      const people = await juno.openPeople();
      await expect(people.locator('.person')).toHaveCount(1);
      await expect(people.locator('.spoke').filter({ visible: true })).toHaveText([/떠난 이/]);
      await people.locator('.spoke').filter({ visible: true }).click();
      await expect(card(juno).locator('h2')).toHaveText('떠난 이');
      await juno.page.keyboard.press('Escape');
      await (await juno.openPeople()).locator('.person').click();
      await expect(card(juno).getByText(ko.page.person_is_you)).toBeVisible();
    });
  });
}

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false });

  test('a name leads to a page that says who it is', async ({ page, program }) => {
    await program.isCalled('민아');
    await program.say(['나는 민아']);
    await page.goto('/');
    await page.locator('.message-author').getByRole('link', { name: '민아' }).click();
    await expect(page.locator('.card-id')).toHaveText(/^#[0-9a-f]{4}$/);
    await page.getByRole('link', { name: ko.page.spoke_here }).click();
    await expect(page.locator('.person')).toHaveText([/민아/]);
    await page.getByRole('link', { name: ko.page.go_back }).click();
    await expect(page.locator('.message-text')).toHaveText(['나는 민아']);
  });
});
