import { Controller, Get, Header, Inject, Module, type DynamicModule } from '@nestjs/common';
import { HealthCheckService, TerminusModule, type HealthIndicatorFunction } from '@nestjs/terminus';
import type { Metrics } from '@tributary/telemetry';
import type { Check } from './service.ts';

const OPS = Symbol('tributary.ops');

export interface Ops {
  readonly metrics: Metrics;
  readonly checks: ReadonlyMap<string, Check>;
}

/** Liveness is about this process alone: restarting it does not bring a database back. */
@Controller()
class OpsController {
  constructor(
    @Inject(OPS) private readonly ops: Ops,
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
  ) {}

  @Get('livez')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  ready(): Promise<unknown> {
    return this.health.check([...this.ops.checks].map(([what, check]) => toIndicator(what, check)));
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): string {
    return this.ops.metrics.render();
  }
}

function toIndicator(what: string, check: Check): HealthIndicatorFunction {
  return async () => {
    const isUp = await Promise.resolve(check()).catch(() => false);
    return { [what]: { status: isUp ? 'up' : 'down' } };
  };
}

@Module({})
export class OpsModule {
  static for(ops: Ops): DynamicModule {
    return {
      module: OpsModule,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [OpsController],
      providers: [{ provide: OPS, useValue: ops }],
    };
  }
}
