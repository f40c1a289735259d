import sharp from 'sharp';
import { SMALL } from '../images.task.ts';

/** Between two pictures, in pixels. */
const GAP = 6;

/** Writes one picture of many small ones, in rows. */
export async function contactSheet(files: readonly string[], columns: number, out: string): Promise<void> {
  const step = { x: SMALL.width + GAP, y: SMALL.height + GAP };
  await sharp({
    create: {
      width: columns * step.x + GAP,
      height: Math.ceil(files.length / columns) * step.y + GAP,
      channels: 3,
      background: '#f4f4f0',
    },
  })
    .composite(
      files.map((input, i) => ({
        input,
        left: GAP + (i % columns) * step.x,
        top: GAP + Math.floor(i / columns) * step.y,
      })),
    )
    .png()
    .toFile(out);
}
