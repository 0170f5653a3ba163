import { Front } from './front/front.ts';
import type { SimulatedVendor } from './vendor.ts';

export function allVendors(dataFolder: string, now: () => number): readonly SimulatedVendor[] {
  return [new Front(dataFolder, now)];
}
