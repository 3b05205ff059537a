import { CONNECTION_LOST, expect, test, type Server } from './support/madang.ts';
import { enter, follow } from './support/room-list.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--drain-seconds', '1'] });

const ends: [string, (server: Server) => Promise<void>][] = [
  ['shut down', (server) => server.stop()],
  ['killed', (server) => server.kill()],
];

for (const [ended, end] of ends) {
  test(`when the server was ${ended}, the page says so, comes back by itself and has lost nothing`, async ({
    madang,
    person,
    quiet,
  }) => {
    quiet.expect(CONNECTION_LOST);
    const [mina, juno] = [await person(), await person()];
    await mina.say('전에');
    await juno.hears('전에');

    await end(madang);
    for (const one of [mina, juno]) await expect(one.status).toHaveText(ko.trouble_cut);
    await mina.say('그동안');
    await expect(mina.pending).toHaveText(['그동안']);
    await madang.start();

    for (const one of [mina, juno]) {
      await expect(one.status).toHaveText('');
      await one.hasHeard(['전에', '그동안']);
    }
    await expect(mina.pending).toHaveCount(0);
    await juno.say('돌아왔네요');
    for (const one of [mina, juno, await person()]) await one.hasHeard(['전에', '그동안', '돌아왔네요']);
  });
}

test('a line that was cut is opened again, and what was said meanwhile is there, in its place', async ({
  person,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person();
  const juno = await person({ baseURL: relay.url });
  await mina.say('하나');
  await juno.hears('하나');

  relay.down();
  await expect(juno.status).toHaveText(ko.trouble_cut);
  await mina.say('둘');
  await mina.say('셋');
  await juno.say('넷');
  await mina.hasHeard(['하나', '둘', '셋']);
  relay.up();

  await expect(juno.status).toHaveText('');
  for (const one of [mina, juno]) await one.hasHeard(['하나', '둘', '셋', '넷']);
});

test('a device that goes offline says so at once, and comes back as soon as it is online', async ({ person, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const [mina, juno] = [await person(), await person()];
  await mina.say('전에');
  await juno.hears('전에');
  const network = juno.page.context();

  // By itself a line that is silent is noticed after half a minute.
  await network.setOffline(true);
  await expect(juno.status).toHaveText(ko.trouble_cut, { timeout: 3_000 });
  await mina.say('그동안');
  await juno.say('내 말');
  await expect(juno.pending).toHaveText(['내 말']);

  // Not when the next attempt would have been made, which is ever later.
  const seconds = async () => Number(/\d+/.exec(await juno.page.locator('.notice-next').innerText())?.[0] ?? 0);
  await expect.poll(seconds, { timeout: 45_000, intervals: [100] }).toBeGreaterThanOrEqual(6);
  await network.setOffline(false);
  await expect(juno.status).toHaveText('', { timeout: 3_000 });
  for (const one of [mina, juno]) await one.hasHeard(['전에', '그동안', '내 말']);
});

test('a room that is gone to while the server is away says that it cannot be loaded, and is when it is back', async ({
  person,
  program,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  await program.say(['방 안의 말'], '개발');
  const mina = await person({ baseURL: relay.url });
  await follow(mina, '개발');
  relay.down();
  await expect(mina.status).toHaveText(ko.trouble_cut);
  await enter(mina, '개발');
  await expect(mina.log).toBeEmpty();
  await expect(mina.page.getByText(ko.away_title)).toBeVisible();
  await expect(mina.page.getByText(ko.away_hint)).toBeVisible();
  relay.up();
  await mina.hears('방 안의 말');
  await expect(mina.page.getByText(ko.away_title)).toBeHidden();
});

test('lines that are cut again and again lose nothing and double nothing', async ({ person, relay, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person({ baseURL: relay.url });
  const juno = await person({ baseURL: relay.url });
  const texts = Array.from({ length: 12 }, (_, number) => `${number}번째`);
  for (const text of texts) {
    await mina.say(text);
    relay.cut();
  }
  for (const one of [mina, juno]) await one.hasHeard(texts);
});

test('text that is being written stays in the input while the line comes and goes', async ({
  person,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person({ baseURL: relay.url });
  await mina.input.click();
  await mina.page.keyboard.type('쓰는 ');
  relay.down();
  await expect(mina.status).toHaveText(ko.trouble_cut);
  await mina.page.keyboard.type('중에');
  relay.up();
  await expect(mina.status).toHaveText('');
  await expect(mina.input).toHaveValue('쓰는 중에');
  await mina.page.keyboard.press('Enter');
  await mina.hasHeard(['쓰는 중에']);
});
