export interface StackProcess {
  readonly addressFile: string;
  stop(): Promise<void>;
}

export function startStackProcess(options?: { readonly env?: NodeJS.ProcessEnv }): Promise<StackProcess>;
