/** `audit verify`: reads the whole audit trail and says whether a hand was on it. */
import type { Config } from '../config.ts';
import { withHouse } from './open.ts';

/** Exit code 0 when the trail is whole, 1 with the first bad entry when it is not. */
export async function auditCommand(config: Config, args: string[]): Promise<number> {
  if (args.length !== 1 || args[0] !== 'verify') {
    console.error('audit verify');
    return 2;
  }
  return withHouse(config, async ({ access }) => {
    // What a killed process left unchained is chained before it is judged.
    await access.settleAudit();
    const { events, links, chains, fault } = await access.verifyAudit();
    console.log(`${events} events in ${links} links of ${chains} chains`);
    if (!fault) {
      console.log('The audit trail is whole.');
      return 0;
    }
    const where = [
      fault.event && `event ${fault.event}`,
      fault.chain && `chain ${fault.chain}`,
      fault.n !== undefined && `link ${fault.n}`,
    ].filter(Boolean);
    console.error(
      `The first bad entry: ${fault.why}, ${new Date(fault.at).toISOString()}, ${where.join(', ')}`,
    );
    return 1;
  });
}
