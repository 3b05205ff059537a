import { expect, test } from './support/madang.ts';
import { ko } from './support/words.ts';

test('a message that is too long is refused in a sentence, and stays in the input', async ({ chat }) => {
  const text = '가'.repeat(4_001);
  await chat.input.fill(text);
  await chat.button.click();
  await expect(chat.refusal).toHaveText(ko.too_long);
  await expect(chat.input).toHaveValue(text);
  await expect(chat.button).toBeInViewport();

  await chat.say('가'.repeat(4_000));
  await chat.hasHeard(['가'.repeat(4_000)]);
  await expect(chat.refusal).toHaveText('');
});

test('control characters in what is pasted go, and nothing is refused for them', async ({ chat }) => {
  await chat.say('\uFEFF종\u0007소리\u001B');
  await chat.hasHeard(['종소리']);
});

test.describe('with a limit of one message in ten seconds', () => {
  test.use({ serverFlags: ['--post-rate', '1'] });

  test('one who sends too fast is told so, waits in place and loses nothing', async ({ chat, person }) => {
    const juno = await person();
    for (const text of ['하나', '둘', '셋']) await chat.say(text);
    await expect(chat.status).toHaveText(ko.trouble_rate);
    await expect(chat.pending).toHaveText(['둘', '셋']);
    // Others are not held up by it, and what is written meanwhile is not touched.
    await juno.say('나는 괜찮아요');
    await chat.input.fill('쓰는 중');
    await chat.hasHeard(['하나', '나는 괜찮아요', '둘']);
    await expect(chat.pending).toHaveText(['셋']);
    await chat.hasHeard(['하나', '나는 괜찮아요', '둘', '셋']);
    await expect(chat.pending).toHaveCount(0);
    await expect(chat.status).toHaveText('');
    await expect(chat.input).toHaveValue('쓰는 중');
    await juno.hasHeard(['하나', '나는 괜찮아요', '둘', '셋']);
  });
});
