import { DataSource, type EntityManager } from 'typeorm';
import { translate } from '../errors.ts';
import { ENTITIES } from './entities.ts';

/** The control plane: few rows, many shapes. The hot path speaks plain SQL, and so does not load TypeORM: this is a door of its own. */
export interface ControlPlane {
  /** One transaction that sees the given organizations and no others. */
  transaction<T>(tenants: readonly string[], work: (manager: EntityManager) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openControlPlane(databaseUrl: string, applicationName: string): Promise<ControlPlane> {
  // Migrations alone change tables: TypeORM neither synchronises nor migrates.
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    applicationName,
    entities: ENTITIES,
    synchronize: false,
  });
  await translated(source.initialize());
  return {
    transaction: (tenants, work) =>
      translated(
        source.transaction(async (manager) => {
          await manager.query(`select set_config('app.tenants', $1, true)`, [`{${tenants.join(',')}}`]);
          return work(manager);
        }),
      ),
    close: () => source.destroy(),
  };
}

async function translated<T>(running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw translate(error);
  }
}
