import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJava, javaAt, needJava } from './java.ts';

let folder: string;
beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'java-')))));
afterEach(() => rmSync(folder, { recursive: true }));

function install(name: string, version: string): string {
  const home = join(folder, name);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', 'java'), '');
  writeFileSync(join(home, 'release'), `IMPLEMENTOR="Someone"\nJAVA_VERSION="${version}"\n`);
  return home;
}

describe('the search for a Java', () => {
  it('reads a version as new and as old releases write it', () => {
    expect(javaAt(install('new', '25.0.1'))?.version).toBe(25);
    expect(javaAt(install('old', '1.8.0_402'))?.version).toBe(8);
  });

  it('takes the newest, wherever it stands', () => {
    const env = { JAVA_HOME: install('named', '21.0.2'), PATH: join(install('on-path', '24'), 'bin') };
    expect(findJava(env, [install('elsewhere', '25')])).toEqual({
      file: join(folder, 'elsewhere/bin/java'),
      version: 25,
    });
  });

  it('passes over what is too old for the registry', () => {
    expect(findJava({ JAVA_HOME: install('old', '17.0.9') }, [])).toBeNull();
  });

  it('says in one sentence what to install where there is none and no pip either', () => {
    expect(() => needJava(join(folder, 'parts'), { PATH: '' }, [])).toThrow(
      /^No Java 21 or newer was found and pip could not fetch one: install one \(`apt-get install .*`, `brew install .*`\) or set JAVA_HOME\.$/,
    );
  });
});
