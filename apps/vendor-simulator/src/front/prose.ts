/** Believable words for fake companies: a few languages, HTML as mail programs write it. */
const people = [
  ['Amira Haddad', 'amira.haddad@example.com'],
  ['Jonas Weber', 'jonas.weber@example.org'],
  ['李 娜', 'li.na@example.net'],
  ['Chloé Martin', 'chloe.martin@example.com'],
  ['Tomás Rivera', 'tomas.rivera@example.org'],
  ['عمر الخطيب', 'omar@example.net'],
] as const;

const subjects = [
  'Invoice 2041 shows the wrong amount',
  'Where is my order?',
  'تأخر الشحنة منذ أسبوع',
  'Cannot sign in after the update',
  'Rückgabe einer beschädigten Lieferung',
  'Question about the annual plan',
];

const sentences = [
  'Could you have a look at this before Friday?',
  'The tracking page has not changed since Monday.',
  'مرحبا، لم يصلني أي رد حتى الآن.',
  'I attached a screenshot of what I see.',
  'Vielen Dank für die schnelle Hilfe!',
  'It worked until yesterday & now it <b>fails</b>.',
];

const at = <T>(items: readonly T[], index: number): T => items[index % items.length]!;

export function personAt(index: number): { readonly name: string; readonly handle: string } {
  const [name, handle] = at(people, index);
  return { name, handle };
}

export const subjectAt = (index: number): string => at(subjects, index);

export function paragraphsAt(index: number): { readonly html: string; readonly text: string } {
  const lines = [at(sentences, index), at(sentences, index * 7 + 3)];
  return {
    html: lines.map((line) => `<p>${escapeHtml(line)}</p>`).join(''),
    text: lines.join('\n\n'),
  };
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
