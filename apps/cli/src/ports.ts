import { Failure } from '@tributary/contracts';
import { isPortBusy, stackPorts, type StackPorts } from '@tributary/embedded';
import { SERVICES } from './services.ts';

export const DEFAULT_PORT_BASE = 7100;
const OPS = 50;

export interface Ports {
  readonly base: number;
  readonly gateway: number;
  readonly simulator: number;
  readonly stack: StackPorts;
  ops(service: string): number;
}

export const portsFrom = (base: number): Ports => ({
  base,
  gateway: base + 1,
  simulator: base + 10,
  stack: stackPorts(base),
  ops: (service) => base + OPS + SERVICES.findIndex(({ name }) => name === service),
});

const MOST_NAMED = 3;

/** Before anything starts: a part that cannot listen would only die and come back. */
export async function needFreePorts({ gateway, simulator, stack, ops }: Ports): Promise<void> {
  const wanted: [string, number][] = [
    ['the webhook gateway', gateway],
    ['the vendor simulator', simulator],
    ['Kafka', stack.kafka],
    ["Kafka's controller", stack.kafkaController],
    ['the schema registry', stack.registry],
    ["the schema registry's management", stack.registryManagement],
    ['Postgres', stack.postgres],
    ...SERVICES.map(({ name }): [string, number] => [`the ops port of ${name}`, ops(name)]),
  ];
  const busy = await Promise.all(wanted.map(([, port]) => isPortBusy(port)));
  const taken = wanted.filter((_, index) => busy[index]).map(([what, port]) => `${port} (${what})`);
  if (taken.length === 0) return;
  throw new Failure(
    'misconfigured',
    `Another program listens on port ${taken.slice(0, MOST_NAMED).join(', ')}${taken.length > MOST_NAMED ? ` and ${taken.length - MOST_NAMED} more` : ''}: stop it, or move all ports with --port-base N.`,
  );
}
