/**
 * The last step of the release build: the page's files, as they go over the network.
 *
 *     node finish.mjs ROOT BOUND SITE
 *
 * From the repository ROOT and the folder BOUND with `madang.js`, `madang.wasm`, `marks.js` and `marks.wasm` it fills the
 * folder SITE: what lies in `public/`; the scripts, the WASM and the styles in `pkg/`, under names with a hash of their
 * content; `hash.txt` with those hashes, which the server reads; and beside every file what `.br` and `.gz` make of it.
 */

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import browserslist from 'browserslist';
import { browserslistToTargets, bundle } from 'lightningcss';
import { minify } from 'terser';

/** The browsers that the styles are written down for; Browserslist's own choice. */
const BROWSERS = 'defaults';
/** Letters of a hash in a file's name: 96 bits. */
const HASH_LETTERS = 16;
/** What wasm-bindgen exports besides what is ours, and what of it the page calls. */
const EXPORTS = 'export { initSync, __wbg_init as default };';
const EXPORTS_CALLED = 'export { __wbg_init as default };';
/** Functions of an object are written as methods: wasm-bindgen's are called, never constructed. */
const SCRIPT_OPTIONS = {
  module: true,
  ecma: 2020,
  compress: { passes: 2, unsafe_methods: true, pure_funcs: ['console.warn'] },
};

const [root, bound, site] = process.argv.slice(2);
if (!site) throw new Error('usage: node finish.mjs ROOT BOUND SITE');

const files = {
  css: styles(join(root, 'style/main.css')),
  js: await script(join(bound, 'madang.js')),
  wasm: readFileSync(join(bound, 'madang.wasm')),
  // The markup, which the page loads when somebody first writes marks.
  'marks.js': await script(join(bound, 'marks.js')),
  'marks.wasm': readFileSync(join(bound, 'marks.wasm')),
};

rmSync(site, { recursive: true, force: true });
mkdirSync(join(site, 'pkg'), { recursive: true });
cpSync(join(root, 'public'), site, { recursive: true });
const hashes = Object.entries(files).map(([kind, content]) => {
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, HASH_LETTERS);
  writeFileSync(join(site, `pkg/madang.${hash}.${kind}`), content);
  return `${kind}: ${hash}\n`;
});
// `path` is what Node before 20.12 calls it.
for (const entry of readdirSync(site, { recursive: true, withFileTypes: true })) {
  if (entry.isFile()) compress(join(entry.parentPath ?? entry.path, entry.name));
}
// Not compressed: the server reads it, no browser does.
writeFileSync(join(site, 'hash.txt'), hashes.join(''));

/** One file out of all that this one imports. */
function styles(filename) {
  const { code, warnings } = bundle({
    filename,
    minify: true,
    targets: browserslistToTargets(browserslist(BROWSERS)),
  });
  for (const { message, loc } of warnings) console.warn(`${loc.filename}:${loc.line}: ${message}`);
  return code;
}

/** wasm-bindgen's JavaScript without what the page does not call, and without its advice to programmers. */
async function script(filename) {
  const whole = readFileSync(filename, 'utf8');
  const text = whole.replace(EXPORTS, EXPORTS_CALLED);
  if (text === whole) throw new Error(`${filename} does not say: ${EXPORTS}`);
  const { code } = await minify(text, SCRIPT_OPTIONS);
  return code;
}

function compress(file) {
  const content = readFileSync(file);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_DEFAULT_WINDOW,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
}
