import { Module, type DynamicModule } from '@nestjs/common';
import type { Service } from '@tributary/runtime';
import type { Config } from './config.ts';
import { allVendors } from './registry.ts';
import type { Simulation } from './vendor.ts';

export const SIMULATION = Symbol('simulation');

@Module({})
export class AppModule {
  static for({ dataFolder, simulatorToken }: Config, service: Service): DynamicModule {
    const vendors = allVendors(dataFolder, Date.now);
    for (const vendor of vendors) {
      vendor.start();
      service.onShutdown(`webhooks of ${vendor.vendor}`, async () => vendor.stop());
    }
    const simulation: Simulation = {
      token: simulatorToken,
      vendors: new Map(vendors.map((vendor) => [vendor.vendor, vendor])),
    };
    return { module: AppModule, providers: [{ provide: SIMULATION, useValue: simulation }] };
  }
}
