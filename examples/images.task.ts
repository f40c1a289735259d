import { task } from 'sluice/task';
import sharp from 'sharp';

/** A picture file, and what it is a picture of. */
export interface Picture {
  readonly name: string;
  /** The bytes of a file, PNG for instance. */
  readonly file: Uint8Array;
}

/** How wide and high a small picture is, in pixels. */
export const SMALL = { width: 96, height: 64 };

/** Makes a small PNG of a picture. Throws what sharp throws if it is none. */
export const resize = task(import.meta.url, 'resize', async ({ name, file }: Picture): Promise<Picture> => {
  const { width, height } = SMALL;
  const small = await sharp(file).resize(width, height, { fit: 'contain', background: '#ffffff00' }).png().toBuffer();
  // A copy of its own size: a Buffer may be a part of a larger one.
  return { name, file: new Uint8Array(small) };
});
