/** How much the browser lets us keep, bytes, and whether it promised not to evict it. */
export interface StorageState {
  persisted: boolean;
  usage: number;
  quota: number;
}

/** Asks the browser to keep our data under storage pressure and reports what it granted. */
export async function keepStorage(): Promise<StorageState> {
  const storage = navigator.storage;
  const persisted =
    (await storage?.persisted?.()) === true || (await storage?.persist?.()) === true;
  const { usage = 0, quota = 0 } = (await storage?.estimate?.()) ?? {};
  return { persisted, usage, quota };
}
