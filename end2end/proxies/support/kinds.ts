/**
 * The proxies: the configurations that `docs/proxies` recommends, and how each is made to hinder. What is recommended is
 * read from there, so what runs here is what people copy.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../../tests/support/server.ts';

/** How a proxy is set up. */
export type Setup =
  /** As the documents say. */
  | 'recommended'
  /** Lets no WebSocket through. */
  | 'blocked'
  /** The same, and gathers answers where it can. */
  | 'buffering'
  /** Cuts what is silent for ten seconds. */
  | 'impatient'
  /** Lets no WebSocket and no POST through. */
  | 'refusing';

/** Where a proxy listens and hands on to, and a folder of its own. */
export interface Place {
  port: number;
  server: string;
  folder: string;
}

export interface Kind {
  program: string;
  arguments: (file: string, place: Place) => string[];
  configuration: (setup: Setup, place: Place) => string;
}

/** The name that people know the chat by: one that browsers trust without a certificate. */
export const NAME = 'chat.localhost';

const isRoot = process.getuid?.() === 0;

function program(...paths: string[]): string {
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

/** What is recommended, with other addresses; each must be there. */
function recommended(file: string, replacements: [string, string][]): string {
  let text = readFileSync(join(ROOT, 'docs/proxies', file), 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`docs/proxies/${file} has no “${from}”`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** A text with something put behind a line. */
function behind(text: string, line: string, more: string): string {
  if (!text.includes(line)) throw new Error(`no “${line}” in\n${text}`);
  return text.replace(line, `${line}\n${more}`);
}

function without(text: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw new Error(`no ${pattern} in\n${text}`);
  return text.replace(pattern, '');
}

const nginx: Kind = {
  program: program('/usr/sbin/nginx'),
  arguments: (file, { folder }) => ['-c', file, '-p', folder, '-e', 'stderr'],
  configuration: (setup, { port, server, folder }) => {
    let text = recommended('nginx.conf', [
      ['listen 80;', `listen 127.0.0.1:${port};`],
      ['chat.example.org', NAME],
      ['127.0.0.1:8080', server],
    ]);
    if (setup === 'impatient') text = behind(text, 'location / {', 'proxy_read_timeout 10s; proxy_send_timeout 10s;');
    else if (setup !== 'recommended') text = without(text, /.*(\$http_upgrade;|\$connection_upgrade;)/g);
    if (setup === 'buffering') {
      text = behind(text, 'location / {', 'proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;');
    }
    if (setup === 'refusing') text = behind(text, 'location / {', 'limit_except GET { deny all; }');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (what) => `${what}_temp_path ${folder}/${what};`,
    );
    return `daemon off; pid ${folder}/nginx.pid; error_log stderr warn; ${isRoot ? 'user root;' : ''}
events {} http { access_log off; ${temporary.join(' ')} ${text} }`;
  },
};

const haproxy: Kind = {
  program: program('/usr/sbin/haproxy'),
  arguments: (file) => ['-db', '-f', file],
  configuration: (setup, { port, server }) => {
    let text = recommended('haproxy.cfg', [
      ['bind :80', `bind 127.0.0.1:${port}`],
      ['127.0.0.1:8080', server],
    ]);
    if (setup === 'impatient') {
      text = without(text, /.*timeout tunnel.*/).replace(/(timeout (client|server)) 60s/g, '$1 10s');
    } else if (setup !== 'recommended') {
      text = behind(text, 'frontend chat', 'http-request deny deny_status 403 if { hdr(upgrade) -i websocket }');
    }
    if (setup === 'refusing') text = behind(text, 'frontend chat', 'http-request deny deny_status 403 if METH_POST');
    return text;
  },
};

const caddy: Kind = {
  program: program('/usr/bin/caddy'),
  arguments: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  configuration: (setup, { port, server }) => {
    let text = recommended('Caddyfile', [
      ['chat.example.org', `http://${NAME}:${port}`],
      ['127.0.0.1:8080', server],
    ]);
    const within = (more: string) => text.replace(server, `${server} {\n${more}\n}`);
    if (setup === 'impatient') text = within('transport http {\nread_timeout 10s\nwrite_timeout 10s\n}');
    if (setup === 'buffering') text = within('buffer_responses');
    if (setup !== 'impatient' && setup !== 'recommended') {
      text = behind(text, `:${port} {`, '@upgrade header Upgrade websocket\nrespond @upgrade 403');
    }
    if (setup === 'refusing') text = behind(text, `:${port} {`, '@post method POST\nrespond @post 403');
    return `{\nadmin off\nauto_https off\n}\n${text}`;
  },
};

const apache: Kind = {
  program: program('/usr/sbin/apache2'),
  arguments: (file) => ['-f', file, '-DFOREGROUND'],
  configuration: (setup, { port, server, folder }) => {
    let text = recommended('apache.conf', [
      ['*:80', `127.0.0.1:${port}`],
      ['chat.example.org', NAME],
      ['127.0.0.1:8080', server],
    ]);
    if (setup === 'impatient') text = `Timeout 10\nProxyTimeout 10\n${text}`;
    else if (setup !== 'recommended') text = without(text, / upgrade=websocket/);
    if (setup === 'buffering') text = behind(text, 'ProxyPreserveHost On', 'SetOutputFilter BUFFER');
    if (setup === 'refusing') {
      const refusal = '<Location />\n<LimitExcept GET>\nRequire all denied\n</LimitExcept>\n</Location>';
      text = behind(text, 'ProxyPreserveHost On', refusal);
    }
    const modules = ['mpm_event', 'authz_core', 'buffer', 'proxy', 'proxy_http'].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
    );
    const user = isRoot ? 'User www-data\nGroup www-data\n' : '';
    return `ServerRoot ${folder}
ServerName ${NAME}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
Listen 127.0.0.1:${port}
${user}${modules.join('\n')}
${text}`;
  },
};

export const KINDS: Record<string, Kind> = { nginx, HAProxy: haproxy, Caddy: caddy, Apache: apache };
