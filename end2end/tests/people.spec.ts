/** Who somebody is to the others: a name, a colour, being here and typing. */

import type { Locator, Page } from '@playwright/test';

import { Chat, expect, test } from './support/madang.ts';
import { here, openOwnName, typing } from './support/people.ts';
import { SIZES } from './support/sizes.ts';
import { count, fill, ko, pattern } from './support/words.ts';

/** A sign that nobody sees (U+3164), which some take for a letter. */
const INVISIBLE = '\u3164\u3164';

declare global {
  interface Window {
    /** The names in the list of people, whenever they changed. */
    namesHere: string[][];
  }
}

function naming(chat: Chat): Locator {
  return chat.page.locator('form.naming');
}

/** Where it is said why a change of one's own was refused. */
function stuck(chat: Chat): Locator {
  return chat.page.locator('.notice-stuck');
}

/** The one class that says of which colour an avatar is. */
async function colour(avatar: Locator): Promise<string> {
  const classes = (await avatar.first().getAttribute('class')) ?? '';
  const found = /\bavatar-\d+\b/.exec(classes)?.[0];
  if (!found) throw new Error(`“${classes}” has no colour`);
  return found;
}

/** Notes from now on whoever is in the list of people, also where that changes back before anybody looks. */
async function watchNames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const names = () => [...document.querySelectorAll('.people .person-name')].map((name) => name.textContent ?? '');
    window.namesHere = [names()];
    new MutationObserver(() => {
      if (String(names()) !== String(window.namesHere.at(-1))) window.namesHere.push(names());
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
}

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use(use);

    test('one who only reads is asked for no name in the way, and chooses one where it is asked for', async ({
      person,
      program,
    }) => {
      await program.say(['읽을거리']);
      const [mina, juno] = [await person(use), await person(use)];
      await mina.hears('읽을거리');
      await expect(mina.page.getByRole('dialog')).toHaveCount(0);
      await mina.say('아직 이름이 없어요');
      await juno.hears('아직 이름이 없어요');
      expect(await juno.authorOf('아직 이름이 없어요')).toMatch(pattern(ko.guest_named));

      const was = await juno.authorOf('아직 이름이 없어요');
      await mina.nameSelf('민아');
      await expect(here(juno).filter({ hasText: '민아' })).toHaveCount(1);
      // What was said before is said under the name they have now; what they were called then is told by pointing at it.
      const author = juno.row('아직 이름이 없어요').locator('.message-author');
      await expect(author).toHaveText('민아');
      await expect(author).toHaveAttribute('title', was);
      await mina.say('이제 있어요');
      await juno.hears('이제 있어요');
      expect(await juno.authorOf('이제 있어요')).toBe('민아');

      await juno.reload();
      expect(await juno.authorOf('이제 있어요')).toBe('민아');
      expect(await juno.authorOf('아직 이름이 없어요')).toBe('민아');
      await mina.reload();
      await expect(naming(mina)).toBeHidden();
      await mina.say('새로 고쳐도요');
      await juno.hears('새로 고쳐도요');
      expect(await mina.authorOf('새로 고쳐도요')).toBe('민아');
    });

    test('a name is the same in every room', async ({ person }) => {
      const mina = await person(use);
      const juno = await person({ ...use, room: '개발' });
      await mina.nameSelf('민아');
      const there = await mina.tab('개발');
      await expect(naming(there)).toBeHidden();
      await there.say('여기서도 저예요');
      await juno.hears('여기서도 저예요');
      expect(await juno.authorOf('여기서도 저예요')).toBe('민아');
    });

    test('a name is changed by way of the list of people, and the others see it at once', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      await mina.nameSelf('민아');
      await expect(here(juno).filter({ hasText: '민아' })).toHaveCount(1);
      const input = await openOwnName(mina);
      await expect(input, 'what one is called stands there').toHaveValue('민아');
      await input.fill('민수');
      await mina.page.keyboard.press('Enter');
      await expect(mina.page.locator('#settings')).toBeHidden();
      await expect(here(juno).filter({ hasText: '민수' })).toHaveCount(1);
      await expect(here(juno).filter({ hasText: '민아' })).toHaveCount(0);
      await mina.say('이름을 바꿨어요');
      await juno.hears('이름을 바꿨어요');
      expect(await juno.authorOf('이름을 바꿨어요')).toBe('민수');
      await mina.reload();
      await expect(await openOwnName(mina)).toHaveValue('민수');
    });

    test('a name is changed in the settings, and one’s other tab knows', async ({ person }) => {
      const mina = await person(use);
      await mina.nameSelf('민아');
      const tab = await mina.tab();
      const rooms = await mina.openRooms();
      await rooms.getByRole('button', { name: ko.settings }).click();
      const settings = mina.page.locator('#settings');
      await settings.getByLabel(ko.page.your_name).fill('민수');
      await settings.getByRole('button', { name: ko.page.change_name }).click();
      await expect(settings).toBeHidden();
      await expect(here(tab).filter({ hasText: '민수' })).toHaveCount(1);
      await tab.say('여기서도 민수');
      await mina.hears('여기서도 민수');
      expect(await mina.authorOf('여기서도 민수')).toBe('민수');
    });

    test('a name that nobody can see is refused with what to do, and nothing is lost', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      await mina.input.fill('쓰던 말');
      await naming(mina).getByRole('textbox').fill(INVISIBLE);
      await naming(mina).getByRole('button').click();
      await expect(stuck(mina)).toContainText(ko.bad_name);
      await expect(naming(mina)).toBeVisible();
      await expect(naming(mina).getByRole('textbox')).toHaveValue(INVISIBLE);
      await expect(mina.input).toHaveValue('쓰던 말');

      await mina.nameSelf('민아');
      await expect(stuck(mina), 'another name takes the place of the one that was refused').toHaveCount(0);
      await expect(mina.input).toHaveValue('쓰던 말');
      await mina.button.click();
      await juno.hears('쓰던 말');
      expect(await juno.authorOf('쓰던 말')).toBe('민아');
    });

    test('whose new name is refused keeps the one before', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      await mina.nameSelf('민아');
      const input = await openOwnName(mina);
      await input.fill(INVISIBLE);
      await mina.page.keyboard.press('Enter');
      await expect(stuck(mina)).toContainText(ko.bad_name);
      await stuck(mina).getByRole('button', { name: ko.discard }).click();
      await expect(stuck(mina)).toHaveCount(0);
      await mina.say('그대로예요');
      await juno.hears('그대로예요');
      expect(await juno.authorOf('그대로예요')).toBe('민아');
      await expect(here(juno).filter({ hasText: '민아' })).toHaveCount(1);
    });

    test('a name is text, whatever stands in it', async ({ person }) => {
      const name = '<b>&amp;"</b>';
      const [mina, juno] = [await person(use), await person(use)];
      await mina.nameSelf(name);
      await mina.say('꺾쇠');
      await juno.hears('꺾쇠');
      expect(await juno.authorOf('꺾쇠')).toBe(name);
      await expect(here(juno).filter({ hasText: name })).toHaveText([name]);
      await juno.reload();
      expect(await juno.authorOf('꺾쇠')).toBe(name);
    });

    test('a person has one colour, wherever they are seen and whatever they are called', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      await mina.say('손님으로');
      await juno.hears('손님으로');
      await mina.nameSelf('민아');
      await mina.say('이름으로');
      await juno.hears('이름으로');
      await expect(here(juno).filter({ hasText: '민아' })).toHaveCount(1);
      const seen = await colour(juno.page.locator('.people .person', { hasText: '민아' }).locator('.avatar'));
      expect(await colour(juno.row('손님으로').locator('.avatar'))).toBe(seen);
      expect(await colour(juno.row('이름으로').locator('.avatar'))).toBe(seen);
      expect(await colour(mina.row('이름으로').locator('.avatar'))).toBe(seen);
      const html = await (await juno.page.request.get('/')).text();
      const drawn = [...html.matchAll(/class="avatar (avatar-\d+)"[^>]*>/g)].map(([, colour]) => colour);
      expect(drawn).toContain(seen);

      await juno.say('누가 읽었나');
      await mina.hears('누가 읽었나');
      await expect(async () => {
        await juno.choose('누가 읽었나', ko.page.who_read);
        const dialog = juno.page.getByRole('dialog', { name: ko.page.who_read });
        await expect(dialog).toBeVisible();
        const reader = dialog.locator('.person', { hasText: '민아' });
        const found = await reader.count();
        if (found) expect(await colour(reader.locator('.avatar'))).toBe(seen);
        await dialog.getByRole('button', { name: ko.page.close }).click();
        await expect(dialog).toBeHidden();
        expect(found).toBe(1);
      }).toPass();
    });

    test('one who comes is shown, a reload does not flicker, and one who leaves goes in a while', async ({ person }) => {
      test.slow();
      const mina = await person(use);
      const juno = await person(use);
      await juno.nameSelf('준호');
      await expect(here(mina).filter({ hasText: '준호' })).toHaveCount(1);
      const people = await mina.openPeople();
      await expect(people.locator('.people-now .people-title')).toHaveText(`${ko.here_now} 2`);
      await expect(here(mina).filter({ hasText: '준호' })).toBeVisible();

      await watchNames(mina.page);
      await juno.reload();
      await juno.say('다시 왔어요');
      await mina.hears('다시 왔어요');
      await juno.page.close();
      await expect(here(mina).filter({ hasText: '준호' }), 'gone after the grace').toHaveCount(0, { timeout: 30_000 });
      await expect(people.locator('.people-now .people-title')).toHaveText(`${ko.here_now} 1`);
      const seen = await mina.page.evaluate(() => window.namesHere.map((names) => names.includes('준호')));
      expect(seen.indexOf(false), 'it went once, at the end').toBe(seen.length - 1);
    });

    test('one is marked among those who are here', async ({ person }) => {
      const mina = await person(use);
      const juno = await person(use);
      await mina.nameSelf('민아');
      await juno.nameSelf('준호');
      const people = await mina.openPeople();
      await expect(people.locator('.person')).toHaveCount(2);
      await expect(people.locator('.person', { hasText: '민아' }).getByText(ko.me, { exact: true })).toBeVisible();
      await expect(people.locator('.person', { hasText: '준호' }).getByText(ko.me, { exact: true })).toHaveCount(0);
    });

    test('who is typing is said until it is sent, and not to the one who types', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      await juno.nameSelf('준호');
      await juno.input.pressSequentially('지금 쓰는 말');
      await expect(typing(mina)).toHaveText(fill(ko.typing_one, '준호'));
      await expect(typing(juno)).toHaveText('');
      await juno.button.click();
      await mina.hears('지금 쓰는 말');
      expect(await typing(mina).innerText(), 'whoever has spoken is not typing').toBe('');
    });

    test('who is typing is said no more when the text is taken back', async ({ person }) => {
      const [mina, juno] = [await person(use), await person(use)];
      await juno.nameSelf('준호');
      await expect(here(mina).filter({ hasText: '준호' })).toHaveCount(1);
      // Nothing runs out on the page any more: it says only what it is made to say.
      await juno.page.clock.install();
      await juno.page.clock.pauseAt(Date.now() + 5_000);
      await juno.input.pressSequentially('쓰다 만 말');
      await expect(typing(mina)).toHaveText(fill(ko.typing_one, '준호'));
      await juno.input.fill('');
      const said = () => juno.lines.open.flatMap((line) => line.sent).filter((frame) => frame.type === 'typing');
      await expect.poll(() => said().at(-1)?.on).toBe(false);
      await expect(typing(mina)).toHaveText('');
    });

    test('when several are typing, one is named and the others are counted', async ({ person }) => {
      const mina = await person(use);
      const others = [await person(use), await person(use), await person(use)];
      await others[0]?.nameSelf('준호');
      await others[0]?.input.pressSequentially('하나');
      await expect(typing(mina)).toHaveText(fill(ko.typing_one, '준호'));
      await Promise.all(others.slice(1).map((other) => other.input.pressSequentially('나도')));
      await expect(typing(mina)).toHaveText(count(ko.typing_more, 2).replace('@', '준호'));
    });
  });
}
