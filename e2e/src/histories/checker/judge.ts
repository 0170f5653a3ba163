import { compactedTopicEqualsPostgres } from './compaction-law.ts';
import { versionsSayWhatWasObserved } from './content-law.ts';
import type { Evidence, Finding } from './evidence.ts';
import { historyIsTheSequence } from './history-law.ts';
import { nothingInvented } from './invention-law.ts';
import {
  acceptedIsPresent,
  finalStateIsTheVendors,
  noDeadLetterWithoutCause,
  noRowCrosses,
  noSecretAppears,
  orderKeysNeverGoBack,
  positionsNeverGoBack,
} from './laws.ts';

/** What is wrong, law by law; empty for a clean history. */
export function judge(evidence: Evidence): Finding[] {
  return [
    acceptedIsPresent,
    nothingInvented,
    finalStateIsTheVendors,
    orderKeysNeverGoBack,
    positionsNeverGoBack,
    historyIsTheSequence,
    versionsSayWhatWasObserved,
    compactedTopicEqualsPostgres,
    noDeadLetterWithoutCause,
    noRowCrosses,
    noSecretAppears,
  ].flatMap((law) => law(evidence));
}
