/** An older copy of the data folder is put back under pages that are open. */

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CONNECTION_LOST, expect, type Server, test } from './support/madang.ts';
import { count, ko } from './support/words.ts';

test.use({ serverFlags: ['--drain-seconds', '1'] });

/** Copies the folder of a server that is stopped for it, and starts that again. */
async function copyOf(madang: Server): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'madang-copy-'));
  await madang.stop();
  await cp(madang.dataDir, copy, { recursive: true });
  await madang.start();
  return copy;
}

/** Puts the copy in the place of the folder and has others write in it before anybody's page comes back. */
async function putBack(madang: Server, copy: string, others: string[]): Promise<void> {
  await madang.stop();
  await rm(madang.dataDir, { recursive: true });
  await cp(copy, madang.dataDir, { recursive: true });
  await rm(copy, { recursive: true });
  await madang.start();
  const me = await fetch(`${madang.url}/api/v1/me`);
  const cookie = me.headers.getSetCookie().join('; ').split(';')[0] ?? '';
  const frames = others.map((message) => ({ type: 'post', room: 'lobby', clientId: crypto.randomUUID(), message }));
  for (const frame of frames) {
    const answer = await fetch(`${madang.url}/api/v1/commands`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify([frame]),
    });
    expect(answer.ok).toBe(true);
  }
}

test('pages that were open show what the server has, and whoever wrote what is gone is told and can send it again', async ({
  person,
  madang,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person({ baseURL: relay.url });
  const juno = await person({ baseURL: relay.url });
  await mina.say('남는 말');
  await juno.hears('남는 말');
  const copy = await copyOf(madang);
  for (const one of [mina, juno]) await expect(one.status).toHaveText('');
  // One after the other: either may come back first.
  for (const text of ['사라질 말', '또 사라질 말']) {
    await mina.say(text);
    await juno.hears(text);
  }
  await juno.say('주노의 말');
  for (const one of [mina, juno]) await one.hasHeard(['남는 말', '사라질 말', '또 사라질 말', '주노의 말']);

  relay.down();
  for (const one of [mina, juno]) await expect(one.status).not.toHaveText('');
  const others = ['하나', '둘', '셋', '넷', '다섯', '여섯'];
  await putBack(madang, copy, others);
  relay.up();

  for (const one of [mina, juno]) {
    await expect(one.status).toHaveText('');
    await one.hasHeard(['남는 말', ...others]);
  }
  await expect(mina.pending).toHaveText(['사라질 말', '또 사라질 말']);
  await expect(juno.pending).toHaveText(['주노의 말']);
  for (const row of [mina.row('사라질 말'), juno.row('주노의 말')]) {
    await expect(row).toContainText(ko.vanished);
    await expect(row).toContainText(ko.why_vanished);
  }
  const all = mina.page.locator('.notice-stuck');
  await expect(all).toContainText(count(ko.many_stuck, 2));
  await mina.reload();
  await expect(mina.pending).toHaveText(['사라질 말', '또 사라질 말']);

  await mina.row('또 사라질 말').getByRole('button', { name: ko.discard }).click();
  await mina.row('사라질 말').getByRole('button', { name: ko.retry }).click();
  for (const one of [mina, juno]) await one.hasHeard(['남는 말', ...others, '사라질 말']);
  await expect(mina.pending).toHaveCount(0);
  await expect(juno.pending).toHaveText(['주노의 말']);
});
