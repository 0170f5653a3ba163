import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Lints text as if it stood in that file. The layer rule is skipped silently without a project graph, so it is made first. */
function lint(file: string, text: string): string {
  const args = ['--stdin', '--stdin-filename', file];
  return spawnSync(join(root, 'node_modules/.bin/eslint'), args, { cwd: root, input: text, encoding: 'utf8' }).stdout;
}

const importOf = (name: string) => `import * as imported from '${name}';\nexport { imported };\n`;

/** Names of vendors whose connector exists; ordinary words among them would need a rule of their own. */
const vendorFolders = () =>
  tracked('libs/connectors/src/*/connector.ts').map((file) => dirname(file).split('/').at(-1)!);

function tracked(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('house rules', () => {
  beforeAll(() => void execFileSync(join(root, 'node_modules/.bin/nx'), ['show', 'projects'], { cwd: root }));

  it.each([
    ['libs/kafka/src/planted.ts', '@tributary/postgres'],
    ['libs/connectors/src/planted.ts', '@tributary/kafka'],
    ['libs/postgres/src/planted.ts', '@tributary/vault'],
    ['apps/vendor-simulator/src/planted.ts', '@tributary/connectors'],
    ['apps/vendor-simulator/src/planted.ts', '@tributary/connector-kit'],
  ])('refuse in %s an import of %s', (file, name) => {
    expect(lint(file, importOf(name))).toContain('@nx/enforce-module-boundaries');
  });

  it('let an app import a connector', () => {
    expect(lint('apps/transformer/src/planted.ts', importOf('@tributary/connectors'))).toBe('');
  });

  it('keep the testing library to specs', () => {
    expect(lint('apps/poller/src/planted.ts', importOf('@tributary/testing'))).toContain('Only specs');
    expect(lint('apps/poller/src/planted.spec.ts', importOf('@tributary/testing'))).toBe('');
  });

  it('bound a file at 300 lines and a function at 40', () => {
    expect(lint('apps/poller/src/planted.ts', 'export const a = 1;\n'.repeat(301))).toContain('max-lines');
    const body = '  console.info(1);\n'.repeat(41);
    expect(lint('apps/poller/src/planted.ts', `export function f() {\n${body}}\n`)).toContain('max-lines-per-function');
  });

  it('keep every vendor’s name inside its own folders', () => {
    const vendors = vendorFolders();
    expect(vendors.length).toBeGreaterThan(0);
    const files = tracked('apps/*.ts', 'libs/*.ts').filter(
      (file) =>
        !/\.spec\.ts$|^libs\/connectors\/src\/(registry\.ts|[^/]+\/)|^apps\/vendor-simulator\/src\/(registry\.ts|[^/]+\/)/.test(
          file,
        ),
    );
    const word = new RegExp(`\\b(${vendors.join('|')}|${vendors.join('app|')}app)\\b`, 'i');
    const found = files.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (word.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
