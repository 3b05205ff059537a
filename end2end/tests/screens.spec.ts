import { CONNECTION_LOST, expect, test } from './support/madang.ts';
import { overflowPx } from './support/layout.ts';
import { ko } from './support/words.ts';

const WORDS = [
  '안녕하세요, 오늘 저녁에 시간 되세요?',
  '네! 일곱 시쯤 어때요?',
  'https://example.org/a-very-long-address/without-any-place-to-break/0123456789012345678901234567890123456789',
  '가나다라마바사아자차카타파하'.repeat(8),
  '👩‍👩‍👧‍👦🎉',
  '여러 줄로\n나누어\n쓴 글',
];

const screens = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'narrow', width: 320, height: 568 },
  { name: 'wide', width: 1_280, height: 800 },
];

for (const { name, width, height } of screens) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`the chat fits a ${name} screen, ${colorScheme}`, async ({ person, program }, testInfo) => {
      await program.say(WORDS, '긴-이름을-가진-방-긴-이름을-가진-방');
      const chat = await person({
        room: '긴-이름을-가진-방-긴-이름을-가진-방',
        viewport: { width, height },
        isMobile: width < 600,
        hasTouch: width < 600,
        deviceScaleFactor: 2,
        colorScheme,
      });
      await chat.say('저는 좋아요');
      await chat.say('그럼 거기서 봐요. 길이 막힐 수 있으니 조금 일찍 나오세요.');
      await expect(chat.said).toHaveCount(WORDS.length + 2);
      await expect(chat.said.last()).toBeInViewport({ ratio: 1 });
      for (const part of [chat.heading, chat.input, chat.button, chat.page.getByRole('link', { name: ko.to_lobby })]) {
        await expect(part).toBeInViewport({ ratio: 1 });
      }
      expect(await overflowPx(chat.page)).toBe(0);
      await chat.page.screenshot({ path: testInfo.outputPath(`${name}-${colorScheme}.png`) });

      await chat.input.fill('한 줄\n두 줄\n세 줄\n네 줄\n다섯 줄\n여섯 줄\n일곱 줄');
      for (const part of [chat.heading, chat.input, chat.button]) await expect(part).toBeInViewport({ ratio: 1 });
      await chat.input.fill('가'.repeat(4_001));
      await chat.button.click();
      await expect(chat.refusal).toBeInViewport({ ratio: 1 });
      await expect(chat.button).toBeInViewport({ ratio: 1 });
      expect(await overflowPx(chat.page)).toBe(0);
      await chat.page.screenshot({ path: testInfo.outputPath(`${name}-${colorScheme}-refused.png`) });
    });
  }
}

test('an empty room and one that is cut off look as they should', async ({ person, relay, quiet }, testInfo) => {
  quiet.expect(CONNECTION_LOST);
  const chat = await person({ baseURL: relay.url, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  await expect(chat.page.getByText(ko.empty_title)).toBeInViewport();
  await chat.page.screenshot({ path: testInfo.outputPath('empty.png') });
  relay.down();
  await expect(chat.status).not.toHaveText('');
  await chat.say('나중에 갈 말');
  await expect(chat.pending).toBeInViewport();
  await chat.page.screenshot({ path: testInfo.outputPath('cut-off.png') });
});

const LOW = [
  { name: 'four times the size', width: 320, height: 256 },
  { name: 'a phone on its side with its keyboard', width: 700, height: 200 },
];

for (const { name, width, height } of LOW) {
  test(`${name}: what was said and the input have the place, while editing and while a name is asked for too`, async ({
    person,
    program,
  }, testInfo) => {
    await program.say(WORDS);
    const chat = await person({ viewport: { width, height } });
    await chat.say('제 말이에요');
    await chat.hears('제 말이에요');
    const isUsable = async () => {
      for (const part of [chat.input, chat.page.locator('.composer-send')]) {
        await expect(part).toBeInViewport({ ratio: 1 });
      }
      expect((await chat.timeline.boundingBox())?.height).toBeGreaterThan(height > 220 ? 100 : 60);
      expect(await overflowPx(chat.page)).toBe(0);
    };
    await isUsable();
    await chat.page.screenshot({ path: testInfo.outputPath('low.png') });
    await chat.choose('제 말이에요', ko.page.edit);
    await expect(chat.page.locator('.intent')).toBeInViewport({ ratio: 1 });
    await isUsable();
    await chat.input.fill('한 줄\n두 줄\n세 줄\n네 줄');
    await expect(chat.page.locator('.composer-send')).toBeInViewport({ ratio: 1 });
    await chat.page.screenshot({ path: testInfo.outputPath('low-editing.png') });
  });
}

test('within a group a message says when it was said while it is pointed at, or has the focus', async ({
  chat,
  program,
}) => {
  await program.say(['하나', '둘', '셋']);
  await chat.hears('셋');
  const time = chat.row('하나').locator('time');
  await chat.heading.hover();
  await expect(time).toHaveCSS('opacity', '0');
  await chat.message('하나').hover();
  await expect(time).toHaveCSS('opacity', '1');
  await chat.heading.hover();
  await expect(time).toHaveCSS('opacity', '0');
  await chat.row('하나').focus();
  await expect(time).toHaveCSS('opacity', '1');
});

test('buttons that are only signs say what they are for when they are pointed at', async ({ chat, program }) => {
  await program.say(['하나\n\n```\n코드\n```']);
  await expect(chat.page.locator('.code')).toBeVisible();
  await chat.choose(chat.page.locator('.message'), ko.page.reply);
  const signs = chat.page.locator('button[class*="icon-"][aria-label], a[class*="icon-"][aria-label]');
  expect(await signs.count()).toBeGreaterThan(7);
  for (const sign of await signs.all()) await expect(sign).toHaveAttribute('title', /./);
});

test.describe('a long room', () => {
  test.use({ serverFlags: ['--post-rate', '0'] });

  test('all that is loaded is printed, on as many pages as it takes', async ({ chat, program }) => {
    await program.say(Array.from({ length: 60 }, (_, number) => `${number}번째 말`));
    await chat.open();
    const pdf = await chat.page.pdf({ format: 'A4' });
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1);
    await chat.page.emulateMedia({ media: 'print' });
    const last = await chat.page.locator('.message').last().boundingBox();
    const bottom = await chat.page.evaluate(() => document.documentElement.scrollHeight);
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(bottom + 1);
    for (const part of [chat.input, chat.page.locator('.rooms'), chat.page.locator('.people')]) {
      await expect(part).toBeHidden();
    }
  });
});
