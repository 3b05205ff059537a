/** One page with all pictures on it, a row for each state. */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT } from '../tests/support/server.ts';

/** Where the pictures are. */
export const FOLDER = join(ROOT, 'target/gallery');

export default async function contactSheet(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.png')).sort();
  const states = [...new Set(files.map((file) => file.split('_')[0]))];
  const rows = states.map((state) => {
    const pictures = files
      .filter((file) => file.split('_')[0] === state)
      .map((file) => {
        const caption = file.replace('.png', '').split('_').slice(1).join(' · ');
        return `<figure><a href="${file}"><img src="${file}" alt="${state}, ${caption}" loading="lazy"></a><figcaption>${caption}</figcaption></figure>`;
      });
    return `<h2>${state}</h2><div>${pictures.join('')}</div>`;
  });
  const style =
    'body{font:14px system-ui;margin:2rem;background:#888;color:#fff}div{display:flex;flex-wrap:wrap;gap:1rem;align-items:end}' +
    'figure{margin:0}img{display:block;max-height:20rem;max-width:100%}figcaption{margin-top:.25rem}';
  await writeFile(
    join(FOLDER, 'index.html'),
    `<!DOCTYPE html><meta charset="utf-8"><title>Madang</title><style>${style}</style><h1>Madang</h1>${rows.join('\n')}\n`,
  );
  console.log(`${files.length} pictures: ${join(FOLDER, 'index.html')}`);
}
