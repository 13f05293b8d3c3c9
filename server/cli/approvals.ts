/** `approvals`: what waits for a second person, and the operator's word where there is no second administrator. */
import { systemCaller } from '@afar/access';
import type { Config } from '../config.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { withHouse } from './open.ts';

const usage = 'approvals [list] | approvals approve ID | approvals refuse ID';

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

/**
 * Lists what is open, or decides it as the operator: whoever is at the machine that holds the keys. It stands in the trail
 * as the house's own deed. Exit code 1 when it cannot be decided.
 */
export async function approvalsCommand(config: Config, args: string[]): Promise<number> {
  const [verb = 'list', id] = args;
  const decides = verb === 'approve' || verb === 'refuse';
  if ((verb !== 'list' && !decides) || decides !== (id !== undefined) || args.length > 2) {
    console.error(usage);
    return 2;
  }
  return withHouse(config, async ({ access, clock }) => {
    const tenant = chosenTenant();
    if (!decides) {
      const all = await access.approvals.list(tenant, 100);
      const open = all.filter((one) => one.state === 'open' && one.expires > clock.now());
      for (const one of open) {
        const about = Object.entries(one.about).map(([name, value]) => `${name}: ${value}`);
        console.log(`${one.id}  ${one.kind}  asked ${day(one.asked)}  ${about.join(', ')}`);
      }
      if (open.length === 0) console.log('Nothing waits for a second person.');
      return 0;
    }
    const operator = systemCaller(tenant, clock, 'cli');
    const { approval, result = {} } = await access.approvals.decide(operator, id!, verb);
    console.log(`${approval.kind}: ${approval.state}`);
    const { totpSecret, url } = result as { totpSecret?: string; url?: string };
    if (totpSecret) console.log(`  authenticator key (shown once) ${totpSecret}`);
    if (url) console.log(`  link (shown once) ${url}`);
    return 0;
  });
}
