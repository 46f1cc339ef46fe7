import type { Fix } from '@dms/shared';
import type { RouteCustomer } from './api-types';
import type { LocalVisit } from './field-db';
import { found, routeStops } from './route-list';

const fix = (latitude: number, longitude: number, at = 0): Fix => ({
  latitude,
  longitude,
  accuracy: 10,
  at,
  speed: null,
  bearing: null,
});

const customer = (
  id: string,
  visitOrder: number,
  more: Partial<RouteCustomer> = {},
): RouteCustomer => ({
  customerId: id,
  routeId: 'r',
  customerCode: id,
  name: `Tạp hoá ${id}`,
  phone: '',
  contactPerson: '',
  visitOrder,
  latitude: 10,
  longitude: 106,
  address: 'Đường Lê Lợi',
  lastVisitDate: null,
  lastOrderDate: null,
  currentBalance: 0,
  visitState: 'notVisited',
  ...more,
});

const visit = (customerId: string, checkedOutAt: number | null) =>
  ({ customerId, checkedOutAt }) as LocalVisit;

describe('routeStops', () => {
  it('orders by visiting order and measures from here', () => {
    const stops = routeStops(
      [customer('b', 2), customer('a', 1, { latitude: null, longitude: null })],
      [],
      fix(10.001, 106),
    );
    expect(stops.map((stop) => stop.customerId)).toEqual(['a', 'b']);
    expect(stops[0].distance).toBeNull();
    expect(stops[1].distance).toBeCloseTo(111, 0);
  });

  it('believes this phone before the server, and the server about the rest', () => {
    const stops = routeStops(
      [customer('a', 1), customer('b', 2), customer('c', 3, { visitState: 'visited' })],
      [visit('a', 123), visit('b', null)],
      null,
    );
    expect(stops.map((stop) => stop.state)).toEqual(['visited', 'open', 'visited']);
  });

  it('finds without diacritics, any words in any order', () => {
    const [stop] = routeStops([customer('Hoa', 1)], [], null);
    expect(found(stop.key, 'hoa tap')).toBe(true);
    expect(found(stop.key, 'duong le loi')).toBe(true);
    expect(found(stop.key, 'TẠP HOÁ')).toBe(true);
    expect(found(stop.key, 'hue')).toBe(false);
    expect(found(stop.key, '')).toBe(true);
  });
});
