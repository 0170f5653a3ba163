/** Where the test stack is; written by its process, read by every suite. */
export interface StackAddress {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** The cluster's superuser: makes databases, and stands in for nobody in a suite. */
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  /** One password for all service roles: they belong to the cluster, not to a database. */
  readonly servicePassword: string;
  /** The processes as they are now; a restarted part has a new one. */
  readonly pids: Readonly<Record<string, number | null>>;
}

/** Names the file that holds the address. */
export const STACK_VARIABLE = 'TRIBUTARY_TEST_STACK';
