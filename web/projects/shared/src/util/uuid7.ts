let lastMs = 0;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter so that ids made in one
 * millisecond still sort in the order they were made, and 62 random bits.
 */
export function uuid7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastMs) {
    lastMs = now;
    counter = ((bytes[6] << 8) | bytes[7]) & 0x7ff; // top bit clear: room to count upwards
  } else {
    counter = (counter + 1) & 0xfff;
    if (counter === 0) lastMs++; // 4096 ids in one millisecond: borrow the next one
  }
  for (let i = 0, scale = 2 ** 40; i < 6; i++, scale /= 256) {
    bytes[i] = Math.floor(lastMs / scale) & 0xff;
  }
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** The milliseconds since 1970 a UUIDv7 was made for. */
export const uuid7Time = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
