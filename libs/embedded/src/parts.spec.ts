import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arePartsThere, differences, prepareParts } from './parts.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'parts-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function options(programs: Readonly<Record<string, string>>) {
  const home = join(folder, 'java');
  const [recipe, bin, parts] = [join(folder, 'recipe'), join(folder, 'bin'), join(folder, 'cache')];
  for (const made of [recipe, bin, parts, join(home, 'bin')]) mkdirSync(made, { recursive: true });
  writeFileSync(join(home, 'bin', 'java'), '');
  writeFileSync(join(home, 'release'), 'JAVA_VERSION="99"');
  writeFileSync(join(recipe, 'pom.xml'), '<project/>');
  writeFileSync(join(recipe, 'checksums.json'), '{"kafka/kafka.jar": "0000"}');
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { folder: parts, recipe, env: { JAVA_HOME: home, PATH: bin } };
}

describe('fetching the broker and the registry', () => {
  it('names Maven and how to get it where it is missing, and leaves nothing', () => {
    const wanted = options({});
    expect(() => prepareParts(wanted)).toThrow(/^Maven is missing.*`apt-get install maven`/);
    expect(readdirSync(wanted.folder)).toEqual([]);
    expect(arePartsThere(wanted)).toBe(false);
  });

  it('gives the cause in Maven’s own words', () => {
    const wanted = options({ mvn: 'echo "[ERROR] No space left on device"; exit 1' });
    expect(() => prepareParts(wanted)).toThrow(/could not fetch .*No space left on device/);
  });

  it('refuses a file that is not the one we know', () => {
    const make = 'for last; do :; done; target="${last#-Dtarget=}"';
    const wanted = options({
      mvn: `${make}; PATH=/usr/bin:/bin; mkdir "$target/kafka" "$target/registry"; echo evil > "$target/kafka/kafka.jar"`,
    });
    expect(() => prepareParts(wanted)).toThrow(/not what deploy\/embedded\/checksums.json names: kafka\/kafka.jar/);
    expect(readdirSync(wanted.folder)).toEqual([]);
  });

  it('counts a file too many, one too few and a changed one alike', () => {
    expect(differences({ a: '1', b: '2', c: '3' }, { a: '1', b: 'x', d: '4' })).toEqual(['b', 'c', 'd']);
  });
});
