import { expect, test } from './support/madang.ts';
import { PlainClient } from './support/program.ts';
import { ko } from './support/words.ts';

for (const path of ['/', '/ws']) {
  test(`a program without a browser, written for the original, chats at ${path}`, async ({ chat, madang }) => {
    const client = await PlainClient.connect(madang.socketUrl + path);
    const [greeting] = await client.received(1);
    expect(greeting?.type).toBe('userId');
    const userId = greeting?.userId as string;
    expect(userId).toMatch(/^[0-9a-f-]{36}$/);

    client.say(userId, '프로그램에서');
    await chat.hears('프로그램에서');
    expect(await chat.isOwn('프로그램에서')).toBe(false);
    await chat.say('페이지에서');
    const [, first, second] = await client.received(3);
    expect(first).toMatchObject({ type: 'message', message: '프로그램에서' });
    expect(second).toMatchObject({ type: 'message', message: '페이지에서' });
    client.close();
  });
}

test('whoever a program claims to be, it is not believed', async ({ chat, madang }) => {
  await chat.say('나는 나');
  await chat.hears('나는 나');
  const id = await chat.page.locator('#app').getAttribute('data-user');
  const client = await PlainClient.connect(`${madang.socketUrl}/`);
  client.say(id ?? '', '나도 너');
  await chat.hears('나도 너');
  expect(await chat.isOwn('나도 너')).toBe(false);
  client.close();
});

test('a program written for the original hears what is said, and of nothing else that there is today', async ({
  madang,
  person,
  program,
}) => {
  const client = await PlainClient.connect(`${madang.socketUrl}/`);
  const [mina, juno] = [await person(), await person()];
  const said: string[] = [];
  const say = async (text: string) => {
    said.push(text);
    await mina.say(text);
    await expect(juno.said.last()).toHaveText(text.replaceAll('*', ''));
  };
  await mina.nameSelf('미나');
  await say('하나');
  await say('둘');
  await mina.choose('하나', ko.page.edit);
  await mina.input.fill('하나를 고침');
  await mina.page.getByRole('button', { name: ko.save }).click();
  await juno.hears('하나를 고침');
  await mina.choose('둘', ko.page.delete);
  await mina.page.getByRole('dialog').getByRole('button', { name: ko.page.delete }).click();
  await juno.hears(ko.deleted_message);
  await juno.choose('하나를 고침', ko.page.reply);
  await juno.say('거기에 답');
  said.push('거기에 답');
  await mina.hears('거기에 답');
  const menu = await juno.openMenu('하나를 고침');
  await menu.locator('[data-emoji="👍"]').click();
  await expect(mina.page.locator('.reaction')).toHaveText(['👍 1']);
  await mina.page.locator('.reaction').click();
  await expect(juno.page.locator('.reaction')).toHaveText(['👍 2']);
  // What is written is told to those who are there, but not sent.
  await juno.input.click();
  await expect(async () => {
    await juno.page.keyboard.type('쓰다 만 글 ');
    await expect(mina.page.locator('.typing')).not.toHaveText('', { timeout: 1_000 });
  }).toPass();
  await program.ask([
    { type: 'topic', room: 'lobby', topic: '새 주제' },
    { type: 'rename', name: '두리' },
  ]);
  await program.say(['다른 방의 말'], '개발');
  // The last thing that it hears: nothing comes after it that was asked for before.
  await say('**끝**');

  await client.received(said.length + 1);
  const [greeting, ...messages] = client.frames;
  expect(greeting?.type).toBe('userId');
  expect(messages.map(({ type, message }) => `${type}: ${message}`)).toEqual(said.map((text) => `message: ${text}`));
  // It can say something as it always could.
  client.say(greeting?.userId as string, '프로그램도 말합니다');
  for (const one of [mina, juno]) await one.hears('프로그램도 말합니다');
  client.close();
});
