import { Chat, expect, LOADED_IN_VAIN, REFUSED, test } from './support/madang.ts';

const TOO_LONG = '메시지가 너무 깁니다. 4,000자 안으로 줄이거나 나누어 보내 주세요.';

test.use({ javaScriptEnabled: false });

test.beforeEach(({ quiet }) => quiet.expect(LOADED_IN_VAIN));

test('the page can be read, and its form posts a message and comes back to the room', async ({ page, program }) => {
  await program.say(['이미 있던 말']);
  const chat = new Chat(page);
  await chat.goto();
  await chat.hasHeard(['이미 있던 말']);
  await chat.say('양식으로 보낸 말');
  await chat.hasHeard(['이미 있던 말', '양식으로 보낸 말']);
  expect(new URL(page.url()).pathname).toBe('/');
  expect(await chat.isOwn('양식으로 보낸 말')).toBe(true);
  expect(await chat.isOwn('이미 있던 말')).toBe(false);
});

test('a room other than the lobby works the same', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto('개발');
  await chat.say('방에서');
  await chat.hasHeard(['방에서']);
  expect(decodeURIComponent(new URL(page.url()).pathname)).toBe('/rooms/개발');
});

test('several lines stay several lines', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  await chat.say('첫째 줄\n둘째 줄');
  await expect(chat.said).toHaveCount(1);
  expect(await chat.said.innerText()).toBe('첫째 줄\n둘째 줄');
});

test('a reload after sending, Back, and sending again double nothing', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  await chat.say('한 번만');
  await chat.hasHeard(['한 번만']);
  await page.reload();
  await chat.hasHeard(['한 번만']);
  await page.goBack();
  await expect(chat.heading).toBeVisible();
  // Whatever the browser has put back into the form is sent again.
  await chat.button.click();
  await page.goto('/');
  await chat.hasHeard(['한 번만']);
});

test('the same form sent twice posts once, and with another text it says so and keeps the text', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  const action = await page.locator('form.composer').getAttribute('action');
  const clientId = await page.locator('input[name="clientId"]').inputValue();
  if (!action) throw new Error('the form has an address');
  // A browser that kept the page as it was sends just this, at Back and a second click.
  const send = (message: string) => page.request.post(action, { form: { clientId, message } });
  for (const response of [await send('두 번'), await send('두 번')]) expect(response.url()).toBe(page.url());
  const other = await send('다른 말');
  expect(other.status()).toBe(409);
  expect(await other.text()).toContain('다른 말</textarea>');
  await page.reload();
  await chat.hasHeard(['두 번']);
});

test('two clicks on the button post once', async ({ page }) => {
  const chat = new Chat(page);
  await chat.goto();
  await chat.input.fill('성급하게');
  await chat.button.dblclick();
  await chat.hasHeard(['성급하게']);
  await page.reload();
  await chat.hasHeard(['성급하게']);
});

test('what was refused stays in the input, with a sentence that says why', async ({ page, quiet }) => {
  quiet.expect(REFUSED);
  const text = `\n</textarea><b>&amp;\n${'가'.repeat(4_000)}`;
  const chat = new Chat(page);
  await chat.goto();
  await chat.input.fill(text);
  await chat.button.click();
  await expect(chat.refusal).toHaveText(TOO_LONG);
  await expect(chat.input).toHaveValue(text);
  await expect(chat.said).toHaveCount(0);

  await chat.input.fill('줄인 말');
  await chat.button.click();
  await chat.hasHeard(['줄인 말']);
  await expect(chat.refusal).toHaveText('');
  await expect(chat.input).toHaveValue('');
});

test.describe('with a limit of one message', () => {
  test.use({ serverFlags: ['--post-rate', '1'] });

  test('one who sends too fast is told so and loses no text', async ({ page, quiet }) => {
    quiet.expect(REFUSED);
    const chat = new Chat(page);
    await chat.goto();
    await chat.say('하나');
    await chat.input.fill('둘은 너무 많다');
    await chat.button.click();
    await expect(chat.refusal).toHaveText('메시지를 너무 빨리 보냈습니다. 잠시 뒤에 다시 보내 주세요.');
    await expect(chat.input).toHaveValue('둘은 너무 많다');
    await chat.hasHeard(['하나']);
  });
});
