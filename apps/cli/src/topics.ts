import { topicSpecs } from './install.ts';
import type { Verb } from './verb.ts';

export const topics: Verb = {
  summary: 'Lists the topics of an installation',
  usage: '[--json]',
  options: { json: { type: 'boolean' } },
  async run(options) {
    const items = topicSpecs().map(({ name, partitions, config, schema, isPublic }) => ({
      name,
      partitions,
      cleanup: config['cleanup.policy'],
      subject: schema === null ? null : `${name}-value`,
      public: isPublic,
    }));
    if (options.json === true) console.log(JSON.stringify({ items, nextCursor: null }, null, 2));
    else
      for (const item of items)
        console.log(
          `${item.name.padEnd(44)} ${String(item.partitions).padStart(3)}  ${item.cleanup}${item.public ? '  public' : ''}`,
        );
    return 0;
  },
};
