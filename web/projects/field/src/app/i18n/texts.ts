import { type Translate, dictionary, injectTranslate } from '@dms/shared';
import { en } from './en';
import { vi } from './vi';

const texts = dictionary(vi, en);

export type TextKey = keyof typeof vi;
export type T = Translate<TextKey>;

/** The translate function of this app; call in an injection context. */
export const injectT = (): T => injectTranslate(texts);
