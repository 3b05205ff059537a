/** A page whose WASM is still on its way: it shows what the server rendered, and nothing of it is alive yet. */

import type { Page } from '@playwright/test';

/** Holds the WASM back until the returned function is called. To be called before the page is opened. */
export async function holdWasm(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await released;
    // The page may have been left meanwhile.
    await route.continue().catch(() => {});
  });
  return release;
}
