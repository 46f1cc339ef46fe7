import { format } from '@dms/shared';
import type { FieldDb } from './field-db';

const KEEP_DAYS = 7;

/**
 * Lets go of what was sent more than a week ago. What waits or was refused stays, however old, with
 * everything it belongs to.
 */
export async function tidy(db: FieldDb, now: number = Date.now()): Promise<void> {
  const limit = now - KEEP_DAYS * 86_400_000;
  const day = format.addDays(format.businessDate(now), -KEEP_DAYS);
  await db.transaction('rw', db.tables, async () => {
    const open = await db.outbox.where('state').anyOf('waiting', 'sending', 'refused').toArray();
    const wanted = new Set(open.flatMap((item) => [item.id, item.entityId, ...item.needs]));
    await db.outbox
      .where('state')
      .anyOf('sent', 'discarded')
      .and((item) => item.createdAt < limit && !wanted.has(item.id))
      .delete();
    // Nobody can mend a position that was refused.
    await db.outbox
      .where('[lane+state]')
      .equals(['track', 'refused'])
      .and((item) => item.createdAt < limit)
      .delete();
    await db.photos
      .where('capturedAt')
      .below(limit)
      .and((photo) => !wanted.has(photo.itemId))
      .delete();
    await db.visits
      .where('day')
      .below(day)
      .and((visit) => visit.checkedOutAt !== null && !wanted.has(visit.id))
      .delete();
    await db.orders
      .where('day')
      .below(day)
      .and((order) => !wanted.has(order.id))
      .delete();
    await db.clocks.where('day').below(day).delete();
  });
}
