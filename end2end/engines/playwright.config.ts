import { defineConfig } from '@playwright/test';

import type { Options } from './engines.ts';

/** The main paths of a person in Firefox and WebKit, which Playwright does not drive as Debian has them. */
export default defineConfig<Options>({
  testDir: '.',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  projects: (['firefox', 'webkit'] as const).flatMap((engine) =>
    (['desk', 'phone'] as const).map((device) => ({ name: `${engine} ${device}`, use: { engine, device } })),
  ),
});
