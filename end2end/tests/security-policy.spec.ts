import type { Page } from '@playwright/test';

import { Chat, expect, test } from './support/madang.ts';
import { ko } from './support/words.ts';

declare global {
  interface Window {
    violations: string[];
    intruded?: boolean;
  }
}

async function watchViolations(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}

test('every page brings a strict policy with a nonce of its own', async ({ page }) => {
  const chat = new Chat(page);
  const policies = [];
  for (const room of [undefined, undefined, '개발']) {
    const headers = await (await chat.goto(room)).allHeaders();
    expect(headers['x-content-type-options']).toBe('nosniff');
    const policy = headers['content-security-policy'] ?? '';
    for (const part of [
      "default-src 'self'",
      "script-src 'nonce-",
      "'strict-dynamic'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain("'unsafe-eval'");
    policies.push(policy);
  }
  expect(new Set(policies).size).toBe(3);
});

test('a chat with everything in it never violates the policy', async ({ page, person }) => {
  await watchViolations(page);
  const chat = await new Chat(page).open('개발');
  const juno = await person({ room: '개발' });
  await juno.say('정책 안에서');
  await chat.hears('정책 안에서');
  await chat.say('네');
  await chat.input.fill('가'.repeat(4_001));
  await chat.button.click();
  await expect(chat.refusal).not.toHaveText('');
  await chat.page.getByRole('link', { name: ko.to_lobby }).click();
  await expect(chat.page).toHaveURL('/');
  expect(await page.evaluate(() => window.violations)).toEqual([]);
});

test('a script that somebody slipped into the HTML does not run', async ({ page, relay, quiet }) => {
  quiet.expect(/Content Security Policy/);
  await watchViolations(page);
  const intruders = [
    '<script>window.intruded = true</script>',
    '<img src="data:image/png,broken" onerror="window.intruded = true">',
  ].join('');
  relay.rewrite = (html) => html.replace('<script type="module"', `${intruders}$&`);
  const chat = new Chat(page);
  await page.goto(relay.url);
  await chat.lines.joined();
  await expect
    .poll(() => page.evaluate(() => window.violations))
    .toEqual(expect.arrayContaining(['script-src-elem inline', 'script-src-attr inline']));
  expect(await page.evaluate(() => window.intruded)).toBeUndefined();
});
