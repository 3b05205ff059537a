/** What one sees of the page without asking: where one is, when it was said, what is answered, and what cannot be sent. */

import { Chat, CONNECTION_LOST, expect, test } from './support/madang.ts';
import { enter, openFinder, roomLink } from './support/room-list.ts';
import { setTimes } from './support/times.ts';
import { en, fill, ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

test('the heading is the room’s name, and the input says where it writes', async ({ chat }) => {
  await expect(chat.page.getByRole('heading', { level: 1 })).toHaveText(`${ko.lobby} ${ko.heading}`);
  await expect(chat.input).toHaveAccessibleName(fill(ko.write_in, ko.lobby));
  await chat.open('개발');
  await expect(chat.page.getByRole('heading', { level: 1 })).toHaveText(`개발 ${ko.heading}`);
  await expect(chat.input).toHaveAccessibleName(fill(ko.write_in, '개발'));
  await expect(chat.input).toHaveAttribute('placeholder', ko.placeholder);
  await enter(chat, ko.lobby);
  await expect(chat.input).toHaveAccessibleName(fill(ko.write_in, ko.lobby));
});

test('while one replies, the bar shows a line of the message and its row is marked', async ({ chat }) => {
  await chat.say('점심은 김밥\n두 줄');
  const row = chat.page.locator('.message');
  await (await chat.openMenu(row)).getByRole('menuitem', { name: ko.page.reply, exact: true }).click();
  await expect(chat.page.locator('.intent')).toContainText('점심은 김밥');
  await expect(row).toHaveClass(/message-meant/);
  await chat.page.getByRole('button', { name: ko.cancel, exact: true }).click();
  await expect(row).not.toHaveClass(/message-meant/);
});

test('whoever reads older days sees which day it is, and today and yesterday are called so', async ({ page, program }) => {
  const texts = Array.from({ length: 45 }, (_, index) => `말 ${index}`);
  await program.say(texts);
  const [day, now] = [86_400_000, Date.now()];
  const times = texts.map((_, index) => new Date(index < 15 ? now - 9 * day : index < 30 ? now - day : now).toISOString());
  await setTimes(page, times);
  const chat = await new Chat(page).open();
  const pill = page.locator('.timeline-day');
  await expect(pill).not.toHaveAttribute('data-day');
  await expect(chat.row('말 15')).toHaveAttribute('data-day', '어제');
  await expect(chat.row('말 30')).toHaveAttribute('data-day', '오늘');
  await chat.row('말 22').evaluate((row) => row.scrollIntoView({ block: 'start' }));
  await expect(pill).toHaveAttribute('data-day', '어제');
  await chat.row('말 7').evaluate((row) => row.scrollIntoView({ block: 'start' }));
  await expect(pill).toHaveAttribute('data-day', /요일/);
});

for (const [locale, pattern] of [['ko-KR', /^오[전후] \d+:\d\d$/], ['en-US', /^\d+:\d\d\s[AP]M$/], ['en-GB', /^\d\d:\d\d$/]] as const) {
  test.describe(`in ${locale}`, () => {
    test.use({ locale });
    test('times are written as people there write them', async ({ page, program }) => {
      await program.say(['하나']);
      await page.goto('/');
      const times = page.locator('.message time');
      await expect(times).toHaveText([pattern]);
      await expect(page.locator('.heading-line')).not.toHaveAttribute('title', '');
      await program.say(['둘']);
      await expect(times).toHaveText([pattern, pattern]);
    });
  });
}

test('a room that nobody knows of is found without looking, with its topic', async ({ chat, program }) => {
  await program.say(['새 말'], '바다');
  const finder = await openFinder(chat);
  await expect(finder.getByRole('heading', { name: ko.page.other_rooms })).toBeVisible();
  await expect(finder.getByRole('link', { name: '# 바다' })).toContainText(ko.page.last_active);
});

test('a room that was made says what it is, and is still listed when it was left without a word', async ({ chat }) => {
  await chat.page.getByRole('link', { name: ko.make_room }).click();
  const finder = chat.page.getByRole('dialog', { name: ko.page.find_rooms });
  await finder.getByRole('searchbox').fill('새-방');
  await finder.getByRole('link', { name: fill(ko.page.make_room, '새-방') }).click();
  await expect(chat.page.locator('.timeline-empty')).toContainText(fill(ko.empty_room, '새-방'));
  await expect(chat.page.locator('.timeline-empty').getByRole('link')).toHaveText('/rooms/새-방');
  await enter(chat, ko.lobby);
  await expect(roomLink(chat, '새-방')).toHaveCount(1);
  await chat.reload();
  await expect(roomLink(chat, '새-방')).toHaveCount(1);
});

test('what is beside an edited message leads to what it said before', async ({ chat, program }) => {
  const [target] = await program.say(['두 시에 봐요']);
  await program.ask([{ type: 'edit', room: 'lobby', target, message: '세 시에 봐요' }]);
  await chat.hears('세 시에 봐요');
  await chat.row('세 시에 봐요').getByRole('button', { name: ko.edited }).click();
  const history = chat.page.getByRole('dialog', { name: ko.page.former_texts });
  await expect(history.locator('.message-text')).toHaveText(['두 시에 봐요']);
  await expect(history.locator('time')).toHaveText(/\d:\d\d/);
});

test('a long block of code takes a part of the screen until one wants all of it', async ({
  chat,
  program,
}) => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `줄 ${index}`).join('\n');
  await program.say([`\`\`\`\n${lines(20)}\n\`\`\``, `\`\`\`\n${lines(80)}\n\`\`\``]);
  await expect(chat.said).toHaveCount(2);
  const [short, long] = [chat.said.first(), chat.said.last()];
  await expect(short.getByRole('checkbox')).toHaveCount(0);
  const height = async () => (await long.locator('pre').boundingBox())?.height ?? 0;
  expect(await height()).toBeLessThan(400);
  const whole = long.getByRole('checkbox', { name: ko.whole_code });
  const top = async () => (await long.locator('pre').boundingBox())?.y ?? 0;
  const before = await top();
  await whole.click();
  // One reads on where one was.
  expect(Math.abs((await top()) - before)).toBeLessThan(2);
  expect(await height()).toBeGreaterThan(1_000);
  await expect(whole).toBeChecked();
  // It stays open when somebody reacts.
  await program.ask([{ type: 'react', room: 'lobby', target: 2, emoji: '👍', on: true }]);
  await expect(chat.page.locator('.reaction')).toHaveCount(1);
  await expect(whole).toBeChecked();
  await whole.press('Space');
  await expect.poll(height).toBeLessThan(400);
});

test('how the page is connected is said at one place, whatever it is', async ({ person, relay, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const chat = await person({ baseURL: relay.url });
  await expect(chat.transport).toHaveText(ko.live);
  const end = () =>
    chat.transport.evaluate((line) => {
      const range = document.createRange();
      range.selectNodeContents(line);
      return range.getBoundingClientRect().right;
    });
  const before = await end();
  relay.down();
  await expect(chat.transport).toHaveText(ko.cut);
  expect(Math.abs((await end()) - before)).toBeLessThan(1);
});

test('find and settings stay in view however many rooms there are, and the unread ones come first', async ({ chat, program }) => {
  const rooms = Array.from({ length: 30 }, (_, index) => `방-${index + 10}`);
  for (const room of rooms) {
    await chat.page.request.post('/rooms', { form: { name: room }, headers: { Origin: new URL(chat.page.url()).origin } });
  }
  await chat.reload();
  await expect(chat.page.getByRole('link', { name: ko.find_rooms })).toBeInViewport({ ratio: 1 });
  await program.say(['새 말'], '방-39');
  await expect(chat.page.locator('.rooms-link').nth(1)).toContainText('방-39');
  await expect(chat.page.locator('.rooms-link').nth(1)).toHaveCSS('font-weight', '650');
});

test('whoever drops or pastes a picture is told that it cannot be sent, and stays', async ({ chat }) => {
  await chat.input.fill('쓰던 글');
  const line = chat.page.getByText(ko.page.no_files);
  for (const kind of ['drop', 'paste'] as const) {
    await expect(line).toBeHidden();
    const isTaken = await chat.page.evaluate((kind) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'x.png', { type: 'image/png' }));
      const event =
        kind === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      document.querySelector('.messages')?.dispatchEvent(event);
      return event.defaultPrevented;
    }, kind);
    if (kind === 'drop') expect(isTaken, 'the browser opens it otherwise').toBe(true);
    await expect(line).toBeVisible();
    await chat.reload();
  }
  await expect(chat.input).toHaveValue('쓰던 글');
});

test('the input grows in a browser that cannot let the style sheet do it', async ({ page, chat }) => {
  await page.addInitScript(() => {
    const supports = CSS.supports.bind(CSS) as (...of: string[]) => boolean;
    CSS.supports = (...of: string[]) => of[0] !== 'field-sizing' && supports(...of);
    addEventListener('DOMContentLoaded', () => {
      document.querySelector<HTMLElement>('.composer-input')?.style.setProperty('field-sizing', 'fixed');
    });
  });
  await chat.reload();
  const height = async () => (await chat.input.boundingBox())?.height ?? 0;
  const low = await height();
  await chat.input.fill('하나\n둘\n셋\n넷');
  await expect.poll(height).toBeGreaterThan(low + 60);
  await chat.button.click();
  await expect.poll(height).toBe(low);
});

test('no code of an error is shown to people, and the lobby cannot be left', async ({ chat }) => {
  const refused = await (await chat.page.request.get('/rooms/Nope!', { headers: { Accept: 'text/html' } })).text();
  expect(refused).toMatch(/data-code="[a-zA-Z]+"/);
  expect(refused.replaceAll(/<[^>]*>/g, '')).not.toMatch(/badRoom/i);
  await chat.say('안녕');
  await chat.page.locator('.heading-topic').click();
  const about = chat.page.getByRole('dialog');
  await expect(about.getByRole('button', { name: ko.page.save })).toBeVisible();
  await expect(about.getByRole('button', { name: ko.page.leave_room })).toHaveCount(0);
});

test.describe('in English', () => {
  test.use({ locale: 'en-US' });
  test('the heading has the room’s name and what it is', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${en.lobby} ${en.heading}`);
  });
});
