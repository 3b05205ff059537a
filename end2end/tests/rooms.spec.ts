import { expect, REFUSED, test } from './support/madang.ts';
import { ko } from './support/words.ts';

test('a room has its own messages, and the lobby does not hear them', async ({ person }) => {
  const [mina, juno] = [await person({ room: '개발' }), await person({ room: '개발' })];
  const visitor = await person();
  await mina.say('방 안에서');
  await juno.hears('방 안에서');
  await visitor.say('로비에서');
  await visitor.hasHeard(['로비에서']);
  await juno.say('방 안에서도');
  for (const one of [mina, juno]) await one.hasHeard(['방 안에서', '방 안에서도']);
  await visitor.reload();
  await visitor.hasHeard(['로비에서']);
  await mina.reload();
  await mina.hasHeard(['방 안에서', '방 안에서도']);
});

test('a room says its name and leads back to the lobby', async ({ person }) => {
  const chat = await person({ room: '개발' });
  await expect(chat.page).toHaveTitle(`개발 · ${ko.heading}`);
  await expect(chat.page.getByText('개발', { exact: true })).toBeVisible();
  await chat.page.getByRole('link', { name: ko.to_lobby }).click();
  await expect(chat.page).toHaveURL('/');
  await expect(chat.page).toHaveTitle(ko.heading);
  await expect(chat.page.getByRole('link', { name: ko.to_lobby })).toBeHidden();
});

test('one person is the same in every room', async ({ person }) => {
  const chat = await person({ room: '개발' });
  await chat.say('여기');
  await chat.hears('여기');
  const there = await chat.tab();
  await there.say('저기');
  await there.hears('저기');
  expect(await there.authorOf('저기')).toBe(await chat.authorOf('여기'));
});

test('what is not a room name is refused in words', async ({ page, quiet }) => {
  quiet.expect(REFUSED);
  const response = await page.goto(`/rooms/${encodeURIComponent('Not A Room')}`);
  expect(response?.status()).toBe(400);
  await expect(page.getByRole('heading', { name: ko.page.not_a_room })).toBeVisible();
});
