import { runService } from '@tributary/runtime';
import { gateway } from './gateway.ts';

await runService(gateway);
