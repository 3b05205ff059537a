/** What moves on the page without anybody having asked for it, and what does not fit. */

import type { Page } from '@playwright/test';

declare global {
  interface Window {
    layoutShifts: string[];
  }
}

/** Notes every layout shift of the page (Layout Instability API). To be called before the page is opened. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] };
        const moved = shift.sources.map(({ node }) => (node instanceof Element ? node.outerHTML : node?.textContent)?.slice(0, 100));
        if (!shift.hadRecentInput) window.layoutShifts.push(`${shift.value}: ${moved.join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** The shifts so far, each with what was moved, after all frames that are due have been drawn. */
export async function shifts(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    // The observer is told of a frame in a task after it.
    await new Promise((resolve) => setTimeout(resolve));
    return window.layoutShifts;
  });
}

/** By how many CSS pixels the page is wider than its window. */
export async function overflowPx(page: Page): Promise<number> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const boxes = [root, document.body, ...document.querySelectorAll('#timeline')];
    return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
  });
}
