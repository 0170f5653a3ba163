import { runService } from '@tributary/runtime';
import { AppModule } from './app.module.ts';
import { config } from './config.ts';

await runService({ name: 'ingest-writer', config, module: AppModule.for });
