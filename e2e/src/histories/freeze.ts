import { readdirSync, readFileSync } from 'node:fs';
import type { Rig } from './rig.ts';

/** The process and its children (Postgres serves each connection in one of its own); the answer thaws the same ones. */
export function freeze(rig: Rig, name: string): () => void {
  const { identity } = rig.process(name);
  const pids = identity ? [identity.pid, ...childrenOf(identity.pid)] : [];
  const tell = (signal: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // it ended meanwhile
      }
    }
  };
  tell('SIGSTOP');
  return () => tell('SIGCONT');
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === parent)
    .map(Number);
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
