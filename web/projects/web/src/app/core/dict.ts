import { dictionary } from '@dms/shared';
import { en } from './dict/en';
import { vi } from './dict/vi';

/** Every text of the back office. */
export const webDict = dictionary(vi, en);
export type WebKey = keyof typeof vi;
