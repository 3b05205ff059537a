import { expect, test } from './support/madang.ts';
import { PlainClient } from './support/program.ts';

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
