/** `outbox`: what the demo sent, and of every installation what no gateway took. */
import type { Config } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';
import { outboxOf } from '../delivery.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { firstTenant } from '../house.ts';
import { withHouse } from './open.ts';

const when = (at: number): string => new Date(at).toISOString();

export function outboxCommand(config: Config, args: string[]): Promise<number> {
  if (args.length > 0) {
    console.error('outbox');
    return Promise.resolve(2);
  }
  return withHouse(config, async ({ access, keys, clock }) => {
    const tenant = chosenTenant();
    const outbox = outboxOf(openDataFolder(config.data), keys, clock, firstTenant);
    for (const one of await outbox.read()) {
      const head = one.kind === 'mail' ? one.subject : one.kind === 'push' ? one.title : 'SMS';
      console.log(`${when(one.at)}  ${one.to}  ${head}\n${one.text.replaceAll(/^/gm, '    ')}\n`);
    }
    console.log(`${await access.post.waiting(tenant)} waiting to be handed over`);
    for (const { created, channel, about, tries, fault } of await access.post.failed(tenant, 100))
      console.log(
        `${when(created)}  ${channel} (${about}) given up after ${tries} tries: ${fault}`,
      );
    return 0;
  });
}
