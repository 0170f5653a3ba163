import { DEAD_CLASSES, STAGES } from '@tributary/contracts';
import type { Sql } from '@tributary/postgres';
import type { Metrics } from '@tributary/telemetry';
import { countOpen } from './letter.repository.ts';

/** Counting is a look at all that is open, so it is not done at every look for work. */
const COUNT_EVERY_MS = 5_000;

/** Every label set is there from the first count on, so that an alert can tell zero from silence. */
export function letterMetrics(metrics: Metrics, sql: Sql, nowMs: () => number): () => Promise<void> {
  const family = metrics.gauge('tributary_dead_letters', 'Dead letters that wait for a try or for a person.', [
    'stage',
    'class',
  ]);
  let nextAt = 0;
  return async function count() {
    if (nowMs() < nextAt) return;
    nextAt = nowMs() + COUNT_EVERY_MS;
    const open = new Map((await countOpen(sql)).map((row) => [`${row.stage} ${row.class}`, row.count]));
    for (const stage of STAGES)
      for (const deadClass of DEAD_CLASSES)
        family.with({ stage, class: deadClass }).set(open.get(`${stage} ${deadClass}`) ?? 0);
  };
}
