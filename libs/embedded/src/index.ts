export { freePortBlock } from './free-ports.ts';
export { fetchedJava, findJava, OLDEST_JAVA, type Java } from './java.ts';
export { arePartsThere, prepareParts, type Parts, type PartsOptions } from './parts.ts';
export { OWNER, postgresUrl } from './postgres.ts';
export { postgresData, postgresPrograms, removePostgresHome } from './postgres-home.ts';
export { httpAnswers, isPortBusy } from './probes.ts';
export {
  identify,
  isRunning,
  signal,
  stopProcess,
  untilGone,
  usageOf,
  type ProcessIdentity,
  type Usage,
} from './process-identity.ts';
export { newStackSecrets, stackPorts, startStack, type Stack, type StackPorts, type StackSecrets } from './stack.ts';
export { supervise, type ProcessSpec, type ProcessState, type Supervised } from './supervise.ts';
