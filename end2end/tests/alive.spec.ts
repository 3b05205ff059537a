/** The page comes alive whatever others have put into it, or it says that it did not and works as a form. */

import type { Page, Route } from '@playwright/test';

import { Chat, CONNECTION_LOST, expect, LOADED_IN_VAIN, test } from './support/madang.ts';
import { holdWasm } from './support/held.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

const MANGLED: Record<string, (page: Page) => Promise<unknown>> = {
  ...Object.fromEntries(
    ['#app', '.chat', '.room', '.messages', '.notice', '.composing', '.composer', '.composer-frame', '.rooms', '.heading', '.people'].map(
      (selector) => [
        `an element first in ${selector}`,
        (page: Page) =>
          page.locator(selector).first().evaluate((it) => it.insertAdjacentHTML('afterbegin', '<div class="guest">손님</div>')),
      ],
    ),
  ),
  'an element before #timeline': (page) =>
    page.locator('#timeline').evaluate((it) => it.insertAdjacentHTML('beforebegin', '<div class="guest">손님</div>')),
  'elements between messages': (page) =>
    page.locator('.message').evaluateAll((all) => all.forEach((it) => it.insertAdjacentHTML('afterend', '<li class="guest">손님</li>'))),
  'text everywhere': (page) =>
    page.locator('#app, .chat, .room, .timeline, .timeline-content, .messages, .composer').evaluateAll((all) =>
      all.forEach((it) => it.prepend('손님')),
    ),
  'a wrapper around the room': (page) =>
    page.locator('.room').evaluate((it) => {
      const wrapper = document.createElement('div');
      it.before(wrapper);
      wrapper.append(it);
    }),
  'a wrapper around the input': (page) =>
    page.locator('.composer-input').evaluate((it) => {
      const wrapper = document.createElement('span');
      it.before(wrapper);
      wrapper.append(it);
    }),
  'no more places for toasts and jumps': (page) => page.locator('.toast, .jumps').evaluateAll((all) => all.forEach((it) => it.remove())),
  'attributes and comments': (page) =>
    page.locator('#app, #app *').evaluateAll((all) =>
      all.forEach((it) => {
        it.setAttribute('data-guest', '');
        it.classList.add('guest-here');
        it.prepend(document.createComment('손님'));
      }),
    ),
  'a translation': translate,
};

/** What translation in a browser does: every text gives way to elements with another. */
async function translate(page: Page): Promise<void> {
  await page.locator('#app').evaluate((app) => {
    const texts = document.createTreeWalker(app, NodeFilter.SHOW_TEXT);
    const found: Text[] = [];
    while (texts.nextNode()) found.push(texts.currentNode as Text);
    for (const text of found) {
      if (!text.data.trim() || text.parentElement?.closest('textarea, font')) continue;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.textContent = text.data.toUpperCase();
      outer.append(inner);
      text.replaceWith(outer);
    }
  });
}

/** Says something and hears something: once each, with nothing left in the input. */
async function talks(chat: Chat, juno: Chat, before: string[]): Promise<void> {
  await juno.say('들리나요');
  await chat.hasHeard([...before, '들리나요']);
  await chat.input.focus();
  await chat.page.keyboard.type('들려요');
  await chat.page.keyboard.press('Enter');
  await expect(chat.input).toHaveValue('');
  for (const one of [chat, juno]) await one.hasHeard([...before, '들리나요', '들려요']);
}

for (const [what, mangle] of Object.entries(MANGLED)) {
  test(`the page comes alive with ${what}`, async ({ page, person, program }) => {
    await program.say(['하나', '둘']);
    const chat = new Chat(page);
    const arrive = await holdWasm(page);
    await chat.goto();
    await chat.hasHeard(['하나', '둘']);
    await mangle(page);
    arrive();
    await chat.lines.joined();
    await talks(chat, await person(), ['하나', '둘']);
    await expect(page.locator('#trouble')).toBeHidden();
  });
}

test('what an extension has put into the page stays there', async ({ page }) => {
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  await MANGLED['an element first in .chat']?.(page);
  await MANGLED['an element before #timeline']?.(page);
  arrive();
  await chat.lines.joined();
  await expect(page.locator('.chat > .guest:first-child')).toBeVisible();
  await expect(page.locator('.guest + #timeline')).toBeVisible();
});

test('what was typed and where the focus is survive a wrapper around the room', async ({ page }) => {
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  await chat.input.click();
  await page.keyboard.type('성급한 ');
  await MANGLED['a wrapper around the room']?.(page);
  await chat.input.focus();
  arrive();
  await chat.lines.joined();
  await expect(chat.input).toBeFocused();
  await page.keyboard.type('말');
  await expect(chat.input).toHaveValue('성급한 말');
});

test('the page comes alive with what a proxy has put into its HTML', async ({ page, relay, person, program }) => {
  await program.say(['하나']);
  relay.rewrite = (html) =>
    html
      .replace(/<div id="app"[^>]*>/, '$&<div>손님</div>손님')
      .replace(/<ol[^>]*class="messages"[^>]*>/, '$&<li class="guest">손님</li>손님')
      .replace(/<section[^>]*id="timeline"/, '<div>손님</div>$&');
  const chat = new Chat(page);
  await page.goto(relay.url);
  await chat.lines.joined();
  await talks(chat, await person(), ['하나']);
});

test('what the page says of itself goes on while it is translated', async ({ chat, madang, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  await translate(chat.page);
  await madang.kill();
  await expect(chat.status).not.toHaveText('');
  await translate(chat.page);
  await madang.start();
  await expect(chat.status).toHaveText('');
  // A text that grows too long and one that does not, by turns.
  await translate(chat.page);
  await chat.input.fill('가'.repeat(4_001));
  await chat.button.click();
  await expect(chat.refusal).toHaveText(ko.too_long);
  await translate(chat.page);
  await chat.input.fill('줄인 말');
  await chat.button.click();
  await expect(chat.refusal).toHaveText('');
  await chat.hears('줄인 말');
});

const DEAD: Record<string, (page: Page) => Promise<unknown>> = {
  'the WASM blocked': (page) => page.route('**/*.wasm', (route) => route.abort('blockedbyclient')),
  'the script blocked': (page) => page.route('**/pkg/*.js', (route) => route.abort('blockedbyclient')),
  'no WASM there': (page) => page.route('**/*.wasm', refuse),
  'no script there': (page) => page.route('**/pkg/*.js', refuse),
  'something else in place of the WASM': (page) => page.route('**/*.wasm', login),
  'something else in place of the script': (page) => page.route('**/pkg/*.js', login),
  'a browser without WebAssembly': (page) =>
    page.addInitScript(() => {
      delete (globalThis as { WebAssembly?: unknown }).WebAssembly;
    }),
};

async function refuse(route: Route): Promise<void> {
  await route.fulfill({ status: 404, body: '' });
}

/** As a network does that wants to be logged in to. */
async function login(route: Route): Promise<void> {
  await route.fulfill({ status: 200, contentType: 'text/html', body: '<p>log in</p>' });
}

/** Says something with the form, and comes back to the page. */
async function saysByForm(chat: Chat, text: string): Promise<void> {
  await chat.input.fill(text);
  await chat.button.click();
  await chat.hears(text);
  await expect(chat.input).toHaveValue('');
}

for (const [what, kill] of Object.entries(DEAD)) {
  test(`with ${what} the page says so, and its form works`, async ({ page, quiet, program }) => {
    quiet.expect(/./);
    await program.say(['먼저 온 말']);
    await kill(page);
    const chat = new Chat(page);
    await chat.goto();
    const line = page.locator('#trouble');
    await expect(line).toContainText(ko.page.unstarted);
    await expect(line).toBeVisible();
    await expect(line).toBeInViewport();
    await expect(chat.input).toBeInViewport();
    for (const idle of ['.message-more', '.heading-topic-none', '.people-foot > button']) {
      await expect(page.locator(idle)).toHaveCount(1);
      await expect(page.locator(idle), `${idle} would open nothing`).toBeHidden();
    }
    await saysByForm(chat, '양식으로');
    await chat.hasHeard(['먼저 온 말', '양식으로']);
    await expect(line).toBeVisible();
    await page.unrouteAll();
    const away = page.waitForEvent('framenavigated');
    await line.getByRole('link', { name: ko.page.reload }).click();
    await away;
    await chat.hasHeard(['먼저 온 말', '양식으로']);
  });
}

test('a page whose script hangs says so after a while, and no more when it has come', async ({ page, quiet }) => {
  quiet.expect(LOADED_IN_VAIN);
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await chat.goto();
  const line = page.locator('#trouble');
  await expect(line).toBeHidden();
  await line.evaluate((it) => it.getAnimations().forEach((animation) => animation.finish()));
  await expect(line).toBeVisible();
  await expect(line).toContainText(ko.page.unstarted);
  arrive();
  await chat.lines.joined();
  await expect(line).toBeHidden();
});

test('a page whose script breaks says so, and what was being written can be sent with its form', async ({ chat, quiet }) => {
  quiet.expect(/unreachable/);
  const { page } = chat;
  await chat.input.fill('쓰던 말');
  await page.evaluate(() => {
    // A module whose one function is `unreachable`, as all that a panic leaves behind is.
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 97, 0, 0, 10, 5, 1, 3, 0, 0, 11];
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
    setTimeout(instance.exports.a as () => void);
  });
  const line = page.locator('#trouble');
  await expect(line).toBeVisible();
  await expect(line).toContainText(ko.page.stopped);
  await expect(chat.input).toHaveValue('쓰던 말');
  await chat.button.click();
  await chat.lines.joined(1);
  await chat.hasHeard(['쓰던 말']);
  await expect(line).toBeHidden();
});

test('a browser that keeps no cookies is told that they are needed', async ({ page, relay, quiet }) => {
  quiet.expect(/./);
  relay.letsCookies = false;
  await page.goto(relay.url);
  await expect(page.locator('#trouble')).toBeVisible();
  await expect(page.locator('#trouble')).toContainText(ko.page.cookies_needed);
});

test('a browser that says that it keeps no cookies is believed', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'cookieEnabled', { value: false }));
  await page.goto('/');
  await expect(page.locator('#trouble')).toContainText(ko.page.cookies_needed);
  await expect(page.locator('#trouble')).toBeVisible();
});

for (const [name, button] of [
  ['theme', '[name=theme][value=dark]'],
  ['language', '[name=language][value=en]'],
] as const) {
  test(`one who changes the ${name} while the server is away stays in the chat`, async ({ chat, madang, quiet }) => {
    quiet.expect(CONNECTION_LOST);
    const { page } = chat;
    await chat.say('있던 말');
    await chat.hears('있던 말');
    await chat.input.fill('쓰던 말');
    await madang.kill();
    await expect(chat.status).not.toHaveText('');
    const settings = page.locator('#settings');
    await settings.evaluate((sheet: HTMLElement) => sheet.showPopover());
    await settings.locator(button).click();
    const line = page.locator('#trouble');
    await expect(line).toContainText(ko.page.away);
    await expect(line).toBeInViewport();
    await expect(chat.input).toHaveValue('쓰던 말');
    await chat.hasHeard(['있던 말']);
    await madang.start();
    await expect(line).toBeHidden();
    await settings.evaluate((sheet: HTMLElement) => sheet.showPopover());
    await settings.locator(button).click();
    await expect(settings.locator(button)).toHaveAttribute('aria-pressed', 'true');
    await chat.hasHeard(['있던 말']);
  });
}

test('what is sent before the script came while the server is away stays in the input', async ({ page, relay, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const chat = new Chat(page);
  const arrive = await holdWasm(page);
  await page.goto(relay.url, { waitUntil: 'commit' });
  await chat.input.fill('급한 말');
  relay.down();
  await chat.button.click();
  await expect(page.locator('#trouble')).toContainText(ko.page.away);
  await expect(chat.input).toHaveValue('급한 말');
  relay.up();
  await chat.button.click();
  await chat.hears('급한 말');
  arrive();
  await chat.lines.joined();
  await chat.hasHeard(['급한 말']);
});

test('a page that a proxy serves below a path says that it cannot be there', async ({ page, relay, quiet }) => {
  quiet.expect(/./);
  relay.below = '/chat';
  await page.goto(`${relay.url}/chat/`);
  await expect(page.locator('#trouble')).toContainText(ko.page.misplaced);
  await expect(page.locator('#trouble')).toBeVisible();
});
