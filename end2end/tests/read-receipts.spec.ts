/** Who has read a message. */

import { expect, test } from './support/madang.ts';
import { closeDialog } from './support/messages.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('who has read a message is told, when they have', async ({ person, madang }) => {
      const mina = await person({ room: '개발' });
      await mina.nameSelf('미나');
      await mina.say('읽었나요');
      await mina.hears('읽었나요');
      const dialog = mina.page.getByRole('dialog', { name: ko.page.who_read });
      await mina.choose('읽었나요', ko.page.who_read);
      await expect(dialog).toContainText(ko.page.nobody_read);
      await closeDialog(mina);

      const juno = await person();
      await juno.nameSelf('주노');
      await juno.open('개발');
      await juno.hears('읽었나요');
      await expect(async () => {
        const seen = await fetch(`${madang.url}/api/v1/rooms/${encodeURIComponent('개발')}/seen?seq=1`);
        expect(await seen.text()).toContain('주노');
      }).toPass();
      await mina.choose('읽었나요', ko.page.who_read);
      await expect(dialog.locator('.person-name')).toHaveText(['주노']);
    });
  });
}
