import { CommonKey, Translate, commonVi } from '@dms/shared';

/** The name of an order status in the user's language; an unknown one as it came. */
export function statusText(status: string, t: Translate<CommonKey>): string {
  const key = `orderStatus.${status}`;
  return key in commonVi ? t(key as CommonKey) : status;
}

/** The name of a visit result in the user's language; an unknown one as it came. */
export function visitResultText(result: string, t: Translate<CommonKey>): string {
  const key = `visitResult.${result}`;
  return key in commonVi ? t(key as CommonKey) : result;
}
