import type { Locator } from '@playwright/test';

import { Chat, expect, LOADED_IN_VAIN, REFUSED, test } from './support/madang.ts';
import { sayings } from './support/sayings.ts';
import { SIZES } from './support/sizes.ts';
import { count, fill, ko } from './support/words.ts';

test.use({ javaScriptEnabled: false });

/** The part of the room's history that is shown. */
function from(first: number, last: number): string[] {
  return sayings(last).slice(first - 1);
}

/** Where a name is chosen as long as there is none. */
function naming(chat: Chat): Locator {
  return chat.page.locator('form.naming');
}

test.beforeEach(({ quiet }) => quiet.expect(LOADED_IN_VAIN));

test('the page can be read, and its form posts a message and comes back to the room', async ({ page, program }) => {
  await program.say(['이미 있던 말']);
  const chat = new Chat(page);
  await chat.goto();
  await chat.hasHeard(['이미 있던 말']);
  await chat.say('양식으로 보낸 말');
  await chat.hasHeard(['이미 있던 말', '양식으로 보낸 말']);
  expect(new URL(page.url()).pathname).toBe('/');
  expect(await chat.isOwn('양식으로 보낸 말')).toBe(true);
  expect(await chat.isOwn('이미 있던 말')).toBe(false);
});

test('a room other than the lobby works the same', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto('개발');
  await chat.say('방에서');
  await chat.hasHeard(['방에서']);
  expect(decodeURIComponent(new URL(page.url()).pathname)).toBe('/rooms/개발');
});

test('several lines stay several lines', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  await chat.say('첫째 줄\n둘째 줄');
  await expect(chat.said).toHaveCount(1);
  expect(await chat.said.innerText()).toBe('첫째 줄\n둘째 줄');
});

test('a reload after sending, Back, and sending again double nothing', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  await chat.say('한 번만');
  await chat.hasHeard(['한 번만']);
  await page.reload();
  await chat.hasHeard(['한 번만']);
  await page.goBack();
  await expect(chat.heading).toBeVisible();
  // Whatever the browser has put back into the form is sent again.
  await chat.button.click();
  await page.goto('/');
  await chat.hasHeard(['한 번만']);
});

test('the same form sent twice posts once, and with another text it says so and keeps the text', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  const action = await page.locator('form.composer').getAttribute('action');
  const clientId = await page.locator('input[name="clientId"]').inputValue();
  if (!action) throw new Error('the form has an address');
  // A browser that kept the page as it was sends just this, at Back and a second click.
  const send = (message: string) => page.request.post(action, { form: { clientId, message } });
  for (const response of [await send('두 번'), await send('두 번')]) expect(response.url()).toBe(page.url());
  const other = await send('다른 말');
  expect(other.status()).toBe(409);
  expect(await other.text()).toContain('다른 말</textarea>');
  await page.reload();
  await chat.hasHeard(['두 번']);
});

test('two clicks on the button post once', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  await chat.input.fill('성급하게');
  await chat.button.dblclick();
  await chat.hasHeard(['성급하게']);
  await page.reload();
  await chat.hasHeard(['성급하게']);
});

test('what was refused stays in the input, with a sentence that says why', async ({ page, quiet }) => {
  quiet.expect(REFUSED);
  const text = `\n</textarea><b>&amp;\n${'가'.repeat(4_000)}`;
  const chat = new Chat(page);
  await chat.goto();
  await chat.input.fill(text);
  await chat.button.click();
  await expect(chat.refusal).toHaveText(ko.too_long);
  await expect(chat.input).toHaveValue(text);
  await expect(chat.said).toHaveCount(0);

  await chat.input.fill('줄인 말');
  await chat.button.click();
  await chat.hasHeard(['줄인 말']);
  await expect(chat.refusal).toHaveText('');
  await expect(chat.input).toHaveValue('');
});

test.describe('with a limit of one message', () => {
  test.use({ serverFlags: ['--post-rate', '1'] });

  test('one who sends too fast is told so and loses no text', async ({ page, quiet }) => {
    quiet.expect(REFUSED);
    const chat = new Chat(page);
    await chat.goto();
    await chat.say('하나');
    await chat.input.fill('둘은 너무 많다');
    await chat.button.click();
    await expect(chat.refusal).toHaveText(ko.too_fast);
    await expect(chat.input).toHaveValue('둘은 너무 많다');
    await chat.hasHeard(['하나']);
  });
});

for (const { name, use } of SIZES) {
  test.describe(`on a ${name}`, () => {
    test.use({ ...use, serverFlags: ['--post-rate', '0'] });

    test('older and newer messages are links away, down to the first and up to the last', async ({ page, program }) => {
      await program.say(sayings(120));
      const chat = new Chat(page);
      await chat.goto();
      await chat.hasHeard(from(71, 120));
      await expect(chat.message('120번째 말')).toBeInViewport();
      const older = page.getByRole('link', { name: ko.older });
      const newer = page.getByRole('link', { name: ko.newer });
      await expect(newer).toHaveCount(0);
      await older.click();
      await chat.hasHeard(from(21, 70));
      await older.click();
      await chat.hasHeard(from(1, 20));
      await expect(page.getByText(ko.room_begins)).toBeVisible();
      await expect(older).toHaveCount(0);
      await newer.click();
      await chat.hasHeard(from(21, 70));
      await newer.click();
      await chat.hasHeard(from(71, 120));
      await expect(newer).toHaveCount(0);
    });

    test('in a room it is the same, and one who says something there sees it', async ({ page, program }) => {
      await program.say(sayings(60), '개발');
      const chat = new Chat(page);
      await chat.goto('개발');
      await page.getByRole('link', { name: ko.older }).click();
      await chat.hasHeard(from(1, 10));
      await chat.say('옛말을 읽고');
      await expect(chat.message('옛말을 읽고')).toBeInViewport();
    });

    test('a message has an address of its own, and what it answers is a link to it', async ({ page, program }) => {
      const seqs = await program.say(sayings(120));
      await program.ask([{ type: 'post', room: 'lobby', message: '답이에요', replyTo: seqs[9] }]);
      const chat = new Chat(page);
      await chat.goto();
      await chat.row('답이에요').locator('.message-quote').click();
      await expect(page).toHaveURL(new RegExp(`/rooms/lobby/${seqs[9]}(#.*)?$`));
      await expect(chat.message('10번째 말')).toBeVisible();
      await expect(chat.message('10번째 말')).toBeInViewport();
      await expect(chat.message('120번째 말')).toHaveCount(0);
      await page.getByRole('link', { name: ko.newer }).click();
      await expect(chat.message('10번째 말')).toHaveCount(0);
    });

    test('an address of a message that is not there says so', async ({ page, program, quiet }) => {
      quiet.expect(REFUSED);
      await program.say(['하나']);
      const answer = await page.goto('/rooms/lobby/4711');
      expect(answer?.status()).toBe(404);
      await expect(page.getByRole('heading', { name: ko.page.no_message })).toBeVisible();
    });

    test('rooms are listed, found by a part of their name, made, and gone to', async ({ page, program }) => {
      await program.say(['봄이에요'], '봄-소풍');
      await program.ask([{ type: 'topic', room: '봄-소풍', topic: '김밥 & 사이다' }]);
      const chat = new Chat(page);
      await chat.goto();
      const list = await chat.openRooms();
      await list.getByRole('link', { name: ko.find_rooms }).click();
      await expect(page).toHaveURL('/rooms');
      await expect(page.getByRole('heading', { level: 1, name: ko.page.find_rooms })).toBeVisible();
      await page.getByRole('searchbox').fill('소풍');
      await page.getByRole('button', { name: ko.page.find, exact: true }).click();
      await expect(page.getByRole('searchbox')).toHaveValue('소풍');
      await expect(page.getByRole('link', { name: '# 봄-소풍' })).toContainText('김밥 & 사이다');
      await page.getByRole('link', { name: '# 봄-소풍' }).click();
      await chat.hasHeard(['봄이에요']);
      await expect(page.locator('.heading-topic')).toHaveText('김밥 & 사이다');

      await page.goto('/rooms');
      await page.getByRole('searchbox').fill('가을-소풍');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: fill(ko.page.make_room, '가을-소풍') }).click();
      await chat.say('첫 말');
      await chat.hasHeard(['첫 말']);
      await page.goto('/rooms');
      await expect(page.getByRole('link', { name: '# 가을-소풍' })).toBeVisible();

      await page.getByRole('searchbox').fill('없는 방!');
      await page.keyboard.press('Enter');
      await expect(page.getByText(ko.page.room_name_rule)).toBeVisible();
      await page.getByRole('link', { name: ko.page.to_lobby }).click();
      await expect(chat.heading).toBeVisible();
    });

    test('what is unread is counted in the lists of rooms, and a line stands where it begins', async ({
      page,
      program,
    }) => {
      const chat = new Chat(page);
      await chat.goto('개발');
      await chat.say('왔어요');
      await chat.hasHeard(['왔어요']);
      await program.say(sayings(3), '개발');
      await page.goto('/rooms');
      await expect(page.getByRole('link', { name: '# 개발' })).toContainText(count(ko.unread_count, 3));
      await chat.goto();
      await expect(page.locator('.rooms-link', { hasText: '# 개발' })).toContainText(count(ko.unread_count, 3));
      await chat.goto('개발');
      await expect(page.locator('.unread')).toHaveText([ko.unread_from_here]);
      await expect(chat.row('1번째 말').locator('.unread')).toBeVisible();
    });

    test('a name is chosen with the form, and changed in the settings', async ({ page, program }) => {
      await program.say(['읽을거리']);
      const chat = new Chat(page);
      await chat.goto('개발');
      await chat.say('이름 없이');
      await naming(chat).getByRole('textbox').fill('민아');
      await naming(chat).getByRole('button').click();
      await expect(naming(chat)).toBeHidden();
      expect(decodeURIComponent(new URL(page.url()).pathname), 'it goes back to the room').toBe('/rooms/개발');
      await chat.say('이름 있이');
      await chat.hears('이름 있이');
      expect(await chat.authorOf('이름 있이')).toBe('민아');

      const rooms = await chat.openRooms();
      await rooms.getByRole('button', { name: ko.settings }).click();
      const settings = page.locator('#settings');
      await expect(settings.getByLabel(ko.page.your_name)).toHaveValue('민아');
      await settings.getByLabel(ko.page.your_name).fill('민수');
      await settings.getByRole('button', { name: ko.page.change_name }).click();
      await expect(settings).toBeHidden();
      await chat.say('새 이름으로');
      await chat.hears('새 이름으로');
      // What was said before is shown under the name of now.
      await expect(page.locator('.message-author')).toHaveText(['민수', '민수', '민수']);
    });

    test('a name that nobody can see is refused with what to do, and a way back', async ({ page, quiet }) => {
      quiet.expect(REFUSED);
      const chat = new Chat(page);
      await chat.goto('개발');
      await naming(chat).getByRole('textbox').fill('\u3164');
      await naming(chat).getByRole('button').click();
      await expect(page.getByText(ko.bad_name)).toBeVisible();
      await page.getByRole('link', { name: ko.page.go_back }).click();
      expect(decodeURIComponent(new URL(page.url()).pathname)).toBe('/rooms/개발');
      await expect(naming(chat)).toBeVisible();
    });

    test('messages look as they do with a script: names, Markdown, reactions, what was edited and deleted', async ({
      page,
      program,
    }) => {
      await program.isCalled('준호 & <b>');
      const [marked, edited, deleted] = await program.say(['**굵게** `코드` https://example.org/x', '처음', '지울 말']);
      await program.ask([
        { type: 'react', room: 'lobby', target: marked, emoji: '👍', on: true },
        { type: 'edit', room: 'lobby', target: edited, message: '고친 말' },
        { type: 'delete', room: 'lobby', target: deleted },
      ]);
      const chat = new Chat(page);
      await chat.goto();
      await chat.hasHeard(['굵게 코드 https://example.org/x', '고친 말', ko.deleted_message]);
      await expect(page.locator('.message-author').first()).toHaveText('준호 & <b>');
      const first = page.locator('.message').first();
      await expect(first.locator('strong')).toHaveText('굵게');
      await expect(first.locator('code')).toHaveText('코드');
      await expect(first.locator('.message-text').getByRole('link')).toHaveAttribute('href', 'https://example.org/x');
      await expect(first.locator('.reaction')).toHaveText('👍 1');
      await expect(chat.row('고친 말').getByText(ko.edited)).toBeVisible();
      await expect(chat.row(ko.deleted_message).getByText(ko.edited)).toHaveCount(0);
      await expect(page.locator('.message-deleted')).toHaveCount(1);
      expect(await (await page.request.get('/')).text()).not.toContain('지울 말');
    });

    test('nothing is offered that only a script could do', async ({ page, program }) => {
      await program.say(['하나', '```\n코드\n```']);
      const chat = new Chat(page);
      await chat.goto();
      await chat.hears('하나');
      await expect(page.getByRole('button', { name: ko.message_menu })).toHaveCount(0);
      await expect(page.getByRole('button', { name: ko.copy_code })).toHaveCount(0);
      await expect(page.getByRole('button', { name: ko.no_topic })).toHaveCount(0);
    });
  });
}
