/** Rooms in which one is called, and until when they are marked. */

import { expect, test } from './support/madang.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

const ROOM = '개발';

test('a room in which one is called is marked until it is read, also when no page was open', async ({
  person,
  program,
}) => {
  const mina = await person({ room: ROOM });
  await mina.nameSelf('김 철수');
  await mina.say('여기 있어요');
  // Not before the room has it: what is sent after what others say has them read.
  await mina.hears('여기 있어요');
  await mina.open();
  const list = await mina.openRooms();
  const mark = list.locator('.rooms-mentioned');
  const number = list.locator('li', { hasText: ROOM }).locator('.rooms-unread');
  await program.say(['`@김 철수`', 'a@김 철수'], ROOM);
  await expect(number).toContainText('2');
  await expect(mark).toHaveCount(0);
  const { page } = mina;
  await page.goto('about:blank');
  const [seq] = await program.say(['(@김 철수님) 계세요?'], ROOM);
  await mina.open();
  await expect(mark).toHaveCount(1);
  await expect(number).toContainText('3');
  await expect(mark).toContainText(ko.mentioned);
  // It follows the message.
  await program.ask([{ type: 'delete', room: ROOM, target: seq }]);
  await expect(number).toContainText('2');
  await expect(mark).toHaveCount(0);
  const [late] = await program.say(['그런데'], ROOM);
  await program.ask([{ type: 'edit', room: ROOM, target: late, message: '그런데 @김 철수님?' }]);
  await expect(mark).toHaveCount(1);
  await list.getByText(`# ${ROOM}`).click();
  await expect(mina.said.last().locator('.mention')).toHaveText('@김 철수');
  // Among the others it can be told at sight.
  const calling = page.locator('.message-calls-me');
  await expect(calling.locator('.message-text')).toHaveText('그런데 @김 철수님?');
  await expect(calling.locator('.message-text')).toHaveCSS('box-shadow', /inset/);
  await expect(number).toHaveCount(0);
  await expect(mark).toHaveCount(0);
});

test('of two people of one name only the one who was chosen is called', async ({ person }) => {
  const [one, other, author] = [await person({ room: ROOM }), await person({ room: ROOM }), await person({ room: ROOM })];
  for (const each of [one, other]) {
    await each.nameSelf('하나');
    await each.say('저 하나예요');
    await expect(each.page.locator('.message-own:not(.message-pending)')).toHaveCount(1);
    await each.open();
  }
  const [first, second] = [await one.openRooms(), await other.openRooms()];
  await author.nameSelf('글쓴이');
  await author.input.click();
  await author.page.keyboard.type('@하');
  const options = author.page.getByRole('listbox', { name: ko.mention }).getByRole('option');
  await expect(options).toHaveText([/^하나 #[0-9a-f]{4}$/, /^하나 #[0-9a-f]{4}$/]);
  const chosen = await options.first().innerText();
  // In the order in which they spoke: the one, then the other.
  const names = author.page.locator('.message-name', { hasText: chosen });
  await expect(names).toHaveCount(1);
  const isFirst = (await author.page.locator('.message-name').first().innerText()) === chosen;
  await author.page.keyboard.press('Enter');
  await author.page.keyboard.type('안녕');
  await author.page.keyboard.press('Enter');
  await expect(first.locator('.rooms-unread')).not.toHaveCount(0);
  await expect(second.locator('.rooms-unread')).not.toHaveCount(0);
  await expect
    .poll(async () => [await first.locator('.rooms-mentioned').count(), await second.locator('.rooms-mentioned').count()])
    .toEqual(isFirst ? [1, 0] : [0, 1]);
});

test('a room that is open before one’s eyes is at no moment unread', async ({ person, program }) => {
  const mina = await person();
  await mina.say('여기 있어요');
  await mina.page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(window, { seen });
    const look = () => {
      seen.add(document.title.replace(/[^()0-9]/g, ''));
      for (const mark of document.querySelectorAll('.rooms-unread')) seen.add(mark.textContent ?? '');
    };
    new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true, characterData: true });
  });
  for (let number = 0; number < 10; number += 1) {
    await program.say([`말 ${number}`]);
    await mina.hears(`말 ${number}`);
  }
  const seen = await mina.page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen]);
  expect(seen).toEqual(['']);
});
