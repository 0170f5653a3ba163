import { runService } from '@tributary/runtime';
import { AppModule } from './app.module.ts';
import { config } from './config.ts';

await runService({ name: 'dead-letter-replayer', config, module: AppModule.for });
