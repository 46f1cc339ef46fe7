/** A photo small enough for a slow network. */
export interface SmallPhoto {
  blob: Blob;
  width: number;
  height: number;
}

/** Size that keeps the proportions and fits `max` on the long side; never enlarges. */
export function fitWithin(
  width: number,
  height: number,
  max: number,
): { width: number; height: number } {
  const scale = Math.min(1, max / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

function drawn(
  source: CanvasImageSource,
  width: number,
  height: number,
  quality: number,
): Promise<Blob> {
  if (typeof OffscreenCanvas !== 'undefined') {
    const canvas = new OffscreenCanvas(width, height);
    paint(canvas.getContext('2d', { alpha: false }), source, width, height);
    return canvas.convertToBlob({ type: 'image/jpeg', quality });
  }
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  paint(canvas.getContext('2d', { alpha: false }), source, width, height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the browser made no JPEG'))),
      'image/jpeg',
      quality,
    ),
  );
}

function paint(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null,
  source: CanvasImageSource,
  width: number,
  height: number,
): void {
  if (!context) throw new Error('the browser gave no drawing surface');
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, width, height);
}

/**
 * Camera file to JPEG with at most `max` px on its long side, turned as it was taken.
 * Throws when the file is no picture the browser can read.
 */
export async function shrink(file: Blob, max = 1280, quality = 0.72): Promise<SmallPhoto> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const size = fitWithin(bitmap.width, bitmap.height, max);
  try {
    return { blob: await drawn(bitmap, size.width, size.height, quality), ...size };
  } finally {
    bitmap.close(); // a cheap phone needs the 12-megapixel bitmap's memory back now
  }
}
